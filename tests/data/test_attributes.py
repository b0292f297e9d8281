"""Attributes as classes: their numbers, their names, what cannot be."""

import itertools

import numpy as np
import pytest

from kgan.data import Dataset
from kgan.data.attributes import attribute_classes
from kgan.errors import InputError

NAMES = ("Bald", "Eyeglasses", "Wearing_Hat")
ALL = np.array(list(itertools.product((0, 1), repeat=3)))
FACES = Dataset("celeb_a", "test", np.zeros((8, 4, 4, 3), "uint8"), ALL, class_names=NAMES)


def test_each_combination_is_a_class():
    made = attribute_classes(FACES, ("Wearing_Hat", "Eyeglasses"))
    assert made.class_names == (
        "no Wearing_Hat, no Eyeglasses",
        "Wearing_Hat, no Eyeglasses",
        "no Wearing_Hat, Eyeglasses",
        "Wearing_Hat, Eyeglasses",
    )
    assert made.labels.dtype == np.int64
    for (_, glasses, hat), number in zip(ALL, made.labels, strict=True):
        assert number == hat + 2 * glasses
    assert made.num_classes == 4
    assert made.examples is FACES.examples
    assert (made.name, made.split, made.source) == ("celeb_a", "test", "memory")


def test_mim_gans_two_classes():
    """Section 5.3: faces with a hat or glasses are 0, without are 1."""
    made = attribute_classes(FACES, ("Wearing_Hat", "Eyeglasses"), any_attribute=True)
    assert made.class_names == ("Wearing_Hat or Eyeglasses", "no Wearing_Hat, no Eyeglasses")
    assert made.labels.dtype == np.int64
    np.testing.assert_array_equal(made.labels == 0, ALL[:, 1] + ALL[:, 2] > 0)
    assert made.num_classes == 2


def test_one_attribute_is_two_classes():
    made = attribute_classes(FACES, ["Bald"])
    assert made.class_names == ("no Bald", "Bald")
    np.testing.assert_array_equal(made.labels, ALL[:, 0])


def test_all_of_them():
    np.testing.assert_array_equal(attribute_classes(FACES, NAMES[::-1]).labels, np.arange(8))


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        (("Hat",), r"different ones of Bald, Eyeglasses, Wearing_Hat. Received: \['Hat'\]"),
        (("Bald", "Bald"), "different ones"),
        ((), "different ones"),
    ],
)
def test_unknown_attributes(attributes, message):
    with pytest.raises(InputError, match=message):
        attribute_classes(FACES, attributes)


@pytest.mark.parametrize(
    ("labels", "names"), [(None, None), (np.arange(8) % 3, NAMES), (ALL, None)]
)
def test_sets_without_named_attributes(labels, names):
    dataset = Dataset("plain", "train", FACES.examples, labels, class_names=names)
    with pytest.raises(InputError, match=r"named attributes.*\['Bald'\]. Received: 'plain'"):
        attribute_classes(dataset, ["Bald"])
