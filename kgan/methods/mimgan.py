"""Mutual-information multi-generator GAN."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kgan import data
from kgan.backend import engine
from kgan.backend.engine import Turn
from kgan.backend.precision import floats
from kgan.classifiers import training as classifier
from kgan.data.catalog import ATTRIBUTES
from kgan.errors import InputError, check_not_negative, check_one_of
from kgan.game import averaging
from kgan.game.bank import GeneratorBank
from kgan.game.mixture import MixtureModel
from kgan.game.players import Phase, Player, build_network, warn_of_squashed
from kgan.losses import adversarial, overlap
from kgan.methods.method import Method
from kgan.methods.presets import banks, images, points
from kgan.methods.presets.preset import Networks, Preset
from kgan.networks import dcgan_discriminator, dcgan_generator, lucic_discriminator, lucic_generator

MEASURES = ("overlap", "pairwise", "paired")
LOSSES = tuple(adversarial.GENERATOR_LOSSES)
# Of Eq. (5) and Algorithm 1, which write none.
_WEIGHT = 1.0
# A classifier that gets fewer of the examples right than this is worth a warning.
_POOR, _CHECKED = 0.5, 1_000
# So much of log K must be seen of generators that are all the same.
_SEEN = 0.5


@keras.saving.register_keras_serializable("kgan")
class MIMGAN(MixtureModel):
    """MIM-GAN: many generators, a trained classifier, and a penalty on what generators share.

    The classifier tells which classes of the data each generator makes, and the generators' loss
    has a term for what they have in common; a copy of it is kept, and stays as it is. See
    `kgan.losses.overlap` for how we read the paper's mutual information, and why.

    Source: Li, Liang, Neuman, Chen, Cui (2021), Knowledge-Based Systems 212, 106513.

    Args:
        generator: a bank of K generators; in the paper they share nothing.
        discriminator: samples to logits `(batch, 1)`.
        classifier: samples to logits `(batch, classes)`, trained; images come to it in [0, 1].
        measure: `"overlap"` (of all generators at once), `"pairwise"` (Eq. (5)) or `"paired"`
            (Eq. (4) under the same latents, for comparison; needs `same_noise=True`).
        diversity: lambda, the measure's weight, at least 0; 1 if None, which is Algorithm 1. It is
            of this measure: the sum over pairs pulls 24 times as hard as `overlap` where K is 10.
        loss: the generators': `"non_saturating"` or `"minimax"` (the paper's formula).
        fresh_noise: draw new latents for the generators' move, as in Algorithm 1.
        **kwargs: see `MixtureModel`.
    """

    answers_logits = True
    no_packs = "its classifier, of which `discriminate` tells too, sees samples one by one"

    def __init__(
        self,
        generator: GeneratorBank,
        discriminator: keras.Layer,
        classifier: keras.Model,
        *,
        measure: str = "overlap",
        diversity: float | None = None,
        loss: str = "non_saturating",
        fresh_noise: bool = True,
        **kwargs: Any,
    ):
        check_one_of(MEASURES, measure=measure)
        check_one_of(LOSSES, loss=loss)
        check_not_negative(diversity=_WEIGHT if diversity is None else diversity)
        if measure == "paired" and not kwargs.get("same_noise"):
            raise InputError(
                "measure='paired' compares generators on the same latents. Received: "
                "same_noise=False; give same_noise=True."
            )
        super().__init__(
            generator,
            players=(
                Player("discriminator", [discriminator]),
                Player("generator", [generator], metrics=("shared",)),
            ),
            phases=(Phase("discriminator"), Phase("generator", fresh_noise=fresh_noise)),
            **kwargs,
        )
        self.discriminator = discriminator
        warn_of_squashed(discriminator)
        self._check_classifier(classifier)
        # A copy: whoever gave it may train it further.
        self.classifier = averaging.frozen_copy(classifier, (None, *self.sample_shape))
        self.measure = measure
        self.diversity = _WEIGHT if diversity is None else float(diversity)
        self.adversarial_loss = loss
        self.fresh_noise = bool(fresh_noise)

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
        loss = adversarial.GENERATOR_LOSSES[self.adversarial_loss](logits, self.mixture_mean)
        shared = self._shared_on_all_replicas(turn.fake)
        return loss + self.diversity * shared, {"shared": shared}

    def shared(self, samples: Any) -> Any:
        """The measure of samples `(m * K, ...)`, row `r` of generator `r % K`: a scalar in nats.

        The higher, the more the generators share: `overlap` is `log K` less the mutual information
        of a sample's generator and its class.
        """
        return self._shared(self.classify(samples))

    def _shared_on_all_replicas(self, samples: Any) -> Any:
        """The measure of all replicas' samples: it is no mean over rows."""
        return self._shared(engine.over_replicas(self.classify(samples)))

    def _shared(self, logits: Any) -> Any:
        """The measure of the classifier's logits `(m * K, classes)`."""
        if self.num_generators == 1:
            return ops.zeros(())  # Nothing is shared, whatever the classifier says.
        logits = self.by_generator(logits)
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
            samples = (floats(samples) - low) / (high - low)
        return floats(self.classifier(samples, training=False))

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """`logits (n,)`, `probability (n,)` of being real, `class_probabilities (n, classes)`."""
        logits = ops.reshape(self.discriminator(samples, training=False), (-1,))
        logits = floats(logits)
        return {
            "logits": logits,
            "probability": ops.sigmoid(logits),
            "class_probabilities": ops.softmax(self.classify(samples), axis=-1),
        }

    def stream(self, dataset: Any, batch_size: int) -> Any:
        """The batch stream; warns if the measure can tell nothing, by its classifier or samples."""
        stream = super().stream(dataset, batch_size)
        self._check_samples(batch_size)
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
                    "one with kgan.classifiers.training, or `kgan classifier`.",
                    stacklevel=2,
                )
        return stream

    def _check_samples(self, batch_size: int) -> None:
        """Warn where so few samples of each generator hide what generators share."""
        count, classes = self.num_generators, self.classifier.output_shape[-1]
        own = self.own_samples(batch_size)
        seen = overlap.expected_overlap(own, count, classes) / math.log(count) if count > 1 else 1
        if seen < _SEEN and self.diversity:
            warnings.warn(
                f"Generators that are all the same would look as if they shared {seen:.0%} of what "
                f"they make: {own} samples of each tell too little of {classes} classes. Give a "
                "larger `samples_per_generator`, or a classifier of fewer classes.",
                stacklevel=3,
            )

    def _check_classifier(self, classifier: keras.Model) -> None:
        expected = getattr(classifier, "input_shape", None)
        if expected is not None and tuple(expected[1:]) != self.sample_shape:
            raise InputError(
                f"The classifier must take samples of the shape {self.sample_shape}. Received: a "
                f"classifier of {tuple(expected[1:])}; train one on this data set."
            )
        shape = build_network(classifier, (None, *self.sample_shape))
        if len(shape) != 2 or shape[-1] < 2:
            raise InputError(
                "The classifier must have an output (batch, classes) of 2 classes or more. "
                f"Received: a classifier with the output shape {shape}"
            )


# Presets --------------------------------------------------------------------------------

# What kind of classifier is trained before a run where none is given, and what it is by default:
# arguments of `kgan.classifiers.training.train_classifier`, with "classifier_" before their names.
CLASSIFIER: Mapping[str, Any] = {
    "classifier_network": "small",
    "classifier_attributes": (),
    "classifier_any_attribute": False,
    "classifier_noise": None,
    "classifier_label_smoothing": 0.0,
}


def classifier_kind(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What `arguments` say of the classifier, as arguments of `train_classifier`."""
    return {name.removeprefix("classifier_"): arguments[name] for name in CLASSIFIER}


def _networks(
    generator: Any,
    discriminator: Any,
    facts: Mapping[str, Any],
    dataset: str | None,
    options: Mapping[str, Sequence[str]] | None = None,
) -> Networks:
    """Builder of a bank, a discriminator and the data set's classifier."""
    build_bank = banks.networks(generator, discriminator, lambda generators: 1, facts, options)

    def build(
        example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        kind = classifier_kind(arguments)
        looks = _classifier(arguments["classifier"], dataset, kind)
        return {**build_bank(example_shape, dtype, arguments), "classifier": looks}

    return build_bank.differing(build)


def _classifier(given: Any, dataset: str | None, kind: Mapping[str, Any]) -> keras.Model:
    """A model as it is, one of a file, or the data set's own, where the cache has it.

    Raises:
        InputError: there is none: a model that is built trains nothing.
    """
    if isinstance(given, keras.Model):
        return given
    if given is not None:
        return classifier.load_classifier(given).model
    if dataset is None:
        raise InputError(
            "MIM-GAN needs a classifier of the data. Received: a preset for any image set; give "
            "classifier= a Keras model or the path of one that `kgan classifier` wrote."
        )
    train = data.load(dataset, split=classifier.labelled_split(dataset))
    seed = classifier_seed(train)
    path = classifier.cache_path(train, **kind, seed=seed)
    if not path.exists():
        raise InputError(
            f"MIM-GAN plays against a classifier of '{dataset}', and none is in the cache. "
            f"Received: no classifier; train one with kgan.classifiers.training, or `kgan "
            f"classifier --dataset={dataset} --seed={seed} --output=mine.keras`, and give "
            "classifier='mine.keras'. kgan.train does so itself."
        )
    return classifier.load_classifier(path).model


def classifier_seed(dataset: data.Dataset) -> int:
    """Of the classifier that the game looks at.

    Images are measured by the data set's classifier of seed 0, and generators learn what the one
    that they play against takes for a class besides what looks like one: measured by that very
    network, generators on Fashion-MNIST overlapped by 0.17, and by another by 0.48.
    """
    return 1 if dataset.is_images else 0


def _arguments(generators: int, dataset: str | None = None) -> dict[str, Any]:
    found = {**banks.arguments(generators, private_layers=None), "classifier": None, **CLASSIFIER}
    if dataset in ATTRIBUTES:  # Section 5.3: two classes, faces with any of them and all others.
        found |= {"classifier_attributes": ATTRIBUTES[dataset], "classifier_any_attribute": True}
    return found


_LUCIC = (
    functools.partial(lucic_generator, latent_dim=images.LATENT_DIM),
    functools.partial(lucic_discriminator, norm="none"),
    images.facts(),
    images.OPTIONS,
)
_DCGAN: tuple[Any, Any, Mapping[str, Any], Mapping[str, Sequence[str]]] = (
    dcgan_generator,
    functools.partial(dcgan_discriminator, batch_norm=False),
    {"networks": "DCGAN", "latent_dim": 100, "discriminator_norm": "none", "stddev": 0.01},
    {},
)
_REASONS: Mapping[str, str] = {
    # It tells real and generated batches apart whatever their mean, as MD-GAN's does.
    "discriminator_norm": "with batch norm ten generators that share nothing had learnt nothing "
    "after 3,000 steps: docs/results/fashion_mnist_3000.md",
    "networks": "those of all methods on these images; figure 4 does not give its DCGAN's sizes",
    "latent_dim": "that of the networks, which the paper does not give",
    "latent_distribution": "N(0, 1), as the paper has it on its image sets",
    "steps": "20 epochs of 50,000 where the paper has 200: Lucic et al.'s, as for all methods",
    "diversity": "of `overlap`; at 1 classes are shared out further, and images get worse: "
    "docs/results/mimgan_overlap.md",
    "samples_per_generator": "the cost of a step: as in MGAN's tables, 120 generated samples; few "
    "samples blur what the term sees",
    "equal_batches": "the cost of a step, K times the real ones: 12 of each generator here",
    "stddev": "MGAN's tables 4 to 7, whose networks these are",
    "value_range": "MGAN's tables 4 to 7, whose networks these are: they end in a tanh",
    "generators": "as many as on MNIST and CIFAR-10",
}
_IMAGES = {
    name or "images": Preset(
        dataset=name,
        example_shape=shape,
        networks=_networks(generator, discriminator, facts, name, options),
        network_arguments=_arguments(generators, name),
        arguments={
            "latent_distribution": "normal",
            "samples_per_generator": 12,
            "diversity": 0.1,
            **({} if value_range is None else {"value_range": value_range}),
        },
        goes_with={"diversity": "measure"},
        steps=steps,
        reasons={
            **_REASONS,
            "value_range": "the networks of all methods on these images end in a sigmoid"
            if value_range is None
            else _REASONS["value_range"],
        },
        shared=images.shared(name, steps),
        **images.BUDGET,
    )
    for name, shape, (generator, discriminator, facts, options), value_range, generators, steps in (
        ("mnist", (28, 28, 1), _LUCIC, None, 10, 15_625),
        ("fashion_mnist", (28, 28, 1), _LUCIC, None, 10, 15_625),
        ("cifar10", (32, 32, 3), _DCGAN, (-1.0, 1.0), 10, 156_250),
        ("celeb_a", (64, 64, 3), _LUCIC, None, 5, 101_250),
        (None, None, _LUCIC, None, 10, 15_625),
    )
}
_POINTS = {
    "ring": Preset(
        dataset="ring",
        example_shape=(2,),
        networks=_networks(*banks.RING_NETWORKS, banks.RING_FACTS, "ring"),
        network_arguments=_arguments(8),
        arguments={"latent_distribution": "normal", "samples_per_generator": 128},
        reasons=dict.fromkeys(
            (
                *("steps", "batch_size", "learning_rate", "beta_1", "decay", "networks"),
                *("latent_dim", "stddev", "samples_per_generator", "latent_distribution"),
            ),
            "MGAN's table 3 on the same data, and its decay; the paper has no points",
        ),
        shared={"generators": (8, "a generator for each mode")},
        **banks.RING_BUDGET,
    )
}
_POINTS |= banks.point_presets(
    lambda name: _networks(*banks.POINT_NETWORKS, points.FACTS, name),
    _arguments,
    without="ring",
)

METHOD = Method(
    name="mimgan",
    title="MIM-GAN",
    model=MIMGAN,
    idea="many generators, and a penalty on what they share",
    source="Li et al. 2021",
    link="https://doi.org/10.1016/j.knosys.2020.106513",
    cost=3.0,
    reasons={
        "measure": "Eq. (4) leaves the joint distribution open: `kgan.losses.overlap` says why",
        "loss": "the printed form saturates, as the original GAN's",
        "classifier_network": "a small network gets 93% of Fashion-MNIST right: "
        "docs/results/classifier.md",
    },
    presets={**_IMAGES, **_POINTS},
)
