"""Flags that all training applications share, and the job that they describe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from absl import flags

from kgan.commands import data_flags, launch

FLAGS = flags.FLAGS

flags.DEFINE_string(
    "output_dir", None, "The run's directory. Default: runs/<method>-<dataset>-seed<seed>."
)
flags.DEFINE_integer("steps", None, "Training steps. Default: the paper's for the data set.")
flags.DEFINE_float("learning_rate", None, "Adam's learning rate at the start.")
flags.DEFINE_float(
    "discriminator_rate", None, "The discriminator's learning rate, as a multiple of that."
)
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
flags.DEFINE_string(
    "feature_network",
    None,
    "A classifier written by apps.classifier, for the scores of images. Default: the data set's "
    "own, trained and cached where it is missing.",
)
flags.DEFINE_bool(
    "watch_collapse", True, "Measure samples while training, and warn of mode collapse."
)
flags.DEFINE_float(
    "instance_noise", None, "Noise on what the discriminator sees, going to 0 linearly."
)
flags.DEFINE_integer("instance_noise_steps", None, "Over as many steps.")

_MODEL_FLAGS = ("ema_decay", "instance_noise", "instance_noise_steps")


def train(
    method: str, model_flags: Sequence[str], arguments: Mapping[str, Any] | None = None
) -> None:
    """Train, evaluate, report and export `method` as the flags say.

    Args:
        method: prefix of the method's presets.
        model_flags: the method's own flags, which are arguments of its class.
        arguments: further arguments of the class or its networks.
    """
    from kgan.commands import train as runner  # TensorFlow: --help should not wait for it.
    from kgan.runs import Config

    options = data_flags.options()
    runner.run(
        Config(
            method=method,
            dataset=FLAGS.dataset,
            data_dir=options.pop("data_dir", None),
            data_options=options,
            output_dir=FLAGS.output_dir,
            seed=FLAGS.seed,
            strategy=FLAGS.strategy,
            precision=FLAGS.precision,
            evaluate=FLAGS.evaluate,
            export=FLAGS.export,
            resume=FLAGS.resume,
            samples=FLAGS.samples,
            feature_network=FLAGS.feature_network,
            watch_collapse=FLAGS.watch_collapse,
            arguments={**launch.given([*_MODEL_FLAGS, *model_flags]), **(arguments or {})},
            **launch.given(["steps", "batch_size", "learning_rate", "discriminator_rate", "decay"]),
        )
    )


for _module in (data_flags, launch):
    flags.adopt_module_key_flags(_module)
