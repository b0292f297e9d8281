"""Denoising feature matching."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import layers, ops

from kgan.backend.engine import Turn
from kgan.backend.precision import floats
from kgan.errors import InputError, check_not_negative, check_positive
from kgan.game import features, packing
from kgan.game.adversarial import AdversarialModel
from kgan.game.players import Phase, Player, build_network, require_one_output
from kgan.losses import adversarial, dfm
from kgan.losses.values import flat
from kgan.methods.method import Method
from kgan.methods.presets import images, points
from kgan.networks import mlp


@keras.saving.register_keras_serializable("kgan")
class DFM(AdversarialModel):
    """Denoising feature matching: the generator follows a denoiser of the discriminator's features.

    The denoiser learns to take noise off features of real samples, so that what it makes of a
    generated sample's features points to where real ones are dense. The generator draws its
    features there, beside its usual loss.

    Source: Warde-Farley, Bengio, ICLR 2017, https://openreview.net/forum?id=S1X7nhsxl.

    Distances are means over the features, so that weights do not depend on how many there are.
    Features are normalised by the moments that real ones had so far, real and generated ones alike:
    by a batch's own a generated batch would lose its mean, which is to be matched.

    Args:
        generator: latents `(batch, latent_dim)` to samples.
        discriminator: a functional model from samples to logits `(batch, 1)`.
        denoiser: features `(batch, d)` to features; None for two hidden layers of d units.
        layer: name of the discriminator's layer whose output the features are; None for what its
            last layer with weights sees.
        feature_noise: standard deviation of the noise on normalised features, over 0.
        denoising_weight: lambda_d, of the distance from the denoised features in the generator's
            loss, at least 0.
        adversarial_weight: lambda_a, of its non-saturating loss, at least 0.
        fresh_noise: draw new latents for the generator's move.
        **kwargs: see `AdversarialModel`.

    Raises:
        InputError: a number out of its range, no such layer, features that are no rows of numbers,
            a denoiser of another width, or a discriminator of several outputs.
    """

    answers_logits = True

    def __init__(
        self,
        generator: keras.Layer,
        discriminator: keras.Layer,
        denoiser: keras.Layer | None = None,
        *,
        layer: str | None = None,
        feature_noise: float = 1.0,
        denoising_weight: float = 0.03,
        adversarial_weight: float = 1.0,
        fresh_noise: bool = True,
        **kwargs: Any,
    ):
        check_positive(feature_noise=feature_noise)
        check_not_negative(denoising_weight=denoising_weight, adversarial_weight=adversarial_weight)
        width = _width(discriminator, layer)
        denoiser = denoiser or mlp(width, (width, width), width, name="denoiser")
        if build_network(denoiser, (None, width)) != (None, width):
            raise InputError(
                f"The denoiser must map {width} features to as many. Received: one to "
                f"{denoiser.output_shape[1:]}"
            )
        super().__init__(
            generator,
            players=(
                Player("discriminator", [discriminator]),
                Player("denoiser", [denoiser]),
                Player("generator", [generator], ("denoising_distance",)),
            ),
            phases=(
                Phase("discriminator"),
                Phase("denoiser"),
                Phase("generator", fresh_noise=fresh_noise),
            ),
            **kwargs,
        )
        require_one_output(discriminator, packing.build(discriminator, self))
        self.discriminator, self.denoiser = discriminator, denoiser
        self._part = features.up_to(discriminator, layer, "DFM")
        # Without scale and centre it has nothing that is trained; its moments are real features'.
        self.normalisation = layers.BatchNormalization(
            momentum=0.9,
            center=False,
            scale=False,
            synchronized=True,
            dtype=keras.config.floatx(),
            name="normalisation",
        )
        self.normalisation.build((None, width))
        self.layer = layer
        self.feature_noise = float(feature_noise)
        self.denoising_weight = float(denoising_weight)
        self.adversarial_weight = float(adversarial_weight)
        self.fresh_noise = bool(fresh_noise)

    def discriminator_loss(self, turn: Turn) -> Any:
        """The original game's."""
        return adversarial.discriminator_loss(
            *(self.embedding(x, turn) for x in (turn.real, turn.fake))
        )

    def denoiser_loss(self, turn: Turn) -> Any:
        """How far the denoiser is from real features that it sees with noise."""
        found = self._seen_features(turn.real, turn)
        real = self.normalisation(ops.stop_gradient(found), training=turn.training)
        noisy = real + self.feature_noise * turn.noise(ops.shape(real), "normal")
        return dfm.denoising_error(real, self.denoiser(noisy, training=turn.training))

    def generator_loss(self, turn: Turn) -> Any:
        """Features towards what the denoiser makes of them, and the non-saturating loss."""
        found = self.normalisation(self._seen_features(turn.fake, turn), training=False)
        denoised = ops.stop_gradient(self.denoiser(found, training=turn.training))
        distance = dfm.denoising_error(found, denoised)
        loss = adversarial.non_saturating_generator_loss(self.embedding(turn.fake, turn))
        loss = self.adversarial_weight * loss + self.denoising_weight * distance
        return loss, {"denoising_distance": distance}

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """`logits (n,)` and `probability (n,)` of being real."""
        logits = flat(self.discriminator(samples, training=False))
        return {"logits": logits, "probability": ops.sigmoid(logits)}

    def _seen_features(self, samples: Any, turn: Turn) -> Any:
        return floats(self._part(turn.seen(samples), training=turn.training))


def _width(discriminator: Any, layer: str | None) -> int:
    """How many features there are of a sample."""
    shape = features.output(discriminator, layer, "DFM").shape
    if len(shape) != 2 or shape[1] is None:
        raise InputError(
            f"DFM's features must be rows of numbers. Received: features of shape {shape}; name "
            "the layer after a Flatten, or after a pooling"
        )
    return int(shape[1])


# Presets --------------------------------------------------------------------------------

_ARGUMENTS: Mapping[str, Any] = {"latent_distribution": "uniform"}

METHOD = Method(
    name="dfm",
    title="DFM",
    model=DFM,
    idea="the generator follows a denoiser of the discriminator's features",
    source="Warde-Farley and Bengio 2017",
    link="https://openreview.net/forum?id=S1X7nhsxl",
    application="gan",
    cost=1.8,
    reasons={"feature_noise": "ours: a standard deviation of the normalised features"},
    presets={
        **images.presets(images.networks("batch"), _ARGUMENTS, without=images.NAMED),
        **points.presets(_ARGUMENTS),
    },
)
