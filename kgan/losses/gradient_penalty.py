"""Penalties on a critic's gradient in its inputs (Gulrajani et al. 2017, arXiv:1704.00028).

The gradients themselves come from `kgan.backend.input_gradients`.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from kgan.backend.precision import floats

# The root's gradient is infinite at 0; below this square of the norm it is taken for 0.
_LEAST = 1e-12


def interpolates(real: Any, fake: Any, shares: Any) -> Any:
    """Points between real and generated examples.

    Where there are not as many real examples as generated ones, they are spread over them
    evenly: generated row `r` of n meets real row `floor(r b / n)` of b. So each replica pairs its
    own rows as one replica with the whole batch would.

    Args:
        real: `(b, ...)`.
        fake: `(n, ...)` of the same shape but for n.
        shares: `(n,)` the real example's share in each point, in [0, 1].

    Returns:
        `(n, ...)`.
    """
    rows = ops.shape(fake)[0]
    partners = ops.arange(rows) * ops.shape(real)[0] // rows
    shares = ops.reshape(ops.cast(shares, fake.dtype), (-1, *[1] * (len(fake.shape) - 1)))
    return fake + shares * (ops.take(ops.cast(real, fake.dtype), partners, axis=0) - fake)


def perturbed(real: Any, spread: Any, directions: Any, lengths: Any) -> Any:
    """Points around real examples, where DRAGAN looks (Kodali et al. 2017, arXiv:1705.07215).

    Args:
        real: `(n, ...)`.
        spread: the standard deviation of all values of the batch, a scalar.
        directions: of the shape of `real`, in [0, 1].
        lengths: `(n,)` how far each goes, in [0, 1].

    Returns:
        `real + lengths * spread / 2 * directions`, as in the authors' code and in that of Lucic et
        al.
    """
    lengths = ops.reshape(ops.cast(lengths, real.dtype), (-1, *[1] * (len(real.shape) - 1)))
    steps = 0.5 * ops.convert_to_tensor(spread, real.dtype) * ops.cast(directions, real.dtype)
    return real + lengths * steps


def penalty(gradients: Any, *, one_sided: bool = False) -> Any:
    """`(|gradient| - 1)^2` of each row; one-sided: `max(0, |gradient| - 1)^2`.

    Its own gradient is finite everywhere, and 0 where the norm is below 1e-6.

    Args:
        gradients: `(n, ...)` of a critic in its inputs.
        one_sided: leave norms below 1 alone, as Lipschitz functions may have them.

    Returns:
        `(n,)` float32.
    """
    norms = ops.sqrt(ops.maximum(squared_norms(gradients), _LEAST))
    excess = norms - 1.0
    return ops.square(ops.maximum(excess, 0.0) if one_sided else excess)


def squared_norms(gradients: Any) -> Any:
    """`|gradient|^2` of each row `(n, ...)`, as `(n,)` float32.

    On real examples it is the penalty R1 of Mescheder et al. 2018 (arXiv:1801.04406), whose weight
    is gamma / 2.
    """
    squares = ops.square(floats(gradients))
    return ops.sum(squares, axis=tuple(range(1, len(squares.shape))))
