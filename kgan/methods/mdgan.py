"""Mixture Density GAN."""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import ops

from kgan.backend import engine
from kgan.backend.engine import Turn
from kgan.backend.precision import floats
from kgan.errors import InputError, check_not_negative, check_one_of, check_positive
from kgan.game.two_player import TwoPlayerModel
from kgan.layers import NormBound, Whitening
from kgan.losses import adversarial, simplex
from kgan.methods.method import Method
from kgan.methods.presets import images, points
from kgan.methods.presets.preset import Preset
from kgan.networks import mlp

LOSSES = ("saturating", "non_saturating")
# The generator's, where the discriminator's outputs make log-odds.
_OF_LOG_ODDS = {
    "saturating": adversarial.minimax_generator_loss,
    "non_saturating": adversarial.non_saturating_generator_loss,
}


@keras.saving.register_keras_serializable("kgan")
class MDGAN(TwoPlayerModel):
    """MD-GAN: the discriminator embeds into a simplex of Gaussians.

    The discriminator maps samples to embeddings `(batch, components - 1)`, and how real they are is
    the density there of a mixture of Gaussians on a simplex's vertices. Where both variances are
    the same, the density over its largest value is the probability of being real at the optimum,
    Eq. (5). So where samples are as likely as real data, embeddings lie on a shell around the
    vertices, at half of the largest density, and not at them.

    The paper expects that real data form clusters, one at each vertex, and that the generator is
    drawn to all of them. Neither is enforced: real data may share out among few vertices, or lie at
    one, which `clusters_used` of an evaluation tells, and samples cover all modes all the same.

    Source: Eghbal-zadeh, Zellinger, Widmer (2019), https://arxiv.org/abs/1811.00152. The authors'
    code for points in the plane is https://github.com/eghbalz/mdgan (b5b57df); what it has
    otherwise than the paper is an option here, and together the preset `mdgan_grid_authors`.

    Args:
        generator: latents `(batch, latent_dim)` to samples.
        discriminator: samples to embeddings `(batch, components - 1)`.
        components: number of Gaussians, at least 2; read off the discriminator when not given.
        variance_real: the Gaussians' variance for real embeddings.
        variance_fake: the same for generated ones. Lambda belongs to this density.
        likelihood: `"max"` (the paper) or `"sum"` (the authors' code), see `SimplexMixture`.
        vertex_scale: `"edge"` (the paper), `"unit_norm"` or `"author"`, see `simplex_vertices`.
        loss: the generator's: `"saturating"` (the paper, Eq. (4); other methods' `minimax`) or
            `"non_saturating"`.
        epsilon: kept between the likelihood and 1; bounds the gradients at the peak.
        real_epsilon: added to real data's `lk / lambda` under its logarithm. The authors' code has
            1e-8 of density there, which bounds the loss of real data far from all vertices and
            takes its gradient away; without it, as in Eq. (4), it grows with the squared distance.
        embedding_bound: R, below which the norm of an embedding e is kept, as
            `e R / sqrt(R^2 + |e|^2)`; None for none. It bounds how unlikely a sample can be; a
            bound on each coordinate hardly does.
        whiten: variance of the embeddings in each dimension at the start: the first batch of real
            data decides a map after the discriminator, see `kgan.layers.Whitening`; None for none.
            Section 3.3 needs embeddings that are spread around the vertices at the beginning, and
            those of a fresh network of images all lie at the centroid.
        vertex_log_odds: m, the log-odds of being real at a vertex: the probability is
            `lk / (lk + lambda exp(-m))`, the logistic function of `log(lk / lambda) + m`, in place
            of the paper's `lk / lambda`; None for the paper's. It is ours. The optimum is the same,
            samples as likely as real data; but a generated sample at a vertex has a bounded loss,
            and at most `1 / (1 + exp(-m))` is how sure the discriminator can be of real data.
            Needs equal variances.
        balance: weight of a term of ours in the discriminator's loss, which is least where a batch
            of real data shares out evenly among the vertices, see `simplex.imbalance`; 0 for none.
            Without it real data may all end at a few of them.
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
        real_epsilon: float = 0.0,
        embedding_bound: float | None = None,
        whiten: float | None = None,
        vertex_log_odds: float | None = None,
        balance: float = 0.0,
        **kwargs: Any,
    ):
        check_one_of(LOSSES, loss=loss)
        check_not_negative(real_epsilon=real_epsilon, balance=balance)
        check_positive(
            epsilon=epsilon,
            variance_real=variance_real,
            variance_fake=variance_fake,
            embedding_bound=embedding_bound,
            whiten=whiten,
            vertex_log_odds=vertex_log_odds,
        )
        if vertex_log_odds is not None and variance_real != variance_fake:
            raise InputError(
                "With `vertex_log_odds` both variances must be the same. Received: "
                f"variance_real={variance_real}, variance_fake={variance_fake}"
            )
        whitening = None if whiten is None else Whitening(whiten, name="whitening")
        bound = None if embedding_bound is None else NormBound(embedding_bound, name="norm_bound")
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
        self.real_epsilon = float(real_epsilon)
        self.vertex_log_odds = None if vertex_log_odds is None else float(vertex_log_odds)
        self.balance = float(balance)
        self.whitening, self.norm_bound = whitening, bound
        for layer in self._places:
            layer.build((None, width))
        self._check_simplex(width)

    def _check_simplex(self, width: int) -> None:
        """Refuse embeddings of another width than the simplex; warn where it has no clusters."""
        if width != self.components - 1:
            raise InputError(
                f"The discriminator must embed into components - 1 = {self.components - 1} "
                f"dimensions. Received: a discriminator of width {width}"
            )
        if self.fake_mixture.is_unimodal:
            of = self.fake_mixture
            warnings.warn(
                f"{of.components} components of variance {of.variance} on vertices "
                f"{of.vertex_scale!r} melt into one hill at the centroid: there are no clusters "
                "for the discriminator to form. Lower the variance, or use likelihood='max'.",
                stacklevel=3,
            )

    @property
    def num_clusters(self) -> int:
        """Vertices that embeddings may lie at: the components."""
        return self.components

    @property
    def _places(self) -> list[keras.Layer]:
        """What decides where embeddings lie, behind the discriminator."""
        return [layer for layer in (self.whitening, self.norm_bound) if layer is not None]

    def _placed(self, embedding: Any, training: bool) -> Any:
        if self.whitening is not None:
            embedding = self.whitening(embedding, training=training)
        return embedding if self.norm_bound is None else self.norm_bound(embedding)

    def embedding_as_seen(self, samples: Any, turn: Turn) -> Any:
        """As of `AdversarialModel`, whitened and bounded as the arguments say."""
        return self._placed(super().embedding_as_seen(samples, turn), turn.training)

    def discriminator_loss(self, turn: Turn) -> Any:
        """Eq. (4), negated; the metrics are mean likelihoods relative to lambda, in [0, 1]."""
        real = self.embedding(turn.real, turn)
        fake_log = self.fake_mixture.log_likelihood(self.embedding(turn.fake, turn))
        real_log = self.real_mixture.log_density(real) - self.fake_mixture.log_peak
        if self.real_epsilon:
            real_log = ops.logaddexp(real_log, math.log(self.real_epsilon))
        if self.vertex_log_odds is None:
            loss = simplex.discriminator_loss(real_log, fake_log, self.epsilon)
        else:
            odds = self.vertex_log_odds
            loss = adversarial.discriminator_loss(real_log + odds, fake_log + odds)
        if self.balance:
            shares = self.real_mixture.shares(engine.over_replicas(real))
            loss = loss + self.balance * simplex.imbalance(shares)
        return loss, {
            "real_likelihood": ops.mean(ops.exp(self.fake_mixture.log_likelihood(real))),
            "fake_likelihood": ops.mean(ops.exp(fake_log)),
        }

    def generator_loss(self, turn: Turn) -> Any:
        """Eq. (4)'s second term, or its non-saturating form."""
        fake_log = self.fake_mixture.log_likelihood(self.embedding(turn.fake, turn))
        if self.vertex_log_odds is not None:
            return _OF_LOG_ODDS[self.adversarial_loss](fake_log + self.vertex_log_odds)
        if self.adversarial_loss == "non_saturating":
            return simplex.non_saturating_generator_loss(fake_log)
        return simplex.saturating_generator_loss(fake_log, self.epsilon)

    def realness(self, outputs: Any) -> Any:
        """`log(lk / lambda)`, which rises with the probability of being real."""
        return self.fake_mixture.log_likelihood(floats(outputs))

    def _embed(self, samples: Any) -> Any:
        return self._placed(floats(self.discriminator(samples, training=False)), False)

    def embed(self, samples: Any, *, batch_size: int = 500) -> np.ndarray:
        """The discriminator's embeddings: `(n, ...)` in `value_range` to `(n, components - 1)`."""
        return self._in_batches(self._embed, self._looked_at(samples), batch_size)

    def likelihood(self, samples: Any, *, batch_size: int = 500) -> np.ndarray:
        """`lk / lambda` of samples `(n, ...)`, 0 to 1 `(n,)`: by the density for generated ones."""
        examples = self._looked_at(samples)
        return self._in_batches(lambda x: self._likelihood(self._embed(x)), examples, batch_size)

    def _looked_at(self, samples: Any) -> np.ndarray:
        """Samples, or packs of them, as the discriminator takes them."""
        expected = dataclasses.replace(self.expected(), shape=self.seen_shape)
        return expected.array(samples, in_range=False)

    def _likelihood(self, embedding: Any) -> Any:
        return ops.exp(self.fake_mixture.log_likelihood(embedding))

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """Where samples lie in the embedding, and how real they are.

        At the optimum `u = lk / lambda` is `a p / (a p + q)` where real data have the density p and
        samples q, and a is the variance for generated embeddings over that for real ones; of equal
        variances it is Eq. (5). This holds for the maximum, not for the sum of unequal variances.

        Returns:
            `embedding (batch, d)`; `probability (batch,)`, `p / (p + q) = u / (u + a (1 - u))`, or
            what `vertex_log_odds` makes of u; `cluster (batch,)`, the number of the nearest
            vertex, and `distance (batch,)` to it.
        """
        embedding = self._embed(samples)
        if self.vertex_log_odds is None:
            probability = self._likelihood(embedding)
        else:
            log = self.fake_mixture.log_likelihood(embedding)
            probability = ops.sigmoid(log + self.vertex_log_odds)
        ratio = self.fake_mixture.variance / self.real_mixture.variance
        if ratio != 1:
            probability = probability / (probability + ratio * (1 - probability))
        cluster, distance = self.fake_mixture.nearest(embedding)
        return {
            "embedding": embedding,
            "probability": probability,
            "cluster": cluster,
            "distance": distance,
        }


# Presets --------------------------------------------------------------------------------

_PAGE = "docs/results/fashion_mnist.md"
# What images are trained with, by search on seeds from 100 on.
_IMAGES = images.presets(
    images.networks("spectral_batch_convolution"),
    {
        "components": 8,
        "latent_distribution": "uniform",
        "loss": "non_saturating",
        "embedding_bound": 2.0,
        "ema_decay": 0.995,
    },
    learning_rate=4e-4,
    reasons={
        "discriminator_norm": "batch norm after the convolution helps; after the hidden layer too, "
        f"or without spectral norm, it differs by less than one seed tells: {_PAGE}",
        "loss": "its gradient does not vanish far from all vertices, where samples begin",
        "embedding_bound": "every sample keeps a likelihood of 3e-4 of lambda or more, and so the "
        f"losses are bounded: {_PAGE}",
        "ema_decay": f"the average makes better images than the last weights: {_PAGE}",
        "learning_rate": f"by search: {_PAGE}",
    },
)
# As printed.
_PRINTED = {
    f"{name}_paper": preset
    for name, preset in images.presets(
        images.networks("none"),
        {"components": 8, "latent_distribution": "uniform"},
        reasons={
            "discriminator_norm": "batch norm tells real from generated batches by how they "
            "cluster: the generator learnt nothing in 600 steps",
        },
    ).items()
}
_NOISE = "without it one mode of 25 was lost on one seed in ten: docs/results/mdgan_grid.md"
_POINTS = points.presets(
    # The noise is as large along every axis, so an embedded plane sees as much of it as the grid.
    {
        "components": 10,
        "latent_distribution": "uniform",
        "instance_noise": 0.3,
        "instance_noise_steps": 5_000,
    },
    rate_factors={"discriminator": 0.5},
    reasons={
        "instance_noise": _NOISE,
        "instance_noise_steps": "over the first half of the budget",
        # With eight components one of the grid's five seeds began too late for its budget.
        "discriminator_rate": "the generator at twice the rate was better by 2% of the samples on "
        "the grid's good seeds, and drew one point on one of the ring's five seeds",
    },
)


_AUTHORS_UNITS, _AUTHORS_RANGE = (128, 128), 6.0


def _authors_networks(
    example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """`architectures.py`: two layers of 128, a generator within +-6, embeddings within +-2.5."""
    (width,) = points.checked(example_shape)
    normal = keras.initializers.RandomNormal(stddev=0.02)
    options = {"initializer": normal, "dtype": dtype}
    generator = mlp(width, _AUTHORS_UNITS, width, **options)
    tanh = keras.layers.Activation("tanh", dtype=keras.config.floatx())
    scale = keras.layers.Rescaling(_AUTHORS_RANGE, dtype=keras.config.floatx())
    samples = scale(tanh(generator.output))
    return {
        "generator": keras.Model(generator.input, samples, name="generator"),
        "discriminator": mlp(
            width,
            _AUTHORS_UNITS,
            arguments["components"] - 1,
            activation="leaky_relu",
            output_bound=points.EMBEDDING_BOUND,
            name="discriminator",
            **options,
        ),
    }


# 1e-8 of density (`reg` in mdgan.ipynb) in units of lambda, which is 0.0221 for this mixture.
_AUTHORS_EPSILON = 4.5e-7
# 2,000 epochs of 20 batches of 500; the rate is halved after each 500 epochs.
_AUTHORS = {
    f"{name}_authors": Preset(
        dataset=name,
        example_shape=(2,),
        networks=points.networks.differing(
            _authors_networks, networks="three linear layers", hidden_units=[128, 128], stddev=0.02
        ),
        arguments={
            "components": 10,
            "likelihood": "sum",
            "vertex_scale": "author",
            "epsilon": _AUTHORS_EPSILON,
            "real_epsilon": _AUTHORS_EPSILON,
            "latent_distribution": "uniform",
            "fresh_noise": True,
        },
        steps=40_000,
        batch_size=500,
        learning_rate=1e-3,
        beta_1=0.5,
        decay="halving",
        reasons=dict.fromkeys(
            (
                *("components", "likelihood", "vertex_scale", "epsilon", "real_epsilon", "steps"),
                *("latent_distribution", "latent_dim", "networks", "hidden_units", "stddev"),
                *("batch_size", "learning_rate", "beta_1", "decay", "fresh_noise"),
            ),
            "the authors' for the grid",
        ),
        interval=500,
        snapshot_interval=4_000,
        steps_per_execution=250,
    )
    for name in ("ring", "grid")
}

METHOD = Method(
    name="mdgan",
    title="MD-GAN",
    model=MDGAN,
    idea="the discriminator embeds into a simplex of Gaussians",
    source="Eghbal-zadeh et al. 2019",
    link="https://arxiv.org/abs/1811.00152",
    cost=1.2,
    terms=True,
    code="eghbalz/mdgan",
    reasons={"epsilon": "of lk / lambda, keeps log(1 - lk / lambda) finite in float32"},
    presets={**_IMAGES, **_POINTS, **_PRINTED, **_AUTHORS},
)
