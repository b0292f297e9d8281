"""GAN, MD-GAN, MGAN and MIM-GAN in plain Keras, as a good programmer writes them without kgan.

One generated batch serves both moves where the algorithm has one draw of noise. MGAN has its
authors' structure (https://github.com/qhoangdl/MGAN, models.py), and so has MIM-GAN: K heads, their
outputs concatenated, one trunk, one pass of the discriminator and one tape for all generators.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
from keras import ops

import kgan
from benchmarks.peers import games
from kgan.losses import adversarial, overlap, simplex
from kgan.presets import Preset

Losses = tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]


class KerasPeer(keras.Model):
    """A generator or K of them, a discriminator, two optimizers, two metrics.

    Args:
        model: the game of kgan's whose networks are copied.
        batch: real examples of a step.
    """

    def __init__(self, model: kgan.AdversarialModel, batch: int):
        super().__init__()
        self.heads, self.trunk = games.split(model)
        if not isinstance(model, kgan.game.MixtureModel):
            self.heads = [_copied(head) for head in self.heads]
        self.discriminator = _copied(model.discriminator)
        self.samples = games.samples(model, batch)
        self.latent_dim = model.latent_dim
        self.normal = model.latent_distribution == "normal"
        self.fresh_noise = model.phases[-1].fresh_noise
        self.instance_noise = model.instance_noise
        self.instance_noise_steps = model.instance_noise_steps
        self.ema_decay = model.ema_decay
        self.of_discriminator, self.of_generator = losses(model, self.samples)
        self.seed = keras.random.SeedGenerator(0)
        self.trackers = [keras.metrics.Mean(f"{n}_loss") for n in ("discriminator", "generator")]
        self.built = True

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        return self.trackers

    @property
    def generator_weights(self) -> list[Any]:
        """Of all heads, then of the trunk."""
        networks = [*self.heads, *([self.trunk] if self.trunk else [])]
        return [weight for network in networks for weight in network.trainable_weights]

    def compile(self, discriminator_optimizer: Any, generator_optimizer: Any, **kwargs: Any):
        super().compile(**kwargs)
        self.discriminator_optimizer = discriminator_optimizer
        self.generator_optimizer = generator_optimizer
        discriminator_optimizer.build(self.discriminator.trainable_weights)
        generator_optimizer.build(self.generator_weights)

    def train_step(self, real: Any) -> dict[str, Any]:
        through_generator = tf.GradientTape()
        with through_generator:
            fake = self.generate(self.draw_latents())
        with tf.GradientTape() as tape:
            loss_d = self.of_discriminator(self.judge(real), self.judge(fake))
        weights = self.discriminator.trainable_weights
        self.discriminator_optimizer.apply(tape.gradient(loss_d, weights), weights)

        if self.fresh_noise:
            through_generator = tf.GradientTape()
            with through_generator:
                fake = self.generate(self.draw_latents())
        with through_generator:
            loss_g = self.of_generator(self.judge(fake), fake)
        weights = self.generator_weights
        self.generator_optimizer.apply(through_generator.gradient(loss_g, weights), weights)

        for tracker, loss in zip(self.trackers, (loss_d, loss_g), strict=True):
            tracker.update_state(loss)
        return {tracker.name: tracker.result() for tracker in self.trackers}

    def draw_latents(self) -> list[Any]:
        """`(samples, latent_dim)` for each generator."""
        shape = (len(self.heads), self.samples, self.latent_dim)
        if self.normal:
            return ops.unstack(keras.random.normal(shape, seed=self.seed))
        return ops.unstack(keras.random.uniform(shape, -1.0, 1.0, seed=self.seed))

    def generate(self, latents: list[Any]) -> Any:
        """Samples of all generators, those of the first one first."""
        parts = [head(z, training=True) for head, z in zip(self.heads, latents, strict=True)]
        samples = ops.concatenate(parts) if len(parts) > 1 else parts[0]
        return self.trunk(samples, training=True) if self.trunk else samples

    def judge(self, batch: Any) -> Any:
        """The discriminator's outputs, of what it sees of a batch."""
        if self.instance_noise:
            step = ops.cast(self.generator_optimizer.iterations, "float32")
            stddev = ops.maximum(1 - step / self.instance_noise_steps, 0.0) * self.instance_noise
            batch += stddev * keras.random.normal(ops.shape(batch), seed=self.seed)
        return ops.cast(self.discriminator(batch, training=True), "float32")


def peer(model: kgan.AdversarialModel, preset: Preset, **compiling: Any) -> KerasPeer:
    """The plain model of a game, from copies of its weights.

    Args:
        model: a GAN, MD-GAN, MGAN or MIM-GAN.
        preset: what it was built from.
        **compiling: arguments of Keras' `compile`.
    """
    twin = KerasPeer(model, preset.batch_size)
    average = {}
    if twin.ema_decay is not None:
        average = {"use_ema": True, "ema_momentum": twin.ema_decay}
    twin.compile(_adam(preset, "discriminator"), _adam(preset, "generator", **average), **compiling)
    return twin


def _adam(preset: Preset, player: str, **changes: Any) -> keras.optimizers.Adam:
    config = {**preset.optimizer(player).get_config(), **changes}
    return keras.optimizers.Adam.from_config(config)


def _copied(network: keras.Model) -> keras.Model:
    copy = keras.models.clone_model(network)
    copy.set_weights(network.get_weights())
    return copy


def losses(model: kgan.AdversarialModel, samples: int) -> Losses:
    """`(real, fake outputs) -> loss` of the discriminator, `(fake outputs, fake) -> loss`."""
    if isinstance(model, kgan.MGAN):
        return _mgan(model, samples)
    if isinstance(model, kgan.MIMGAN):
        return _mimgan(model)
    if isinstance(model, kgan.MDGAN):
        return _mdgan(model)
    return (
        adversarial.discriminator_loss,
        lambda fake, _: adversarial.non_saturating_generator_loss(fake),
    )


def _mdgan(model: kgan.MDGAN) -> Losses:
    mixture, bound, epsilon = model.fake_mixture, model.norm_bound, model.epsilon

    def log_likelihood(embeddings: Any) -> Any:
        return mixture.log_likelihood(embeddings if bound is None else bound(embeddings))

    def of_generator(fake: Any, _: Any) -> Any:
        if model.adversarial_loss == "saturating":
            return simplex.saturating_generator_loss(log_likelihood(fake), epsilon)
        return simplex.non_saturating_generator_loss(log_likelihood(fake))

    return (
        lambda real, fake: simplex.discriminator_loss(
            log_likelihood(real), log_likelihood(fake), epsilon
        ),
        of_generator,
    )


def _mgan(model: kgan.MGAN, samples: int) -> Losses:
    numbers = ops.repeat(ops.arange(model.num_generators), samples)
    diversity = model.diversity

    def told(outputs: Any) -> Any:
        return ops.mean(
            keras.losses.sparse_categorical_crossentropy(numbers, outputs[:, 1:], from_logits=True)
        )

    return (
        lambda real, fake: adversarial.discriminator_loss(real[:, 0], fake[:, 0]) + told(fake),
        lambda fake, _: (
            adversarial.non_saturating_generator_loss(fake[:, 0]) + diversity * told(fake)
        ),
    )


def _mimgan(model: kgan.MIMGAN) -> Losses:
    classifier, generators, diversity = model.classifier, model.num_generators, model.diversity
    classifier.trainable = False

    def shared(fake: Any) -> Any:
        if generators == 1:
            return 0.0
        made = ops.softmax(ops.cast(classifier(fake, training=False), "float32"))
        made = ops.mean(ops.reshape(made, (generators, -1, made.shape[-1])), axis=1)
        return overlap.pairwise(made) if model.measure == "pairwise" else overlap.overlap(made)

    return (
        adversarial.discriminator_loss,
        lambda outputs, fake: (
            adversarial.non_saturating_generator_loss(outputs) + diversity * shared(fake)
        ),
    )
