"""MaEM-GAN's terms, for any critic of samples."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kgan.backend.engine import Turn
from kgan.backend.input_gradients import is_differentiable
from kgan.errors import InputError, check_not_negative
from kgan.game.neighbours import Neighbours, check
from kgan.game.players import build_network, warn_of_bearing_rows
from kgan.game.regularizer import Regularizer
from kgan.layers.replay_buffer import ReplayBuffer
from kgan.losses import manifold
from kgan.signatures import check_arguments


@keras.saving.register_keras_serializable("kgan")
class ManifoldEntropy(Regularizer):
    """Forms a critic's embedding, and maximises the entropy of what lies in it.

    The codes are the discriminator's outputs, whatever else they are to the method. The
    discriminator's loss takes all four terms, the generator's the entropy of generated codes. A
    weight of 0 leaves a term out, and costs nothing.

    Source: Liu et al., "Combating Mode Collapse in GANs via Manifold Entropy Estimation",
    https://arxiv.org/abs/2208.12055, Eqs. (8) to (12) and Algorithm 1; `docs/methods.md` says where
    the signs differ. Mixes, whose samples the paper leaves open, are of a real and a generated one.

    Args:
        entropy: sigma, weight of the similarity of codes and the nearest in the replay buffer: of
            real codes for the discriminator, of generated ones for the generator.
        norm: lambda, weight of the norms of real and generated codes.
        local: weight of DLLE, the distance of codes from their neighbours', real and generated.
        isometric: weight of DIsoMap, one minus the similarity of codes of mixes and mixes of codes.
        buffer_size: codes that a replay buffer holds, at least a batch of all replicas.
        squared: square the norms and DLLE's distances. Plain ones are the paper's; every term of
            the critic is then of degree 1 or 0 in it, and nothing holds its scale.
        neighbours: `"gaussian"`, `"rotation"`, `"rotation_gaussian"` or `"adversarial"`, see
            `Neighbours`.
        noise: size of the neighbours' noise or adversarial step; None: as the data are.
        angle: their largest angle, in degrees; None: as the data are.

    Raises:
        InputError: an argument out of its range.
    """

    def __init__(
        self,
        *,
        entropy: float = 1.0,
        norm: float = 0.01,
        local: float = 1.0,
        isometric: float = 1.0,
        buffer_size: int = 1024,
        squared: bool = True,
        neighbours: str = "rotation_gaussian",
        noise: float | None = None,
        angle: float | None = None,
        **kwargs: Any,
    ):
        check_arguments(ManifoldEntropy.__init__, locals())
        super().__init__(**{**kwargs, "dtype": keras.config.floatx()})
        self.built: bool = False
        check_not_negative(entropy=entropy, norm=norm, local=local, isometric=isometric)
        if buffer_size < 1:
            raise InputError(f"buffer_size must be at least 1. Received: {buffer_size}")
        check(neighbours, noise, angle)
        self.entropy, self.norm = float(entropy), float(norm)
        self.local, self.isometric = float(local), float(isometric)
        self.buffer_size = int(buffer_size)
        self.squared = bool(squared)
        self.neighbours, self.noise, self.angle = neighbours, noise, angle

    def build_for(self, model: Any) -> None:
        """Make the buffers as wide as the discriminator's outputs.

        Raises:
            InputError: a model without a discriminator and a generator, or whose discriminator
                sees more than samples; a regularizer of another model; neighbours that do not go
                with the data or the discriminator.
        """
        if self.built:
            raise InputError(
                "A ManifoldEntropy keeps the codes of one model. Received: one that another model "
                "has already; make a new one."
            )
        if not {"discriminator", "generator"} <= set(model.players):
            raise InputError(
                "ManifoldEntropy is for a discriminator and a generator. Received: a "
                f"{type(model).__name__} of {list(model.players)}"
            )
        discriminator = model.players["discriminator"].networks[0]
        if len(getattr(discriminator, "inputs", [None])) != 1:
            raise InputError(
                "ManifoldEntropy is for discriminators of samples alone. Received: that of a "
                f"{type(model).__name__}, of {len(discriminator.inputs)} inputs"
            )
        shape = build_network(discriminator, (None, *model.sample_shape))
        width = shape[1] if len(shape) == 2 else 1
        if width == 1 and self.entropy + self.isometric > 0:
            warnings.warn(
                "Codes of one dimension have no direction: give the discriminator more outputs "
                "for entropy and isometric to have an effect.",
                stacklevel=2,
            )
        self.view = Neighbours(
            self.neighbours,
            model.sample_shape,
            model.value_range,
            noise=self.noise,
            angle=self.angle,
        )
        if self.local and self.neighbours == "adversarial":
            _require_gradients(discriminator, model.sample_shape)
            warn_of_bearing_rows(discriminator, "Adversarial neighbours")
        if self.entropy:
            self.real_codes = ReplayBuffer(self.buffer_size, width, name="real_codes")
            self.fake_codes = ReplayBuffer(self.buffer_size, width, name="fake_codes")
        self.built = True

    def metric_names(self, player: str) -> Sequence[str]:
        """Means without their weights, norms and distances squared where `squared` says so.

        A term that is left out has none; `local_error` is of real samples plus of generated ones.
        """
        if player == "generator":
            return ("fake_entropy_similarity",) if self.entropy else ()
        if player != "discriminator":
            return ()
        names = {
            "real_entropy_similarity": self.entropy,
            "code_norm": self.norm,
            "local_error": self.local,
            "isometric_similarity": self.isometric,
        }
        return tuple(name for name, weight in names.items() if weight)

    def term(self, player: str, turn: Turn, model: Any) -> tuple[Any, dict[str, Any]]:
        """The terms of `player`; the buffers take in the codes of training after the search."""
        if player == "discriminator":
            return self._discriminator_term(turn, model)
        if player != "generator" or not self.entropy:
            return 0.0, {}
        codes = model.embedding(turn.fake, turn)
        similarity = self._nearest_similarity(codes, self.fake_codes, turn, model)
        return self.entropy * similarity, {"fake_entropy_similarity": similarity}

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class."""
        return {**super().get_config(), **self.arguments()}

    def arguments(self) -> dict[str, Any]:
        """The class's own arguments."""
        return {
            "entropy": self.entropy,
            "norm": self.norm,
            "local": self.local,
            "isometric": self.isometric,
            "buffer_size": self.buffer_size,
            "squared": self.squared,
            "neighbours": self.neighbours,
            "noise": self.noise,
            "angle": self.angle,
        }

    # Terms --------------------------------------------------------------------------------

    def _discriminator_term(self, turn: Turn, model: Any) -> tuple[Any, dict[str, Any]]:
        real, fake = model.embedding(turn.real, turn), model.embedding(turn.fake, turn)
        term, metrics = ops.zeros(()), {}
        if self.entropy:
            similarity = self._nearest_similarity(real, self.real_codes, turn, model)
            term += self.entropy * similarity
            metrics["real_entropy_similarity"] = similarity
        if self.norm:
            norms = [manifold.mean_norm(codes, squared=self.squared) for codes in (real, fake)]
            term += self.norm * sum(norms)
            metrics["code_norm"] = sum(norms) / 2
        if self.local:
            self._require_compilable(model)
            error = self._local_error(turn.real, turn, model, raised=False)
            error += self._local_error(turn.fake, turn, model, raised=True)
            term += self.local * error
            metrics["local_error"] = error
        if self.isometric:
            loss = self._isometric_loss(turn, model)
            term += self.isometric * loss
            metrics["isometric_similarity"] = 1.0 - loss
        return term, metrics

    def _require_compilable(self, model: Any) -> None:
        if model.jit_compile and len(model.sample_shape) == 3 and "rotation" in self.neighbours:
            raise InputError(
                "XLA cannot turn images. Received: jit_compile=True and neighbours="
                f"{self.neighbours!r}; compile without it, or use neighbours='gaussian'."
            )

    def _nearest_similarity(self, codes: Any, buffer: ReplayBuffer, turn: Turn, model: Any) -> Any:
        """Eq. (8)'s first term; the buffer is searched, and takes in the codes then."""
        neighbours = buffer.nearest(codes, copy=model.jit_compile)
        if turn.training:
            buffer.push(codes)
        return manifold.nearest_similarity(codes, neighbours)

    def _local_error(self, samples: Any, turn: Turn, model: Any, *, raised: bool) -> Any:
        """Eq. (9) of real or of generated samples."""

        def values(batch: Any) -> Any:
            # Not through the turn, which may have the outputs already, of another tape.
            return model.realness(model.discriminator(batch, training=turn.training))

        near = self.view(turn.seen(samples), turn, values, raised=raised)
        codes = model.embedding(samples, turn)
        return manifold.local_error(
            model.embedding_as_seen(near, turn), codes, squared=self.squared
        )

    def _isometric_loss(self, turn: Turn, model: Any) -> Any:
        """Eqs. (11) and (12)."""
        rows = ops.shape(turn.fake)[0]
        shares = (turn.noise((rows,), "uniform") + 1) / 2
        samples = manifold.mixes(turn.seen(turn.real), turn.seen(turn.fake), shares)
        real, fake = model.embedding(turn.real, turn), model.embedding(turn.fake, turn)
        return manifold.isometric_loss(
            model.embedding_as_seen(samples, turn), manifold.mixes(real, fake, shares)
        )


def _require_gradients(discriminator: keras.Layer, sample_shape: Sequence[int]) -> None:
    samples = ops.zeros((2, *sample_shape))
    if not is_differentiable(lambda x: discriminator(x, training=False), samples):
        raise InputError(
            "Adversarial neighbours need a discriminator with gradients in its inputs. Received: "
            f"{discriminator.name}, which has none; use neighbours='gaussian'."
        )
