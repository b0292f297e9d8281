"""Historical averaging as a plug-in term, for the players of any game."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kgan.backend.engine import Turn
from kgan.backend.precision import floats
from kgan.errors import InputError, check_positive
from kgan.game.regularizer import Regularizer
from kgan.signatures import check_arguments


@keras.saving.register_keras_serializable("kgan")
class HistoricalAveraging(Regularizer):
    """Holds players near the mean of all weights that they have had.

    A player's loss gets `weight |theta - mean_i theta_i|^2`, where theta_i are the weights before
    each of its earlier moves, as constants; before the first move the term is 0.

    Source: Salimans et al. (2016), https://arxiv.org/abs/1606.03498, section 3.3.

    Args:
        weight: over 0; the paper has no value.
        players: names of the players that are held.

    Raises:
        InputError: a weight that is not over 0, or no player.
    """

    def __init__(
        self,
        weight: float = 1e-3,
        *,
        players: Sequence[str] = ("discriminator", "generator"),
        **kwargs: Any,
    ):
        check_arguments(HistoricalAveraging.__init__, locals())
        check_positive(weight=weight)
        if not players:
            raise InputError(
                f"players must name those that are held. Received: players={tuple(players)}"
            )
        super().__init__(**{**kwargs, "dtype": keras.config.floatx()})
        self.built: bool = False
        self.weight, self.held = float(weight), tuple(players)

    def build_for(self, model: Any) -> None:
        """Make the means.

        Raises:
            InputError: no such player, or a term that another model has.
        """
        if self.built:
            raise InputError(
                "HistoricalAveraging keeps the weights of one model. Received: one that another "
                "model has already; make a new one."
            )
        unknown = [name for name in self.held if name not in model.players]
        if unknown:
            raise InputError(
                f"HistoricalAveraging's players must be of {', '.join(model.players)}. "
                f"Received: {', '.join(unknown)}"
            )
        self.means = {
            player: [
                self._state(f"{player}_{number}", variable.shape)
                for number, variable in enumerate(model.players[player].variables)
            ]
            for player in self.held
        }
        self.moves = {player: self._state(f"{player}_moves", ()) for player in self.held}
        self.built = True

    def metric_names(self, player: str) -> Sequence[str]:
        """`<player>_history`, the squared distance from the mean."""
        return (f"{player}_history",) if player in self.held else ()

    def term(self, player: str, turn: Turn, model: Any) -> tuple[Any, dict[str, Any]]:
        """The player's term, and the squared distance without its weight; moves count then."""
        if player not in self.held:
            return 0.0, {}
        moves = ops.convert_to_tensor(self.moves[player])
        distance = ops.zeros(())
        for variable, mean in zip(model.players[player].variables, self.means[player], strict=True):
            weights = floats(ops.convert_to_tensor(variable))
            away = weights - ops.convert_to_tensor(mean)
            distance += ops.where(moves > 0, ops.sum(ops.square(away)), 0.0)
            if turn.training:
                mean.assign(mean + ops.stop_gradient(away) / (moves + 1.0))
        if turn.training:
            self.moves[player].assign(moves + 1.0)
        return self.weight * distance, {f"{player}_history": distance}

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class."""
        return {**super().get_config(), "weight": self.weight, "players": self.held}

    def _state(self, name: str, shape: Sequence[int]) -> keras.Variable:
        return self.add_weight(
            name=name,
            shape=tuple(shape),
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
        )
