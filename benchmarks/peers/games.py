"""The games that are timed, each a preset of kgan's, and their recipes for other frameworks."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from absl import logging

import kgan
from benchmarks.peers.recipe import Layer, Network, Recipe
from kgan import data, presets
from kgan.errors import DataError
from kgan.game.mixture import MixtureModel
from kgan.layers import SpectralConv2D, SpectralDense
from kgan.networks import classifiers

# Samples of all generators together in a move, where their number is not the preset's.
SAMPLES = 120


@dataclasses.dataclass(frozen=True)
class Game:
    """What is timed.

    Attributes:
        preset_name: such as `"mdgan_grid"`.
        generators: K, all making `SAMPLES` samples together; None for the preset's.
        shared: whether the generators share all but their first layer; None for the preset's way.
        shape: of an example, where it is not the preset's: tiny images, for tests.
    """

    preset_name: str
    generators: int | None = None
    shared: bool | None = None
    shape: tuple[int, ...] | None = None

    @property
    def method(self) -> str:
        return self.preset_name.partition("_")[0]

    @property
    def dataset_name(self) -> str:
        return self.preset_name.partition("_")[2]

    @property
    def preset(self) -> presets.Preset:
        return presets.get(self.preset_name)

    @property
    def is_images(self) -> bool:
        return len(self.preset.example_shape or ()) == 3

    def build(self, precision: str | None = None, **changes: Any) -> Any:
        """The model, not compiled; MIM-GAN's classifier is untrained, which costs the same."""
        if self.generators is not None:
            changes = {
                "generators": self.generators,
                "samples_per_generator": math.ceil(SAMPLES / self.generators),
                **changes,
            }
        if self.shared is not None:
            changes["private_layers"] = 1 if self.shared else None
        if self.method == "mimgan":
            shape = self.shape or self.preset.example_shape
            changes["classifier"] = (
                classifiers.image_classifier(shape, 10)
                if self.is_images
                else classifiers.point_classifier(2, 8)
            )
        return self.preset.build(self.shape, precision, **changes)

    def compiled(self, precision: str | None = None, **changes: Any) -> Any:
        """The model with the preset's optimizers."""
        model = self.build(precision, **changes)
        model.compile({player: self.preset.optimizer(player) for player in model.players})
        return model

    def dataset(self) -> data.Dataset:
        return load(self.dataset_name)


def load(name: str) -> data.Dataset:
    """The training data of that name; random images of its shape where they are not found."""
    try:
        return data.load(name)
    except DataError as error:
        logging.warning("Random images instead: %s", error)
    shape = presets.get(f"gan_{name}").example_shape
    images = np.random.default_rng(0).integers(0, 256, (10_000, *shape), dtype=np.uint8)
    return data.Dataset(name=name, split="train", examples=images, source="random numbers")


def recipe(model: Any, preset: presets.Preset, examples: np.ndarray) -> Recipe:
    """What another framework needs to play the game of `model`, from its weights on."""
    heads, trunk = split(model)
    rates = {player: preset.optimizer(player).get_config() for player in model.players}
    decaying = preset.decay == "cosine"
    return Recipe(
        method=type(model).__name__.lower(),
        examples=examples,
        batch=preset.batch_size,
        heads=[_described(head) for head in heads],
        trunk=_described(trunk) if trunk else [],
        discriminator=_described(model.discriminator),
        samples=samples(model, preset.batch_size),
        latent_dim=model.latent_dim,
        normal=model.latent_distribution == "normal",
        fresh_noise=model.phases[-1].fresh_noise,
        instance_noise=model.instance_noise,
        instance_noise_steps=model.instance_noise_steps,
        ema_decay=model.ema_decay,
        rates={
            player: float(_rate(one["learning_rate"]) if decaying else one["learning_rate"])
            for player, one in rates.items()
        },
        decay_steps=preset.steps if decaying else None,
        betas=(preset.beta_1, preset.beta_2),
        epsilon=rates["generator"]["epsilon"],
        loss=_loss(model),
    )


def split(model: Any) -> tuple[list[keras.Model], keras.Model | None]:
    """Each generator's own layers as a model of its own, and what all of them share, if anything.

    The weights are copies, the first generator's of what is shared.
    """
    if not isinstance(model, MixtureModel):
        return [model.generator], None
    bank = model.generator
    generators = [bank.generator(k) for k in range(bank.generators)]
    if bank.private_layers is None:
        return generators, None
    layers = generators[0].layers
    kernels = [place for place, layer in enumerate(layers) if hasattr(layer, "kernel")]
    first = kernels[bank.private_layers]
    heads = [keras.Model(g.inputs, g.layers[first - 1].output) for g in generators]
    return heads, keras.Sequential([keras.Input(heads[0].output_shape[1:]), *layers[first:]])


def samples(model: Any, batch: int) -> int:
    """How many samples each generator makes for a move."""
    if not isinstance(model, MixtureModel):
        return batch
    return int(model.own_samples(batch))


def _rate(schedule: Any) -> float:
    return schedule["config"]["initial_learning_rate"]


def _loss(model: Any) -> dict[str, Any]:
    """Numbers of the losses; only what the presets that are timed have is known here."""
    if isinstance(model, kgan.MGAN):
        assert model.adversarial_loss == "non_saturating"
        return {"diversity": model.diversity}
    if isinstance(model, kgan.MDGAN):
        real, fake = model.real_mixture, model.fake_mixture
        plain = not model.real_epsilon and not model.balance and model.whitening is None
        assert real == fake and real.likelihood == "max" and plain
        assert model.vertex_log_odds is None
        return {
            "vertices": real.vertices.astype(np.float32),
            "variance": real.variance,
            "epsilon": model.epsilon,
            "saturating": model.adversarial_loss == "saturating",
            "bound": None if model.norm_bound is None else model.norm_bound.radius,
        }
    assert model.adversarial_loss == "non_saturating" and not model.penalties
    return {}


def _described(model: keras.Model) -> Network:
    """The layers of a model without branches."""
    found: list[Layer] = []
    for layer in model.layers:
        found += _layers(layer)
    return found


def _layers(layer: keras.Layer) -> Sequence[Layer]:
    if isinstance(layer, keras.layers.InputLayer):
        return []
    weights = [np.asarray(w) for w in layer.trainable_weights]
    if isinstance(layer, keras.layers.Dense | keras.layers.Conv2D | keras.layers.Conv2DTranspose):
        kind = {"Dense": "dense", "Conv2D": "conv", "Conv2DTranspose": "conv_transpose"}[
            type(layer).__name__.removeprefix("Spectral")
        ]
        if kind != "dense":
            assert (layer.kernel_size, layer.strides, layer.padding) == ((4, 4), (2, 2), "same")
        options = {}
        if isinstance(layer, SpectralDense | SpectralConv2D):
            options["vector"] = np.asarray(layer.output_vector)
        activation = layer.activation.__name__
        after = [] if activation == "linear" else [_activation(activation)]
        return [Layer(kind, options, weights), *after]
    if isinstance(layer, keras.layers.BatchNormalization):
        options = {"epsilon": layer.epsilon, "momentum": layer.momentum}
        return [Layer("batch_norm", options, weights)]
    if isinstance(layer, keras.layers.LeakyReLU):
        return [Layer("leaky_relu", {"slope": float(layer.negative_slope)})]
    if isinstance(layer, keras.layers.Activation):
        return [_activation(layer.activation.__name__)]
    if isinstance(layer, keras.layers.Reshape):
        return [Layer("reshape", {"shape": tuple(layer.target_shape)})]
    if isinstance(layer, keras.layers.Flatten):
        return [Layer("flatten")]
    if isinstance(layer, keras.layers.Rescaling):
        return [Layer("scale", {"scale": float(layer.scale), "offset": float(layer.offset)})]
    raise NotImplementedError(f"No peer has a layer like {layer}.")


def _activation(name: str) -> Layer:
    if name == "leaky_relu":
        return Layer("leaky_relu", {"slope": 0.2})  # Keras' default.
    return Layer("activation", {"name": name})
