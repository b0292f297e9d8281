"""Sets of stacked images: each channel is an example of a digit or clothes set, 10 ^ 3 modes.

Stacked MNIST is Metz et al.'s (2017, https://arxiv.org/abs/1611.02163, section 3.3.1). VEEGAN and
PacGAN draw 128,000 such images once, and so does this, without holding them.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools

import numpy as np

from kgan.data.catalog import STACKED_COUNTS, STACKED_SEEDS
from kgan.data.dataset import Dataset
from kgan.data.stream import split_mix, split_mix_words
from kgan.errors import DataError

CHANNELS = 3


@dataclasses.dataclass(frozen=True, eq=False)
class StackedImages:
    """Images of which each channel is an example of another set, put together on demand.

    Which examples image i consists of is a function of the seed and i alone: word `channels * i +
    channel` of a SplitMix64 sequence, modulo the number of examples. It can be indexed like an
    array by an index array or a slice, which makes the images asked for and no others.

    Args:
        base: images of one channel with a class each.
        count: how many images there are.
        seed: any integer.
        channels: of an image.

    Raises:
        DataError: a base of more channels, or without classes.
    """

    base: Dataset
    count: int
    seed: int
    channels: int = CHANNELS

    def __post_init__(self) -> None:
        base = self.base
        if len(base.example_shape) != 3 or base.example_shape[-1] != 1:
            raise DataError(
                f"Only images of one channel can be stacked, but '{base.name}' from {base.source} "
                f"has examples of shape {base.example_shape}."
            )
        if base.labels is None or base.labels.ndim != 1:
            raise DataError(
                f"Modes of stacked images are triples of classes, but '{base.name}' from "
                f"{base.source} has no labels."
            )

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, indices: np.ndarray | slice) -> np.ndarray:
        """Returns (n, height, width, channels) uint8 images."""
        channels = self.base.examples[:][..., 0][self.members[indices]]
        return np.ascontiguousarray(np.moveaxis(channels, 1, -1))

    @property
    def shape(self) -> tuple[int, ...]:
        """(count, height, width, channels)."""
        return (self.count, *self.base.example_shape[:2], self.channels)

    @property
    def dtype(self) -> np.dtype:
        """That of the base's images."""
        return self.base.examples.dtype

    @functools.cached_property
    def members(self) -> np.ndarray:
        """(count, channels) int64, which examples of the base each image consists of."""
        words = split_mix_words(split_mix(self.seed), self.count * self.channels)
        found = (words % np.uint64(len(self.base))).astype(np.int64)
        return found.reshape(self.count, self.channels)

    @property
    def labels(self) -> np.ndarray:
        """(count,) int64 modes: the channels' classes as digits, the first channel's first."""
        assert self.base.labels is not None
        modes = np.zeros(self.count, np.int64)
        for channel in range(self.channels):
            modes = modes * self._classes + self.base.labels[self.members[:, channel]]
        return modes

    @property
    def weights(self) -> np.ndarray:
        """(modes,) their exact probabilities, the products of the classes' shares in the base."""
        assert self.base.labels is not None
        shares = np.bincount(self.base.labels, minlength=self._classes) / len(self.base)
        return functools.reduce(np.multiply.outer, [shares] * self.channels).ravel()

    @property
    def class_names(self) -> tuple[str, ...]:
        """The modes' names, such as "Coat, Bag, Shirt" or "3 1 4"."""
        names = self.base.class_names or tuple(map(str, range(self._classes)))
        between = " " if all(len(name) == 1 for name in names) else ", "
        return tuple(map(between.join, itertools.product(names, repeat=self.channels)))

    @property
    def _classes(self) -> int:
        assert self.base.num_classes is not None
        return self.base.num_classes


def stack(base: Dataset, name: str) -> Dataset:
    """Returns the stacked set of a split: 128,000 training or 26,000 test images.

    Args:
        base: the training or the test split of the set whose examples become channels.
        name: of the stacked set.

    Raises:
        DataError: a base of more than one channel, or without classes.
    """
    images = StackedImages(base, STACKED_COUNTS[base.split], STACKED_SEEDS[base.split])
    return Dataset(
        name=name,
        split=base.split,
        examples=images,
        labels=images.labels,
        source=f"{len(base):,} images from {base.source}, {CHANNELS} at random in each",
        class_names=images.class_names,
    )
