"""The job behind `kgan.train` and every training application: train, measure, report, export."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

from absl import logging

import kgan
from kgan import data, presets, reporting, serving
from kgan.advice.remedy import remedy
from kgan.backend import strategies
from kgan.commands import jobs, terminal
from kgan.commands.jobs import Job
from kgan.errors import InputError, NonFiniteLossError
from kgan.files import local_path
from kgan.metrics import evaluation, words
from kgan.reporting.figures.sample_pictures import SamplePictures
from kgan.runs import Config, Run, callbacks, checkpoints, loop
from kgan.runs.artefacts.dimensions import rank_dimensions
from kgan.runs.artefacts.interpolations import interpolate
from kgan.runs.artefacts.neighbours import find_neighbours
from kgan.runs.artefacts.snapshot import SNAPSHOT_SEED
from kgan.runs.claiming import MAY_CHANGE
from kgan.runs.collapse_watch import CollapseWatch
from kgan.runs.config import DATA_OPTIONS
from kgan.runs.events import Events
from kgan.runs.live import count_modes
from kgan.runs.snapshots import Snapshots
from kgan.signatures import checked


@checked
def train(
    method: str | kgan.AdversarialModel,
    dataset: str | data.Dataset,
    *,
    seed: int = 0,
    output_dir: str | Path | None = None,
    steps: int | None = None,
    test: data.Dataset | None = None,
    verbose: bool = True,
    strategy: Any = None,
    **arguments: Any,
) -> Run:
    """Train a method on a data set, measure it, write a report and export it: a whole run.

        run = kgan.train("mdgan", dataset="grid", seed=0)
        run.scores["modes_covered"], run.report_path

    The same call again goes on where it was cut off, by an interrupt, a kill or a crash, and ends
    with not one differing bit; a run that is done is measured and told anew. Others are refused.

    Args:
        method: a method's name, such as `"mdgan"` or `"wgan_gp"`, whose preset for the data set
            decides what is not given; or a compiled model of your own.
        dataset: a name for `kgan.data.load`; with a model of your own a `kgan.data.Dataset`.
        seed: of weights, noise and batches. A model of your own has one already.
        output_dir: the run's directory; by default runs/<method>-<dataset>-seed<seed>.
        steps: training steps; of a run that is there they may grow.
        test: held-out data of a data set of your own, to measure with; None: no scores.
        verbose: whether a progress bar is shown.
        strategy: where to train: one of `kgan.backend.strategies.STRATEGIES`, or a
            `tf.distribute.Strategy`. A model of your own trains on the one that it was built in.
        **arguments: further fields of `kgan.Config` (`batch_size`, `learning_rate`, `evaluate`,
            `export`, ...), of `kgan.data.load` (`data_dir`, `std`, ...), and of the method's class
            and networks (`components=8`). With a model of your own `batch_size` is needed.

    Returns:
        The run.

    Raises:
        InputError: an argument that is unknown or cannot work.
        DataError: data that are missing or broken.
        RunError: a directory that cannot be written or holds something else.
        NonFiniteLossError: training diverged; the last good checkpoint is kept.
    """
    directory = None if output_dir is None else str(output_dir)
    place = strategy if strategy is None or isinstance(strategy, str) else type(strategy).__name__
    given = {"output_dir": directory, "steps": steps, "strategy": place, **arguments}
    given = {name: value for name, value in given.items() if value is not None}
    if isinstance(method, str) and isinstance(dataset, str):
        if test is not None:
            raise InputError(
                f"{dataset!r} has test data of its own. Received: `test`; leave it out."
            )
        config = _config(method, dataset, seed, given)
        command = _call(method, dataset, seed, given)
        return run(config, verbose=verbose, command=command, strategy=strategy)
    if isinstance(method, str):
        raise InputError(
            f"A method by its name trains on a data set by its name. Received: {dataset!r}; build "
            f"and compile a model for it, as kgan.GAN, and give it in place of {method!r}."
        )
    job = jobs.of_model(method, dataset, test, given)
    name = type(method).__name__
    command = _call(f"<{name}>", f"<{job.dataset.name}>", seed, given)
    return _in_its_place(method.distribute_strategy, job.config, lambda _: job, verbose, command)


def _config(method: str, dataset: str, seed: int, given: dict[str, Any]) -> Config:
    """The configuration of a preset's method.

    Raises:
        InputError: an argument that nobody takes, or one that cannot work.
    """
    fields = {field.name for field in dataclasses.fields(Config)} - {"arguments", "data_options"}
    settings = {name: given[name] for name in given if name in fields}
    options = {name: given[name] for name in given if name in DATA_OPTIONS - fields}
    others = {name: given[name] for name in given if name not in fields | DATA_OPTIONS}
    config = Config(method, dataset, seed=seed, data_options=options, arguments=others, **settings)
    preset = presets.get(config.preset_name)
    known = {name for cls in preset.model.__mro__ for name in inspect.signature(cls).parameters}
    known = (known - {"args", "kwargs"}) | preset.network_arguments.keys()
    known |= preset.networks.options.keys()
    for name, value in others.items():
        if name not in known:
            raise InputError(
                f"{preset.model.__name__} has no argument `{name}`, nor has a run. Received: "
                f"{name}={value!r}; it takes {', '.join(sorted(known | preset.arguments.keys()))}"
            )
    return config


def _call(method: str, dataset: str, seed: int, given: dict[str, Any]) -> str:
    """The call that makes the same run, as one would write it."""
    named = {
        name: repr(value) for name, value in {"dataset": dataset, "seed": seed, **given}.items()
    }
    if given.get("strategy", "auto") not in strategies.STRATEGIES:
        named["strategy"] = f"<{given['strategy']}>"
    words = [repr(method), *(f"{name}={value}" for name, value in named.items())]
    return f"kgan.train({', '.join(words)})"


def run(
    config: Config, *, verbose: bool = True, command: str | None = None, strategy: Any = None
) -> Run:
    """Train, measure, report and export, going on where an earlier run was cut off.

    With several workers the chief's files are kept; all must see its output directory to go on.

    Args:
        config: what to run.
        verbose: whether a progress bar is shown.
        command: what makes the same run again; None for this process' command line.
        strategy: in place of the configuration's, an object or a name.

    Returns:
        The run; of a worker that is not the chief one whose directory is gone.

    Raises:
        KganError: with one sentence, for all that a user can cause.
    """
    config = config.resolved()
    # Before TensorFlow does anything else.
    place = strategies.make_strategy(config.strategy if strategy is None else strategy)
    return _in_its_place(
        place, config, lambda place: jobs.of_config(config, place), verbose, command
    )


def _in_its_place(
    strategy: Any,
    config: Config,
    make: Callable[[Any], Job],
    verbose: bool,
    command: str | None,
) -> Run:
    """Do a job in the run's directory, or, as a worker that is not the chief, elsewhere."""
    assert config.output_dir
    logging.info("Training on %s.", strategies.told(strategy))
    with strategies.workplace(strategy, config.output_dir) as path:
        _do(make(strategy), path, verbose, {} if command is None else {"command": command})
        done = Run(path)
    if path == local_path(config.output_dir, "output_dir"):
        logging.info("Report: %s", done.report_path)
        if found := remedy(done.description, done.evaluation or {}):
            logging.info("%s\n  %s", *found)
        logging.info("Next: kgan evaluate --run=%s (further seeds and scores)", path)
        logging.info("      kgan compare %s OTHER_RUN (side by side)", path)
    return done


def _do(job: Job, path: Path, verbose: bool, more: dict[str, Any]) -> None:
    config, model, dataset, test = job.config, job.model, job.dataset, job.test
    assert config.batch_size
    # Refuses a batch before the directory is this run's own, and the corrected command another's.
    model.stream(dataset, config.batch_size)
    directory = Run.claim(path, {**job.description, **more}, resume=config.resume)
    with contextlib.closing(directory):
        if test is not None and test.is_images:  # Training looks at the samples' classes too.
            network = evaluation.network_for(job.network, dataset, test, config.data_dir)
            job = dataclasses.replace(job, network=network)
        result: dict[str, Any] = {}
        with contextlib.closing(Events(directory.events_path)) as events:
            told = {k: v for k, v in config.flags().items() if k not in MAY_CHANGE}
            events.settings(told, directory.path.name)
            seconds = _train(job, directory, events, verbose)
            directory.save_model(model)
            if test is not None:
                result = _evaluate(job, test, seconds)
                events.scalars(model.steps_taken, result, "evaluation/")
        if config.export:
            serving.export(model, directory.saved_model_path)
        _look_closer(job, directory)
        if result:
            directory.write_evaluation(result)
        reporting.write_report(directory.path)


def _in_range(job: Job) -> tuple[data.Dataset, data.Dataset | None]:
    """The training and the test data, images in the model's value range."""
    dataset, test = job.dataset, job.test
    if dataset.is_images:
        dataset = dataset.with_value_range(job.model.value_range)
        test = None if test is None else test.with_value_range(job.model.value_range)
    return dataset, test


def _look_closer(job: Job, directory: Run) -> None:
    """Keep what the report shows of the trained model besides its snapshots."""
    dataset, test = _in_range(job)
    directory.keep(interpolate(job.model, dataset))
    directory.keep(rank_dimensions(job.model, dataset))
    directory.keep(find_neighbours(job.model, dataset, test, job.network))


def _train(job: Job, directory: Run, events: Events, verbose: bool) -> float:
    """Train from the last checkpoint on; returns the seconds trained in all."""
    config, model = job.config, job.model
    assert config.steps and config.batch_size
    # Every worker restores the chief's.
    shared = local_path(str(config.output_dir), "output_dir") / directory.checkpoints_path.name
    store = checkpoints.Checkpoints(model, shared)
    start = store.restore()
    if start:
        logging.info("Going on from the checkpoint of step %d.", start)
    before = directory.truncate_metrics(start)
    dataset, test = _in_range(job)
    draw = SamplePictures(model.value_range, getattr(model, "num_generators", 1))
    snapshots = Snapshots(model, dataset, directory.samples_path, test, draw=draw, events=events)
    watch = None
    if config.watch_collapse:
        watch = CollapseWatch(dataset, network=job.network, rows=directory.rows())
    mixture = None if watch else dataset.mixture
    cells = None if watch is None else watch.cells
    floors = {f"{name}_floor": value for name, value in model.floors(config.batch_size).items()}
    label = f"{config.method} {config.dataset}" if verbose else None
    progress = callbacks.Progress(config.steps, label)
    log = callbacks.MetricsLog(
        directory, events, before, lambda: floors | _live(model, mixture), cells
    )
    keeper = callbacks.SaveCheckpoints(store, job.snapshot_interval, before=snapshots.write)
    with contextlib.closing(progress):
        try:
            loop.train(
                model,
                dataset,
                steps=config.steps,
                batch_size=config.batch_size,
                interval=job.interval,
                callbacks=[*([] if watch is None else [watch]), log, progress, keeper],
            )
        except NonFiniteLossError as error:
            raise NonFiniteLossError(f"{error} {store.last_good()}") from error
    return directory.seconds()


def _live(model: kgan.AdversarialModel, mixture: data.GaussianMixture | None) -> dict[str, float]:
    """What a row of the log has besides: modes if nobody watches, active units of mixtures."""
    found: dict[str, float] = {} if mixture is None else count_modes(model, mixture)
    if isinstance(model, kgan.MixtureModel):
        fractions = model.active_units(seed=SNAPSHOT_SEED).values()
        found |= {f"active_units_{i}": value for i, value in enumerate(fractions, 1)}
    return found


def _evaluate(job: Job, test: data.Dataset, seconds: float) -> dict[str, Any]:
    config, model = job.config, job.model
    scores = jobs.measured(config, model, test, job.network)
    steps, mixture = model.steps_taken, isinstance(model, kgan.MixtureModel)
    result = {
        "method": config.method,
        "dataset": config.dataset,
        "steps": steps,
        **scores,
        **({"active_units": model.active_units()} if mixture else {}),
        "wall_seconds": seconds,
        "steps_per_second": round(steps / seconds, 3) if seconds else None,
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    if versions := words.versions():
        result["measures"] = versions
    logging.info("%s", terminal.told(scores))
    return result
