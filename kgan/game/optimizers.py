"""Every player's optimizer, and all of them as the one that Keras' callbacks ask a model for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NoReturn

import keras
from keras import ops

from kgan.errors import InputError
from kgan.game.copies import copy_of_optimizer
from kgan.game.players import Player


def make_optimizers(
    players: Mapping[str, Player],
    optimizer: Any,
    default: Callable[[str], keras.optimizers.Optimizer],
    *,
    scale: bool = True,
) -> dict[str, keras.optimizers.Optimizer]:
    """Give every player its own optimizer, built on its variables.

    Args:
        players: by name.
        optimizer: None for the default, one Keras optimizer or name to copy for each player, or
            a dictionary by player.
        default: the optimizer of a player by its name.
        scale: whether to scale losses where a player computes in float16.

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
        one = keras.optimizers.get(optimizer)
        names = {name: _name(_inner(one), name, given=False) for name in players}
        made = {name: copy_of_optimizer(one, names[name]) for name in players}
    for name, player in players.items():
        _inner(made[name]).name = _name(_inner(made[name]), name)
        if scale:
            made[name] = _scaled(player, made[name])
        # Built now, so that a saved state can be loaded into it.
        made[name].build(player.variables)
    return made


def _inner(optimizer: Any) -> Any:
    """The optimizer within one that scales losses."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def _name(optimizer: keras.optimizers.Optimizer, player: str, *, given: bool = True) -> str:
    """Name of a player's optimizer, by which callbacks log its rate: the given one, or its own."""
    stem = re.sub(r"_\d+$", "", optimizer.name)
    if stem.replace("_", "") == type(optimizer).__name__.lower():
        return f"{player}_{stem}"
    return optimizer.name if given else f"{player}_{optimizer.name}"


def _scaled(player: Player, optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """Scale the loss for float16, whose gradients underflow without it; other types need none."""
    half = any(
        layer.compute_dtype == "float16"
        for network in player.networks
        for layer in network._flatten_layers()
    )
    wrapped = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    return keras.optimizers.LossScaleOptimizer(optimizer) if half and not wrapped else optimizer


class Rates(dict[str, float]):
    """Learning rates that differ, by player: what callbacks find that ask for the one rate."""

    def refuse(self) -> NoReturn:
        """Say that they are no number.

        Raises:
            InputError: always.
        """
        raise InputError(
            "The players' learning rates differ, and there is no one rate of the game. "
            f"Received: {dict(self)}; read and set model.optimizers[player].learning_rate."
        )

    def __float__(self) -> float:
        self.refuse()

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        self.refuse()


class PlayersOptimizer(keras.optimizers.Optimizer):
    """All players' optimizers, as Keras' callbacks know a `keras.optimizers.MultiOptimizer`'s.

    It moves nothing itself. Learning-rate callbacks, `SwapEMAWeights` and TensorBoard find every
    player's optimizer in `optimizers`, and `fit` ends with the average weights of each that has
    `use_ema=True`. Files hold the state of the players' own optimizers, and none of this one.

    Args:
        optimizers: by player, built.
        players: by name.
        step: the variable that counts train steps.
    """

    def __init__(
        self,
        optimizers: Mapping[str, keras.optimizers.Optimizer],
        players: Mapping[str, Player],
        step: keras.Variable,
    ):
        super().__init__(learning_rate=0.0, name="players")
        # In no list or dictionary, where Keras would look for more state to save.
        self._players = MappingProxyType(
            {name: (optimizers[name], tuple(player.variables)) for name, player in players.items()}
        )
        self._step = MappingProxyType({"step": step})
        self.built = True

    @property
    def optimizers(self) -> Iterable[keras.optimizers.Optimizer]:
        """Each player's, without what scales its loss."""
        return (_inner(one) for one, _ in self._players.values())

    @property
    def iterations(self) -> keras.Variable:
        """Number of train steps so far; a player's own optimizer counts its moves."""
        return self._step["step"]

    @property
    def variables(self) -> list[keras.Variable]:
        """Of every player's optimizer."""
        return [v for one, _ in self._players.values() for v in one.variables]

    @property
    def learning_rate(self) -> Any:
        """The players' rate, where they have one, else `Rates`; setting it sets every player's.

        Raises:
            InputError: if it is set, or taken for a number, where their rates differ.
        """
        rates = {name: one.learning_rate for name, (one, _) in self._players.items()}
        found = Rates({name: float(ops.convert_to_numpy(rate)) for name, rate in rates.items()})
        return found if len(set(found.values())) > 1 else next(iter(rates.values()))

    @learning_rate.setter
    def learning_rate(self, rate: Any) -> None:
        found = self.learning_rate
        if isinstance(found, Rates):  # One number in place of several would change the game.
            found.refuse()
        for one, _ in self._players.values():
            one.learning_rate = rate

    def _trackable_children(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """What `tf.train.Checkpoint` keeps of it: each player's."""
        own = super()._trackable_children(*args, **kwargs)
        return {**own, **{name: one for name, (one, _) in self._players.items()}}

    def finalize_variable_values(self, var_list: Any) -> None:
        """Let each player's optimizer set the final values of what it moves."""
        del var_list  # In the model's order, and of all players.
        for one, variables in self._players.values():
            one.finalize_variable_values(variables)

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        """Not to be had: which player moves is for a phase to say.

        Raises:
            InputError: always.
        """
        raise InputError(
            "A game's variables are moved by their players' optimizers. Received: gradients for "
            "all of them; use model.optimizers[player].apply."
        )

    def get_config(self) -> dict[str, Any]:
        """Each player's, as `discriminator_beta_1`: for callbacks that tell it to a tracker.

        What a model is saved with is `get_compile_config`.

        Raises:
            InputError: for Keras' old file format, which has place for one optimizer.
        """
        from keras.src.backend.common import global_state  # Nowhere else does Keras tell.

        if global_state.get_global_attribute("use_legacy_config", False):
            raise InputError(
                "A game has an optimizer for each player, which only Keras' own format can hold. "
                "Received: a request for the configuration of one; save to a .keras file."
            )
        return {
            f"{name}_{key}": value
            for name, (one, _) in self._players.items()
            for key, value in one.get_config().items()
        }

    def save_own_variables(self, store: Any) -> None:
        """Nothing: the model's `optimizers` are saved one by one."""

    def load_own_variables(self, store: Any) -> None:
        """What stands here in files of version 0.1: the state of the last player's optimizer."""
        if len(store.keys()):
            last, _ = list(self._players.values())[-1]
            last.load_own_variables(store)
