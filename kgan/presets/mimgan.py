"""MIM-GAN (Li et al. 2021, Knowledge-Based Systems 212, 106513)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import keras

from kgan import data
from kgan.classifiers import training as classifier
from kgan.errors import InputError
from kgan.methods import MIMGAN
from kgan.networks import dcgan_discriminator, dcgan_generator, lucic_discriminator, lucic_generator
from kgan.presets import banks, images, mgan
from kgan.presets.preset import Preset

# What kind of classifier is trained where none is given, and what it is by default: see
# `kgan.classifiers.training.train_classifier`.
CLASSIFIER: Mapping[str, Any] = {
    "network": "small",
    "attributes": (),
    "noise": None,
    "label_smoothing": 0.0,
}


def _networks(generator: Any, discriminator: Any, dataset: str | None) -> Any:
    """Builder of a bank, a discriminator and the data set's classifier."""
    build_bank = banks.networks(generator, discriminator, lambda generators: 1)

    def build(
        example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        kind = {name: arguments[name] for name in CLASSIFIER}
        return {
            **build_bank(example_shape, dtype, arguments),
            "classifier": _classifier(arguments["classifier"], dataset, kind),
        }

    return build


def _classifier(given: Any, dataset: str | None, kind: Mapping[str, Any]) -> keras.Model:
    """A model as it is, one of a file, or the data set's own, trained where the cache has none."""
    if isinstance(given, keras.Model):
        return given
    if given is not None:
        return classifier.load_classifier(given).model
    if dataset is None:
        raise InputError(
            "MIM-GAN needs a classifier of the data. Received: a preset for any image set; give "
            "classifier= a Keras model or the path of one that apps.classifier wrote."
        )
    train = data.load(dataset, split=classifier.labelled_split(dataset))
    test = data.load(dataset, split="test")
    return classifier.cached_classifier(train, test, **kind, seed=classifier_seed(train)).model


def classifier_seed(dataset: data.Dataset) -> int:
    """Of the classifier that the game looks at.

    Images are measured by the data set's classifier of seed 0, and generators learn what the one
    that they play against takes for a class besides what looks like one: measured by that very
    network, generators on Fashion-MNIST overlapped by 0.17, and by another by 0.48.
    """
    return 1 if dataset.is_images else 0


def _arguments(generators: int) -> dict[str, Any]:
    return {
        **banks.arguments(generators, private_layers=None),
        "classifier": None,
        **CLASSIFIER,
    }


# With batch norm on real and generated batches apart, the discriminator tells them whatever their
# mean, as MD-GAN's does: ten generators that share nothing had learnt nothing after 3,000 steps.
_LUCIC = (
    functools.partial(lucic_generator, latent_dim=images.LATENT_DIM),
    functools.partial(lucic_discriminator, batch_norm=False),
)
_DCGAN = (dcgan_generator, functools.partial(dcgan_discriminator, batch_norm=False))
_IMAGES = {
    f"mimgan_{name or 'images'}": Preset(
        model=MIMGAN,
        dataset=name,
        example_shape=shape,
        networks=_networks(generator, discriminator, name),
        network_arguments=_arguments(generators),
        arguments={
            "latent_distribution": "normal",
            "samples_per_generator": 12,
            "value_range": value_range,
            # The paper gives no value; Algorithm 1 writes none. At 1 classes are shared out
            # further, and images get worse: docs/results/mimgan_overlap.md.
            "diversity": 0.1,
        },
        steps=steps,
        source="section 5: K generators that share nothing, latents N(0, 1), Adam 2e-4; the "
        "paper's figure 4 does not give its DCGAN's sizes, these are ours",
        **images.BUDGET,
    )
    for name, shape, (generator, discriminator), value_range, generators, steps in (
        ("mnist", (28, 28, 1), _LUCIC, (0.0, 1.0), 10, 15_625),
        ("fashion_mnist", (28, 28, 1), _LUCIC, (0.0, 1.0), 10, 15_625),
        ("cifar10", (32, 32, 3), _DCGAN, (-1.0, 1.0), 10, 156_250),
        ("celeb_a", (64, 64, 3), _LUCIC, (0.0, 1.0), 5, 101_250),
        (None, None, _LUCIC, (0.0, 1.0), 10, 15_625),
    )
}
_POINTS = {
    "mimgan_ring": Preset(
        model=MIMGAN,
        dataset="ring",
        example_shape=(2,),
        networks=_networks(mgan.point_generator, mgan.point_discriminator, "ring"),
        network_arguments=_arguments(8),
        arguments={"latent_distribution": "normal", "samples_per_generator": 128},
        source="MGAN's networks and budget on the same data; the paper has no points",
        **mgan.RING_BUDGET,
    )
}
_POINTS |= banks.point_presets(
    "mimgan",
    MIMGAN,
    lambda name: _networks(*banks.POINT_NETWORKS, name),
    _arguments,
    without="ring",
    source="a generator for each mode, on the networks, rates and steps of all methods; the paper "
    "has no points",
)
PRESETS = _IMAGES | _POINTS
