"""Mutual-information multi-generator GAN."""

from __future__ import annotations

import warnings
from typing import Any

import keras
import numpy as np
from keras import ops

from kgan.backend.engine import Turn
from kgan.errors import InputError, check_not_negative
from kgan.game.bank import GeneratorBank
from kgan.game.mixture import MixtureModel
from kgan.game.players import Phase, Player, build_network
from kgan.losses import adversarial, overlap

MEASURES = ("overlap", "pairwise", "paired")
LOSSES = ("non_saturating", "minimax")
# A classifier that gets fewer of the examples right than this is worth a warning.
_POOR, _CHECKED = 0.5, 1_000


@keras.saving.register_keras_serializable("kgan")
class MIMGAN(MixtureModel):
    """MIM-GAN: many generators, a trained classifier, and a penalty on what generators share.

    The classifier, which stays as it is, tells which classes of the data each generator makes; the
    generators' loss has a term for what they have in common. See `kgan.losses.overlap` for how we
    read the paper's mutual information, and why.

    Source: Li, Liang, Neuman, Chen, Cui (2021), Knowledge-Based Systems 212, 106513.

    Args:
        generator: a bank of K generators; in the paper they share nothing.
        discriminator: samples to logits `(batch, 1)`.
        classifier: samples to logits `(batch, classes)`, trained; images come to it in [0, 1].
        measure: `"overlap"` (of all generators at once), `"pairwise"` (Eq. (5)) or `"paired"`
            (Eq. (4) under the same latents, for comparison; needs `same_noise=True`).
        diversity: lambda, the measure's weight, at least 0.
        loss: the generators': `"non_saturating"` or `"minimax"` (the paper's formula).
        fresh_noise: draw new latents for the generators' move, as in Algorithm 1.
        **kwargs: see `MixtureModel`.
    """

    def __init__(
        self,
        generator: GeneratorBank,
        discriminator: keras.Layer,
        classifier: keras.Model,
        *,
        measure: str = "overlap",
        diversity: float = 1.0,
        loss: str = "non_saturating",
        fresh_noise: bool = True,
        **kwargs: Any,
    ):
        for name, value, known in (("measure", measure, MEASURES), ("loss", loss, LOSSES)):
            if value not in known:
                raise InputError(f"{name} must be one of {known}. Received: {value!r}")
        check_not_negative(diversity=diversity)
        if measure == "paired" and not kwargs.get("same_noise"):
            raise InputError(
                "measure='paired' compares generators on the same latents. Received: "
                "same_noise=False; give same_noise=True."
            )
        super().__init__(
            generator,
            players=(
                Player("discriminator", [discriminator]),
                Player("generator", [generator], metrics=("mutual_information",)),
            ),
            phases=(Phase("discriminator"), Phase("generator", fresh_noise=fresh_noise)),
            **kwargs,
        )
        self.discriminator = discriminator
        classifier.trainable = False
        self.classifier = classifier
        self.measure = measure
        self.diversity = float(diversity)
        self.adversarial_loss = loss
        self.fresh_noise = bool(fresh_noise)
        self._check_classifier()

    def discriminator_loss(self, turn: Turn) -> Any:
        """Eq. (5)'s first two terms, negated."""
        return adversarial.discriminator_loss(
            self.embedding(turn.real, turn),
            self.embedding(turn.fake, turn),
            self.mixture_mean,
        )

    def generator_loss(self, turn: Turn) -> Any:
        """Eq. (5)'s last two terms; the metric is the measure, in nats, without its weight."""
        logits = self.embedding(turn.fake, turn)
        if self.adversarial_loss == "minimax":
            loss = adversarial.minimax_generator_loss(logits, self.mixture_mean)
        else:
            loss = adversarial.non_saturating_generator_loss(logits, self.mixture_mean)
        shared = self.mutual_information(turn.fake)
        return loss + self.diversity * shared, {"mutual_information": shared}

    def mutual_information(self, samples: Any) -> Any:
        """The measure of samples `(m * K, ...)`, row `r` of generator `r % K`: a scalar in nats."""
        if self.num_generators == 1:
            return ops.zeros(())  # Nothing is shared, whatever the classifier says.
        logits = self.by_generator(self.classify(samples))
        if self.measure == "paired":
            return overlap.paired(ops.softmax(logits, axis=-1))
        made = overlap.generator_class_probabilities(logits)
        if self.measure == "pairwise":
            return overlap.pairwise(made)
        return overlap.overlap(made, ops.convert_to_tensor(self.generator.mixture))

    def classify(self, samples: Any) -> Any:
        """The classifier's logits `(n, classes)` for samples in `value_range`."""
        if len(self.sample_shape) == 3:
            low, high = self.value_range
            samples = (ops.cast(samples, "float32") - low) / (high - low)
        return ops.cast(self.classifier(samples, training=False), "float32")

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """`logits (n,)`, `probability (n,)` of being real, `class_probabilities (n, classes)`."""
        logits = ops.reshape(self.discriminator(samples, training=False), (-1,))
        logits = ops.cast(logits, "float32")
        return {
            "logits": logits,
            "probability": ops.sigmoid(logits),
            "class_probabilities": ops.softmax(self.classify(samples), axis=-1),
        }

    def stream(self, dataset: Any, batch_size: int) -> Any:
        """The batch stream; warns if the classifier is wrong about the data."""
        stream = super().stream(dataset, batch_size)
        labels = dataset.labels
        if labels is not None and labels.ndim == 1 and self.steps_taken == 0:
            some = np.linspace(0, len(dataset) - 1, min(len(dataset), _CHECKED)).astype(int)
            examples = dataset.with_value_range(self.value_range).floats(some)
            found = self._in_batches(self.classify, examples).argmax(axis=-1)
            accuracy = float((found == labels[some]).mean())
            if accuracy < _POOR:
                warnings.warn(
                    f"The classifier gets {accuracy:.1%} of {len(some)} examples of "
                    f"'{dataset.name}' right: what generators share cannot be told by it. Train "
                    "one with kgan.classifiers.training or apps.classifier.",
                    stacklevel=2,
                )
        return stream

    def _check_classifier(self) -> None:
        expected = getattr(self.classifier, "input_shape", None)
        if expected is not None and tuple(expected[1:]) != self.sample_shape:
            raise InputError(
                f"The classifier must take samples of the shape {self.sample_shape}. Received: a "
                f"classifier of {tuple(expected[1:])}; train one on this data set."
            )
        shape = build_network(self.classifier, (None, *self.sample_shape))
        if len(shape) != 2 or shape[-1] < 2:
            raise InputError(
                "The classifier must have an output (batch, classes) of 2 classes or more. "
                f"Received: a classifier with the output shape {shape}"
            )

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class."""
        return {
            **super().get_config(),
            "discriminator": keras.saving.serialize_keras_object(self.discriminator),
            "classifier": keras.saving.serialize_keras_object(self.classifier),
            "measure": self.measure,
            "diversity": self.diversity,
            "loss": self.adversarial_loss,
            "fresh_noise": self.fresh_noise,
        }
