"""AdaGAN's weights of real samples (Tolstikhin et al., NeurIPS 2017, arXiv:1701.02386)."""

from __future__ import annotations

from typing import Any

from keras import ops

from kgan.backend.precision import floats
from kgan.losses.values import Mean, flat

# Of a classifier's log-odds, whose exponential must stay a float32 whose sums are finite.
_LARGEST = 30.0


def density_ratios(logits: Any) -> Any:
    """`h = (1 - d) / d`, the mixture's density over the data's, `(n,)`.

    Args:
        logits: `(n,)` or `(n, 1)`, log-odds that a sample is real, of a classifier that saw as many
            of both.
    """
    return ops.exp(-ops.clip(flat(logits), -_LARGEST, _LARGEST))


def threshold(ratios: Any, share: Any) -> Any:
    """Lambda: the one number for which `data_weights` of the same ratios have the mean 1.

    Args:
        ratios: `(n,)` h, of all the data.
        share: beta, the next generator's weight in the mixture, in (0, 1].
    """
    ratios = ops.sort(floats(ratios))
    ranks = ops.cumsum(ops.ones_like(ratios))
    count = ranks[-1]
    # The paper's r, the smallest with lambda_r between the rth and the next, has the least of them.
    least = ops.min((share * count + (1 - share) * ops.cumsum(ratios)) / ranks)
    return least + 0 * ops.sum(ratios)  # A minimum may pass over NaN.


def data_weights(ratios: Any, least: Any, share: Any) -> Any:
    """What a real sample counts for the next generator: `(lambda - (1 - beta) h)_+ / beta`.

    The more the mixture makes of its like, the less; 0 where it makes enough.

    Args:
        ratios: `(n,)` h, of some of the data.
        least: lambda, see `threshold`.
        share: beta.
    """
    return ops.relu(least - (1 - share) * floats(ratios)) / share


def discriminator_loss(real_logits: Any, weights: Any, fake_logits: Any, mean: Mean) -> Any:
    """`-E w log D(x) - E log(1 - D(G(z)))`: the original game on data that are weighed.

    Args:
        real_logits: `(n,)` or `(n, 1)`.
        weights: `(n,)` w of the real samples, with the mean 1 over the data.
        fake_logits: of generated samples.
        mean: of these.
    """
    real = ops.mean(weights * ops.softplus(-flat(real_logits)))
    return real + mean(ops.softplus(flat(fake_logits)))
