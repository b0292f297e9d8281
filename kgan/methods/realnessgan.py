"""Realness GAN: a discriminator that answers with a distribution."""

from __future__ import annotations

from typing import Any

import keras

from kgan.backend.engine import Turn
from kgan.backend.precision import floats
from kgan.game.players import warn_of_squashed
from kgan.game.two_player import TwoPlayerModel
from kgan.losses import realness
from kgan.methods.method import Method
from kgan.methods.presets import critics


@keras.saving.register_keras_serializable("kgan")
class RealnessGAN(TwoPlayerModel):
    """RealnessGAN: realness is a distribution over n outcomes, drawn to one of two anchors.

    Source: Xiangli, Deng, Dai, Loy, Lin (2020), https://arxiv.org/abs/2002.05512; the anchors'
    shapes, n = 51 and the skew are the authors' code's. The paper's feature resampling is left out.

    Args:
        generator: latents `(batch, latent_dim)` to samples.
        discriminator: samples to logits `(batch, n)` of a distribution over n >= 2 outcomes.
        objective: the generator's, 1, 2 or 3 of section 3.3; see `kgan.losses.realness`.
        flee: whether the generator's loss has the term `-KL(A0 || D(G(z)))`, as the paper's
            objectives; the first published code has none in objectives 2 and 3.
        skew: how far the anchors are moved apart, at least 0.
        **kwargs: see `TwoPlayerModel`.

    Raises:
        InputError: an unknown objective, a number out of its range, or too few outcomes.
    """

    def __init__(
        self,
        generator: keras.Layer,
        discriminator: keras.Layer,
        *,
        objective: int = 2,
        flee: bool = True,
        skew: float = 1.0,
        **kwargs: Any,
    ):
        realness.check_objective(objective, flee)
        super().__init__(generator, discriminator, **kwargs)
        warn_of_squashed(discriminator)
        shape = self.discriminator_shape
        width = shape[0] if len(shape) == 1 else 1
        self._fake_anchor, self._real_anchor = realness.anchors(width, skew)
        self.objective = int(objective)
        self.flee = bool(flee)
        self.skew = float(skew)

    def discriminator_loss(self, turn: Turn) -> Any:
        """Eq. (4): real distributions to the real anchor, generated ones to the other."""
        return realness.discriminator_loss(
            self.embedding(turn.real, turn),
            self.embedding(turn.fake, turn),
            self._fake_anchor,
            self._real_anchor,
        )

    def generator_loss(self, turn: Turn) -> Any:
        """The objective; only the second looks at real samples."""
        fake = self.embedding(turn.fake, turn)
        real = self.embedding(turn.real, turn) if self.objective == 2 else fake
        return realness.generator_loss(
            real, fake, self._fake_anchor, self._real_anchor, self.objective, flee=self.flee
        )

    def realness(self, outputs: Any) -> Any:
        """Where the distributions lie on the way from the fake anchor to the real one."""
        return realness.position(outputs, self._fake_anchor, self._real_anchor)

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """What the discriminator says of samples `(batch, ...)`.

        Returns:
            `realness (batch, n)`, distributions; `probability (batch,)` of being real.
        """
        logits = floats(self.discriminator(samples, training=False))
        probability = realness.real_probability(logits, self._fake_anchor, self._real_anchor)
        return {"realness": keras.ops.softmax(logits, axis=-1), "probability": probability}


METHOD = Method(
    name="realness",
    title="Realness GAN",
    model=RealnessGAN,
    idea="realness as a distribution",
    source="Xiangli et al. 2020",
    link="https://arxiv.org/abs/2002.05512",
    application="gan",
    cost=1.6,
    code="kam1107/RealnessGAN",
    terms=True,
    presets=critics.presets(
        {"objective": 2, "skew": 1.0},
        on_images=critics.WITH_NORM,
        outputs=(51, 51),
        more={"outputs": (51, "the authors' code's for CelebA, on all sets")},
    ),
)
