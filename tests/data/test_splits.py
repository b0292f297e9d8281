"""The held-out tenth."""

import numpy as np
import pytest

from kgan.data.splits import held_out
from kgan.errors import DataError, InputError


@pytest.mark.parametrize("count", [2, 9, 10, 101, 5000])
def test_the_splits_are_a_partition(count):
    train, test = held_out(count, "train"), held_out(count, "test")
    assert len(test) == max(1, count // 10)
    np.testing.assert_array_equal(np.sort(np.concatenate([train, test])), np.arange(count))
    assert (np.diff(train) > 0).all() and (np.diff(test) > 0).all()


@pytest.mark.parametrize("labels", [np.arange(5000) // 500, np.arange(5000) % 10])
def test_sorted_and_cyclic_classes_get_their_share(labels):
    counts = np.bincount(labels[held_out(5000, "test")], minlength=10)
    assert counts.min() >= 45 and counts.max() <= 55


def test_bad_input():
    with pytest.raises(InputError, match="received 'dev'"):
        held_out(10, "dev")
    with pytest.raises(DataError, match="only 1"):
        held_out(1, "train")
