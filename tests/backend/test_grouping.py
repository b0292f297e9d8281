"""Functions of groups of rows."""

import numpy as np
import pytest
import tensorflow as tf

from kgan.backend.grouping import by_group


@pytest.mark.parametrize("groups", [[2, 0, 2, 2, 0], [1], [3, 2, 1, 0], [1, 1, 1]])
@pytest.mark.parametrize("graph", [False, True])
def test_each_row_gets_its_groups_output(groups, graph):
    rows = np.random.default_rng(0).normal(size=(len(groups), 3)).astype("float32")
    calls = []

    def function(part, group):
        if not graph:
            calls.append((int(group), len(part)))
        return part * tf.cast(group + 1, tf.float32)

    def run(rows, groups):
        return by_group(function, rows, groups, count=4, shape=(3,))

    found = (tf.function(run) if graph else run)(rows, np.array(groups, np.int32))
    np.testing.assert_allclose(found, rows * (np.array(groups)[:, None] + 1), rtol=1e-6)
    if not graph:  # Once for each group that has rows.
        sizes = np.bincount(groups)
        assert calls == [(k, n) for k, n in enumerate(sizes) if n]
