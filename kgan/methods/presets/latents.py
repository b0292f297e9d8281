"""Generators with as many latents as a user asks for, in place of those of a preset."""

from __future__ import annotations

from typing import Any

import keras

from kgan.game.bank import GeneratorBank


def resized(generator: Any, latent_dim: int) -> Any:
    """A generator of the same layers that takes so many latents, its weights drawn anew.

    Args:
        generator: a functional Keras model, or a bank of them; itself where it fits.
        latent_dim: at least 1.
    """
    if generator.input_shape[-1] == latent_dim:
        return generator
    if isinstance(generator, GeneratorBank):
        return generator.remade(lambda template: resized(template, latent_dim))
    inputs = keras.Input((latent_dim,), dtype=generator.inputs[0].dtype)
    found = keras.models.clone_model(generator, input_tensors=inputs)
    return keras.Model(found.inputs, found.outputs[0], name=generator.name)
