"""Banks of generators without kgan, as one writes them first: the yardstick of `bank_step`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf
from keras import ops

import kgan
from benchmarks.plain_keras import PlainModel
from kgan.game.mixture import MixtureModel
from kgan.losses import adversarial, overlap


class PlainBank(PlainModel):
    """K generators as K models, with a tape and an optimizer each.

    Args:
        heads: K models from latents; all of a generator where there is no trunk.
        trunk: what the generators share, from a head's outputs to samples; None for nothing.
        discriminator: samples to its outputs.
        diversity: weight of what draws the generators apart.
        samples: that each generator makes for a turn.
        latent_distribution: `"uniform"` or `"normal"`.
    """

    def __init__(
        self,
        heads: Sequence[keras.Model],
        trunk: keras.Model | None,
        discriminator: keras.Model,
        *,
        diversity: float,
        samples: int,
        latent_distribution: str,
    ):
        super().__init__()
        self.heads = list(heads)
        self.trunk = trunk
        self.discriminator = discriminator
        self.diversity = diversity
        self.samples = samples
        self.latent_distribution = latent_distribution

    def compile(self, optimizer: Callable[[], Any], **kwargs: Any):
        """`optimizer` makes one: for the discriminator, for each head, and for the trunk."""
        super().compile(**kwargs)
        self.networks = [self.discriminator, *self.heads, *([self.trunk] if self.trunk else [])]
        self.optimizers = [optimizer() for _ in self.networks]
        for made, network in zip(self.optimizers, self.networks, strict=True):
            made.build(network.trainable_weights)

    # What a method writes -----------------------------------------------------------------

    def discriminator_loss(self, real: Any, fake: Any) -> Any:
        """Of the discriminator's outputs; `fake` of all generators, one after the other."""
        raise NotImplementedError

    def generator_loss(self, generator: int, fake: Any, outputs: Any, others: Any) -> Any:
        """Of one generator: its samples, the discriminator's outputs, and `compared_with`."""
        raise NotImplementedError

    def compared_with(self, latents: Sequence[Any]) -> list[Any] | None:
        """What each generator is compared with, from the latents of all: nothing."""
        return None

    # The step -----------------------------------------------------------------------------

    def train_step(self, real: Any) -> dict[str, Any]:
        fake = ops.concatenate([self.generate(k, z) for k, z in enumerate(self.draw_latents())])
        with tf.GradientTape() as tape:
            loss_d = self.discriminator_loss(
                self.discriminator(real, training=True), self.discriminator(fake, training=True)
            )
        weights = self.discriminator.trainable_weights
        self.move(0, tape.gradient(loss_d, weights))

        latents = self.draw_latents()
        others = self.compared_with(latents)
        shared = self.trunk.trainable_weights if self.trunk else []
        losses, through_trunk = [], []
        for k, (head, z) in enumerate(zip(self.heads, latents, strict=True)):
            with tf.GradientTape() as tape:
                fake = self.generate(k, z)
                outputs = self.discriminator(fake, training=True)
                losses.append(self.generator_loss(k, fake, outputs, others))
            weights = head.trainable_weights
            gradients = tape.gradient(losses[-1], [*weights, *shared])
            self.move(1 + k, gradients[: len(weights)])
            through_trunk.append(gradients[len(weights) :])
        if self.trunk:
            self.move(-1, [sum(parts) for parts in zip(*through_trunk, strict=True)])

        return self.logs(loss_d, sum(losses))

    def draw_latents(self) -> list[Any]:
        """`(samples, latent_dim)` for each generator."""
        shape = (self.samples, self.heads[0].input_shape[-1])
        if self.latent_distribution == "normal":
            return [keras.random.normal(shape, seed=self.seed) for _ in self.heads]
        return [keras.random.uniform(shape, -1.0, 1.0, seed=self.seed) for _ in self.heads]

    def generate(self, generator: int, latents: Any) -> Any:
        """Samples of one generator."""
        hidden = self.heads[generator](latents, training=True)
        return self.trunk(hidden, training=True) if self.trunk else hidden

    def move(self, network: int, gradients: Sequence[Any]) -> None:
        """One step of a network's optimizer."""
        weights = self.networks[network].trainable_weights
        self.optimizers[network].apply_gradients(zip(gradients, weights, strict=True))


class PlainMGAN(PlainBank):
    """Algorithm 2 of Hoang et al. 2018, generator by generator."""

    def discriminator_loss(self, real: Any, fake: Any) -> Any:
        numbers = ops.repeat(ops.arange(len(self.heads)), self.samples)
        return adversarial.discriminator_loss(real[:, 0], fake[:, 0]) + _told(fake, numbers)

    def generator_loss(self, generator: int, fake: Any, outputs: Any, others: Any) -> Any:
        loss = adversarial.non_saturating_generator_loss(outputs[:, 0])
        numbers = ops.full((self.samples,), generator)
        return (loss + self.diversity * _told(outputs, numbers)) / len(self.heads)


class PlainMIMGAN(PlainBank):
    """Algorithm 1 of Li et al. 2021, with its K^2 calls of the classifier.

    Args:
        *args: see `PlainBank`.
        classifier: samples to logits `(batch, classes)`.
        **kwargs: see `PlainBank`.
    """

    def __init__(self, *args: Any, classifier: keras.Model, **kwargs: Any):
        super().__init__(*args, **kwargs)
        classifier.trainable = False
        self.classifier = classifier

    def discriminator_loss(self, real: Any, fake: Any) -> Any:
        return adversarial.discriminator_loss(real, fake)

    def generator_loss(self, generator: int, fake: Any, outputs: Any, others: Any) -> Any:
        loss = adversarial.non_saturating_generator_loss(outputs) / len(self.heads)
        return loss + self.diversity * self.shared_with(generator, fake, others)

    def shared_with(self, generator: int, fake: Any, others: Any) -> Any:
        """`Cal-MI(idx, n)`: the classifier looks at each other generator's samples again."""
        mine, shared = self.made(fake), 0.0
        for other, theirs in enumerate(others):
            if other != generator:
                shared += overlap.pairwise(ops.stack([mine, self.made(theirs)]))
        return shared

    def compared_with(self, latents: Sequence[Any]) -> list[Any] | None:
        return [self.generate(k, z) for k, z in enumerate(latents)]

    def made(self, samples: Any) -> Any:
        """Probabilities `(classes,)` of what a generator made."""
        return ops.mean(ops.softmax(self.classifier(samples, training=False)), axis=0)


def plain_twin(model: MixtureModel) -> PlainBank:
    """The plain model of an MGAN's or MIM-GAN's networks and losses, from copies of its weights.

    The same algorithm but for batch norm: where generators share one, or the discriminator has
    one, it sees the samples of one generator at a time here in the generators' turn.

    Args:
        model: with mixture weights that are equal and the non-saturating loss; of a MIM-GAN
            the pairwise measure.
    """
    bank = model.generator
    generators = [bank.generator(k) for k in range(bank.generators)]
    heads, trunk = _split(generators, bank.private_layers)
    discriminator = keras.models.clone_model(model.discriminator)
    discriminator.set_weights(model.discriminator.get_weights())
    options = {
        "diversity": model.diversity,
        "samples": model.samples_per_generator,
        "latent_distribution": model.latent_distribution,
    }
    if isinstance(model, kgan.MGAN):
        return PlainMGAN(heads, trunk, discriminator, **options)
    return PlainMIMGAN(heads, trunk, discriminator, classifier=model.classifier, **options)


def _split(
    generators: list[keras.Model], private_layers: int | None
) -> tuple[list[keras.Model], keras.Model | None]:
    """Each generator's own layers as a model, and the first one's others, which all share."""
    if private_layers is None:
        return generators, None
    layers = generators[0].layers
    kernels = [place for place, layer in enumerate(layers) if hasattr(layer, "kernel")]
    first = kernels[private_layers]
    heads = [keras.Model(g.inputs, g.layers[first - 1].output) for g in generators]
    return heads, keras.Sequential([keras.Input(heads[0].output_shape[1:]), *layers[first:]])


def _told(outputs: Any, numbers: Any) -> Any:
    """Cross-entropy of the classifier's part of `outputs` with the generators' `numbers`."""
    return ops.mean(
        keras.losses.sparse_categorical_crossentropy(numbers, outputs[:, 1:], from_logits=True)
    )
