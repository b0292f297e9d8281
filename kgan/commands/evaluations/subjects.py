"""What is measured: a run, a SavedModel or a generator's file, and the data that it belongs to."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from absl import logging

from kgan import serving
from kgan.data import Dataset
from kgan.errors import DataError, InputError, RunError
from kgan.game import AdversarialModel
from kgan.runs import config as run_config
from kgan.runs.run_directory import RunDirectory
from kgan.serving.saved_model import version_folder

SAMPLES = 10_000


@dataclasses.dataclass(frozen=True)
class Subject:
    """What is to be measured.

    Attributes:
        title: in words.
        path: the directory or file.
        dataset: the data set's name.
        data_options: further arguments of `kgan.data.load`.
        samples: for the evaluation.
        feature_network: path of a classifier; None for the data set's own.
        results: folder for the results.
        stem: what their names begin with; "" in a run's directory.
        open: gives the source of samples of examples such as a data set has.
    """

    title: str
    path: Path
    dataset: str
    data_options: Mapping[str, Any]
    samples: int
    feature_network: str | None
    results: Path
    stem: str
    open: Callable[[Dataset], Any]


@dataclasses.dataclass(frozen=True)
class Data:
    """What the flags say of the data; None and nothing for what they do not.

    Attributes:
        dataset: the data set's name.
        options: further arguments of `kgan.data.load`.
    """

    dataset: str | None = None
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def over(self, flags: Mapping[str, Any], what: str) -> tuple[str, dict[str, Any]]:
        """Name and options, where `flags` of a run say what these here do not.

        Raises:
            InputError: neither names a data set.
        """
        if self.dataset is not None:
            return self.dataset, dict(self.options)
        if "dataset" not in flags:
            raise InputError(
                f"{what} does not say which data it was made for: name them, as "
                "--dataset=fashion_mnist."
            )
        return flags["dataset"], {**run_config.data_options(flags), **self.options}


def of_run(path: Path, data: Data) -> Subject:
    """A finished run of a training application.

    Raises:
        RunError: there is none, or it has not finished; the message says which file is missing.
    """
    run = RunDirectory(path)
    if not path.is_dir():
        raise RunError(f"There is no run at {path}: give the directory that training wrote.")
    config = _config(run)
    if config is None:
        raise RunError(f"{path} is no run of kgan: it has no {run.config.name}.")
    if not run.model.is_file():
        raise RunError(
            f"The run {path} has not finished: {run.model.name} is missing. Go on with it by "
            f"{config.get('command', 'the command that began it')}"
        )
    dataset, options = data.over(config["flags"], str(path))

    def load(_: Dataset) -> Any:
        try:
            model = serving.load_keras_file(run.model)
        except DataError as error:
            raise RunError(f"{error} Another version of kgan may have written it.") from error
        steps = config["flags"].get("steps")
        if steps is not None and model.steps_taken < steps:
            logging.warning(
                "The run goes on to step %s, and %s is of step %s: that is measured.",
                *(steps, run.model, model.steps_taken),
            )
        return model

    return Subject(
        title=f"{config['method']} ({path})",
        path=path,
        dataset=dataset,
        data_options=options,
        samples=config["flags"].get("samples") or SAMPLES,
        feature_network=config["flags"].get("feature_network"),
        results=path / "evaluations",
        stem="",
        open=load,
    )


def of_saved_model(
    path: Path, data: Data, signature: str | None, how: Mapping[str, Any]
) -> Subject:
    """A SavedModel of kgan's or of others; one that lies in a run has the run's data set.

    Args:
        path: its directory, or that of its versions.
        data: what the flags say.
        signature: to draw from; None to find one.
        how: `latents` and `value_range`, where given.

    Raises:
        DataError: there is none.
        InputError: no data set is named.
    """
    folder = version_folder(path.absolute())
    run = RunDirectory(folder.parents[1])
    config = _config(run) if run.saved_model.parent == folder.parent else None
    dataset, options = data.over({} if config is None else config["flags"], str(folder))
    versions = folder.parent if folder.name.isdigit() else folder
    name = folder.name if versions == folder else f"{versions.name}-{folder.name}"
    return Subject(
        title=f"SavedModel {folder}",
        path=folder,
        dataset=dataset,
        data_options=options,
        samples=SAMPLES,
        feature_network=None if config is None else config["flags"].get("feature_network"),
        results=(versions.parent if config is None else run.path) / "evaluations",
        stem=f"{name}-",
        open=lambda dataset: serving.open_saved_model(
            folder, example_shape=dataset.example_shape, signature=signature, **how
        ),
    )


def of_generator(path: Path, data: Data, how: Mapping[str, Any]) -> Subject:
    """Any Keras generator's file, or a kgan model's.

    Args:
        path: the file.
        data: what the flags say.
        how: `latents` and `value_range`, where given.

    Raises:
        DataError: there is no such file.
        InputError: no data set is named.
    """
    if not path.is_file():
        raise DataError(f"There is no file {path}: give a generator that Keras has saved.")
    dataset, options = data.over({}, str(path))

    def load(dataset: Dataset) -> Any:
        model = serving.load_keras_file(path)
        if isinstance(model, AdversarialModel):
            if how:
                raise InputError(
                    f"{path} is a kgan model, which knows its latents and value range. Received: "
                    f"{', '.join(f'--{name}' for name in how)}; leave them out."
                )
            return model
        settings = dict(how)
        value_range = settings.pop("value_range", (0.0, 1.0) if dataset.is_images else None)
        if value_range is not None and not dataset.is_images:
            raise InputError(
                "Points have no value range. Received: --value_range; leave it out for "
                f"{dataset.name}."
            )
        source = serving.KerasGenerator(
            model,
            str(path),
            example_shape=dataset.example_shape,
            value_range=value_range,
            **settings,
        )
        drawn = "U[-1, 1]" if settings.get("latents") == "uniform" else "N(0, 1)"
        logging.info("Latents of the shape %s, from %s.", tuple(source.latent_shape), drawn)
        return source

    return Subject(
        title=f"generator {path}",
        path=path,
        dataset=dataset,
        data_options=options,
        samples=SAMPLES,
        feature_network=None,
        results=path.parent / "evaluations",
        stem=f"{path.stem}-",
        open=load,
    )


def _config(run: RunDirectory) -> dict[str, Any] | None:
    """Contents of a run's config.json; None where there is none.

    Raises:
        RunError: it is not such a file.
    """
    if not run.config.is_file():
        return None
    try:
        config = json.loads(run.config.read_text())
        return {**config, "method": config["method"], "flags": {**config["flags"]}}
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(f"{run.config} is no configuration of a run: {error}.") from error
