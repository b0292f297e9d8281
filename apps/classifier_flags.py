"""Flags that say what kind of classifier to train."""

from __future__ import annotations

from typing import Any

from absl import flags

from apps import launch

flags.DEFINE_enum(
    "network",
    None,
    ["small", "inception_v4"],
    "The classifier's network. Default: a small one, in minutes.",
)
flags.DEFINE_list(
    "attributes", None, "Of celeb_a: the attributes whose combinations are the classes."
)
flags.DEFINE_float(
    "noise",
    None,
    "Standard deviation of the noise on the classifier's training examples (images in 0..1). "
    "Default: 0 for images; for points a third of the least distance between two classes.",
)
flags.DEFINE_float("label_smoothing", None, "Share of the labels given to all classes evenly.")


def kind() -> dict[str, Any]:
    """What was given, as arguments of `kgan.training.classifier.train_classifier`."""
    return launch.given(["network", "attributes", "noise", "label_smoothing"])
