"""A data set in memory (or mapped into it): what `kgan.data.load` returns."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from kgan.data import guard
from kgan.data.synthetic import GaussianMixture
from kgan.errors import InputError
from kgan.signatures import check_arguments

if TYPE_CHECKING:
    import tensorflow as tf

    from kgan.data.stacked import StackedImages


@dataclasses.dataclass(frozen=True, eq=False)
class Dataset:
    """Examples with all that is known about them.

    Attributes:
        name: what the user calls it, e.g. "fashion_mnist".
        split: "train", "test", or another split of the source.
        examples: uint8 images `(n, height, width, channels)` or float32 points `(n, d)`; an
            `np.memmap` where the images are too many for the memory, and `StackedImages` where they
            are put together when they are asked for.
        labels: int64 `(n,)` class or mode indices; `(n, attributes)` of 0 and 1 where the set has
            attributes (CelebA); None where it has no labels.
        source: where the examples were taken from, for people to read.
        value_range: what the images' 0 and 255 become as floats; (0, 1) or (-1, 1).
        class_names: the classes' (or attributes') names in the labels' order, if known.
        mixture: the density that points were drawn from.
    """

    name: str
    split: str
    examples: np.ndarray | StackedImages
    labels: np.ndarray | None = None
    source: str = "memory"
    value_range: tuple[float, float] = (0.0, 1.0)
    class_names: tuple[str, ...] | None = None
    mixture: GaussianMixture | None = None

    def __post_init__(self) -> None:
        check_arguments(type(self).__init__, vars(self))
        shape, dtype = getattr(self.examples, "shape", ()), getattr(self.examples, "dtype", None)
        if (len(shape), dtype) not in ((4, np.uint8), (2, np.float32)) or 0 in shape:
            raise InputError(
                "Examples must be uint8 images (n, height, width, channels) or float32 points "
                f"(n, d), received {dtype} of shape {shape} for '{self.name}'; "
                "kgan.data.from_array(x, value_range=(low, high)) makes them so."
            )
        if not self.is_images:
            guard.check_finite(self.examples, f"The points of '{self.name}'")
        if self.labels is not None and len(self.labels) != len(self.examples):
            raise InputError(
                f"There must be one label for each example, received {len(self.labels)} labels "
                f"for {len(self.examples)} examples of '{self.name}'."
            )
        low, high = self.value_range
        if not (np.isfinite(self.value_range).all() and low < high):
            raise InputError(
                f"value_range must be (low, high) with low < high, received {self.value_range}."
            )

    def __len__(self) -> int:
        return len(self.examples)

    @property
    def is_images(self) -> bool:
        """Whether the examples are images; else they are points."""
        return len(self.examples.shape) == 4

    @property
    def example_shape(self) -> tuple[int, ...]:
        """The shape of one example: (height, width, channels) or (d,)."""
        return self.examples.shape[1:]

    @property
    def num_classes(self) -> int | None:
        """The number of classes, modes or attributes; None without labels."""
        if self.labels is None:
            return None
        if self.labels.ndim == 2:
            return self.labels.shape[1]
        return len(self.class_names) if self.class_names else int(self.labels.max()) + 1

    def floats(self, indices: np.ndarray | slice | None = None) -> np.ndarray:
        """Returns the examples as networks see them.

        Args:
            indices: which examples, as an index array or slice; None for all.

        Returns:
            `(n, *example_shape)` float32, images scaled to `value_range`, points as they are.
        """
        examples = self.examples[slice(None) if indices is None else indices]
        if not self.is_images:
            return np.array(examples)
        low, high = self.value_range
        scaled = examples.astype(np.float32) * np.float32((high - low) / 255)
        return np.asarray(scaled if low == 0 else scaled + np.float32(low))

    def with_value_range(self, value_range: tuple[float, float]) -> Dataset:
        """Returns the same data with another range for images as floats."""
        low, high = value_range
        return dataclasses.replace(self, value_range=(float(low), float(high)))

    def batches(
        self,
        batch_size: int,
        *,
        seed: int = 0,
        start: int | Callable[[], int] = 0,
        labels: bool = False,
        input_context: tf.distribute.InputContext | None = None,
    ) -> tf.data.Dataset:
        """Returns the infinite stateless stream of batches: see `kgan.data.stream.batches`."""
        from kgan.data import stream  # TensorFlow: who looks at data does not wait for it.

        return stream.batches(
            self, batch_size, seed=seed, start=start, labels=labels, input_context=input_context
        )
