"""What a game is made of, as plain data: who trains with PyTorch imports nothing else."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True)
class Layer:
    """A layer of a network.

    Attributes:
        kind: `"dense"`, `"conv"`, `"conv_transpose"` (4x4 kernels of stride 2), `"batch_norm"`,
            `"leaky_relu"`, `"activation"`, `"reshape"`, `"flatten"` or `"scale"`.
        options: of it.
        weights: as Keras keeps them, trainable ones alone.
    """

    kind: str
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    weights: Sequence[np.ndarray] = ()


Network = Sequence[Layer]


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A game.

    Attributes:
        method: `"gan"`, `"mdgan"` or `"mgan"`.
        examples: `(n, ...)` floats, or images as bytes.
        batch: real examples of a step.
        heads: of each generator its own layers, all of them where there is one generator.
        trunk: the layers that the generators share.
        discriminator: its layers.
        samples: that each generator makes for a move.
        latent_dim: width of the latents.
        normal: whether they are N(0, 1), not U[-1, 1].
        fresh_noise: whether the generator's move has latents of its own.
        instance_noise: standard deviation of the noise on what the discriminator sees at first.
        instance_noise_steps: over as many steps it goes to 0.
        ema_decay: of the moving average of the generator's weights, or None.
        rates: by player, Adam's learning rate.
        decay_steps: over as many steps the rates fall to 0 by half a cosine; None for never.
        betas: Adam's.
        epsilon: Adam's.
        loss: numbers of the method's losses.
    """

    method: str
    examples: np.ndarray
    batch: int
    heads: Sequence[Network]
    trunk: Network
    discriminator: Network
    samples: int
    latent_dim: int
    normal: bool
    fresh_noise: bool
    instance_noise: float
    instance_noise_steps: int
    ema_decay: float | None
    rates: Mapping[str, float]
    decay_steps: int | None
    betas: tuple[float, float]
    epsilon: float
    loss: Mapping[str, Any]
