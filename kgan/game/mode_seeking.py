"""Mode seeking as a plug-in term, for any generator of latents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from kgan.backend import engine
from kgan.backend.engine import Turn
from kgan.errors import InputError, check_positive
from kgan.game import packing
from kgan.game.regularizer import Regularizer
from kgan.losses import mode_seeking
from kgan.signatures import check_arguments


@keras.saving.register_keras_serializable("kgan")
class ModeSeeking(Regularizer):
    """Moves generated samples apart as far as their latents are.

    The generator's loss gets `weight / (d(G(z1), G(z2)) / d(z1, z2) + epsilon)`, d the mean
    absolute difference, where z1 and z2 are neighbouring latents of its turn: there is no pass
    more. The authors' code draws z2 besides, and lets the discriminator judge both. Of a mixture
    both are of one generator.

    Source: Mao, Lee, Tseng, Ma, Yang (CVPR 2019), https://arxiv.org/abs/1903.05628, Eq. (5); the
    ratio is of means over the batch of all replicas, as in the authors' code (HelenMao/MSGAN).

    Args:
        weight: over 0; 1 in the paper.
        epsilon: over 0.

    Raises:
        InputError: a number that is not over 0.
    """

    def __init__(self, weight: float = 1.0, *, epsilon: float = 1e-5, **kwargs: Any):
        check_arguments(ModeSeeking.__init__, locals())
        check_positive(weight=weight, epsilon=epsilon)
        super().__init__(**{**kwargs, "dtype": keras.config.floatx()})
        self.weight, self.epsilon = float(weight), float(epsilon)

    def build_for(self, model: Any) -> None:
        """Nothing is to be made.

        Raises:
            InputError: a model without a player called generator.
        """
        if "generator" not in model.players:
            raise InputError(
                f"ModeSeeking is for a generator. Received: a {type(model).__name__} of "
                f"{list(model.players)}"
            )
        self.built = True

    def metric_names(self, player: str) -> Sequence[str]:
        """`sample_spread`, how far apart samples are for their latents."""
        return ("sample_spread",) if player == "generator" else ()

    def term(self, player: str, turn: Turn, model: Any) -> tuple[Any, dict[str, Any]]:
        """The generator's term, and the ratio without its weight.

        Raises:
            InputError: fewer than two latents of a generator.
        """
        if player != "generator":
            return 0.0, {}
        latents = turn.latents[0] if isinstance(turn.latents, tuple) else turn.latents
        stride = getattr(model, "num_generators", 1)
        if latents.shape[0] is not None and latents.shape[0] < 2 * stride:
            raise InputError(
                "Mode seeking compares two samples of a generator in a move. Received: "
                f"{latents.shape[0]} of {stride}; raise the batch size."
            )

        def apart(rows: Any) -> Any:
            groups = packing.grouped(rows, 2, stride)
            return engine.over_replicas(
                mode_seeking.distances(
                    *(keras.ops.reshape(groups[:, i], (-1, *rows.shape[1:])) for i in (0, 1))
                )
            )

        ratio = mode_seeking.ratio(apart(turn.fake), apart(latents))
        return self.weight * mode_seeking.loss(ratio, self.epsilon), {"sample_spread": ratio}

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class."""
        return {**super().get_config(), "weight": self.weight, "epsilon": self.epsilon}
