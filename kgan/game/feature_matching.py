"""Feature matching as a plug-in term, for any game whose discriminator sees samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kgan.backend import engine
from kgan.backend.engine import Turn
from kgan.backend.precision import floats
from kgan.errors import InputError, check_positive
from kgan.game import features
from kgan.game.regularizer import Regularizer
from kgan.losses import feature_matching, mixture
from kgan.signatures import check_arguments


@keras.saving.register_keras_serializable("kgan")
class FeatureMatching(Regularizer):
    """The generator matches the mean of features that the discriminator has of real samples.

    Source: Salimans et al. (2016), https://arxiv.org/abs/1606.03498, section 3.1:
    `|E f(x) - E f(G(z))|^2`, means over the batch of all replicas, of a mixture by weight.

    Args:
        weight: over 0.
        layer: name of the discriminator's layer whose output is matched; None for what its last
            layer with weights sees.
        alone: whether it replaces the generator's loss of the game, as in the paper.

    Raises:
        InputError: a weight that is not over 0.
    """

    def __init__(
        self, weight: float = 1.0, *, layer: str | None = None, alone: bool = False, **kwargs: Any
    ):
        check_arguments(FeatureMatching.__init__, locals())
        check_positive(weight=weight)
        super().__init__(**{**kwargs, "dtype": keras.config.floatx()})
        self.weight, self.layer, self.alone = float(weight), layer, bool(alone)

    def build_for(self, model: Any) -> None:
        """Find the layer.

        Raises:
            InputError: a game without a generator against a discriminator of samples alone, or no
                such layer.
        """
        if not {"discriminator", "generator"} <= set(model.players):
            raise InputError(
                "FeatureMatching is for a discriminator and a generator. Received: a "
                f"{type(model).__name__} of {list(model.players)}"
            )
        discriminator = model.players["discriminator"].networks[0]
        self._features = features.up_to(discriminator, self.layer, "FeatureMatching")
        self.built = True

    def metric_names(self, player: str) -> Sequence[str]:
        """`feature_gap`, the squared distance of the means."""
        return ("feature_gap",) if player == "generator" else ()

    def replaces(self, player: str) -> bool:
        """The generator's, where it is to stand alone."""
        return self.alone and player == "generator"

    def term(self, player: str, turn: Turn, model: Any) -> tuple[Any, dict[str, Any]]:
        """The generator's term, and the squared distance without its weight."""
        if player != "generator":
            return 0.0, {}
        real = ops.mean(self._rows(turn.real, turn), axis=0)
        fake = self._rows(turn.fake, turn)
        count = getattr(model, "num_generators", 1)
        if count == 1:
            fake = ops.mean(fake, axis=0)
        else:
            weights = ops.expand_dims(ops.convert_to_tensor(model.generator.mixture), 1)
            fake = ops.sum(weights * ops.mean(mixture.by_generator(fake, count), axis=0), axis=0)
        gap = feature_matching.squared_gap(*map(engine.mean_over_replicas, (real, fake)))
        return self.weight * gap, {"feature_gap": gap}

    def _rows(self, samples: Any, turn: Turn) -> Any:
        """Features `(n, d)` of samples as the discriminator sees them."""
        found = floats(
            turn.once(
                "matched features",
                turn.seen(samples),
                lambda x: self._features(x, training=turn.training),
            )
        )
        return ops.reshape(found, (ops.shape(found)[0], -1))

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class."""
        own = {"weight": self.weight, "layer": self.layer, "alone": self.alone}
        return {**super().get_config(), **own}
