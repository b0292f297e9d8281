"""Games whose discriminator sees pairs of samples and latents."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kgan.backend.engine import Turn
from kgan.backend.precision import floats
from kgan.errors import InputError, check_not_negative, check_whole
from kgan.game.adversarial import latent_width
from kgan.game.inverse import InverseModel
from kgan.game.players import build_network, check_network, warn_of_squashed


class JointModel(InverseModel):
    """Base of BiGAN and VEEGAN: pairs of made samples, and pairs of inverted examples.

    Args:
        generator: latents `(batch, latent_dim)` to samples.
        inverse: samples to latents `(batch, latent_dim)`.
        discriminator: `[samples, latents]` to logits `(batch, 1)` or `(batch,)`, such as
            `kgan.networks.joint.joint_discriminator`'s.
        latent_distribution: of the latents, `"normal"` in both papers' Gaussian case.
        inverse_std: standard deviation of Gaussian noise on an example's latents in its pairs, so
            that the inverse is the mean of a distribution of latents; 0 for no noise.
        **kwargs: see `AdversarialModel`.

    Raises:
        InputError: if the discriminator is not one of pairs, or for a negative `inverse_std`.
    """

    no_packs = "its discriminator sees pairs of a sample and its latents"

    def __init__(
        self,
        generator: keras.Layer,
        inverse: keras.Layer,
        discriminator: keras.Layer,
        *,
        latent_distribution: str = "normal",
        inverse_std: float = 0.0,
        **kwargs: Any,
    ):
        check_not_negative(inverse_std=inverse_std)
        _build_joint(discriminator, generator, kwargs.get("latent_dim"))
        super().__init__(generator, inverse, latent_distribution=latent_distribution, **kwargs)
        self.discriminator = discriminator
        warn_of_squashed(discriminator)
        self.inverse_std = float(inverse_std)

    def embedding(self, samples: Any, turn: Turn) -> Any:
        """Not to be had: the discriminator sees no samples alone.

        Raises:
            InputError: always.
        """
        raise InputError(
            f"{type(self).__name__}'s discriminator sees pairs of samples and latents, and takes "
            f"no regularizer of samples alone. Received: regularizer={self.regularizer}"
        )

    def drawn_latents(self, turn: Turn) -> Any:
        """Latents `(batch, latent_dim)` of the real examples, with the noise of `inverse_std`."""
        found = self.encode(turn.real, training=turn.training)
        if not self.inverse_std:
            return found
        return found + self.inverse_std * turn.noise(ops.shape(found), "normal")

    def pair_logits(self, samples: Any, latents: Any, training: bool = False) -> Any:
        """The discriminator's logits `(batch,)` float32 of samples and their latents."""
        # Keras takes no arrays beside tensors.
        pair = [ops.convert_to_tensor(samples), ops.convert_to_tensor(latents)]
        logits = self.discriminator(pair, training=training)
        return ops.reshape(floats(logits), (-1,))


def _build_joint(
    discriminator: keras.Layer, generator: keras.Layer, latent_dim: int | None
) -> None:
    """Build a discriminator of pairs, and check that it is one."""
    check_network(generator, "The generator")
    check_network(discriminator, "The discriminator")
    if latent_dim is not None:
        check_whole(1, latent_dim=latent_dim)
    latent_dim = latent_dim or latent_width(generator)
    samples = keras.KerasTensor(build_network(generator, (None, latent_dim)))
    pair = [samples, keras.KerasTensor((None, latent_dim))]
    expected = (
        f"The discriminator must map [samples, latents] of the shapes {samples.shape} and "
        f"{pair[1].shape} to one logit."
    )
    try:
        shape = (discriminator.compute_output_spec if discriminator.built else discriminator)(
            pair
        ).shape
    except (AttributeError, TypeError, ValueError) as error:
        raise InputError(f"{expected} Received: {discriminator}, which fails: {error}") from error
    if tuple(shape) not in ((None,), (None, 1)):
        raise InputError(f"{expected} Received: a discriminator with the output shape {shape}")
