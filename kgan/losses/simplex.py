"""MD-GAN's likelihood: equal Gaussians on the vertices of a regular simplex, in log space.

Source: Eghbal-zadeh, Zellinger, Widmer, "Mixture Density Generative Adversarial Networks"
(https://arxiv.org/abs/1811.00152), sections 3.4 to 3.6. Embeddings are `(batch, d)`; a mixture in
d dimensions has C = d + 1 components.
"""

from __future__ import annotations

import dataclasses
import math
from functools import cached_property
from typing import Any

import keras
import numpy as np
from keras import ops

from kgan.backend.precision import floats
from kgan.errors import InputError, check_one_of, check_positive

LIKELIHOODS = ("max", "sum")
VERTEX_SCALES = ("edge", "unit_norm", "author")


def simplex_vertices(components: int, scale: str = "edge") -> np.ndarray:
    """Vertices of a regular simplex around the origin.

    Args:
        components: number C of vertices, at least 2.
        scale: `"edge"`: all distances are 1 (the paper, section 5.2.3). `"unit_norm"`: all
            norms are 1. `"author"`: the norms of the authors' code (`utils.py` of
            https://github.com/eghbalz/mdgan, b5b57df): 0.929 for C = 8 and 0.944 for C = 10.

    Returns:
        `(C, C - 1)` float64.

    Raises:
        InputError: if there are fewer than 2 components or the scale is unknown.
    """
    if components < 2:
        raise InputError(
            f"A simplex mixture needs at least 2 components. Received: components={components}"
        )
    check_one_of(VERTEX_SCALES, vertex_scale=scale)
    dimension = components - 1
    # The C unit vectors of R^C form a simplex in the hyperplane orthogonal to (1, ..., 1);
    # Householder's reflection of that normal onto the last axis turns it into R^d.
    normal = np.full(components, 1 / math.sqrt(components))
    normal[-1] -= 1
    reflection = np.eye(components) - 2 * np.outer(normal, normal) / (normal @ normal)
    vertices = reflection[:, :dimension]
    vertices = vertices - vertices.mean(axis=0)
    norm = {
        "edge": math.sqrt(dimension / (2 * components)),
        "unit_norm": 1.0,
        "author": _authors_norm(dimension),
    }[scale]
    return vertices / np.linalg.norm(vertices[0]) * norm


def _authors_norm(dimension: int) -> float:
    """The norm of the vertices of the authors' `simplex_coordinates`.

    The routine that theirs is from divides a simplex of edge sqrt(2) by the norm of its first
    vertex; theirs takes the root after each coordinate, in place of once at the end.
    """
    # Of the unit vectors and their mirror in R^d, about their centroid: the first vertex.
    mirror = (1 - math.sqrt(1 + dimension)) / dimension
    centre = (1 + mirror) / (dimension + 1)
    vertex = np.full(dimension, -centre)
    vertex[0] += 1
    divisor = 0.0
    for coordinate in vertex:
        divisor = math.sqrt(divisor + coordinate**2)
    return float(np.linalg.norm(vertex)) / divisor


@dataclasses.dataclass(frozen=True)
class SimplexMixture:
    """Spherical Gaussians of one variance on the vertices of a simplex, Eq. (3).

    Attributes:
        components: number C of Gaussians, at least 2.
        variance: of each of them, over 0.
        likelihood: `"max"`: the best component's density alone (the paper); `"sum"`: the mean
            of all densities (the authors' code).
        vertex_scale: see `simplex_vertices`.
    """

    components: int
    variance: float
    likelihood: str = "max"
    vertex_scale: str = "edge"

    def __post_init__(self) -> None:
        if self.likelihood not in LIKELIHOODS:
            raise InputError(
                f"likelihood must be one of {LIKELIHOODS}. Received: {self.likelihood!r}"
            )
        check_positive(variance=self.variance)
        _ = self.vertices

    @cached_property
    def vertices(self) -> np.ndarray:
        """`(C, d)` float64, the Gaussians' means."""
        return simplex_vertices(self.components, self.vertex_scale)

    @property
    def dimension(self) -> int:
        """Width d of the embedding."""
        return self.components - 1

    def log_density(self, embeddings: Any) -> Any:
        """`log lk(e)` of Eq. (3): `(batch, d)` to `(batch,)` float32."""
        logs = -self._squares(embeddings) / (2 * self.variance)
        if self.likelihood == "max":
            best = ops.max(logs, axis=1)
        else:
            best = ops.logsumexp(logs, axis=1) - math.log(self.components)
        return best + self._log_normaliser

    def nearest(self, embeddings: Any) -> tuple[Any, Any]:
        """Which vertex is nearest to each embedding, `(batch,)` int32, and its distance."""
        squares = self._squares(embeddings)
        return ops.argmin(squares, axis=1), ops.sqrt(ops.min(squares, axis=1))

    def shares(self, embeddings: Any) -> Any:
        """How likely each component made each embedding: `(batch, C)`, rows with sum 1."""
        return ops.softmax(-self._squares(embeddings) / (2 * self.variance), axis=1)

    def _squares(self, embeddings: Any) -> Any:
        """`(batch, C)`, squared distances to the vertices."""
        vertices = ops.convert_to_tensor(self.vertices, keras.config.floatx())
        offsets = ops.expand_dims(floats(embeddings), 1) - ops.expand_dims(vertices, 0)
        return ops.sum(ops.square(offsets), axis=-1)

    @property
    def _log_normaliser(self) -> float:
        return -0.5 * self.dimension * math.log(2 * math.pi * self.variance)

    @cached_property
    def _peak(self) -> tuple[float, float]:
        """Where on the way from the centroid to a vertex the density is largest, and its log."""
        if self.likelihood == "max":
            return 1.0, self._log_normaliser
        squared_norm = float(self.vertices[0] @ self.vertices[0])
        places = np.linspace(0.0, 1.0, 1001)
        for _ in range(3):  # Each round narrows the bracket 500 times: to 1e-8 and below.
            values = self._log_density_on_ray(places, squared_norm)
            best = int(np.argmax(values))
            low, high = places[max(best - 1, 0)], places[min(best + 1, 1000)]
            place, value = float(places[best]), float(values[best])
            places = np.linspace(low, high, 1001)
        return place, value

    def _log_density_on_ray(self, places: np.ndarray, squared_norm: float) -> np.ndarray:
        """Log density at `t v_1`, where `v_1 . v_j = -|v_1|^2 / d` for the other vertices."""
        d = self.dimension
        near = -squared_norm * (1 - places) ** 2 / (2 * self.variance)
        far = -squared_norm * (places**2 + 2 * places / d + 1) / (2 * self.variance)
        total = np.logaddexp(near, math.log(d) + far)
        return total - math.log(self.components) + self._log_normaliser

    @property
    def log_peak(self) -> float:
        """Log of lambda, the largest value of the density (section 5.2.1)."""
        return self._peak[1]

    @property
    def is_unimodal(self) -> bool:
        """Whether the Gaussians melt into one hill at the centroid, so that there is no cluster."""
        return self._peak[0] < 1e-3

    def log_likelihood(self, embeddings: Any) -> Any:
        """`log(lk(e) / lambda)`, at most 0: the log-probability of being real, Eq. (5)."""
        return ops.minimum(self.log_density(embeddings) - self.log_peak, 0.0)


def log_unlikelihood(log_likelihood: Any, epsilon: float) -> Any:
    """`log(1 - exp(l) + epsilon)` without cancellation for `l <= 0` near 0."""
    return ops.log(epsilon - ops.expm1(floats(log_likelihood)))


def discriminator_loss(real_log: Any, fake_log: Any, epsilon: float) -> Any:
    """Eq. (4) negated: `-E l(real) - E log(1 - exp l(fake))`.

    Args:
        real_log: `log lk` of real embeddings, up to a constant, `(batch,)`.
        fake_log: `log(lk / lambda)` of generated ones, `(batch,)`, at most 0.
        epsilon: bounds the second term's gradient at the peak.
    """
    return -ops.mean(floats(real_log)) - ops.mean(log_unlikelihood(fake_log, epsilon))


def imbalance(shares: Any) -> Any:
    """How unevenly a batch shares out among the components: `log C - H(mean share)`, 0 to log C.

    H is the entropy of a component's mean share of the batch, as of the marginal in discriminative
    clustering (Krause, Perona, Gomes 2010, "Discriminative clustering by regularized information
    maximization"). It is ours; MD-GAN has no such term.

    Args:
        shares: `(batch, C)`, rows with sum 1, see `SimplexMixture.shares`.
    """
    mean = ops.mean(floats(shares), axis=0)
    return math.log(mean.shape[-1]) + ops.sum(mean * ops.log(mean + 1e-12))


def saturating_generator_loss(fake_log: Any, epsilon: float) -> Any:
    """Eq. (4): `E log(1 - exp l(fake))`."""
    return ops.mean(log_unlikelihood(fake_log, epsilon))


def non_saturating_generator_loss(fake_log: Any) -> Any:
    """`-E l(fake)`: the same fixed points with a gradient that never vanishes."""
    return -ops.mean(floats(fake_log))
