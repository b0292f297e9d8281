"""Flags that say what kind of classifier to train."""

from __future__ import annotations

from typing import Any

from absl import flags

from kgan.commands import launch, noise_size_flag

flags.DEFINE_enum(
    "network",
    None,
    ["small", "inception_v4"],
    "The classifier's network. Default: a small one, in minutes.",
)
flags.DEFINE_list(
    "attributes", None, "Of celeb_a: the attributes whose combinations are the classes."
)
flags.adopt_module_key_flags(noise_size_flag)
flags.DEFINE_float("label_smoothing", None, "Share of the labels given to all classes evenly.")


def kind() -> dict[str, Any]:
    """What was given, as arguments of `kgan.classifiers.training.train_classifier`."""
    return launch.given(["network", "attributes", "noise", "label_smoothing"])
