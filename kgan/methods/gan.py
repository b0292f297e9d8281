"""The original GAN, and the games that differ from it in their losses alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kgan.backend import engine
from kgan.backend.engine import Turn
from kgan.backend.precision import floats
from kgan.errors import InputError, check_one_of, check_positive
from kgan.game import penalties as slopes
from kgan.game.penalties import Penalty
from kgan.game.players import warn_of_bearing_rows, warn_of_squashed
from kgan.game.two_player import TwoPlayerModel
from kgan.layers.clip import clip_in_game
from kgan.losses import adversarial
from kgan.losses.games import GAMES
from kgan.methods.method import Method
from kgan.methods.presets import images, points


@keras.saving.register_keras_serializable("kgan")
class GAN(TwoPlayerModel):
    """A generator against a discriminator that gives one value for a sample.

    The game is Goodfellow et al.'s (2014, arXiv:1406.2661), or another of `kgan.losses.games`:

    - `"non_saturating"`, `"minimax"`: cross-entropy; the name is the generator's loss.
    - `"least_squares"`: LSGAN (Mao et al. 2017).
    - `"hinge"` (Lim and Ye 2017; SNGAN's).
    - `"wasserstein"`: WGAN (Arjovsky et al. 2017), with `weight_clip` or a penalty.
    - `"relativistic_average"`: RaGAN (Jolicoeur-Martineau 2018).
    - `"relativistic_pairing"`: R3GAN (Huang et al. 2024), with the penalties R1 and R2.

    Args:
        generator: any Keras model from latents `(batch, latent_dim)` to samples.
        discriminator: any Keras model from samples to values `(batch, 1)` or `(batch,)`, or to
            vectors `(batch, m)`, whose mean is the value (MaEM-GAN's Eq. (7)): to the game alone
            m linear outputs are one.
        loss: name of the game.
        penalty: on the value's gradient in the sample: None; `"gradient"`, a norm of 1 between real
            and generated samples (WGAN-GP, Gulrajani et al. 2017); `"one_sided"`, the same of
            norms over 1; `"dragan"`, a norm of 1 around real samples (Kodali et al. 2017);
            `"r1"`, a norm of 0 at real samples (Mescheder et al. 2018); `"r2"`, at generated ones;
            `"zero_centred_between"`, between real and generated ones (WGAN-0GP with the Wasserstein
            game, Thanh-Tung et al. 2019). The discriminator should then have no batch norm: its
            rows bear on each other.
        penalty_weight: over 0, 10 by default; gamma / 2 of R1. None without a penalty.
        penalties: several penalties, in place of one: `Penalty` objects, or their names with
            weights, such as r1:0.1 and r2:0.1.
        one_sided_smoothing: s in [0, 0.5): in a game of cross-entropy real samples have the label
            1 - s, and generated ones 0 as ever (Salimans et al. 2016).
        weight_clip: the discriminator's weights are clipped to `[-weight_clip, weight_clip]` after
            each of its moves, and after constraints of their own; over 0.
        **kwargs: see `TwoPlayerModel`.

    Raises:
        InputError: for an unknown loss or penalty, labels that cannot be smoothed, a number out of
            its range, a weight of no penalty, a penalty twice, or `penalty` beside `penalties`.
    """

    def __init__(
        self,
        generator: keras.Layer,
        discriminator: keras.Layer,
        *,
        loss: str = "non_saturating",
        penalty: str | None = None,
        penalty_weight: float | None = None,
        penalties: Sequence[Penalty | str] = (),
        one_sided_smoothing: float = 0.0,
        weight_clip: float | None = None,
        **kwargs: Any,
    ):
        check_one_of(GAMES, loss=loss)
        check_positive(weight_clip=weight_clip)
        _check_smoothing(one_sided_smoothing, loss)
        found = slopes.resolve(penalties, penalty, penalty_weight)
        super().__init__(
            generator,
            discriminator,
            discriminator_metrics=tuple(found),
            **kwargs,
        )
        self.adversarial_loss = loss
        self.answers_logits = GAMES[loss].logits
        self.penalty = penalty
        self.penalty_weight = found["gradient_penalty"].weight if penalty else None
        self.penalties = found
        self.one_sided_smoothing = float(one_sided_smoothing)
        self.weight_clip = weight_clip
        if GAMES[loss].unbounded:
            warn_of_squashed(discriminator)
        if found:
            warn_of_bearing_rows(discriminator, "Gradient penalties")
        if weight_clip is not None:
            # Its optimizer applies it after each update.
            clip_in_game(self.players["discriminator"].variables, weight_clip)

    def values(self, outputs: Any) -> Any:
        """What the game looks at: the discriminator's outputs `(batch, m)` as `(batch,)`."""
        outputs = floats(outputs)
        return outputs if len(outputs.shape) == 1 else ops.mean(outputs, axis=-1)

    def discriminator_loss(self, turn: Turn) -> Any:
        """The game's, with the penalties; real and generated samples pass separately."""
        real, fake = (self._compared(x, turn) for x in (turn.real, turn.fake))
        loss = self.game_of_discriminator(real, fake)
        if not self.penalties:
            return loss
        metrics = {}

        def values(samples: Any) -> Any:
            return self.values(self.discriminator(samples, training=turn.training))

        for name, penalty in self.penalties.items():
            metrics[name] = slopes.slope_penalty(penalty.kind, values, turn)
            loss = loss + penalty.weight * metrics[name]
        return loss, metrics

    def game_of_discriminator(self, real: Any, fake: Any) -> Any:
        """What the discriminator minimises of its values `(batch,)`, without penalties."""
        if self.one_sided_smoothing:
            return adversarial.discriminator_loss(real, fake, smoothing=self.one_sided_smoothing)
        return GAMES[self.adversarial_loss].discriminator_loss(real, fake)

    def generator_loss(self, turn: Turn) -> Any:
        """The game's; of real samples too, where they are compared."""
        game = GAMES[self.adversarial_loss]
        sides = (turn.real, turn.fake) if game.compares else (turn.fake,)
        return game.generator_loss(*(self._compared(x, turn) for x in sides))

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """What the discriminator says of samples `(n, ...)`.

        Returns:
            `value (n,)`, the higher, the more real, which the cross-entropy games call `logits`;
            `probability (n,)` of being real, where the game has one; `embedding (n, m)` where the
            discriminator gives more than one number.
        """
        outputs = self.discriminator(samples, training=False)
        found = GAMES[self.adversarial_loss].describe(self.values(outputs))
        if len(outputs.shape) == 2 and outputs.shape[-1] > 1:
            found["embedding"] = floats(outputs)
        return found

    def _compared(self, samples: Any, turn: Turn) -> Any:
        """Values of samples; of all replicas' where the game compares them with a mean."""
        values = self.values(self.embedding(samples, turn))
        return engine.over_replicas(values) if GAMES[self.adversarial_loss].compares else values


def _check_smoothing(smoothing: float, loss: str) -> None:
    if not 0 <= smoothing < 0.5:
        raise InputError(f"one_sided_smoothing must lie in [0, 0.5). Received: {smoothing}")
    if smoothing and not GAMES[loss].smooths:
        known = ", ".join(name for name, game in GAMES.items() if game.smooths)
        raise InputError(
            f"one_sided_smoothing is for games of cross-entropy, {known}. Received: "
            f"one_sided_smoothing={smoothing} with loss={loss!r}"
        )


# Presets --------------------------------------------------------------------------------

_PAGE = "docs/results/fashion_mnist.md"
_IMAGES = images.presets(
    images.networks("batch"),
    {"latent_distribution": "uniform", "ema_decay": 0.995},
    network_arguments={"outputs": 1},
    learning_rate=4e-4,
    reasons={
        "learning_rate": f"by search, on one seed; DCGAN's 2e-4 was worse there: {_PAGE}",
        "ema_decay": f"the average makes better images than the last weights: {_PAGE}",
    },
)
_POINTS = points.presets(
    {"latent_distribution": "uniform"},
    network_arguments={"outputs": 1},
)

METHOD = Method(
    name="gan",
    title="GAN",
    model=GAN,
    idea="the original game; also with other losses and penalties",
    source="Goodfellow et al. 2014",
    link="https://arxiv.org/abs/1406.2661",
    code="goodfeli/adversarial",
    terms=True,
    presets={**_IMAGES, **_POINTS},
)
