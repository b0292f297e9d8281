"""MaEM-GAN: manifold entropy maximisation."""

from __future__ import annotations

from typing import Any

import keras

from kgan.errors import InputError
from kgan.game.manifold_entropy import ManifoldEntropy
from kgan.methods.gan import GAN


@keras.saving.register_keras_serializable("kgan")
class MaEMGAN(GAN):
    """A Wasserstein critic that embeds, its embedding formed and its entropy maximised.

    The critic's value is the mean of its m outputs, Eq. (7); `discriminate` gives both.
    `ManifoldEntropy` adds Eqs. (8) to (12), and alone adds them to any other method.

    Source: Liu et al., "Combating Mode Collapse in GANs via Manifold Entropy Estimation",
    https://arxiv.org/abs/2208.12055. The paper gives no weights but 1 for `local` and
    `isometric`; squares are not the paper's, see `ManifoldEntropy`.

    Args:
        generator: latents `(batch, latent_dim)` to samples.
        discriminator: samples to embeddings `(batch, m)`, m over 1.
        entropy: weight of the entropy terms, sigma.
        norm: weight of the norms of codes, lambda.
        local: weight of DLLE.
        isometric: weight of DIsoMap.
        buffer_size: codes that each replay buffer holds, at least a batch of all replicas.
        squared: square the norms and DLLE's distances.
        neighbours: `"gaussian"`, `"rotation"`, `"rotation_gaussian"` or `"adversarial"`.
        noise: size of the neighbours' noise; None: as the data are.
        angle: their largest angle, in degrees; None: as the data are.
        fresh_noise: draw the generator's move its own latents, as in Algorithm 1.
        **kwargs: see `GAN`; `discriminator_steps` are the paper's n_c.
    """

    def __init__(
        self,
        generator: keras.Layer,
        discriminator: keras.Layer,
        *,
        entropy: float = 1.0,
        norm: float = 0.01,
        local: float = 1.0,
        isometric: float = 1.0,
        buffer_size: int = 1024,
        squared: bool = True,
        neighbours: str = "rotation_gaussian",
        noise: float | None = None,
        angle: float | None = None,
        fresh_noise: bool = True,
        latent_distribution: str = "normal",
        **kwargs: Any,
    ):
        for name in ("loss", "regularizer"):
            if name in kwargs:
                raise InputError(
                    f"MaEMGAN has its own {name}. Received: {name}={kwargs[name]!r}; for the terms "
                    "on another game take kgan.GAN(..., regularizer=kgan.ManifoldEntropy(...))."
                )
        super().__init__(
            generator,
            discriminator,
            loss="wasserstein",
            regularizer=ManifoldEntropy(
                entropy=entropy,
                norm=norm,
                local=local,
                isometric=isometric,
                buffer_size=buffer_size,
                squared=squared,
                neighbours=neighbours,
                noise=noise,
                angle=angle,
                name="manifold_entropy",
            ),
            fresh_noise=fresh_noise,
            latent_distribution=latent_distribution,
            **kwargs,
        )

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class."""
        config = super().get_config()
        # What the class gives itself.
        del config["loss"], config["regularizer"]
        assert isinstance(self.regularizer, ManifoldEntropy)
        return {**config, **self.regularizer.arguments()}
