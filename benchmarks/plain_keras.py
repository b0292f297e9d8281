"""A GAN without kgan, as Keras' own examples write one: the yardstick of `train_step`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

import kgan
from kgan.losses import adversarial, simplex
from kgan.presets import Preset


class PlainModel(keras.Model):
    """The losses of two players, in metrics that Keras keeps."""

    def __init__(self) -> None:
        super().__init__()
        self.seed = keras.random.SeedGenerator(0)
        self.trackers = [keras.metrics.Mean(f"{n}_loss") for n in ("discriminator", "generator")]
        self.built = True

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return self.trackers

    def logs(self, *losses: Any) -> dict[str, Any]:
        """The means so far, with the discriminator's and the generator's loss of this step."""
        for tracker, loss in zip(self.trackers, losses, strict=True):
            tracker.update_state(loss)
        return {tracker.name: tracker.result() for tracker in self.trackers}


class PlainGAN(PlainModel):
    """Two networks, two tapes, two optimizers, and metrics that Keras keeps.

    Args:
        generator: latents to samples.
        discriminator: samples to logits or embeddings.
        discriminator_loss: `(discriminator(real), discriminator(fake)) -> scalar`.
        generator_loss: `discriminator(fake) -> scalar`.
        latent_dim: width of the latents, which are U[-1, 1].
        noise: standard deviation of the noise on what the discriminator sees, at step 0.
        noise_steps: over as many steps it goes to 0.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        *,
        discriminator_loss: Callable[[Any, Any], Any],
        generator_loss: Callable[[Any], Any],
        latent_dim: int,
        noise: float = 0.0,
        noise_steps: int = 1,
    ):
        super().__init__()
        self.generator = generator
        self.discriminator = discriminator
        self.discriminator_loss = discriminator_loss
        self.generator_loss = generator_loss
        self.latent_dim = latent_dim
        self.noise = noise
        self.noise_steps = noise_steps

    def compile(self, discriminator_optimizer: Any, generator_optimizer: Any, **kwargs: Any):
        super().compile(**kwargs)
        self.discriminator_optimizer = discriminator_optimizer
        self.generator_optimizer = generator_optimizer
        discriminator_optimizer.build(self.discriminator.trainable_weights)
        generator_optimizer.build(self.generator.trainable_weights)

    def train_step(self, real: Any) -> dict[str, Any]:
        shape = (keras.ops.shape(real)[0], self.latent_dim)

        latents = keras.random.uniform(shape, -1.0, 1.0, seed=self.seed)
        fake = self.generator(latents, training=True)
        with tf.GradientTape() as tape:
            loss_d = self.discriminator_loss(
                self.discriminator(self.noisy(real), training=True),
                self.discriminator(self.noisy(fake), training=True),
            )
        weights = self.discriminator.trainable_weights
        gradients = tape.gradient(loss_d, weights)
        self.discriminator_optimizer.apply_gradients(zip(gradients, weights, strict=True))

        latents = keras.random.uniform(shape, -1.0, 1.0, seed=self.seed)
        with tf.GradientTape() as tape:
            fake = self.generator(latents, training=True)
            loss_g = self.generator_loss(self.discriminator(self.noisy(fake), training=True))
        weights = self.generator.trainable_weights
        gradients = tape.gradient(loss_g, weights)
        self.generator_optimizer.apply_gradients(zip(gradients, weights, strict=True))

        return self.logs(loss_d, loss_g)

    def noisy(self, batch: Any) -> Any:
        """What the discriminator sees of `batch`."""
        if not self.noise:
            return batch
        step = keras.ops.cast(self.generator_optimizer.iterations, "float32")
        stddev = self.noise * keras.ops.maximum(1 - step / self.noise_steps, 0.0)
        return batch + stddev * keras.random.normal(keras.ops.shape(batch), seed=self.seed)


def plain_twin(model: kgan.AdversarialModel, preset: Preset, **compiling: Any) -> PlainGAN:
    """The plain model of the same networks, losses and optimizers as a GAN's or MD-GAN's.

    Args:
        model: whose networks are built again, with weights of their own.
        preset: what `model` was built from.
        **compiling: arguments of Keras' `compile`.
    """
    discriminator_loss, generator_loss = _losses(model)
    twin = PlainGAN(
        keras.models.clone_model(model.generator),
        keras.models.clone_model(model.discriminator),
        discriminator_loss=discriminator_loss,
        generator_loss=generator_loss,
        latent_dim=model.latent_dim,
        noise=model.instance_noise,
        noise_steps=model.instance_noise_steps,
    )
    twin.compile(
        *(
            keras.optimizers.Adam.from_config(preset.optimizer(player).get_config())
            for player in ("discriminator", "generator")
        ),
        **compiling,
    )
    return twin


def _losses(model: kgan.AdversarialModel) -> tuple[Callable[..., Any], Callable[..., Any]]:
    if isinstance(model, kgan.GAN):
        return adversarial.discriminator_loss, adversarial.non_saturating_generator_loss
    real_mixture, mixture, epsilon = model.real_mixture, model.fake_mixture, model.epsilon
    return (
        lambda real, fake: simplex.discriminator_loss(
            real_mixture.log_density(real) - mixture.log_peak,
            mixture.log_likelihood(fake),
            epsilon,
        ),
        lambda fake: simplex.saturating_generator_loss(mixture.log_likelihood(fake), epsilon),
    )
