"""N discriminators as one network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from kgan.errors import InputError, check_whole
from kgan.game import own_layers
from kgan.game.bank import GeneratorBank
from kgan.layers import STACKED
from kgan.signatures import check_arguments


@keras.saving.register_keras_serializable("kgan")
class DiscriminatorBank(keras.Model):
    """N discriminators of the same layers, each with weights of its own, in one pass.

    They differ by their first weights, and by what their dropout leaves out.

    Args:
        template: a functional Keras model from samples to `(batch, m)`, of Dense, Conv2D,
            Conv2DTranspose, BatchNormalization and layers without weights. Its layers are copied;
            its weights are not used, all are drawn anew.
        discriminators: how many, N; at least 1.

    Raises:
        InputError: fewer than 1 discriminator, a layer of another kind with weights, or a template
            that is not functional, of one input and one output.
    """

    def __init__(self, template: keras.Model, discriminators: int, **kwargs: Any):
        check_arguments(DiscriminatorBank.__init__, locals())
        check_whole(1, discriminators=discriminators)
        super().__init__(**{**kwargs, "dtype": keras.config.floatx()})
        own_layers.check_template(template)
        for layer in template.layers:
            if layer.weights and type(layer) not in STACKED:
                raise InputError(
                    f"Layers of a DiscriminatorBank may be {', '.join(t.__name__ for t in STACKED)}"
                    f" and layers without weights. Received: {layer.name} of "
                    f"{type(layer).__name__}"
                )
        self.discriminators = int(discriminators)
        self.bank = GeneratorBank(template, self.discriminators, name="bank")
        self.built = True

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """Of samples, with None for the batch."""
        return self.bank.input_shape

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """`(None, N)`; of templates of m outputs `(None, N m)`."""
        return (None, self.discriminators * self.network.output_shape[-1])

    @property
    def network(self) -> keras.Model:
        """All discriminators as a functional model, which takes as many rows for each."""
        return self.bank.network

    def call(self, samples: Any, training: bool = False) -> Any:
        """`(n, ...)` to `(n, N)`; of templates of m outputs `(n, N m)`, one after the other."""
        # Row r of the bank is for discriminator r % N.
        outputs = self.bank(ops.repeat(samples, self.discriminators, axis=0), training=training)
        width = self.discriminators * outputs.shape[-1]
        return ops.reshape(outputs, (-1, width))

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class."""
        return {
            "name": self.name,
            "template": self.bank.get_config()["template"],
            "discriminators": self.discriminators,
        }

    def remade(self, change: Callable[[Any], Any] = lambda template: template) -> DiscriminatorBank:
        """A bank of the same configuration, its weights drawn anew.

        Args:
            change: of the template, before.
        """
        config = self.bank.remade(change).get_config()
        return type(self).from_config({**self.get_config(), "template": config["template"]})

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> DiscriminatorBank:
        """A bank from `get_config()`."""
        template = keras.saving.deserialize_keras_object(
            config["template"], custom_objects=custom_objects
        )
        return cls(**{**config, "template": template})
