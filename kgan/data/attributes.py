"""Attributes as classes: every combination of a few attributes is one."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from kgan.data.dataset import Dataset
from kgan.errors import InputError


def attribute_classes(
    dataset: Dataset, attributes: Sequence[str], *, any_attribute: bool = False
) -> Dataset:
    """Returns the same examples, labelled by the combination of some of their attributes.

    `("Wearing_Hat", "Eyeglasses")` makes four classes of CelebA's faces. They are binary numbers
    with the first attribute as the lowest digit: 0 has none of them, 1 the first, 2 the second, 3
    both. A class that no example belongs to is kept. MIM-GAN (Li et al., 2021, section 5.3) has
    two: 0 with a hat or glasses, 1 without; that is `any_attribute`.

    Args:
        dataset: with labels `(n, attributes)` of 0 and 1, and their names as `class_names`, as
            CelebA from TensorFlow Datasets.
        attributes: names of k different ones.
        any_attribute: whether there are two classes alone: 0 has any of them, 1 has none.

    Returns:
        The data set with `(n,)` int64 labels in 0..2^k - 1, and names of the classes such as
        "Wearing_Hat, no Eyeglasses"; of two classes
        "Wearing_Hat or Eyeglasses" and "no Wearing_Hat, no Eyeglasses".

    Raises:
        InputError: examples without named attributes, an unknown name, or one given twice.
    """
    if dataset.labels is None or dataset.labels.ndim != 2 or dataset.class_names is None:
        raise InputError(
            f"Only sets with named attributes, as celeb_a, can be classified by {list(attributes)}."
            f" Received: '{dataset.name}' ({dataset.split})"
        )
    names = dataset.class_names
    unknown = [name for name in attributes if name not in names]
    if not attributes or unknown or len(set(attributes)) != len(attributes):
        raise InputError(
            f"attributes must be different ones of {', '.join(names)}. Received: {list(attributes)}"
        )
    chosen = dataset.labels[:, [names.index(name) for name in attributes]] > 0
    if any_attribute:
        return dataclasses.replace(
            dataset,
            labels=np.where(chosen.any(axis=1), 0, 1).astype(np.int64),
            class_names=(" or ".join(attributes), f"no {', no '.join(attributes)}"),
        )
    digits = 2 ** np.arange(len(attributes))
    return dataclasses.replace(
        dataset,
        labels=(chosen @ digits).astype(np.int64),
        class_names=tuple(
            ", ".join(
                name if number & digit else f"no {name}"
                for name, digit in zip(attributes, digits, strict=True)
            )
            for number in range(2 ** len(attributes))
        ),
    )
