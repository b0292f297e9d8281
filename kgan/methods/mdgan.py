"""Mixture Density GAN."""

from __future__ import annotations

import warnings
from typing import Any

import keras
import numpy as np
from keras import ops

from kgan.backend.engine import Turn
from kgan.backend.precision import floats
from kgan.errors import InputError, check_one_of
from kgan.game.two_player import TwoPlayerModel
from kgan.losses import simplex
from kgan.methods.method import Method
from kgan.methods.presets import images, points

LOSSES = ("saturating", "non_saturating")


@keras.saving.register_keras_serializable("kgan")
class MDGAN(TwoPlayerModel):
    """MD-GAN: the discriminator embeds into a simplex of Gaussians.

    The discriminator maps samples to embeddings `(batch, components - 1)`; the density of a mixture
    of Gaussians on a simplex's vertices, divided by its largest value, is the probability that
    a sample is real. So real data form clusters, and the generator is drawn to all of them.

    Source: Eghbal-zadeh, Zellinger, Widmer (2019), https://arxiv.org/abs/1811.00152.

    Args:
        generator: latents `(batch, latent_dim)` to samples.
        discriminator: samples to embeddings `(batch, components - 1)`.
        components: number of Gaussians, at least 2; read off the discriminator when not given.
        variance_real: the Gaussians' variance for real embeddings.
        variance_fake: the same for generated ones. Lambda belongs to this density.
        likelihood: `"max"` (the paper) or `"sum"` (the authors' code), see `SimplexMixture`.
        vertex_scale: `"edge"` (the paper), `"unit_norm"` or `"author"`, see `simplex_vertices`.
        loss: the generator's: `"saturating"` (the paper, Eq. (4)) or `"non_saturating"`.
        epsilon: kept between the likelihood and 1; bounds the gradients at the peak.
        **kwargs: see `TwoPlayerModel`.
    """

    def __init__(
        self,
        generator: keras.Layer,
        discriminator: keras.Layer,
        *,
        components: int | None = None,
        variance_real: float = 0.25,
        variance_fake: float = 0.25,
        likelihood: str = "max",
        vertex_scale: str = "edge",
        loss: str = "saturating",
        epsilon: float = 1e-6,
        **kwargs: Any,
    ):
        check_one_of(LOSSES, loss=loss)
        if not epsilon > 0:
            raise InputError(f"epsilon must be over 0. Received: {epsilon}")
        super().__init__(
            generator,
            discriminator,
            discriminator_metrics=("real_likelihood", "fake_likelihood"),
            **kwargs,
        )
        width = self.discriminator_shape[-1]
        self.components = width + 1 if components is None else int(components)
        shape = {"likelihood": likelihood, "vertex_scale": vertex_scale}
        self.real_mixture = simplex.SimplexMixture(self.components, variance_real, **shape)
        self.fake_mixture = simplex.SimplexMixture(self.components, variance_fake, **shape)
        self.adversarial_loss = loss
        self.epsilon = float(epsilon)
        if width != self.components - 1:
            raise InputError(
                f"The discriminator must embed into components - 1 = {self.components - 1} "
                f"dimensions. Received: a discriminator of width {width}"
            )
        if self.fake_mixture.is_unimodal:
            warnings.warn(
                f"{self.components} components of variance {variance_fake} on vertices "
                f"{vertex_scale!r} melt into one hill at the centroid: there are no clusters for "
                "the discriminator to form. Lower the variance, or use likelihood='max'.",
                stacklevel=2,
            )

    def discriminator_loss(self, turn: Turn) -> Any:
        """Eq. (4), negated; the metrics are mean likelihoods relative to lambda, in [0, 1]."""
        real = self.embedding(turn.real, turn)
        fake_log = self.fake_mixture.log_likelihood(self.embedding(turn.fake, turn))
        real_log = self.real_mixture.log_density(real) - self.fake_mixture.log_peak
        loss = simplex.discriminator_loss(real_log, fake_log, self.epsilon)
        return loss, {
            "real_likelihood": ops.mean(ops.exp(self.fake_mixture.log_likelihood(real))),
            "fake_likelihood": ops.mean(ops.exp(fake_log)),
        }

    def generator_loss(self, turn: Turn) -> Any:
        """Eq. (4)'s second term, or its non-saturating form."""
        fake_log = self.fake_mixture.log_likelihood(self.embedding(turn.fake, turn))
        if self.adversarial_loss == "non_saturating":
            return simplex.non_saturating_generator_loss(fake_log)
        return simplex.saturating_generator_loss(fake_log, self.epsilon)

    def realness(self, outputs: Any) -> Any:
        """The logarithm of the probability of being real."""
        return self.fake_mixture.log_likelihood(floats(outputs))

    def _embed(self, samples: Any) -> Any:
        return floats(self.discriminator(samples, training=False))

    def embed(self, samples: Any, *, batch_size: int = 500) -> np.ndarray:
        """The discriminator's embeddings: `(n, ...)` in `value_range` to `(n, components - 1)`."""
        return self._in_batches(self._embed, samples, batch_size)

    def likelihood(self, samples: Any, *, batch_size: int = 500) -> np.ndarray:
        """`lk / lambda` of samples `(n, ...)`: the probability `(n,)` of being real, Eq. (5)."""
        return self._in_batches(lambda x: self.discriminate(x)["probability"], samples, batch_size)

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """`{"embedding": (batch, d), "probability": (batch,)}` of being real."""
        embedding = self._embed(samples)
        probability = ops.exp(self.fake_mixture.log_likelihood(embedding))
        return {"embedding": embedding, "probability": probability}


# Presets --------------------------------------------------------------------------------

_IMAGES = images.presets(
    "section 5.2, table 2: C=8, variances 0.25; networks and budget of Lucic et al., no batch norm "
    "in the discriminator; Adam of DCGAN",
    # With batch norm on real and generated batches apart, the discriminator tells them by how
    # they cluster, whatever their mean: the generator learnt nothing at all in 600 steps.
    images.networks(batch_norm=False),
    {"components": 8, "latent_distribution": "uniform"},
)
_POINTS = points.presets(
    "section 5.1.2, table 1: C=10, variances 0.25; networks, budget, rates and instance noise are "
    "ours",
    # Without instance noise one mode of 25 was lost on one seed in ten. It is as large along
    # every axis, so an embedded plane sees as much of it as the grid.
    {
        "components": 10,
        "latent_distribution": "uniform",
        "instance_noise": 0.3,
        "instance_noise_steps": 5_000,
    },
    # The generator at twice the rate, and the discriminator as it is, was better by 2% of the
    # samples on the grid's good seeds, and drew one point on one of the ring's five. There,
    # with eight components, one of the grid's five seeds began too late for its budget.
    rate_factors={"discriminator": 0.5},
)

METHOD = Method(
    name="mdgan",
    title="MD-GAN",
    model=MDGAN,
    idea="the discriminator embeds into a simplex of Gaussians",
    source="Eghbal-zadeh et al. 2019",
    link="https://arxiv.org/abs/1811.00152",
    cost=1.2,
    terms=True,
    presets={**_IMAGES, **_POINTS},
)
