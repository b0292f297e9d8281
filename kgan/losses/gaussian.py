"""Distances of a batch of latents from the standard Gaussian, by its moments (InvertGAN, 4.2).

A batch `(n, l)` has the mean mu `(l,)` and the covariance Sigma `(l, l)`; each loss is a scalar
that is least where mu = 0 and Sigma = I. Values and gradients are finite at that optimum, and
where the covariance is singular.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from kgan.backend.precision import floats
from kgan.errors import InputError

# Added under roots, whose gradient at 0 is infinite.
_ROOT_EPSILON = 1e-12
# Added to eigenvalues: a dimension that has collapsed must be pushed apart, which a clamp forbids.
_EIGENVALUE_EPSILON = 1e-5
# Added to the covariance whose inverse and determinant are taken, and more of it where the trace
# is above _PLAIN_TRACE: float32 rounds with the largest entries, and what is rounded below 0 has
# no Cholesky factor.
KL_RIDGE = 1e-3
_PLAIN_TRACE = 100.0


def moments(latents: Any) -> tuple[Any, Any]:
    """Mean `(l,)` and unbiased covariance `(l, l)` of latents `(n, l)`, in float32.

    The covariance of a single row whose number is known in the graph alone is 0: whoever feeds
    such batches must refuse it, as a game's step does.

    Raises:
        InputError: if the batch is known to have a single row.
    """
    if latents.shape[0] == 1:
        raise InputError(
            "A covariance needs at least 2 latents. Received: a batch of 1; use a larger batch."
        )
    latents = floats(latents)
    count = floats(ops.shape(latents)[0])
    mean = ops.mean(latents, axis=0)
    centred = latents - mean
    return mean, ops.matmul(ops.transpose(centred), centred) / ops.maximum(count - 1, 1.0)


def norm(values: Any, p: float = 2.0) -> Any:
    """The p-norm of all entries of a vector or matrix: a scalar.

    Eq. (8) has no absolute values, without which it is no norm for odd p.

    Args:
        values: of any shape.
        p: at least 1; `inf` for the largest entry.

    Raises:
        InputError: if p is below 1, where it is no norm.
    """
    if not p >= 1:
        raise InputError(f"p must be at least 1. Received: p={p}")
    sizes = ops.abs(floats(values))
    if np.isinf(p):
        # XLA's largest of NaN and numbers is a number.
        return ops.where(ops.any(ops.isnan(sizes)), np.nan, ops.max(sizes))
    if p == 1:
        return ops.sum(sizes)
    if p == 2:
        return _root(ops.sum(ops.square(sizes)))
    # Relative to the largest, so that no power overflows; and no power of 0, whose gradient may
    # be infinite.
    largest = ops.stop_gradient(ops.maximum(ops.max(sizes), _ROOT_EPSILON))
    ratios = ops.maximum(sizes / largest, 1e-6)
    return largest * ops.power(ops.sum(ops.power(ratios, p)), 1 / p)


def p_norm(mean: Any, covariance: Any, p: float = 2.0) -> Any:
    """Eq. (9): `|mu|_p + |Sigma - I|_p`."""
    return norm(mean, p) + norm(covariance - ops.eye(covariance.shape[0]), p)


def wasserstein(mean: Any, covariance: Any) -> Any:
    """Eq. (6): the 2-Wasserstein distance `sqrt(|mu|^2 + tr(Sigma + I - 2 Sigma^(1/2)))`.

    The trace is `sum (sqrt(e) - 1)^2` over Sigma's eigenvalues: no matrix root is taken, which
    has no XLA kernel and fails where Sigma is singular.
    """
    mean, covariance, fault = _decomposable(mean, covariance)
    eigenvalues = ops.maximum(ops.eigh(covariance)[0], 0.0)
    roots = ops.sqrt(eigenvalues + _EIGENVALUE_EPSILON)
    return _root(ops.sum(ops.square(mean)) + ops.sum(ops.square(roots - 1))) + fault


def kl(mean: Any, covariance: Any, ridge: float = KL_RIDGE) -> Any:
    """Eq. (7): `KL(N(0, I) || N(mu, Sigma))` in nats.

    Args:
        mean: `(l,)`.
        covariance: `(l, l)`.
        ridge: times I, added to the covariance: a batch of no more rows than dimensions has a
            singular one. It grows with the trace from 100 on.
    """
    size = covariance.shape[0]
    mean, covariance, fault = _decomposable(mean, covariance)
    # No gradient: a larger variance elsewhere must not be a way out of a collapsed one.
    excess = ops.stop_gradient(ops.trace(covariance)) / _PLAIN_TRACE
    factor = ops.cholesky(covariance + ridge * ops.maximum(excess, 1.0) * ops.eye(size))
    inverse = ops.solve_triangular(factor, ops.eye(size), lower=True)
    log_determinant = 2 * ops.sum(ops.log(ops.diagonal(factor)))
    trace = ops.sum(ops.square(inverse))
    distance = ops.sum(ops.square(ops.matmul(inverse, ops.expand_dims(mean, -1))))
    return 0.5 * (log_determinant - size + trace + distance) + fault


def wasserstein_1d(mean: Any, covariance: Any) -> Any:
    """Eq. (11): `sqrt(|mu|^2 + |sigma - 1|^2)`, blind to what correlates the dimensions."""
    deviations = ops.sqrt(ops.diagonal(covariance) + _EIGENVALUE_EPSILON)
    return _root(ops.sum(ops.square(mean)) + ops.sum(ops.square(deviations - 1)))


def consistency(values: Any, reconstructions: Any) -> Any:
    """A half of Eq. (5): `E |v - v'|_2`, the mean over the batch of distances of whole examples."""
    difference = floats(values) - floats(reconstructions)
    axes = tuple(range(1, len(difference.shape)))
    return ops.mean(ops.sqrt(ops.sum(ops.square(difference), axis=axes) + _ROOT_EPSILON))


def _decomposable(mean: Any, covariance: Any) -> tuple[Any, Any, Any]:
    """The moments and 0; where they are not finite, 0 and I, and NaN to add to the loss.

    A run that diverges is to be told so by its loss: decompositions and their gradients raise
    errors of TensorFlow's own at infinity and NaN.
    """
    finite = ops.logical_and(ops.all(ops.isfinite(mean)), ops.all(ops.isfinite(covariance)))
    mean = ops.where(finite, mean, ops.zeros_like(mean))
    covariance = ops.where(finite, covariance, ops.eye(covariance.shape[0]))
    return mean, covariance, ops.where(finite, 0.0, np.nan)


def _root(value: Any) -> Any:
    return ops.sqrt(value + _ROOT_EPSILON)
