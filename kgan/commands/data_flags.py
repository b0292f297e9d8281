"""Flags that say which data, and from where."""

from __future__ import annotations

from typing import Any

from absl import flags

from kgan.commands import launch

FLAGS = flags.FLAGS

flags.DEFINE_string(
    "dataset",
    "grid",
    "Data set: ring, grid, embedded_grid, fashion_mnist, mnist, stacked_fashion_mnist, "
    "stacked_mnist, cifar10, cifar100, stl10, celeb_a, imagenet_resized/32x32, any image set of "
    "TensorFlow Datasets by its name, npz or folder.",
)
flags.DEFINE_string(
    "data_dir",
    None,
    "Where the data lie: the file of npz, the folder of folder, or a folder with a named set's "
    "files. Named sets are looked for in TFDS's and the system's own folders too.",
)
flags.DEFINE_integer("image_size", None, "Side in pixels of stl10 (48 or 96) and folder images.")
flags.DEFINE_bool(
    "strict",
    False,
    "Whether a broken file in a folder of images ends the command; else it is left out.",
)
flags.DEFINE_float("mode_std", None, "Standard deviation of a mode of ring, grid, embedded_grid.")
flags.DEFINE_float("mode_variance", None, "Variance of a mode; instead of --mode_std.")
flags.DEFINE_list("mode_weights", None, "Weights of the modes, comma-separated, with sum 1.")
flags.DEFINE_float(
    "smallest_weight",
    None,
    "Weight of the rarest mode; the others rise geometrically. Instead of --mode_weights.",
)
flags.DEFINE_integer("dimensions", None, "Of the space that embedded_grid lies in. Default: 128.")

_OPTIONS = {
    "data_dir": "data_dir",
    "image_size": "image_size",
    "mode_std": "std",
    "mode_variance": "variance",
    "mode_weights": "weights",
    "smallest_weight": "smallest_weight",
    "dimensions": "dimensions",
}


def given() -> dict[str, Any]:
    """The flags that were given, by name, besides the data set's."""
    found = launch.given(list(_OPTIONS))
    if "mode_weights" in found:
        found["mode_weights"] = launch.numbers("mode_weights")
    if FLAGS.strict:
        found["strict"] = True
    return found


def options() -> dict[str, Any]:
    """Arguments of `kgan.data.load`, besides the name and the split, that were given."""
    return {_OPTIONS.get(name, name): value for name, value in given().items()}
