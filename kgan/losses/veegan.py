"""Losses of VEEGAN (Srivastava et al. 2017, https://arxiv.org/abs/1705.07761), algorithm 1.

The discriminator's is the cross-entropy of `kgan.losses.adversarial`, where a pair of latents and
the sample made of them has label 1, and one of an example and the latents found for it label 0.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from kgan.backend.precision import floats


def log_ratio(generated_logits: Any) -> Any:
    """`E D(z, G(z))`: the mean logit, which the generator minimises.

    At the discriminator's optimum it is `KL(q(x|z) p(z) || p(z|x) p(x))` in nats; a cross-entropy
    in its place would be another divergence.

    Args:
        generated_logits: `(batch,)` or `(batch, 1)`, log-odds that a generated pair is one.
    """
    return ops.mean(floats(generated_logits))


def reconstruction(latents: Any, found: Any) -> Any:
    """`E |z - F(G(z))|^2`: the mean over the batch of squared distances `(batch, latent_dim)`."""
    difference = floats(latents) - floats(found)
    return ops.mean(ops.sum(ops.square(difference), axis=-1))
