"""Who plays: players, phases, and who owns which variable."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from kgan.errors import InputError
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
    inputs = keras.KerasTensor(tuple(input_shape))
    try:
        outputs = network.compute_output_spec(inputs) if network.built else network(inputs)
    except ValueError as error:
        raise InputError(
            f"{network.name} must take inputs of the shape {inputs.shape}. Received: a network "
            f"that fails with them: {error}"
        ) from error
    return tuple(outputs.shape)


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


def warn_of_local_statistics(players: Mapping[str, Player]) -> None:
    """Warn of batch norm whose statistics would differ between replicas."""
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


def make_optimizers(
    players: Mapping[str, Player],
    optimizer: Any,
    default: Callable[[str], keras.optimizers.Optimizer],
) -> dict[str, keras.optimizers.Optimizer]:
    """Give every player its own optimizer, built on its variables.

    Args:
        players: by name.
        optimizer: None for the default, one Keras optimizer or name to copy for each player, or
            a dictionary by player.
        default: the optimizer of a player by its name.

    Raises:
        InputError: if a dictionary names other players than there are, or gives two players
            the same object.
    """
    if isinstance(optimizer, Mapping):
        if set(optimizer) != set(players):
            raise InputError(
                f"compile needs an optimizer for each of {list(players)}. "
                f"Received: {list(optimizer)}"
            )
        made = {name: keras.optimizers.get(optimizer[name]) for name in players}
        if len({id(one) for one in made.values()}) < len(made):
            raise InputError(
                "Every player needs its own optimizer. Received: one object for several of "
                f"{list(players)}; give compile that object alone to copy it."
            )
    elif optimizer is None:
        made = {name: default(name) for name in players}
    else:
        config = keras.optimizers.serialize(keras.optimizers.get(optimizer))
        made = {name: keras.optimizers.deserialize(config) for name in players}
    for name, player in players.items():
        made[name] = _scaled(player, made[name])
        # Built now, so that a saved state can be loaded into it.
        made[name].build(player.variables)
    return made


def _scaled(player: Player, optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """Scale the loss for float16, whose gradients underflow without it; other types need none."""
    half = any(
        layer.compute_dtype == "float16"
        for network in player.networks
        for layer in network._flatten_layers()
    )
    wrapped = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    return keras.optimizers.LossScaleOptimizer(optimizer) if half and not wrapped else optimizer
