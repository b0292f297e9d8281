"""Copies in memory of networks and optimizers: of whatever classes, registered with Keras or not.

Keras copies by name: a configuration names a class, and the class is looked up. Here the object
that is copied is at hand, and with it the classes and functions that it is made of.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from kgan.errors import InputError


class Recipe:
    """What it takes to make a network again, its weights drawn anew.

    Args:
        network: to be copied.

    Raises:
        InputError: if two of its classes have one name; names it.
    """

    def __init__(self, network: keras.Layer):
        functions, self._objects = _own_objects(network)
        with _named(functions) as names:
            self._objects |= names
            self._config = keras.saving.serialize_keras_object(network)

    def make(self) -> keras.Layer:
        """A new network."""
        with keras.saving.custom_object_scope(self._objects):
            # A copy, which reading uses up.
            return keras.saving.deserialize_keras_object(copy.deepcopy(self._config))


def copy_of(network: keras.Layer) -> keras.Layer:
    """A network of the same configuration, its weights drawn anew.

    A network that is made of other networks says itself how, by a method `remade()`.

    Raises:
        InputError: if two of its classes have one name; names it.
    """
    remade = getattr(network, "remade", None)
    return Recipe(network).make() if remade is None else remade()


def copy_of_layer(layer: keras.Layer, made_as: Any = None, **changes: Any) -> keras.Layer:
    """A layer of the same configuration, not built.

    Args:
        layer: to be copied.
        made_as: class of the copy, the layer's own if None.
        **changes: of the configuration.

    Raises:
        InputError: if two of its classes have one name; names it.
    """
    functions, classes = _own_objects(layer)
    with _named(functions) as names, keras.saving.custom_object_scope({**classes, **names}):
        return (made_as or type(layer)).from_config({**layer.get_config(), **changes})


def copy_of_optimizer(
    optimizer: keras.optimizers.Optimizer, name: str
) -> keras.optimizers.Optimizer:
    """An optimizer of the same configuration in its first state; they share a schedule.

    Args:
        optimizer: to be copied.
        name: the copy's, by which its variables differ from another copy's.
    """
    config = {**optimizer.get_config(), "name": name}
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        inner = copy_of_optimizer(optimizer.inner_optimizer, name)
        config |= {"inner_optimizer": inner, "name": f"{name}_loss_scale"}
        return type(optimizer)(**config)
    if isinstance(config.get("learning_rate"), dict):
        config["learning_rate"] = optimizer._learning_rate  # A schedule has no state.
    return type(optimizer).from_config(config)


def _own_objects(network: keras.Layer) -> tuple[list[Any], dict[str, Any]]:
    """The functions of a network that Keras does not know, and its classes by name."""
    functions: dict[int, Any] = {}
    classes: dict[str, Any] = {}
    for layer in network._flatten_layers():
        for part in (type(layer), *_parts(layer)):
            if part.__module__.startswith("keras."):
                continue
            name = keras.saving.get_registered_name(part)
            if inspect.isfunction(part):
                if name == part.__name__:
                    functions[id(part)] = part
            elif classes.setdefault(name, part) is not part:
                raise InputError(
                    "Classes in a network must have different names for it to be copied. Received: "
                    f"two that are called {name} in {network.name}; rename one."
                )
    return list(functions.values()), classes


def _parts(layer: keras.Layer) -> Iterator[Any]:
    """Functions, and classes of objects such as initializers, that a layer holds."""
    for value in vars(layer).values():
        if inspect.isfunction(value):
            yield value
        elif hasattr(value, "get_config") and not isinstance(value, keras.Layer):
            yield type(value)


@contextmanager
def _named(functions: list[Any]) -> Iterator[dict[str, Any]]:
    """Give functions names of their own meanwhile: lambdas have none, and others may share one."""
    before = [function.__name__ for function in functions]
    names = {f"function_{i}": function for i, function in enumerate(functions)}
    try:
        for name, function in names.items():
            function.__name__ = name
        yield names
    finally:
        for name, function in zip(before, functions, strict=True):
            function.__name__ = name
