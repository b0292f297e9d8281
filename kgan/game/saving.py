"""What a game's `.keras` file holds: configuration, compilation, random state."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


class SavedGame(keras.Model):
    """The part of `AdversarialModel` that Keras' `save` and `load_model` call.

    Methods extend `get_config` with their arguments; networks are serialised with
    `keras.saving.serialize_keras_object`, and come back as networks in `from_config`.
    """

    @property
    def random_state(self) -> list[keras.Variable]:
        """Variables of random layers (dropout, ...) that are no weights."""
        weights = {id(v) for v in self.weights}
        return [v for v in self.variables if id(v) not in weights]

    def get_config(self) -> dict[str, Any]:
        """Arguments of the base class; methods add their own."""
        return {
            "name": self.name,
            "generator": keras.saving.serialize_keras_object(self.generator),
            "latent_distribution": self.latent_distribution,
            "latent_dim": self.latent_dim,
            "instance_noise": self.instance_noise,
            "instance_noise_steps": self.instance_noise_steps,
            "value_range": list(self.value_range),
            "seed": self.seed,
            "ema_decay": self.ema_decay,
            "preset": self.preset,
            **(
                {}
                if self.regularizer is None
                else {"regularizer": keras.saving.serialize_keras_object(self.regularizer)}
            ),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> SavedGame:
        """A model from `get_config()`."""
        arguments = {
            key: keras.saving.deserialize_keras_object(value, custom_objects=custom_objects)
            if isinstance(value, dict) and "class_name" in value
            else value
            for key, value in config.items()
        }
        return cls(**arguments)

    def get_compile_config(self) -> dict[str, Any] | None:
        """Arguments of `compile`; None before it was called."""
        if not self.compiled:
            return None
        return {
            "optimizer": {
                name: keras.saving.serialize_keras_object(optimizer)
                for name, optimizer in self.optimizers.items()
            },
            "steps_per_execution": self.steps_per_execution,
            "jit_compile": self.jit_compile,
        }

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile as saved, the optimizers built so that their state can be loaded."""
        optimizers = {
            name: keras.saving.deserialize_keras_object(value)
            for name, value in config["optimizer"].items()
        }
        self.compile(**{**config, "optimizer": optimizers})

    def save_own_variables(self, store: Any) -> None:
        """Own weights, and the random state that Keras would lose."""
        super().save_own_variables(store)
        for i, variable in enumerate(self.random_state):
            store[f"random_state_{i}"] = ops.convert_to_numpy(variable)

    def load_own_variables(self, store: Any) -> None:
        """Inverse of `save_own_variables`."""
        for i, variable in enumerate(self.random_state):
            variable.assign(store[f"random_state_{i}"])
        own = {key: store[key] for key in store.keys() if not key.startswith("random_state_")}  # noqa: SIM118
        super().load_own_variables(own)
