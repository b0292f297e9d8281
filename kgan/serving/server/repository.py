"""The models that a server has."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

import tensorflow as tf
from google.protobuf.message import DecodeError

from kgan.errors import DataError
from kgan.serving import warmup
from kgan.serving.server.failures import NOT_FOUND, Failure, invalid
from kgan.serving.server.finding import Found
from kgan.serving.server.limits import Limits
from kgan.serving.server.servable import Servable


class Repository:
    """Models by name and version.

    Args:
        models: that were found.
        limits: of requests.

    Raises:
        DataError: one cannot be read, or does not answer its own warm-up requests.
    """

    def __init__(self, models: Iterable[Found], limits: Limits):
        self._models: dict[str, dict[int, Servable]] = {}
        for model in models:
            versions = self._models[model.name] = {}
            for number, folder in model.versions.items():
                versions[number] = Servable(model.name, number, folder, limits)
                _warm_up(versions[number], folder / warmup.FILE)

    @functools.cached_property
    def versions(self) -> dict[str, list[int]]:
        """By model the numbers of its versions."""
        return {name: sorted(versions) for name, versions in self._models.items()}

    def get(self, name: str, version: int | None = None, label: str | None = None) -> Servable:
        """A version of a model; the last where none is named.

        Raises:
            Failure: there is none.
        """
        _no_label(label)
        versions = self._models.get(name, {})
        number = max(versions, default=None) if version is None else version
        if number not in versions:
            which = f"Latest({name})" if version is None else f"Specific({name}, {version})"
            raise Failure(NOT_FOUND, f"Servable not found for request: {which}")
        return versions[number]

    def status(self, name: str, version: int | None = None, label: str | None = None) -> list[int]:
        """The versions of a model that are served, or the one that is asked for.

        Raises:
            Failure: there is none.
        """
        _no_label(label)
        found = sorted(self._models.get(name, {}), reverse=True)
        if not found:
            raise Failure(NOT_FOUND, f"Could not find any versions of model {name}")
        if version is None:
            return found
        if version not in found:
            raise Failure(NOT_FOUND, f"Could not find version {version} of model {name}")
        return [version]


def _no_label(label: str | None) -> None:
    if label:
        raise invalid(f"Unrecognized servable version label: {label}")


def _warm_up(servable: Servable, path: Path) -> None:
    """Answer the requests that lie in a model: the first of a signature takes long."""
    from tensorflow_serving.apis import prediction_log_pb2

    if not path.is_file():
        return
    try:
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            log = prediction_log_pb2.PredictionLog.FromString(record)
            request = log.predict_log.request
            inputs = {key: tf.make_ndarray(value) for key, value in request.inputs.items()}
            servable.signature(request.model_spec.signature_name)(inputs)
    except (DecodeError, Failure, tf.errors.OpError, ValueError, TypeError) as error:
        raise DataError(
            f"{servable.name} does not answer the requests in {path} ({error}): remove them, or "
            "export the model again."
        ) from error
