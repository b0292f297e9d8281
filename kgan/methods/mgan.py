"""Mixture GAN."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from kgan.backend.engine import Turn
from kgan.backend.precision import floats
from kgan.errors import InputError, check_not_negative, check_one_of
from kgan.game import packing
from kgan.game.bank import GeneratorBank
from kgan.game.mixture import MixtureModel
from kgan.game.players import Phase, Player, warn_of_squashed
from kgan.losses import adversarial, mixture
from kgan.methods.method import Method
from kgan.methods.presets import banks, images, points
from kgan.methods.presets.preset import Networks, Preset
from kgan.networks import (
    dcgan_discriminator,
    dcgan_generator,
    lucic_discriminator,
    lucic_generator,
)


@keras.saving.register_keras_serializable("kgan")
class MGAN(MixtureModel):
    """MGAN: a mixture of generators, and a classifier that tells which one made a sample.

    Generators are drawn apart by the classifier, which shares all but its last layer with the
    discriminator. At the equilibrium the mixture is the data distribution, and the generators'
    distributions differ as much as they can.

    Source: Hoang, Nguyen, Le, Phung, ICLR 2018, https://openreview.net/forum?id=rkmu5b0a-.

    The paper draws new latents for the generators' move, of each generator its own. The authors'
    code gives all generators the same latents in both moves: `same_noise=True, fresh_noise=False`.

    Args:
        generator: a bank of K generators; in the paper all but their first layer is shared.
        discriminator: samples to `(batch, 1 + K)`: the discriminator's logit, then the
            classifier's.
        diversity: beta, the weight of the classifier's term in the generators' loss, at least 0.
        loss: the generators' against the discriminator: `"non_saturating"` (section 3.1 and
            Algorithm 2) or `"minimax"` (Eq. (2)).
        fresh_noise: draw new latents for the generators' move.
        **kwargs: see `MixtureModel`.
    """

    answers_logits = True

    def __init__(
        self,
        generator: GeneratorBank,
        discriminator: keras.Layer,
        *,
        diversity: float = 0.125,
        loss: str = "non_saturating",
        fresh_noise: bool = True,
        **kwargs: Any,
    ):
        check_not_negative(diversity=diversity)
        check_one_of(adversarial.GENERATOR_LOSSES, loss=loss)
        super().__init__(
            generator,
            players=(
                Player("discriminator", [discriminator], metrics=("classifier_accuracy",)),
                Player("generator", [generator], metrics=("diversity_loss",)),
            ),
            phases=(Phase("discriminator"), Phase("generator", fresh_noise=fresh_noise)),
            **kwargs,
        )
        self.discriminator = discriminator
        warn_of_squashed(discriminator)
        self.diversity = float(diversity)
        self.adversarial_loss = loss
        self.fresh_noise = bool(fresh_noise)
        width = packing.build(discriminator, self)[-1]
        if width != 1 + self.num_generators:
            raise InputError(
                f"The discriminator must have 1 + {self.num_generators} outputs, its own and one "
                f"for each generator. Received: a discriminator of width {width}"
            )

    def discriminator_loss(self, turn: Turn) -> Any:
        """`L_C + L_D` of Algorithm 2; the class term has weight 1 here."""
        real, _ = _heads(self.embedding(turn.real, turn))
        fake, classes = _heads(self.embedding(turn.fake, turn))
        weights = ops.convert_to_tensor(self.generator.mixture)
        loss = adversarial.discriminator_loss(real, fake, self.mixture_mean)
        loss += mixture.generator_cross_entropy(classes, weights)
        return loss, {"classifier_accuracy": mixture.generator_accuracy(classes, weights)}

    def generator_loss(self, turn: Turn) -> Any:
        """`L_G` of Algorithm 2, which is descended; its first term is Eq. (2)'s in minimax form."""
        fake, classes = _heads(self.embedding(turn.fake, turn))
        weights = ops.convert_to_tensor(self.generator.mixture)
        apart = mixture.generator_cross_entropy(classes, weights)
        loss = adversarial.GENERATOR_LOSSES[self.adversarial_loss](fake, self.mixture_mean)
        return loss + self.diversity * apart, {"diversity_loss": apart}

    def realness(self, outputs: Any) -> Any:
        """The discriminator's own logit, without the classifier's."""
        return _heads(floats(outputs))[0]

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """`logits (n,)`, `probability (n,)` of being real, `generator_probabilities (n, K)`."""
        outputs = floats(self.discriminator(samples, training=False))
        logits, classes = _heads(outputs)
        return {
            "logits": logits,
            "probability": ops.sigmoid(logits),
            "generator_probabilities": ops.softmax(classes, axis=-1),
        }


def _heads(outputs: Any) -> tuple[Any, Any]:
    """The discriminator's logits `(n,)` and the classifier's `(n, K)`."""
    return outputs[:, 0], outputs[:, 1:]


# Presets --------------------------------------------------------------------------------


def _one_and_generators(generators: int) -> int:
    return 1 + generators


# Of `dcgan_generator` and `dcgan_discriminator`, as the tables have them; see there.
_DCGAN: Mapping[str, Any] = {
    "first_center": False,
    "width": 128,
    "stddev": 0.01,
    "truncated": False,
}
_DCGAN_FACTS: Mapping[str, Any] = {
    "networks": "DCGAN",
    "latent_dim": 100,
    "discriminator_norm": "batch",
}


def _dcgan_networks(
    example_shape: tuple[int, ...], dtype: Any, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """A bank of DCGAN's generators and its discriminator, as `_DCGAN`'s arguments say."""
    both: dict[str, Any] = {"width": int(arguments["width"]), "stddev": float(arguments["stddev"])}
    build = banks.networks(
        functools.partial(dcgan_generator, first_center=arguments["first_center"], **both),
        functools.partial(dcgan_discriminator, truncated=arguments["truncated"], **both),
        _one_and_generators,
        _DCGAN_FACTS,
    )
    return build(example_shape, dtype, arguments)


# Data set: example shape, steps, beta (tables 4 to 7). An "iteration" of the tables is an epoch;
# batches of 64 from 50,000 images of CIFAR-10, 100,000 of STL-10 and 1,281,167 of ImageNet.
_TABLES: dict[str, tuple[tuple[int, int, int], int, float]] = {
    "cifar10": ((32, 32, 3), 195_313, 0.01),
    "stl10": ((48, 48, 3), 390_625, 1.0),
    "stl10_96": ((96, 96, 3), 390_625, 1.0),
    "imagenet_resized/32x32": ((32, 32, 3), 1_000_912, 0.1),
}
_PAPER = {
    name: Preset(
        dataset=name.removesuffix("_96"),
        example_shape=shape,
        networks=Networks(_dcgan_networks, _DCGAN_FACTS),
        network_arguments={**banks.arguments(10, private_layers=1), **_DCGAN},
        arguments={
            "diversity": beta,
            "samples_per_generator": 12,
            "latent_distribution": "uniform",
            "value_range": (-1.0, 1.0),
        },
        steps=steps,
        batch_size=64,
        learning_rate=2e-4,
        beta_1=0.5,
        resized=name.startswith("stl10"),  # To 48 pixels, from 96.
        reasons={
            "total_samples": "12 of each generator, as the tables have it, are 120",
            "truncated": "the tables do not say; the authors' code truncates",
        },
    )
    for name, (shape, steps, beta) in _TABLES.items()
}
_PAGE = "docs/results/fashion_mnist.md"
# The networks that all methods have on the image sets that the paper has not.
_IMAGES = images.presets(
    banks.networks(
        functools.partial(lucic_generator, latent_dim=images.LATENT_DIM),
        lucic_discriminator,
        _one_and_generators,
        images.facts("batch"),
        images.OPTIONS,
    ),
    {
        "diversity": 0.1,
        "samples_per_generator": 12,
        "latent_distribution": "uniform",
        "ema_decay": 0.995,
    },
    without={"cifar10"},
    network_arguments=banks.arguments(10, private_layers=1),
    learning_rate=8e-4,
    reasons={
        "learning_rate": f"by search: {_PAGE}",
        "ema_decay": f"the average makes better images than the last weights: {_PAGE}",
    },
    more={**banks.SHARED, "diversity": (0.1, "table 7's, between those of the paper's other sets")},
)


_POINT_DIVERSITY = 0.125
_POINTS = {
    "ring": Preset(
        dataset="ring",
        example_shape=(2,),
        networks=banks.networks(*banks.RING_NETWORKS, _one_and_generators, banks.RING_FACTS),
        network_arguments=banks.arguments(8, private_layers=1),
        arguments={
            "diversity": _POINT_DIVERSITY,
            "samples_per_generator": 128,
            "latent_distribution": "normal",
        },
        reasons={
            "decay": "at a constant rate modes stay tighter than the data's: "
            "docs/results/mgan_ring.md",
        },
        **banks.RING_BUDGET,
    )
}
# Of more modes, which the paper has not, table 3 has learnt nothing after 10,000 steps.
_POINTS |= banks.point_presets(
    lambda name: banks.networks(*banks.POINT_NETWORKS, _one_and_generators, points.FACTS),
    functools.partial(banks.arguments, private_layers=1),
    arguments={"diversity": _POINT_DIVERSITY},
    without="ring",
    reasons={"diversity": "the ring's (table 3); the paper has no points of more modes"},
)

METHOD = Method(
    name="mgan",
    title="MGAN",
    model=MGAN,
    idea="a mixture of generators, told apart by a classifier",
    source="Hoang et al. 2018",
    link="https://openreview.net/forum?id=rkmu5b0a-",
    cost=2.0,
    code="qhoangdl/MGAN",
    reasons={"loss": "section 3.1, of all the paper's data"},
    presets={**_PAPER, **_IMAGES, **_POINTS},
)
