"""What a game's `.keras` file holds: configuration, compilation, random state."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import keras
from keras import ops


class SavedGame(keras.Model):
    """The part of `AdversarialModel` that Keras' `save` and `load_model` call.

    A method's arguments are recorded as it is made, so that it has no `get_config` of its own;
    what was set on the model since is not among them.
    """

    @property
    def random_state(self) -> list[keras.Variable]:
        """Variables of random layers (dropout, ...) that are no weights."""
        weights = {id(v) for v in self.weights}
        return [v for v in self.variables if id(v) not in weights]

    def __new__(cls, *args: Any, **kwargs: Any) -> SavedGame:
        """Record the arguments, all that `get_config` is made from."""
        model = super().__new__(cls)
        # Past Keras, which would track the networks among them a second time.
        object.__setattr__(model, "_arguments", _arguments(cls, args, kwargs))
        return model

    def get_config(self) -> dict[str, Any]:
        """The arguments that the model was made with, networks serialized."""
        config = {name: _serialized(value) for name, value in self._arguments.items()}
        return {**config, "name": self.name}

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


def _arguments(cls: type, args: Any, kwargs: Any) -> Mapping[str, Any]:
    """The arguments of a call of `cls` by name, with the defaults of its own signature."""
    signature = inspect.signature(cls)
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError:
        return MappingProxyType({})  # `__init__` says what is wrong.
    bound.apply_defaults()
    further = (p.name for p in signature.parameters.values() if p.kind is p.VAR_KEYWORD)
    more = {key: value for name in further for key, value in bound.arguments.pop(name).items()}
    return MappingProxyType({**bound.arguments, **more})


def _serialized(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_serialized(item) for item in value]
    return keras.saving.serialize_keras_object(value)
