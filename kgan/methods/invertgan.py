"""InvertGAN: an inverse mapping, and latents of real data that are Gaussian in all dimensions."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from kgan.backend import engine
from kgan.backend.engine import Turn
from kgan.backend.precision import floats
from kgan.errors import InputError, check_not_negative, check_one_of, check_positive
from kgan.game.adversarial import latent_width
from kgan.game.inverse import InverseModel
from kgan.game.players import Phase, Player, build_network, warn_of_squashed
from kgan.losses import adversarial, gaussian
from kgan.losses.games import GAMES
from kgan.losses.values import flat
from kgan.methods.method import Method
from kgan.methods.presets import images, inverses, points
from kgan.methods.presets.preset import Networks, Preset
from kgan.networks import mlp
from kgan.networks.resnet import resnet_encoder, resnet_generator
from kgan.signatures import InfiniteToo

LOSSES = ("non_saturating", "minimax")
GAUSSIAN_LOSSES = (
    "p_norm",
    "wasserstein",
    "kl",
    "latent_discriminator",
    "wasserstein_1d",
    "none",
)
# The first is told apart from the latents that samples come from, whatever these are.
_OF_ANY_LATENTS = ("latent_discriminator", "none")
# Batches whose mean distance is the floor of the logged one, and their seed.
_FLOOR_DRAWS, _FLOOR_SEED = 50, 4_000_003


def _require_order(p: float) -> None:
    if not p >= 1:
        raise InputError(f"p must be at least 1. Received: p={p}")


def _require_pair(gaussian_loss: str, latent_discriminator: Any) -> None:
    if (gaussian_loss == "latent_discriminator") != (latent_discriminator is not None):
        raise InputError(
            "A latent_discriminator goes with gaussian_loss='latent_discriminator', and with no "
            f"other. Received: {gaussian_loss=}, {latent_discriminator=}"
        )


def _movers(generator: Any, inverse: Any, *, together: bool) -> list[Player]:
    """Who learns the generator and the inverse: one player, or one each, the inverse first.

    The first may draw noise of its own, and the other looks at the same samples.
    """
    errors = ("latent_error", "data_error")
    if together:
        return [Player("generator", [generator, inverse], ("gaussian_distance", *errors))]
    first = Player("inverse", [inverse], ("gaussian_distance",))
    return [first, Player("generator", [generator], errors)]


@keras.saving.register_keras_serializable("kgan")
class InvertGAN(InverseModel):
    """InvertGAN: generator and inverse move together against a discriminator, Eq. (10).

    The inverse F maps real data to latents that shall be a sample of N(0, I), and the generator
    maps them back: so every mode of the data has its share of the latents.

    Source: "InvertGAN: Reducing Mode Collapse with Multi-dimensional Gaussian Inversion". Its
    Eq. (5) and (10) are plain sums: all weights are 1, as by default.

    Args:
        generator: latents `(batch, latent_dim)`, which are N(0, I) but where `gaussian_loss` is
            "latent_discriminator" or "none", to samples.
        inverse: samples to latents `(batch, latent_dim)`, F in the paper.
        discriminator: samples to logits `(batch, 1)` or `(batch,)`.
        latent_discriminator: latents to logits, for `gaussian_loss="latent_discriminator"` alone.
        gaussian_loss: how the latents of real data are drawn to N(0, I): `"p_norm"` (Eq. (9)),
            `"wasserstein"` (Eq. (6)), `"kl"` (Eq. (7)), `"latent_discriminator"` (Eq. (13)),
            `"wasserstein_1d"` (Eq. (11)) or `"none"`.
        p: of the p-norm, at least 1.
        gaussian_weight: of that loss.
        latent_consistency: weight of `E |z - F(G(z))|`, Eq. (5)'s first term.
        data_consistency: weight of `E |x - G(F(x))|`, its second.
        loss: the generator's adversarial loss, and the inverse's against the latent discriminator:
            `"non_saturating"` or `"minimax"`, as printed.
        inverse_rate: the inverse's learning rate as a multiple of the generator's. The inverse is
            then a player of its own, which moves just before the generator on what Eq. (10) has of
            it. None: the two move together, by one optimizer.
        fresh_noise: draw the generator's move its own latents; otherwise it takes the
            discriminator's, and its forward pass is shared.
        **kwargs: see `AdversarialModel`.
    """

    answers_logits = True

    def __init__(
        self,
        generator: keras.Layer,
        inverse: keras.Layer,
        discriminator: keras.Layer,
        latent_discriminator: keras.Layer | None = None,
        *,
        gaussian_loss: str = "p_norm",
        p: InfiniteToo = 2.0,
        gaussian_weight: float = 1.0,
        latent_consistency: float = 1.0,
        data_consistency: float = 1.0,
        loss: str = "non_saturating",
        inverse_rate: float | None = None,
        fresh_noise: bool = False,
        latent_distribution: str = "normal",
        **kwargs: Any,
    ):
        check_one_of(LOSSES, loss=loss)
        check_one_of(GAUSSIAN_LOSSES, gaussian_loss=gaussian_loss)
        if gaussian_loss not in _OF_ANY_LATENTS:
            _require_normal(latent_distribution)
        check_positive(inverse_rate=inverse_rate)
        _require_order(p)
        check_not_negative(
            gaussian_weight=gaussian_weight,
            latent_consistency=latent_consistency,
            data_consistency=data_consistency,
        )
        _require_pair(gaussian_loss, latent_discriminator)
        movers = _movers(generator, inverse, together=inverse_rate is None)
        players = [Player("discriminator", [discriminator]), *movers]
        phases = [Phase("discriminator"), *(Phase(mover.name) for mover in movers)]
        phases[1] = Phase(movers[0].name, fresh_noise=fresh_noise)
        if latent_discriminator is not None:
            width = kwargs.get("latent_dim") or latent_width(generator)
            build_network(latent_discriminator, (None, width))
            players.append(Player("latent_discriminator", [latent_discriminator]))
            phases.insert(1, Phase("latent_discriminator"))
        super().__init__(
            generator,
            inverse,
            players=players,
            phases=phases,
            latent_distribution=latent_distribution,
            **kwargs,
        )
        self.discriminator = discriminator
        warn_of_squashed(discriminator)
        if latent_discriminator is not None:
            warn_of_squashed(latent_discriminator)
        self.latent_discriminator: Any = latent_discriminator
        self.gaussian_loss = gaussian_loss
        self.p = float(p)
        self.gaussian_weight = float(gaussian_weight)
        self.latent_consistency = float(latent_consistency)
        self.data_consistency = float(data_consistency)
        self.adversarial_loss = loss
        self.inverse_rate = inverse_rate
        self.fresh_noise = bool(fresh_noise)

    @property
    def rows_needed(self) -> tuple[int, str]:
        """Two rows of latents, where their covariance is looked at."""
        if self.gaussian_loss in ("none", "latent_discriminator"):
            return super().rows_needed
        return 2, "the covariance of the latents"

    @property
    def rows_wanted(self) -> tuple[int, str]:
        """More than there are latent dimensions, where their covariance is looked at."""
        if self.gaussian_loss not in ("p_norm", "wasserstein", "kl"):
            return super().rows_wanted
        rows = math.ceil((self.latent_dim + 1) / self.distribute_strategy.num_replicas_in_sync)
        return rows, (
            f"the covariance of {self.latent_dim} latent dimensions is singular of fewer, and far "
            "from the distribution's of not many more. Raise batch_size, or lower latent_dim"
        )

    def rate_factor(self, player: str) -> float | None:
        """`inverse_rate` of the inverse."""
        return self.inverse_rate if player == "inverse" else None

    def default_optimizer(self, player: str) -> keras.optimizers.Optimizer:
        """As of `AdversarialModel`, the inverse's at its rate."""
        optimizer = super().default_optimizer(player)
        optimizer.learning_rate = (self.rate_factor(player) or 1.0) * float(optimizer.learning_rate)
        return optimizer

    def floors(self, batch_size: int) -> dict[str, float]:
        """The mean `gaussian_distance` of batches that are truly from N(0, I).

        It is not 0: a batch's moments are not the distribution's.
        """
        if self.gaussian_loss in _OF_ANY_LATENTS:
            return {}
        rng = np.random.default_rng(_FLOOR_SEED)
        draws = rng.standard_normal((_FLOOR_DRAWS, batch_size, self.latent_dim))
        found = [float(self._distance_of_moments(floats(draw))) for draw in draws]
        return {"gaussian_distance": float(np.mean(found))}

    def discriminator_loss(self, turn: Turn) -> Any:
        """Eq. (4), negated: binary cross-entropy."""
        return adversarial.discriminator_loss(
            self.embedding(turn.real, turn), self.embedding(turn.fake, turn)
        )

    def latent_discriminator_loss(self, turn: Turn) -> Any:
        """Eq. (13), negated: latents that samples are made from against those of real data."""
        assert self.latent_discriminator is not None
        found = self.encode(turn.real, training=turn.training)
        return adversarial.discriminator_loss(
            self.latent_discriminator(turn.latents, training=turn.training),
            self.latent_discriminator(found, training=turn.training),
        )

    def generator_loss(self, turn: Turn) -> Any:
        """Eq. (10); the metrics are without their weights.

        It is of generator and inverse together, or without the Gaussian loss where the inverse is
        a player of its own.
        """
        logits = self.embedding(turn.fake, turn)
        found = self.encode(turn.real, training=turn.training)
        latent_error, data_error = self._errors(found, turn)
        loss = GAMES[self.adversarial_loss].generator_loss(logits)
        metrics = {}
        if self.inverse_rate is None:
            distance = self._gaussian_distance(found, turn.training)
            loss = loss + self.gaussian_weight * distance
            metrics = {"gaussian_distance": distance}
        loss = loss + self.latent_consistency * latent_error + self.data_consistency * data_error
        return loss, {**metrics, "latent_error": latent_error, "data_error": data_error}

    def inverse_loss(self, turn: Turn) -> Any:
        """What Eq. (10) has of the inverse, where it is a player of its own."""
        found = self.encode(turn.real, training=turn.training)
        latent_error, data_error = self._errors(found, turn)
        distance = self._gaussian_distance(found, turn.training)
        loss = (
            self.gaussian_weight * distance
            + self.latent_consistency * latent_error
            + self.data_consistency * data_error
        )
        return loss, {"gaussian_distance": distance}

    def _errors(self, found: Any, turn: Turn) -> tuple[Any, Any]:
        """Eq. (5)'s two terms; `found` are the latents of the real examples."""
        latent_error = gaussian.consistency(
            turn.latents, self.encode(turn.fake, training=turn.training)
        )
        with keras.StatelessScope():  # Batch norm's statistics are those of sampled latents alone.
            rebuilt = self.generate(found, turn.training)
        return latent_error, gaussian.consistency(turn.real, rebuilt)

    def _gaussian_distance(self, latents: Any, training: bool) -> Any:
        """The Gaussian loss of the latents of real data; moments are of all replicas'."""
        if self.gaussian_loss == "none":
            return ops.zeros(())
        if self.latent_discriminator is not None:
            return GAMES[self.adversarial_loss].generator_loss(
                self.latent_discriminator(latents, training=training)
            )
        # The moments are of the whole batch: those of a part have more noise, and another optimum.
        return self._distance_of_moments(engine.over_replicas(latents))

    def _distance_of_moments(self, latents: Any) -> Any:
        mean, covariance = gaussian.moments(latents)
        if self.gaussian_loss == "p_norm":
            return gaussian.p_norm(mean, covariance, self.p)
        return getattr(gaussian, self.gaussian_loss)(mean, covariance)

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """`{"logits": (batch,), "probability": (batch,)}` of being real."""
        return GAMES[self.adversarial_loss].describe(
            flat(self.discriminator(samples, training=False))
        )


def _require_normal(latent_distribution: str) -> None:
    if latent_distribution != "normal":
        raise InputError(
            "InvertGAN draws the latents of real data to N(0, I), which samples must come from, "
            f"but with `gaussian_loss` one of {_OF_ANY_LATENTS}. "
            f"Received: latent_distribution={latent_distribution!r}"
        )


# Presets --------------------------------------------------------------------------------

_LATENT_UNITS = (128, 128, 128)
# Of table 3. The moments of a batch of 64 in 64 dimensions are far from the distribution's: the
# mean p-norm over such batches is least for latents of half the variance that they are to have.
_LATENT_DIM = 20


def _with_inverse(others: Networks, inverse: Callable[..., Any]) -> Networks:
    """`others`, an inverse, and a latent discriminator where the Gaussian loss is one."""

    def build(
        example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        latents = inverses.asked_for(arguments)
        built = {
            **others(example_shape, dtype, arguments),
            "inverse": inverse(example_shape, dtype=dtype, **latents),
        }
        if arguments["gaussian_loss"] == "latent_discriminator":
            width = built["inverse"].output_shape[-1]
            built["latent_discriminator"] = mlp(
                width, _LATENT_UNITS, 1, dtype=dtype, name="latent_discriminator"
            )
        return built

    return others.differing(build)


def _residual(
    example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    del arguments
    return {
        "generator": resnet_generator(example_shape, dtype=dtype),
        "discriminator": resnet_encoder(example_shape, 1, dtype=dtype, name="discriminator"),
    }


_RESIDUAL_FACTS: Mapping[str, Any] = {
    "networks": "InvertGAN's tables 3 and 4",
    "latent_dim": _LATENT_DIM,
    "discriminator_norm": "none",
}


def _residual_inverse(
    example_shape: tuple[int, ...], latent_dim: int = _LATENT_DIM, dtype: Any = None
) -> Any:
    return resnet_encoder(example_shape, latent_dim, dtype=dtype)


_PAPER = {
    name: Preset(
        dataset=name,
        example_shape=shape,
        networks=_with_inverse(Networks(_residual, _RESIDUAL_FACTS), _residual_inverse),
        arguments={"gaussian_loss": "p_norm", "value_range": (-1.0, 1.0)},
        steps=100_000,
        resized=name == "stl10",  # To 48 pixels, from 96.
        reasons={"value_range": "their generator ends in a tanh, as in Mescheder et al.'s code"},
        shared=images.SHARED,
        **images.BUDGET,
    )
    for name, shape in (
        ("cifar10", (32, 32, 3)),
        ("cifar100", (32, 32, 3)),
        ("stl10", (48, 48, 3)),
    )
}
# The networks that all methods have on the image sets that the paper has not.
_IMAGES = images.presets(
    _with_inverse(
        images.networks("batch", latent_dim=_LATENT_DIM),
        functools.partial(inverses.image_inverse, latent_dim=_LATENT_DIM),
    ),
    {"gaussian_loss": "p_norm"},
    without={"cifar10"},
    reasons={"latent_dim": "table 3's: a batch of 64 has no moments of 64 dimensions"},
)
# By search on seed 0: the weight of 0.3, where the paper has 1, and the rates, on modes as wide as
# the other methods'. That 1 holds the generator back did not hold: on the grid, with the steps of
# other methods, seed 0 has 25 modes with 1, and with 0.3 it has 14. `docs/results/invertgan_std.md`
# has what modes of a twentieth of that width (grid; ring: a thirty-second) need.
_POINTS = points.presets(
    {"gaussian_loss": "p_norm", "data_consistency": 0.3},
    _with_inverse(points.networks, inverses.point_inverse),
    steps=30_000,
    learning_rate=2e-3,
    reasons={
        "data_consistency": "by search on seed 0 (docs/results/invertgan.md); on that seed the "
        "printed 1 was not worse",
        "steps": "by search on seed 0; other methods have 10,000: docs/results/invertgan.md",
        "learning_rate": "by search on seed 0; the paper gives none",
        "batch_size": "one budget for all methods on points",
    },
)

# As printed, but for what the paper does not give, and but for the generator's loss, which is the
# usual one and does not saturate. The printed spread of the modes is asked of the data:
# --mode_std=0.001 (ring), 0.0025 (grid).
_PRINTED = {
    f"{name}_paper": dataclasses.replace(
        _POINTS[name],
        arguments={**_POINTS[name].arguments, "data_consistency": 1.0},
        steps=24_000,
        batch_size=128,
        reasons={
            "learning_rate": "by search on seed 0; the paper gives none",
            "steps": "figure 3's, of the ring, for both",
        },
    )
    for name in ("ring", "grid")
}

METHOD = Method(
    name="invertgan",
    title="InvertGAN",
    model=InvertGAN,
    idea="an inverse, and latents of real data drawn to a Gaussian",
    source="anonymous, under review",
    cost=1.6,
    reasons={
        "p": "the Frobenius norm; the paper does not say which p it has",
        "gaussian_loss": "the best of figure 4(b), with which the paper compares",
        "gaussian_weight": "Eq. (10) is a plain sum",
        "latent_consistency": "Eq. (5) is a plain sum",
        "data_consistency": "Eq. (5) is a plain sum",
        "loss": "the printed form saturates, as the original GAN's",
        "latent_distribution": "the latents of real data are drawn to it",
    },
    presets={**_PAPER, **_IMAGES, **_POINTS, **_PRINTED},
)
