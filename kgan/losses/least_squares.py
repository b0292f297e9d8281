"""Losses of the least-squares game (Mao et al. 2017, https://arxiv.org/abs/1611.04076).

Values are `(batch,)` or `(batch, 1)`. The labels are a = 0 for generated samples, b = 1 for real
ones, and c = 1 for what the generator wants (Eq. (9)). All losses are minimised. Generated samples
may be averaged in another way than by `ops.mean`, as those of a mixture are.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from kgan.losses.values import Mean, flat


def discriminator_loss(real_values: Any, fake_values: Any, mean: Mean = ops.mean) -> Any:
    """`E (D(x) - 1)^2 / 2 + E D(G(z))^2 / 2`.

    The best D(x) is `p_data / (p_data + p_generator)`; at equal distributions the loss is 1/4.
    """
    real = ops.mean(ops.square(flat(real_values) - 1.0))
    return 0.5 * (real + mean(ops.square(flat(fake_values))))


def generator_loss(fake_values: Any, mean: Mean = ops.mean) -> Any:
    """`E (D(G(z)) - 1)^2 / 2`."""
    return 0.5 * mean(ops.square(flat(fake_values) - 1.0))
