"""Dual Discriminator GAN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from kgan.backend.engine import Turn
from kgan.backend.precision import floats
from kgan.errors import InputError
from kgan.game import packing
from kgan.game.adversarial import AdversarialModel
from kgan.game.players import Phase, Player, require_one_output
from kgan.losses.values import flat
from kgan.methods.method import Method
from kgan.methods.presets import images, points
from kgan.methods.presets.preset import Networks

# Below, log(softplus(x)) is x to float32's last digit; softplus itself would round to 0 soon after.
_LINEAR = -20.0


def log_softplus(values: Any) -> Any:
    """`log(softplus(x))`, finite for every finite x."""
    return ops.where(values < _LINEAR, values, ops.log(ops.softplus(ops.maximum(values, _LINEAR))))


def discriminator_loss(first: tuple, second: tuple, alpha: float, beta: float) -> Any:
    """What both discriminators minimise: the game's value, negated (Eq. (1)).

    Args:
        first: logits of the first discriminator, `(batch,)` of real and of generated samples; it
            rewards real ones. A discriminator's output is the softplus of its logit.
        second: the same of the second, which rewards generated ones.
        alpha: weight of the first's logarithm.
        beta: of the second's.
    """
    rewards = alpha * ops.mean(log_softplus(first[0])) - ops.mean(ops.softplus(first[1]))
    rewards += beta * ops.mean(log_softplus(second[1])) - ops.mean(ops.softplus(second[0]))
    return -rewards


def generator_loss(first: Any, second: Any, beta: float) -> Any:
    """What the generator minimises, of both discriminators' logits `(batch,)` of its samples."""
    return beta * ops.mean(log_softplus(second)) - ops.mean(ops.softplus(first))


@keras.saving.register_keras_serializable("kgan")
class D2GAN(AdversarialModel):
    """D2GAN: one discriminator rewards samples of the data, a second one generated samples.

    Together they make the generator minimise both KL divergences between the data p and its own
    distribution q; the reverse one punishes lost modes. At the optimum the discriminators' outputs
    are `alpha p / q` and `beta q / p`.

    Source: Nguyen, Le, Vu, Phung, NeurIPS 2017, https://arxiv.org/abs/1709.03831.

    Args:
        generator: latents `(batch, latent_dim)` to samples.
        discriminator: samples to logits `(batch, 1)`; the paper's D1 is their softplus.
        second_discriminator: the same, for D2.
        alpha: weight of `log D1` of real samples, in (0, 1].
        beta: weight of `log D2` of generated samples, in (0, 1].
        fresh_noise: draw the generator's move its own latents; otherwise it takes the
            discriminators', and its forward pass is shared.
        **kwargs: see `AdversarialModel`.

    Raises:
        InputError: alpha or beta out of (0, 1], or a discriminator of several outputs.
    """

    def __init__(
        self,
        generator: keras.Layer,
        discriminator: keras.Layer,
        second_discriminator: keras.Layer,
        *,
        alpha: float = 0.2,
        beta: float = 0.1,
        fresh_noise: bool = False,
        **kwargs: Any,
    ):
        for name, value in (("alpha", alpha), ("beta", beta)):
            if not 0 < value <= 1:
                raise InputError(f"{name} must lie in (0, 1]. Received: {value}")
        super().__init__(
            generator,
            players=(
                Player("discriminator", [discriminator, second_discriminator]),
                Player("generator", [generator]),
            ),
            phases=(Phase("discriminator"), Phase("generator", fresh_noise=fresh_noise)),
            **kwargs,
        )
        self.discriminator = discriminator
        self.second_discriminator = second_discriminator
        self.alpha, self.beta = float(alpha), float(beta)
        for network in (discriminator, second_discriminator):
            require_one_output(network, packing.build(network, self))

    def discriminator_loss(self, turn: Turn) -> Any:
        """The game's value, negated: both discriminators raise it."""
        sides = turn.real, turn.fake
        first, second = (
            tuple(self._logits(network, samples, turn) for samples in sides)
            for network in (self.discriminator, self.second_discriminator)
        )
        return discriminator_loss(first, second, self.alpha, self.beta)

    def generator_loss(self, turn: Turn) -> Any:
        """The game's value, as far as the generator bears on it."""
        first, second = (
            self._logits(network, turn.fake, turn)
            for network in (self.discriminator, self.second_discriminator)
        )
        return generator_loss(first, second, self.beta)

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """`value (n,)`: the first discriminator's output, above 0, more for what looks real."""
        logits = flat(self.discriminator(samples, training=False))
        return {"value": ops.softplus(logits)}

    def _logits(self, network: keras.Layer, samples: Any, turn: Turn) -> Any:
        return flat(floats(turn.through(network, turn.seen(samples))))


# Presets --------------------------------------------------------------------------------


def _twice(networks: Networks) -> Networks:
    """Builder of a generator and two discriminators of the same kind."""

    def build(
        example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        found = networks(example_shape, dtype, arguments)
        second = networks(example_shape, dtype, arguments)["discriminator"]
        return {**found, "second_discriminator": second}

    return networks.differing(build)


_IMAGES = images.presets(
    _twice(images.networks("batch")),
    {"latent_distribution": "uniform"},
)
_POINTS = points.presets(
    {"latent_distribution": "uniform"},
    _twice(points.networks),
)

METHOD = Method(
    name="d2gan",
    title="D2GAN",
    model=D2GAN,
    idea="a second discriminator rewards generated samples",
    source="Nguyen et al. 2017",
    link="https://arxiv.org/abs/1709.03831",
    application="gan",
    cost=1.4,
    code="tund/D2GAN",
    reasons=dict.fromkeys(("alpha", "beta"), "the paper's for its ring"),
    presets={**_IMAGES, **_POINTS},
)
