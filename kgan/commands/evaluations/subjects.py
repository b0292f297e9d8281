"""What is measured: a run, a generator of any kind or samples, and the data that it belongs to."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from absl import logging

from kgan import data, game, serving
from kgan.commands.evaluations.sample_files import SampleFiles
from kgan.errors import DataError, InputError
from kgan.runs import Config, Run
from kgan.runs.model_file import load_model

SAMPLES = 10_000


@dataclasses.dataclass(frozen=True)
class Subject:
    """What is to be measured.

    Attributes:
        title: in words.
        path: the directory or file; of a function its module and name.
        dataset: the data set's name.
        data_options: further arguments of `kgan.data.load`.
        samples: for the evaluation.
        feature_network: path of a classifier, or "efficientnet_lite0"; None for the default.
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
    open: Callable[[data.Dataset], Any]


@dataclasses.dataclass(frozen=True)
class Data:
    """What the flags say of the data; None and nothing for what they do not.

    Attributes:
        dataset: the data set's name.
        options: further arguments of `kgan.data.load`.
    """

    dataset: str | None = None
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def over(self, config: Config | None, what: str) -> tuple[str, dict[str, Any]]:
        """Name and options, where a run's configuration says what these here do not.

        Raises:
            InputError: neither names a data set.
        """
        if self.dataset is not None:
            return self.dataset, dict(self.options)
        if config is None:
            raise InputError(
                f"{what} does not say which data it was made for: name them, as "
                "--dataset=fashion_mnist."
            )
        directory = {} if config.data_dir is None else {"data_dir": config.data_dir}
        return config.dataset, {**directory, **config.data_options, **self.options}


def of_run(path: Path, chosen: Data) -> Subject:
    """A finished run of a training application.

    Raises:
        RunError: there is none, or it has not finished; the message says which file is missing.
    """
    run = Run(path)
    if not run.finished:
        run.model()  # Says so, before the data are loaded.
    dataset, options = chosen.over(run.config, str(path))

    def load(_: data.Dataset) -> Any:
        model, steps = run.model(), run.config.steps
        if steps is not None and model.steps_taken < steps:
            logging.warning(
                "The run goes on to step %s, and %s is of step %s: that is measured.",
                *(steps, run.model_path, model.steps_taken),
            )
        return model

    return Subject(
        title=f"{run.config.method} ({path})",
        path=path,
        dataset=dataset,
        data_options=options,
        samples=run.config.samples,
        feature_network=run.config.feature_network,
        results=path / "evaluations",
        stem="",
        open=load,
    )


def of_saved_model(
    path: Path, chosen: Data, signature: str | None, how: Mapping[str, Any]
) -> Subject:
    """A SavedModel of kgan's or of others; one that lies in a run has the run's data set.

    Args:
        path: its directory, or that of its versions.
        chosen: what the flags say.
        signature: to draw from; None to find one.
        how: `latents` and `value_range`, where given.

    Raises:
        DataError: there is none.
        InputError: no data set is named.
    """
    folder = serving.version_folder(path.absolute())
    inside = folder.parents[1] if folder.parent.name == "saved_model" else None
    run = None if inside is None or not Run.is_at(inside) else Run(inside)
    dataset, options = chosen.over(None if run is None else run.config, str(folder))
    versions = folder.parent if folder.name.isdigit() else folder
    name = folder.name if versions == folder else f"{versions.name}-{folder.name}"
    return Subject(
        title=f"SavedModel {folder}",
        path=folder,
        dataset=dataset,
        data_options=options,
        samples=SAMPLES,
        feature_network=None if run is None else run.config.feature_network,
        results=(versions.parent if run is None else run.path) / "evaluations",
        stem=f"{name}-",
        open=lambda dataset: serving.open_saved_model(
            folder, example_shape=dataset.example_shape, signature=signature, **how
        ),
    )


def of_generator(path: Path, chosen: Data, how: Mapping[str, Any]) -> Subject:
    """Any Keras generator's file, a kgan model's, or a file of ONNX.

    Args:
        path: the file.
        chosen: what the flags say.
        how: `latents` and `value_range`, where given.

    Raises:
        DataError: there is no such file.
        InputError: no data set is named.
    """
    if not path.is_file():
        raise DataError(f"There is no file {path}: give a generator that Keras has saved.")
    dataset, options = chosen.over(None, str(path))

    def load(dataset: data.Dataset) -> Any:
        if path.suffix == ".onnx":
            settings = {**how, "value_range": _value_range(dataset, how)}
            shape = dataset.example_shape
            return _told(serving.OnnxGenerator(path, example_shape=shape, **settings), how)
        model = load_model(path)
        if isinstance(model, game.AdversarialModel):
            if how:
                raise InputError(
                    f"{path} is a kgan model, which knows its latents and value range. Received: "
                    f"{', '.join(f'--{name}' for name in how)}; leave them out."
                )
            return model
        settings = {**how, "value_range": _value_range(dataset, how)}
        shape = dataset.example_shape
        return _told(serving.KerasGenerator(model, str(path), example_shape=shape, **settings), how)

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


def of_function(
    words: str, function: Callable[[int, int], Any], chosen: Data, how: Mapping[str, Any]
) -> Subject:
    """Any function of `(n, seed)` that gives samples.

    Args:
        words: its module and name.
        function: of the number of samples and a seed.
        chosen: what the flags say.
        how: `value_range`, where given.

    Raises:
        InputError: no data set is named.
    """
    dataset, options = chosen.over(None, words)
    return Subject(
        title=f"function {words}",
        path=Path(words),
        dataset=dataset,
        data_options=options,
        samples=SAMPLES,
        feature_network=None,
        results=Path("evaluations"),
        stem=f"{words.replace(':', '.')}-",
        open=lambda dataset: serving.FunctionGenerator(
            function,
            words,
            example_shape=dataset.example_shape,
            value_range=_value_range(dataset, how),
        ),
    )


def of_samples(path: Path, chosen: Data, how: Mapping[str, Any], samples: int | None) -> Subject:
    """Samples that lie in a folder of images or a NumPy file, whoever has drawn them.

    Args:
        path: the folder or file.
        chosen: what the flags say.
        how: `value_range`, where given.
        samples: for each seed; None for all there are, to 10,000.

    Raises:
        DataError: there are none, or of another shape than the data.
        InputError: no data set is named.
    """
    dataset, options = chosen.over(None, str(path))
    real = data.load(dataset, split="test", **options)
    source = SampleFiles(path, real.example_shape, _value_range(real, how))
    return Subject(
        title=f"samples of {path}",
        path=path,
        dataset=dataset,
        data_options=options,
        samples=samples or min(len(source), SAMPLES),
        feature_network=None,
        results=path.parent / "evaluations",
        stem=f"{path.stem}-",
        open=lambda _: source,
    )


def _value_range(dataset: data.Dataset, how: Mapping[str, Any]) -> tuple[float, float] | None:
    """Of samples: what was given, else 0 to 1 of images.

    Raises:
        InputError: one was given of points.
    """
    value_range = how.get("value_range", (0.0, 1.0) if dataset.is_images else None)
    if value_range is not None and not dataset.is_images:
        raise InputError(
            f"Points have no value range. Received: --value_range; leave it out for {dataset.name}."
        )
    return value_range


def _told(source: Any, how: Mapping[str, Any]) -> Any:
    """A generator of latents, after a word on which it is given."""
    drawn = "U[-1, 1]" if how.get("latents") == "uniform" else "N(0, 1)"
    logging.info("Latents of the shape %s, from %s.", tuple(source.latent_shape), drawn)
    return source
