"""Games whose discriminator sees pairs of samples and latents."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kgan.errors import InputError
from kgan.models.adversarial import latent_width
from kgan.models.inverse import InverseModel
from kgan.models.players import build_network
from kgan.training.engine import Turn


class JointModel(InverseModel):
    """Base of BiGAN and VEEGAN: pairs of made samples, and pairs of inverted examples.

    Args:
        generator: latents `(batch, latent_dim)` to samples.
        inverse: samples to latents `(batch, latent_dim)`.
        discriminator: `[samples, latents]` to logits `(batch, 1)` or `(batch,)`, such as
            `kgan.networks.joint.joint_discriminator`'s.
        latent_distribution: of the latents, `"normal"` in both papers' Gaussian case.
        **kwargs: see `AdversarialModel`.

    Raises:
        InputError: if the discriminator is not one of pairs.
    """

    def __init__(
        self,
        generator: keras.Layer,
        inverse: keras.Layer,
        discriminator: keras.Layer,
        *,
        latent_distribution: str = "normal",
        **kwargs: Any,
    ):
        _build_joint(discriminator, generator, kwargs.get("latent_dim"))
        super().__init__(generator, inverse, latent_distribution=latent_distribution, **kwargs)
        self.discriminator = discriminator

    def embedding(self, samples: Any, turn: Turn) -> Any:
        """Not to be had: the discriminator sees no samples alone.

        Raises:
            InputError: always.
        """
        raise InputError(
            f"{type(self).__name__}'s discriminator sees pairs of samples and latents, and takes "
            f"no regularizer of samples alone. Received: regularizer={self.regularizer}"
        )

    def pair_logits(self, samples: Any, latents: Any, training: bool = False) -> Any:
        """The discriminator's logits `(batch,)` float32 of samples and their latents."""
        # Keras takes no arrays beside tensors.
        pair = [ops.convert_to_tensor(samples), ops.convert_to_tensor(latents)]
        logits = self.discriminator(pair, training=training)
        return ops.reshape(ops.cast(logits, "float32"), (-1,))

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class."""
        discriminator = keras.saving.serialize_keras_object(self.discriminator)
        return {**super().get_config(), "discriminator": discriminator}


def _build_joint(
    discriminator: keras.Layer, generator: keras.Layer, latent_dim: int | None
) -> None:
    """Build a discriminator of pairs, and check that it is one."""
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
    except (TypeError, ValueError) as error:
        raise InputError(f"{expected} Received: {discriminator}, which fails: {error}") from error
    if tuple(shape) not in ((None,), (None, 1)):
        raise InputError(f"{expected} Received: a discriminator with the output shape {shape}")
