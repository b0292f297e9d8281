"""The job behind every training application: train, measure, report, export."""

from __future__ import annotations

import contextlib
import math
import resource
from pathlib import Path
from typing import Any

import keras
from absl import logging

import kgan
from kgan import data, metrics, presets, reporting, serving
from kgan.backend import strategies
from kgan.classifiers import training as classifier
from kgan.errors import InputError
from kgan.files import replacing
from kgan.metrics import evaluation, words
from kgan.runs import callbacks, checkpoints, key, loop, run_directory
from kgan.runs.artefacts.dimensions import write_dimensions
from kgan.runs.artefacts.interpolations import write_interpolations
from kgan.runs.artefacts.neighbours import write_neighbours
from kgan.runs.artefacts.snapshots import SNAPSHOT_SEED, Snapshots
from kgan.runs.collapse_watch import CollapseWatch
from kgan.runs.config import RunConfig
from kgan.runs.events import Events
from kgan.runs.live import count_modes


def run(config: RunConfig) -> dict[str, Any]:
    """Train, measure, report and export, going on where an earlier run was cut off.

    With several workers the chief's files are kept; all must see its output directory to go on.

    Returns:
        The contents of evaluation.json; empty with `evaluate=False`.

    Raises:
        KganError: with one sentence, for all that a user can cause.
    """
    config = config.resolved()
    assert config.output_dir
    strategy = strategies.make_strategy(config.strategy)  # Before TensorFlow does anything else.
    with strategies.workplace(strategy, config.output_dir) as path:
        directory = run_directory.RunDirectory(path)
        result = _run(config, strategy, directory)
        if path == Path(config.output_dir):
            logging.info("Report: %s", directory.report)
        return result


def _run(
    config: RunConfig,
    strategy: Any,
    directory: run_directory.RunDirectory,
) -> dict[str, Any]:
    assert config.batch_size
    options = {"data_dir": config.data_dir, **config.data_options}
    dataset = data.load(config.dataset, split="train", **options)
    # What would fail the evaluation after hours of training fails here.
    test = data.load(config.dataset, split="test", **options) if config.evaluate else None
    network = None if test is None else _feature_network(config, dataset)
    with strategy.scope():
        model, preset = build_model(config, dataset)
    # Refuses a batch before the directory is this run's own, and the corrected command another's.
    model.stream(dataset, config.batch_size)
    directory.claim(_description(config, model), resume=config.resume)
    if test is not None and test.is_images:  # Training looks at the classes of its samples too.
        network = evaluation.network_for(network, dataset, test, config.data_dir)
    result: dict[str, Any] = {}
    with contextlib.closing(Events(directory.events)) as events:
        seconds = _train(config, model, (dataset, test, network), directory, preset, events)
        with replacing(directory.model) as temporary:
            model.save(temporary)
        if test is not None:
            result = _evaluate(config, model, test, network, seconds)
            events.scalars(model.steps_taken, result, "evaluation/")
    if config.export:
        serving.export(model, directory.saved_model)
    _look_closer(model, dataset, test, network, directory)
    if result:  # At the end: who finds it takes the run as done.
        directory.write_json(directory.evaluation, result)
    reporting.write_report(directory.path)
    return result


def _look_closer(
    model: kgan.AdversarialModel,
    dataset: data.Dataset,
    test: data.Dataset | None,
    network: metrics.FeatureNetwork | None,
    directory: run_directory.RunDirectory,
) -> None:
    """Keep what the report shows of the trained model besides its snapshots."""
    if dataset.is_images:
        dataset = dataset.with_value_range(model.value_range)
        test = None if test is None else test.with_value_range(model.value_range)
    write_interpolations(model, dataset, directory.samples)
    write_dimensions(model, dataset, directory.samples)
    write_neighbours(model, dataset, test, directory.samples, network)


def build_model(
    config: RunConfig, dataset: data.Dataset
) -> tuple[kgan.AdversarialModel, presets.Preset]:
    """The compiled model of a resolved configuration, and its preset."""
    preset = presets.get(config.preset_name)
    arguments = {**config.arguments, **_trained_before(config, dataset)}
    if "regularizer" in arguments:
        arguments["regularizer"] = kgan.ManifoldEntropy(**arguments["regularizer"])
    keras.utils.set_random_seed(config.seed)
    model = presets.build(
        config.preset_name,
        example_shape=dataset.example_shape,
        dtype=None if config.precision == "float32" else config.precision,
        seed=config.seed,
        **arguments,
    )
    optimizers = {
        player: preset.optimizer(
            player,
            config.learning_rate,
            config.decay,
            config.steps,
            factor=config.discriminator_rate if player == "discriminator" else None,
            moves=model.moves(player),
        )
        for player in model.players
    }
    model.compile(optimizers, steps_per_execution=preset.steps_per_execution)
    return model, preset


def _trained_before(config: RunConfig, dataset: data.Dataset) -> dict[str, Any]:
    """The classifier of the data set that MIM-GAN looks at, where no other was named."""
    if config.arguments.get("classifier", "none needed") is not None:
        return {}
    options = {"data_dir": config.data_dir, **config.data_options}
    train = dataset
    if classifier.labelled_split(dataset.name) != dataset.split:
        train = data.load(config.dataset, split="labelled", **options)
    kind = {name: config.arguments[name] for name in presets.mimgan.CLASSIFIER}
    kind["seed"] = presets.mimgan.classifier_seed(dataset)
    test = data.load(config.dataset, split="test", **options)
    return {"classifier": classifier.cached_classifier(train, test, **kind).model}


def _description(config: RunConfig, model: kgan.AdversarialModel) -> dict[str, Any]:
    identity = key.identity(config)
    return {
        "key": key.digest(identity),
        "identity": identity,
        "method": config.method,
        "dataset": config.dataset,
        "flags": config.flags(),
        "model": {
            "class": type(model).__name__,
            "preset": config.preset_name,
            "source": presets.get(config.preset_name).source,
            "weights": {
                name: int(sum(math.prod(v.shape) for v in player.variables))
                for name, player in model.players.items()
            },
        },
    }


def _train(
    config: RunConfig,
    model: kgan.AdversarialModel,
    known: tuple[data.Dataset, data.Dataset | None, metrics.FeatureNetwork | None],
    directory: run_directory.RunDirectory,
    preset: presets.Preset,
    events: Events,
) -> float:
    """Train from the last checkpoint on; returns the seconds trained in all.

    `known` are the training data, the test data and the network that images are measured in.
    """
    assert config.steps and config.batch_size
    dataset, test, network = known
    # Every worker restores the chief's.
    shared = run_directory.RunDirectory(str(config.output_dir))
    store = checkpoints.Checkpoints(model, shared.checkpoints)
    start = store.restore()
    if start:
        logging.info("Going on from the checkpoint of step %d.", start)
    before = directory.truncate_metrics(start)
    if dataset.is_images:
        dataset = dataset.with_value_range(model.value_range)
        test = None if test is None else test.with_value_range(model.value_range)
    snapshots = Snapshots(model, dataset, directory.samples, test, events)
    watch = None
    if config.watch_collapse:
        watch = CollapseWatch(dataset, network=network, rows=directory.rows())
    progress = callbacks.Progress(config.steps, f"{config.method} {config.dataset}")
    with contextlib.closing(progress):
        loop.train(
            model,
            dataset,
            steps=config.steps,
            batch_size=config.batch_size,
            interval=preset.interval,
            callbacks=[
                *([] if watch is None else [watch]),
                callbacks.MetricsLog(
                    directory,
                    events,
                    before,
                    lambda: _live(model, None if watch else dataset.mixture),
                    None if watch is None else watch.cells,
                ),
                progress,
                callbacks.SaveCheckpoints(store, preset.snapshot_interval, before=snapshots.write),
            ],
        )
    return directory.seconds()


def _live(model: kgan.AdversarialModel, mixture: data.GaussianMixture | None) -> dict[str, float]:
    """What a row of the log has besides: modes if nobody watches, active units of mixtures."""
    found: dict[str, float] = {} if mixture is None else count_modes(model, mixture)
    if isinstance(model, kgan.MixtureModel):
        fractions = model.active_units(seed=SNAPSHOT_SEED).values()
        found |= {f"active_units_{i}": value for i, value in enumerate(fractions, 1)}
    return found


def _feature_network(config: RunConfig, train: data.Dataset) -> metrics.FeatureNetwork | None:
    """The network to measure images in, if one was named; None for the data set's own."""
    if config.feature_network is not None:
        return classifier.load_feature_network(config.feature_network, train)
    labels = train.labels
    own = not train.is_images or classifier.labelled_split(train.name) != train.split
    if not own and (labels is None or labels.ndim != 1):
        raise InputError(
            f"The images of '{train.name}' have no classes, so there is no network to measure "
            "samples in: give one with --feature_network, or --noevaluate."
        )
    return None


def _evaluate(
    config: RunConfig,
    model: kgan.AdversarialModel,
    test: data.Dataset,
    network: metrics.FeatureNetwork | None,
    seconds: float,
) -> dict[str, Any]:
    scores = metrics.evaluate(
        model,
        test,
        samples=config.samples,
        seed=config.seed,
        feature_network=network,
        data_dir=config.data_dir,
        cache=True,
    )
    steps = model.steps_taken
    result = {
        "method": config.method,
        "dataset": config.dataset,
        "steps": steps,
        **scores,
        **_active_units(model),
        "wall_seconds": seconds,
        "steps_per_second": round(steps / seconds, 3) if seconds else None,
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    if versions := words.versions():
        result["measures"] = versions
    for name, value in scores.items():
        if isinstance(value, float | int | str):
            logging.info("%s: %s", name, value)
    return result


def _active_units(model: kgan.AdversarialModel) -> dict[str, Any]:
    return {"active_units": model.active_units()} if isinstance(model, kgan.MixtureModel) else {}
