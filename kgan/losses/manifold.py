"""Terms that form a critic's embedding, and its entropy, for MaEM-GAN.

Source: Liu et al., "Combating Mode Collapse in GANs via Manifold Entropy Estimation",
https://arxiv.org/abs/2208.12055. Codes are `(n, m)`, what a critic gives for samples. All terms are
to be minimised, and their values and gradients are finite everywhere, at codes of norm 0 too.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from kgan.backend.precision import floats
from kgan.losses import gradient_penalty

# Codes of a square of the norm below this are taken for 0: their direction is noise.
_LEAST = 1e-12


def unit(codes: Any) -> Any:
    """Codes `(n, m)` over their norms, float32; 0, and of gradient 0, where the norm is."""
    codes = floats(codes)
    squares = ops.sum(ops.square(codes), axis=-1, keepdims=True)
    small = squares < _LEAST
    # What is left out must be finite too: 0 times infinity is no gradient.
    return ops.where(small, 0.0, codes * ops.rsqrt(ops.where(small, 1.0, squares)))


def nearest_similarity(codes: Any, neighbours: Any) -> Any:
    """Mean cosine of codes and their most similar others, the first term of Eq. (8).

    Who lowers it drives samples apart. It is no estimate of an entropy: that of
    `log_distance(..., mean_of_logs=True)` is.

    Args:
        codes: (n, m).
        neighbours: (n, m) of norm 1, without gradient; or 0 where there are none.

    Returns:
        A scalar in [-1, 1].
    """
    return ops.mean(ops.sum(unit(codes) * floats(neighbours), axis=-1))


def log_distance(codes: Any, neighbours: Any, *, mean_of_logs: bool = False) -> Any:
    """How far codes lie from their nearest others, as a logarithm: who raises it spreads them.

    With distances `d_i = mean_k (neighbour_ik - code_ik)^2` it is `log mean_i d_i`, as in the
    authors' code (HaozheLiu-ST/MEE, f7d3d33, `train.py`), whose loss is its negative. With
    `mean_of_logs` it is `mean_i log d_i`: times m / 2 and up to a constant the nearest-neighbour
    estimate of the codes' entropy (Kozachenko and Leonenko 1987) in the survey that the paper names
    (Beirlant et al. 1997, section 2.3).

    Args:
        codes: (n, m).
        neighbours: (n, m), without gradient.
        mean_of_logs: the estimator's form.

    Returns:
        A scalar; its gradient is 0 where a code lies on its neighbour.
    """
    distances = ops.mean(ops.square(floats(neighbours) - floats(codes)), axis=-1)
    if mean_of_logs:
        return ops.mean(ops.log(ops.maximum(distances, _LEAST)))
    return ops.log(ops.maximum(ops.mean(distances), _LEAST))


def mean_squared(first: Any, second: Any) -> Any:
    """Mean squared difference over the batch and the m dimensions of codes `(n, m)`.

    What the authors' code has for DLLE, of codes and their neighbours', and for DIsoMap, of codes
    of mixes and mixes of codes.
    """
    return ops.mean(ops.square(floats(first) - floats(second)))


def mean_norm(codes: Any, *, squared: bool = False) -> Any:
    """Mean norm of codes `(n, m)`, the second term of Eq. (8), or its square.

    The other terms of a critic are of degree 0 or 1 in its codes. One more of degree 1 bounds
    their scale or not, as its weight is; the square always does.
    """
    return ops.mean(_norms(floats(codes), squared))


def local_error(neighbour_codes: Any, codes: Any, *, squared: bool = False) -> Any:
    """Mean distance of samples' codes from their neighbours' (DLLE), Eq. (9), or its square.

    Args:
        neighbour_codes: (n, m) of the samples' neighbours in the data's space.
        codes: (n, m) of the samples.
        squared: take the squares of the distances. They hold the scale of the critic's outputs,
            as a penalty on its slope does; the paper's plain distances may let it run away.

    Returns:
        A scalar of at least 0.
    """
    offsets = floats(neighbour_codes) - floats(codes)
    return ops.mean(_norms(offsets, squared))


def mixes(first: Any, second: Any, shares: Any) -> Any:
    """Convex combinations, Eq. (11): `share first + (1 - share) second`, of samples or codes.

    Args:
        first: (b, ...); where b is not n they are spread evenly, see `gradient_penalty`.
        second: (n, ...).
        shares: (n,) in [0, 1]; any numbers in the authors' code, whose mixes so go beyond both.

    Returns:
        (n, ...).
    """
    return gradient_penalty.interpolates(first, second, shares)


def isometric_loss(mix_codes: Any, code_mixes: Any) -> Any:
    """`1 - cos` of codes of mixes and mixes of codes (DIsoMap), Eq. (12).

    The paper prints the cosine, and Algorithm 1 minimises it, which would turn the two apart; its
    text wants them alike.

    Args:
        mix_codes: (n, m), the critic's codes of mixed samples.
        code_mixes: (n, m), the same mixes of the samples' codes.

    Returns:
        A scalar in [0, 2].
    """
    return 1.0 - ops.mean(ops.sum(unit(mix_codes) * unit(code_mixes), axis=-1))


def _norms(vectors: Any, squared: bool) -> Any:
    """`(n,)`, of gradient 0 where the norm is 0, where the root's would be infinite."""
    squares = ops.sum(ops.square(vectors), axis=-1)
    if squared:
        return squares
    small = squares < _LEAST
    return ops.where(small, 0.0, ops.sqrt(ops.where(small, 1.0, squares)))
