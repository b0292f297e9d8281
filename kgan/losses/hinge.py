"""Losses of the hinge game (Lim and Ye 2017, https://arxiv.org/abs/1705.02894).

Values are `(batch,)` or `(batch, 1)`: the higher, the more real. All losses are minimised.
Generated samples may be averaged in another way than by `ops.mean`, as those of a mixture are.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from kgan.losses.values import Mean, flat


def discriminator_loss(real_values: Any, fake_values: Any, mean: Mean = ops.mean) -> Any:
    """`E max(0, 1 - D(x)) + E max(0, 1 + D(G(z)))`.

    At the best D it is `2 - 2 TV(p_data, p_generator)`, with the total variation distance: 2 at
    equal distributions, 0 at disjoint ones.
    """
    return ops.mean(ops.relu(1.0 - flat(real_values))) + mean(ops.relu(1.0 + flat(fake_values)))


def generator_loss(fake_values: Any, mean: Mean = ops.mean) -> Any:
    """`-E D(G(z))`."""
    return -mean(flat(fake_values))
