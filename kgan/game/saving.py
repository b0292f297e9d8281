"""What a game's `.keras` file holds: its arguments as plain values, weights, random state."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import keras
from keras import ops

from kgan.backend import finite
from kgan.backend.writing import writing
from kgan.errors import InputError
from kgan.files import local_path, replacing
from kgan.signatures import check_arguments


class RecordedModel(keras.Model):
    """A Keras model that records the arguments that it is made with.

    Apart from the class that has `__init__`, whose signature `__new__` would hide.
    """

    _arguments: Mapping[str, Any]
    optimizers: dict[str, keras.optimizers.Optimizer]
    _auto_scale_loss = True

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Check the kinds of the arguments, and record them."""
        named = _named(cls, args, kwargs)
        for base in reversed(cls.mro()):
            if base.__module__.startswith("kgan.") and "__init__" in vars(base):
                check_arguments(vars(base)["__init__"], named)
        model = super().__new__(cls)
        # Past Keras, which would track the networks among them a second time.
        object.__setattr__(model, "_arguments", named)
        return model

    def save(self, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        """Keras' `save`, to a `.keras` file.

        Raises:
            InputError: if the path is one of Keras' old format.
            NonFiniteLossError: weights that are not finite; nothing is written.
            WriteError: it cannot be written; what was there stays.
        """
        check_path(filepath)
        finite.require_finite(self, "saved")
        with _in_place(filepath, args, kwargs) as path:
            return super().save(path, *args, **kwargs)

    def save_weights(self, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        """Keras' `save_weights`, to a `.weights.h5` file, or in several with `max_shard_size`.

        Raises:
            InputError: a path with a scheme, such as `gs://`.
            NonFiniteLossError: weights that are not finite; nothing is written.
            WriteError: it cannot be written; what was there stays.
        """
        finite.require_finite(self, "saved")
        with _in_place(filepath, args, kwargs) as path:
            return super().save_weights(path, *args, **kwargs)

    @property
    def random_state(self) -> list[keras.Variable]:
        """Variables of random layers (dropout, ...) that are no weights."""
        weights = {id(v) for v in self.weights}
        return [v for v in self.variables if id(v) not in weights]

    def get_config(self) -> dict[str, Any]:
        """The arguments that the model was made with, networks serialized."""
        config = {name: serialized(value) for name, value in self._arguments.items()}
        return {**config, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A model from `get_config()`."""
        return cls(**{k: deserialized(v, custom_objects) for k, v in config.items()})

    def get_compile_config(self) -> dict[str, Any] | None:
        """Arguments of `compile`; None before it was called."""
        if not self.compiled:
            return None
        return {
            "optimizer": {name: serialized(o) for name, o in self.optimizers.items()},
            "steps_per_execution": self.steps_per_execution,
            "jit_compile": self.jit_compile,
            "run_eagerly": self.run_eagerly,
            "auto_scale_loss": self._auto_scale_loss,
        }

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile as saved, the optimizers built so that their state can be loaded."""
        given = config["optimizer"].items()
        optimizers = {name: deserialized(value) for name, value in given}
        self.compile(**{**config, "optimizer": optimizers})

    def save_own_variables(self, store: Any) -> None:
        """Own weights, and the random state that Keras would lose.

        Raises:
            NonFiniteLossError: weights that are not finite. All of Keras' ways of saving call this.
        """
        finite.require_finite(self, "saved")
        super().save_own_variables(store)
        for i, variable in enumerate(self.random_state):
            store[f"random_state_{i}"] = ops.convert_to_numpy(variable)

    def load_own_variables(self, store: Any) -> None:
        """Inverse of `save_own_variables`."""
        for i, variable in enumerate(self.random_state):
            variable.assign(store[f"random_state_{i}"])
        own = {key: store[key] for key in store.keys() if not key.startswith("random_state_")}  # noqa: SIM118
        super().load_own_variables(own)


def check_path(filepath: Any) -> None:
    """Check that a file is of a format that a game can be loaded from.

    Raises:
        InputError: if it is of Keras' old one.
    """
    if str(filepath).endswith((".h5", ".hdf5")):
        raise InputError(
            "A game is saved to a .keras file, or its weights alone to a .weights.h5 file by "
            f"save_weights: from Keras' old format it cannot be loaded. Received: {filepath}"
        )


def _named(cls: type, args: Any, kwargs: Any) -> Mapping[str, Any]:
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


def serialized(value: Any) -> Any:
    """A value for a configuration; networks and other Keras objects as Keras writes them."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [serialized(item) for item in value]
    return keras.saving.serialize_keras_object(value)


def deserialized(value: Any, custom_objects: Any = None) -> Any:
    """Inverse of `serialized`."""
    if isinstance(value, dict) and "class_name" in value:
        return keras.saving.deserialize_keras_object(value, custom_objects=custom_objects)
    if isinstance(value, list):
        return [deserialized(item, custom_objects) for item in value]
    return value


@contextmanager
def _in_place(filepath: Any, args: Sequence[Any], options: Mapping[str, Any]) -> Iterator[Any]:
    """The path that Keras shall write to: a temporary one, where it writes one file.

    Keras opens the file that is there, and leaves half of the new one on a full disk.
    """
    path = local_path(filepath, "filepath")
    overwrite = args[0] if args else options.get("overwrite", True)
    several = options.get("zipped") is False or options.get("max_shard_size") is not None
    if several or len(args) > 1 or path.is_dir() or (path.exists() and not overwrite):
        with writing(path):  # A folder, several files, or a question that Keras asks.
            yield filepath
    elif not str(path).endswith((".keras", ".weights.h5")):
        yield filepath  # Keras refuses it.
    else:
        with writing(path), replacing(path) as temporary:
            yield str(temporary)
