"""Who plays: players, phases, and who owns which variable."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from kgan.errors import InputError
from kgan.layers.minibatch import MinibatchDiscrimination, MinibatchStandardDeviation
from kgan.signatures import check_arguments


@dataclasses.dataclass(frozen=True)
class Player:
    """One side of the game.

    Attributes:
        name: its loss is the model's method `<name>_loss(turn)`.
        networks: what it owns; every trainable variable of the game has exactly one owner.
        metrics: names of the scalars that its loss returns besides the loss, in a dictionary.
    """

    name: str
    networks: Sequence[keras.Layer]
    metrics: Sequence[str] = ()

    @property
    def variables(self) -> list[keras.Variable]:
        """The trainable variables of its networks."""
        return [v for network in self.networks for v in network.trainable_variables]


@dataclasses.dataclass(frozen=True)
class Phase:
    """A part of a train step: `player` moves `repeats` times.

    Attributes:
        player: name of the moving player.
        repeats: number of its moves; each gets its own part of the batch when over 1.
        fresh_noise: draw new latents for every move. Otherwise the samples of the phase before
            are used again, and the generator's pass is shared.
    """

    player: str
    repeats: int = 1
    fresh_noise: bool = False

    def __post_init__(self) -> None:
        check_arguments(type(self).__init__, vars(self))
        if self.repeats < 1:
            raise InputError(f"repeats must be at least 1. Received: {self.repeats}")


def build_network(network: keras.Layer, input_shape: Sequence[int | None]) -> tuple:
    """Build a network of any kind, subclassed ones too; returns its output's shape.

    Raises:
        InputError: if it does not take inputs of that shape.
    """
    check_network(network)
    inputs = keras.KerasTensor(tuple(input_shape))
    try:
        outputs = network.compute_output_spec(inputs) if network.built else network(inputs)
    except ValueError as error:
        raise InputError(
            f"{network.name} must take inputs of the shape {inputs.shape}. Received: a network "
            f"that fails with them: {error}"
        ) from error
    if not isinstance(outputs, keras.KerasTensor):
        raise InputError(
            f"{network.name} must give one tensor for each input. Received: a network of "
            f"{len(outputs)} outputs; join them with a Concatenate layer."
        )
    return tuple(outputs.shape)


def check_network(network: Any, what: str = "A player's network") -> None:
    """Check that `network` is one.

    Raises:
        InputError: if it is neither a Keras model nor a layer.
    """
    if not isinstance(network, keras.Layer):
        raise InputError(f"{what} must be a Keras model or layer. Received: {network!r}")


def check_networks(players: Sequence[Player]) -> None:
    """Check that all players' networks are some, as `check_network`."""
    for player in players:
        for network in player.networks:
            check_network(network, f"The {player.name}")


def require_one_output(network: keras.Layer, shape: Sequence[int | None]) -> None:
    """Check that a discriminator has one output for a row, and warn of one that is squashed.

    Args:
        network: the discriminator.
        shape: of its outputs.

    Raises:
        InputError: if it has another number of them.
    """
    if tuple(shape) not in ((None,), (None, 1)):
        raise InputError(
            f"A discriminator must have one output. Received: {network.name} with the output shape "
            f"{tuple(shape)}; end it in Dense(1)"
        )
    warn_of_squashed(network)


def check_ownership(players: Mapping[str, Player], variables: Sequence[keras.Variable]) -> None:
    """Check that every trainable variable of the game has exactly one owner.

    Args:
        players: by name.
        variables: all trainable variables of the model.

    Raises:
        InputError: if a variable has no owner, or several; names it.
    """
    owners: dict[int, list[str]] = {id(v): [] for v in variables}
    paths = {id(v): v.path for v in variables}
    for player in players.values():
        for variable in player.variables:
            owners.setdefault(id(variable), []).append(player.name)
            paths[id(variable)] = variable.path
    for key, names in owners.items():
        if len(names) != 1:
            raise InputError(
                "Every trainable variable must belong to exactly one player. Received: "
                f"{paths[key]} with owners {names}."
            )


def warn_of_bearing_rows(network: keras.Layer, what: str) -> None:
    """Warn of batch norm where each row's own gradient is asked for.

    Args:
        network: whose gradients in its inputs are taken.
        what: asks for them, as a plural.
    """
    for layer in network._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            warnings.warn(
                f"{what} look at each row's own gradient, and {layer.name} of {network.name} "
                "makes rows bear on each other. Build it without batch norm.",
                stacklevel=4,
            )
            return


def warn_of_squashed(
    network: keras.Layer,
    why: str = "the loss takes values without bounds (logits): it learns slowly so, and modes get "
    "lost",
) -> None:
    """Warn of a network that ends in a sigmoid or the like, where its values have no bounds.

    Args:
        network: a discriminator, or an inverse.
        why: what is against it.
    """
    activation = _last_activation(network)
    if activation is not None:
        warnings.warn(
            f"{network.name} ends in a {activation}, and {why}. End it in a layer without an "
            "activation, such as a plain Dense.",
            stacklevel=4,
        )


def _last_activation(network: Any) -> str | None:
    """Name of the bounded activation that a network ends in, if it does and that can be seen."""
    if isinstance(network, keras.layers.Softmax):
        return "softmax"
    found = getattr(network, "activation", None)
    if found is not None:
        return found.__name__ if found in _BOUNDED else None
    if isinstance(network, keras.Sequential):
        return _last_activation(network.layers[-1]) if network.layers else None
    if isinstance(network, keras.Model) and getattr(network, "outputs", None):
        return _last_activation(network.outputs[0]._keras_history.operation)
    return None


_BOUNDED = tuple(
    getattr(keras.activations, name)
    for name in (
        "sigmoid",
        "hard_sigmoid",
        "softmax",
        "log_softmax",
        "log_sigmoid",
        "softplus",
        "tanh",
    )
)


def warn_of_local_statistics(players: Mapping[str, Player]) -> None:
    """Warn of layers that would see another batch on each replica."""
    for player in players.values():
        for network in player.networks:
            for layer in network._flatten_layers():
                if isinstance(layer, keras.layers.BatchNormalization) and not layer.synchronized:
                    warnings.warn(
                        f"{player.name}'s {layer.name} is not synchronized: on several replicas "
                        "each normalises with its own part of the batch, and the first one's "
                        "moving statistics are saved. Build it with synchronized=True.",
                        stacklevel=3,
                    )
                elif isinstance(layer, MinibatchStandardDeviation | MinibatchDiscrimination):
                    warnings.warn(
                        f"{player.name}'s {layer.name} compares the samples of a batch: on several "
                        "replicas each compares those of its own part, and they do not train as "
                        "one.",
                        stacklevel=3,
                    )
