"""MAGAN's margin (Wang, Cully, Chang, Demiris 2017, https://arxiv.org/abs/1704.03817).

Energies are an autoencoder's errors of reconstruction, of at least 0. Generated samples are pushed
up to the margin and no further; the margin follows the energy of real samples down.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from kgan.backend.precision import floats

NONE_YET = -1.0
"""The last generated energy before there was one."""


def discriminator_loss(real_energies: Any, fake_energies: Any, margin: Any) -> Any:
    """`E e(x) + E max(0, m - e(G(z)))`, the hinge of each sample; energies are `(batch,)`."""
    room = ops.maximum(floats(margin) - floats(fake_energies), 0.0)
    return ops.mean(floats(real_energies)) + ops.mean(room)


def next_margin(margin: Any, real_energy: Any, fake_energy: Any, last_fake_energy: Any) -> Any:
    """The margin after an interval: the real energy, where the generator has fallen behind.

    Algorithm 1: `S_r` if `S_r < m`, `S_r < S_g` and `S_g` rose, else m.

    Args:
        margin: m.
        real_energy: S_r, the mean over the interval.
        fake_energy: S_g, the same of generated samples.
        last_fake_energy: that of the interval before; below 0 where there was none.
    """
    margin, real, fake, last = map(floats, (margin, real_energy, fake_energy, last_fake_energy))
    behind = ops.logical_and(last >= 0.0, last < fake)
    lower = ops.logical_and(real < margin, real < fake)
    found = ops.where(ops.logical_and(behind, lower), real, margin)
    # A comparison would hide what is not a number.
    return ops.where(ops.isnan(margin + real + fake + last), float("nan"), found)
