"""What kgan knows of data sets by name, beyond what their files say. Free of TensorFlow."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from kgan.data import synthetic
from kgan.data.embedding import embedded_grid
from kgan.errors import InputError

MIXTURES: Mapping[str, Callable[..., synthetic.GaussianMixture]] = {
    "ring": synthetic.ring,
    "grid": synthetic.grid,
    "embedded_grid": embedded_grid,
    "mixture": synthetic.mixture,
}
"""Points that are drawn, not read."""
POINTS = 100_000
"""How many of them, unless the user wants others."""
# Far from the small seeds that people give to `sample`: no sample repeats the training points.
MIXTURE_SEEDS: Mapping[str, int] = {"train": 1_000_001, "test": 1_000_002}

STACKED: Mapping[str, str] = {
    "stacked_mnist": "mnist",
    "stacked_fashion_mnist": "fashion_mnist",
}
"""Names for `kgan.data.load`, and of the sets whose examples are stacked."""
STACKED_COUNTS: Mapping[str, int] = {"train": 128_000, "test": 26_000}  # 26,000 as VEEGAN has.
# No two splits draw alike, though theirs are different examples in any case.
STACKED_SEEDS: Mapping[str, int] = {"train": 3_000_001, "test": 3_000_002}

CIFAR10_CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
FASHION_CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
    "Ankle boot",
)  # fmt: skip


ATTRIBUTES: Mapping[str | None, tuple[str, ...]] = {"celeb_a": ("Wearing_Hat", "Eyeglasses")}
"""Of sets of attributes in place of classes, those by which MIM-GAN tells examples (section 5.3):
classes are the examples with any of them and the others, where nothing else is asked for."""


@dataclasses.dataclass(frozen=True)
class ImageSet:
    """How a TFDS image set becomes what the papers trained on.

    Attributes:
        shape: the only image shape a file of this set may have; None if not checked.
        class_names: in the labels' order, for sources that do not tell them.
        splits: what kgan's split names mean in TFDS, where it is not the same name.
        crop: side of the centre square that is cut out of an image; None for the largest.
        size: the side it is resized to unless the user wants another; None for no resizing.
        antialias: whether resizing smooths before it shrinks.
        label_key: the TFDS feature that holds the labels.
    """

    shape: tuple[int, int, int] | None = None
    class_names: tuple[str, ...] | None = None
    splits: Mapping[str, str] = dataclasses.field(default_factory=dict)
    crop: int | None = None
    size: int | None = None
    antialias: bool = True
    label_key: str = "label"


IMAGE_SETS: Mapping[str, ImageSet] = {
    "fashion_mnist": ImageSet((28, 28, 1), FASHION_CLASSES),
    "mnist": ImageSet((28, 28, 1), tuple("0123456789")),
    "cifar10": ImageSet((32, 32, 3), CIFAR10_CLASSES),
    "cifar100": ImageSet((32, 32, 3)),
    # 5,000 labelled and 100,000 unlabelled images: those without labels make the set worth having,
    # and MGAN trains on them (at 48x48: image_size=48).
    "stl10": ImageSet(splits={"train": "train+unlabelled", "labelled": "train"}),
    # Lucic et al. (2018), "Are GANs created equal?": centre 160x160, plain bilinear to 64x64.
    "celeb_a": ImageSet(crop=160, size=64, antialias=False, label_key="attributes"),
    "imagenet_resized/32x32": ImageSet(),
}


_DRAWN = "drawn by kgan from a mixture of Gaussians, and free"
_NON_COMMERCIAL = "for research that is not commercial"
LICENCES: Mapping[str, str] = {
    **dict.fromkeys(MIXTURES, _DRAWN),
    "fashion_mnist": "MIT, Zalando SE",
    "mnist": "CC BY-SA 3.0, LeCun, Cortes and Burges",
    "cifar10": "none stated; its authors ask to cite Krizhevsky 2009",
    "cifar100": "none stated; its authors ask to cite Krizhevsky 2009",
    "stl10": "none stated; its authors ask to cite Coates, Lee and Ng 2011",
    "celeb_a": f"{_NON_COMMERCIAL}, by its authors' agreement",
    "imagenet_resized/32x32": f"{_NON_COMMERCIAL}, and for education, by ImageNet's terms",
}
"""Of data sets by name; stacked ones have that of what is stacked."""


def mixture(name: str, parameters: Mapping[str, Any]) -> synthetic.GaussianMixture:
    """The density that a set of `MIXTURES` is drawn from.

    Raises:
        InputError: a parameter that the set does not take, or one that cannot be.
    """
    known = inspect.signature(MIXTURES[name]).parameters
    if unknown := parameters.keys() - known.keys():
        raise InputError(
            f"'{name}' has no parameter {', '.join(sorted(unknown))}: it takes "
            f"{', '.join([*known, 'points'])}."
        )
    if name == "mixture" and "means" not in parameters:
        raise InputError("'mixture' needs its means, of the shape (modes, 2), received none.")
    return MIXTURES[name](**parameters)
