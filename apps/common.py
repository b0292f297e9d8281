"""Flags that all training applications share, and how an application starts and fails."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from absl import app, flags, logging

FLAGS = flags.FLAGS

flags.DEFINE_string(
    "dataset",
    "grid",
    "Data set: ring, grid, fashion_mnist, mnist, cifar10, cifar100, stl10, celeb_a, "
    "imagenet_resized/32x32, any image set of TensorFlow Datasets by its name, npz or folder.",
)
flags.DEFINE_string(
    "data_dir",
    None,
    "Where the data lie: the file of npz, the folder of folder, or a folder with a named set's "
    "files. Named sets are looked for in TFDS's and the system's own folders too.",
)
flags.DEFINE_string(
    "output_dir", None, "The run's directory. Default: runs/<method>-<dataset>-seed<seed>."
)
flags.DEFINE_integer("seed", 0, "Seed of weights, noise and batches.")
flags.DEFINE_integer("steps", None, "Training steps. Default: the paper's for the data set.")
flags.DEFINE_integer("batch_size", None, "Examples per step, over all replicas.")
flags.DEFINE_float("learning_rate", None, "Adam's learning rate at the start.")
flags.DEFINE_enum(
    "decay", None, ["none", "linear", "cosine"], "How the learning rate goes to 0 over --steps."
)
flags.DEFINE_float(
    "ema_decay", None, "Sample from a moving average of the generator with this decay, as 0.999."
)
flags.DEFINE_enum(
    "strategy",
    "mirrored",
    ["mirrored", "multi_worker", "none"],
    "Where to train: all GPUs of this machine or its CPU; the workers in TF_CONFIG; one device.",
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
flags.DEFINE_integer("image_size", None, "Side in pixels of stl10 (48 or 96) and folder images.")
flags.DEFINE_enum("on_broken", "error", ["error", "skip"], "What to do with a broken image file.")
flags.DEFINE_float("mode_std", None, "Standard deviation of a mode of ring or grid.")
flags.DEFINE_float("mode_variance", None, "Variance of a mode; instead of --mode_std.")
flags.DEFINE_list("mode_weights", None, "Weights of the modes, comma-separated, with sum 1.")
flags.DEFINE_bool("debug", False, "Show tracebacks.")

_MODEL_FLAGS = ("ema_decay",)
_DATA_FLAGS = {
    "image_size": "image_size",
    "on_broken": "on_broken",
    "mode_std": "std",
    "mode_variance": "variance",
    "mode_weights": "weights",
}


def given(names: Sequence[str]) -> dict[str, Any]:
    """The flags among `names` that are not None, by name."""
    return {name: FLAGS[name].value for name in names if FLAGS[name].value is not None}


def train(method: str, model_flags: Sequence[str]) -> None:
    """Train, evaluate, report and export `method` as the flags say.

    Args:
        method: prefix of the method's presets.
        model_flags: the method's own flags, which are arguments of its class.
    """
    from apps import runner  # TensorFlow: --help should not wait for it.

    data_options = {
        key: value
        for flag, key in _DATA_FLAGS.items()
        if (value := FLAGS[flag].value) is not None and (flag != "on_broken" or value != "error")
    }
    runner.run(
        runner.RunConfig(
            method=method,
            dataset=FLAGS.dataset,
            data_dir=FLAGS.data_dir,
            data_options=data_options,
            output_dir=FLAGS.output_dir,
            seed=FLAGS.seed,
            strategy=FLAGS.strategy,
            precision=FLAGS.precision,
            evaluate=FLAGS.evaluate,
            export=FLAGS.export,
            resume=FLAGS.resume,
            samples=FLAGS.samples,
            arguments=given([*_MODEL_FLAGS, *model_flags]),
            **given(["steps", "batch_size", "learning_rate", "decay"]),
        )
    )


def start(main: Callable[[], None]) -> None:
    """Parse the flags and run `main`; what a user caused ends with one sentence.

    Exit statuses: 0 done, 1 it failed, 2 the command was wrong, 130 interrupted.
    """
    # C++ messages about GPUs that are not there; errors come as exceptions anyway.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    app.run(lambda argv: sys.exit(_guarded(main)), flags_parser=_parse)


def _parse(argv: Sequence[str]) -> list[str]:
    try:
        rest = FLAGS(argv)
    except flags.Error as error:
        sys.exit(_fail(str(error), 2))
    if len(rest) > 1:
        sys.exit(_fail(f"Unknown argument {rest[1]!r}: flags begin with --. Try --help.", 2))
    return rest


def _guarded(main: Callable[[], None]) -> int:
    from kgan.errors import KganError

    logging.set_verbosity(logging.INFO)
    logging.get_absl_handler().setFormatter(None)
    try:
        main()
    except KeyboardInterrupt:
        return _fail("Interrupted. The same command goes on from the last checkpoint.", 130)
    except KganError as error:
        if FLAGS.debug:
            raise
        return _fail(str(error), error.exit_status)
    except OSError as error:
        if FLAGS.debug:
            raise
        return _fail(f"{error.strerror or error}: {error.filename or 'no file'}.", 1)
    return 0


def _fail(message: str, status: int) -> int:
    print(f"error: {message}", file=sys.stderr)
    return status
