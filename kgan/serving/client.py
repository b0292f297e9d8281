"""A client of TensorFlow Serving for kgan's models. By REST it needs no TensorFlow."""

from __future__ import annotations

import importlib
import io
import time
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np
from PIL import Image

from kgan.errors import BackendError, InputError, ServingError, check_positive, check_whole
from kgan.serving import answers
from kgan.serving.limits import MAX_SAMPLES, NO_OPTION, WITH_OPTIONS
from kgan.serving.rest_client import RestClient
from kgan.signatures import checked

_LAST_SEED = 2**31 - 1
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 5.0  # Seconds.

Result = TypeVar("Result")


class Client:
    """Asks a server for samples, embeddings and latents.

        client = kgan.serving.Client("http://localhost:8501")
        points = client.sample(64, model="mdgan_grid", seed=0)  # (64, 2)

    Large requests go out in parts of `batch_size` rows; an answer's rows do not depend on it. What
    a server cannot answer now (no connection, 429, 503) is asked again until `timeout` is over.

    Args:
        url: of the server's REST interface, such as `"http://localhost:8501"`, or of gRPC, such as
            `"grpc://localhost:8500"`, which needs the extra `serve`.
        timeout: seconds that a call of a method may take, over 0.
        batch_size: rows of a request, 1 to 1,000.

    Raises:
        InputError: an address that is neither's, or numbers out of range.
        BackendError: gRPC's packages are not installed.
    """

    @checked
    def __init__(self, url: str, *, timeout: float = 60.0, batch_size: int = 250):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https", "grpc") or not parts.netloc:
            raise InputError(
                "`url` must be the address of a server's REST interface, such as "
                f"http://localhost:8501, or of gRPC, grpc://localhost:8500. Received: {url!r}"
            )
        check_positive(timeout=timeout)
        check_whole(1, batch_size=batch_size)
        if batch_size > MAX_SAMPLES:
            raise InputError(f"batch_size must be at most {MAX_SAMPLES}. Received: {batch_size}")
        self.url, self.timeout, self.batch_size = url.rstrip("/"), timeout, batch_size
        self._server = _grpc(self.url) if parts.scheme == "grpc" else RestClient(self.url)

    def __repr__(self) -> str:
        return f"Client({self.url!r})"

    def models(self, names: Iterable[str]) -> dict[str, list[int]]:
        """Of models by name the versions that are served; none of those that the server lacks.

        Args:
            names: to ask for: TensorFlow Serving does not list what it has.
        """
        end = time.monotonic() + self.timeout
        found = {}
        for name in names:
            try:
                found[name] = self._until(end, self._server.versions, name)
            except answers.MissingError:
                found[name] = []
        return found

    def signatures(self, model: str) -> dict[str, dict[str, list[str]]]:
        """By name the `inputs` and `outputs` of what a model can be asked."""
        end = time.monotonic() + self.timeout
        return self._until(end, self._server.signatures, model)

    @checked
    def sample(
        self,
        num_samples: int,
        *,
        model: str,
        seed: int = 0,
        generator: int | None = None,
        truncation: float | None = None,
    ) -> np.ndarray:
        """Samples `(num_samples, ...)` float32.

        Args:
            num_samples: how many, at least 1.
            model: its name on the server.
            seed: 0 to 2^31 - 1: the same gives the same samples, and the first of them are those
                of a smaller `num_samples`.
            generator: of a mixture, the number of the one to take; None for a draw by weight.
            truncation: of normal latents, over 0: they are drawn from within as much of 0; None
                for all of them.

        Raises:
            InputError: what the server refuses, and an option that the model has not.
            ServingError: no answer within the time, or one that is none of TensorFlow Serving's.
        """
        drawn = self._draw(num_samples, model, seed, "sample", generator, truncation)
        return self._joined(drawn, "samples")

    @checked
    def sample_images(
        self,
        num_samples: int,
        *,
        model: str,
        seed: int = 0,
        generator: int | None = None,
        truncation: float | None = None,
    ) -> list[Image.Image]:
        """The same of a model of images, as PIL images; they travel as PNG files."""
        parts = self._draw(num_samples, model, seed, "sample_png", generator, truncation)
        files = [file for part in parts for file in self._output(part, "image_bytes")]
        return [Image.open(io.BytesIO(file)) for file in files]

    def embed(self, samples: Any, *, model: str) -> np.ndarray:
        """The discriminator's embeddings `(n, d)` float32 of samples `(n, ...)`.

        Raises:
            InputError: a model that does not embed, and as `sample`.
            ServingError: as `sample`.
        """
        parts = self._ask(model, "discriminate", {"samples": _floats(samples)})
        return self._joined(parts, "embedding", f"{model} does not embed")

    def invert(self, samples: Any, *, model: str) -> np.ndarray:
        """Latents `(n, latent_dim)` float32 of samples, by a model with an inverse.

        Raises:
            InputError, ServingError: as `sample`.
        """
        return self._joined(self._ask(model, "invert", {"samples": _floats(samples)}), "latents")

    def _draw(
        self,
        num_samples: int,
        model: str,
        seed: int,
        signature: str,
        generator: int | None,
        truncation: float | None,
    ) -> list[Any]:
        """The outputs of a signature that draws, or of the one with options where some are given.

        That one takes all that the model has, for every row.
        """
        check_positive(truncation=truncation)
        inputs = _seeds(num_samples, seed)
        given = {"generator": generator, "truncation": truncation}
        wanted = [name for name, value in given.items() if value is not None]
        if not wanted:
            return self._ask(model, signature, inputs)
        signature = f"{signature}{WITH_OPTIONS}"
        known = self.signatures(model).get(signature, {}).get("inputs", [])
        lacking = [name for name in wanted if name not in known]
        if lacking:
            raise InputError(
                f"{model} on the server at {self.url} has no choice of a {lacking[0]}. Received: "
                f"{lacking[0]}={given[lacking[0]]}"
            )
        for name, none in NO_OPTION.items():
            if name in known:
                value = none if given[name] is None else given[name]
                inputs[name] = np.full(num_samples, value, none.dtype)
        return self._ask(model, signature, inputs)

    def _ask(self, model: str, signature: str, inputs: Mapping[str, np.ndarray]) -> list[Any]:
        """The outputs of a signature for each part of the inputs' rows."""
        end = time.monotonic() + self.timeout
        rows = len(next(iter(inputs.values())))
        outputs = []
        for first in range(0, rows, self.batch_size):
            part = {k: v[first : first + self.batch_size] for k, v in inputs.items()}
            outputs.append(self._until(end, self._server.predict, model, signature, part))
        return outputs

    def _joined(self, parts: list[Any], name: str, lacking: str = "") -> np.ndarray:
        found = [self._output(part, name, lacking) for part in parts]
        try:
            return np.concatenate([np.asarray(rows, np.float32) for rows in found])
        except (ValueError, TypeError) as error:
            raise answers.strange(self.url, f"{name} are no array ({error})") from error

    def _output(self, outputs: Any, name: str, lacking: str = "") -> Any:
        """An output by its name, or the only one."""
        if not isinstance(outputs, Mapping):
            if outputs is None:
                raise answers.strange(self.url, "no outputs")
            return outputs
        if name not in outputs:
            raise InputError(
                f"{lacking or f'There is no output {name}'}: the server at {self.url} gives "
                f"{', '.join(map(str, outputs))}."
            )
        return outputs[name]

    def _until(self, end: float, ask: Callable[..., Result], *asked: Any) -> Result:
        """What the server answers, asked again while it may help; `end` is of `monotonic`."""
        wait = _FIRST_WAIT
        while True:
            try:
                return ask(*asked, seconds=end - time.monotonic())
            except answers.AgainError as error:
                if time.monotonic() + wait >= end:
                    raise ServingError(
                        f"The server at {self.url} gave no answer within {self.timeout:g} s "
                        f"({error}): see whether it runs there, or raise `timeout`."
                    ) from error
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)


def _grpc(url: str) -> Any:
    """A client of gRPC, which loads TensorFlow."""
    try:
        return importlib.import_module("kgan.serving.grpc_client").GrpcClient(url)
    except ModuleNotFoundError as error:
        raise BackendError(
            f"gRPC needs packages that are not installed ({error.name}): "
            'pip install "kgan[serve]", or ask the REST interface.'
        ) from error


def _seeds(num_samples: int, seed: int) -> dict[str, np.ndarray]:
    check_whole(1, num_samples=num_samples)
    if not 0 <= seed <= _LAST_SEED:
        raise InputError(f"seed must lie in 0..{_LAST_SEED}. Received: {seed}")
    rows = np.stack([np.full(num_samples, seed), np.arange(num_samples)], axis=1)
    return {"seeds": rows.astype(np.int32)}


def _floats(samples: Any) -> np.ndarray:
    try:
        found = np.asarray(samples, np.float32)
    except (ValueError, TypeError) as error:
        raise InputError(f"samples must be one array of numbers: {error}.") from error
    if found.ndim < 2 or not len(found) or not np.isfinite(found).all():
        raise InputError(
            "samples must be finite numbers of the shape (n, ...). Received: "
            f"{'numbers that are not finite' if found.ndim > 1 and len(found) else found.shape}"
        )
    return found
