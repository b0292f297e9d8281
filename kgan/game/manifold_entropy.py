"""MaEM-GAN's terms, for any critic of samples."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kgan.backend import engine
from kgan.backend.engine import DISTRIBUTIONS, Turn
from kgan.backend.input_gradients import is_differentiable
from kgan.backend.precision import floats
from kgan.errors import InputError, check_not_negative, check_one_of
from kgan.game.neighbours import Neighbours, check
from kgan.game.players import build_network, warn_of_bearing_rows
from kgan.game.regularizer import Regularizer
from kgan.layers.replay_buffer import ReplayBuffer
from kgan.losses import manifold
from kgan.signatures import check_arguments

ENTROPY_FORMS = ("cosine", "log_distance", "mean_log_distance")
LOCAL_FORMS = ("distance", "mean_squared")
ISOMETRIC_FORMS = ("cosine", "mean_squared")
WEIGHTS = ("entropy", "norm", "local", "isometric")
"""The arguments that weigh a term."""
_NORM = 0.01


@keras.saving.register_keras_serializable("kgan")
class ManifoldEntropy(Regularizer):
    """Forms a critic's embedding, and maximises the entropy of what lies in it.

    The codes are the discriminator's outputs, whatever else they are to the method. The
    discriminator's loss takes all four terms, the generator's the entropy of generated codes. A
    weight of 0 leaves a term out, and costs nothing.

    Source: Liu et al., "Combating Mode Collapse in GANs via Manifold Entropy Estimation",
    https://arxiv.org/abs/2208.12055, Eqs. (8) to (12) and Algorithm 1, whose wrong signs are in
    `docs/methods/maemgan.md`. Mixes, whose samples the paper leaves open, are of a real and a
    generated one.
    The authors' code (HaozheLiu-ST/MEE, f7d3d33) has other terms under the same names; each is an
    argument here, and the presets `maemgan_*_authors` have them all. Two things of it are not here.
    Its buffer loses as many rows as a batch has and gets one in each step: of 1,024 rows one is
    left after 17 steps of 64, and a code's "nearest" is then that of its place in the batch before.
    And one draw flips a whole batch.

    Args:
        entropy: sigma, weight of the entropy of codes by their nearest in the replay buffer: of
            real codes for the discriminator, of generated ones for the generator.
        norm: lambda, weight of the norms of real and generated codes. None: 0.01 beside an entropy
            term in the form of Eq. (8), of which it is a part; without one, 0.
        local: weight of DLLE, the distance of codes from their neighbours', real and generated.
        isometric: weight of DIsoMap: codes of mixes are to be mixes of codes.
        buffer_size: codes that a replay buffer holds, at least a batch of all replicas.
        squared: square the norms and DLLE's distances. Plain ones are the paper's; every term of
            the critic is then of degree 1 or 0 in it, and nothing holds its scale.
        neighbours: `"gaussian"`, `"rotation"`, `"rotation_gaussian"` or `"adversarial"`, see
            `Neighbours`.
        noise: size of the neighbours' noise or adversarial step; None: as the data are.
        angle: their largest angle, in degrees; None: as the data are.
        entropy_form: `"cosine"` (Eq. (8)): the similarity of codes and the most similar ones is
            lowered; `"log_distance"` (the authors' code): the logarithm of the mean squared
            distance to the nearest is raised; `"mean_log_distance"`: the mean of the logarithms,
            which estimates the entropy.
        entropy_warmup: train steps over which the entropy's weight grows from 0; 100 epochs in the
            authors' code.
        local_form: `"distance"`: Euclidean, or its square with `squared`; `"mean_squared"` (the
            authors' code): the mean over the batch and the code's dimensions.
        detach_neighbours: let DLLE move the samples' codes alone, not their neighbours' (the
            authors' code).
        isometric_form: `"cosine"` (Eq. (12)); `"mean_squared"` (the authors' code): the mean
            squared difference from mixes of codes, which are a target without gradient.
        mix_shares: `"uniform"` on [0, 1] (Eq. (11)) or `"normal"`, N(0, 1) (the authors' code).
        code_noise: standard deviation of Gaussian noise on mixes of codes; 0.05 in the authors'
            code.

    Raises:
        InputError: an argument out of its range.
    """

    def __init__(
        self,
        *,
        entropy: float = 1.0,
        norm: float | None = None,
        local: float = 1.0,
        isometric: float = 1.0,
        buffer_size: int = 1024,
        squared: bool = True,
        neighbours: str = "rotation_gaussian",
        noise: float | None = None,
        angle: float | None = None,
        entropy_form: str = "cosine",
        entropy_warmup: int = 0,
        local_form: str = "distance",
        detach_neighbours: bool = False,
        isometric_form: str = "cosine",
        mix_shares: str = "uniform",
        code_noise: float = 0.0,
        **kwargs: Any,
    ):
        check_arguments(ManifoldEntropy.__init__, locals())
        super().__init__(**{**kwargs, "dtype": keras.config.floatx()})
        self.built: bool = False
        check_one_of(ENTROPY_FORMS, entropy_form=entropy_form)
        check_one_of(LOCAL_FORMS, local_form=local_form)
        check_one_of(ISOMETRIC_FORMS, isometric_form=isometric_form)
        check_one_of(DISTRIBUTIONS, mix_shares=mix_shares)
        if norm is None:
            norm = _NORM if entropy and entropy_form == "cosine" else 0.0
        check_not_negative(entropy=entropy, norm=norm, local=local, isometric=isometric)
        check_not_negative(entropy_warmup=entropy_warmup, code_noise=code_noise)
        if buffer_size < 1:
            raise InputError(f"buffer_size must be at least 1. Received: {buffer_size}")
        check(neighbours, noise, angle)
        self.entropy, self.norm = float(entropy), float(norm)
        self.local, self.isometric = float(local), float(isometric)
        self.buffer_size = int(buffer_size)
        self.squared = bool(squared)
        self.neighbours, self.noise, self.angle = neighbours, noise, angle
        self.entropy_form, self.entropy_warmup = entropy_form, int(entropy_warmup)
        self.local_form, self.detach_neighbours = local_form, bool(detach_neighbours)
        self.isometric_form, self.code_noise = isometric_form, float(code_noise)
        self.mix_shares = mix_shares

    def build_for(self, model: Any) -> None:
        """Make the buffers as wide as the discriminator's outputs.

        Raises:
            InputError: a model without a discriminator and a generator, or whose discriminator
                sees more than samples; a regularizer of another model; neighbours that do not go
                with the data or the discriminator.
        """
        discriminator = self._discriminator_of(model)
        shape = build_network(discriminator, (None, *model.sample_shape))
        width = shape[1] if len(shape) == 2 else 1
        if getattr(model, "stochastic_codes", False):  # Means and log-variances.
            width //= 2
        cosines = [self.entropy] * (self.entropy_form == "cosine")
        cosines += [self.isometric] * (self.isometric_form == "cosine")
        if width == 1 and sum(cosines) > 0:
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
        elif self.local or self.isometric:
            _warn_of_batch_norm(discriminator)
        if self.entropy:
            kind = {"distance": "cosine" if self.entropy_form == "cosine" else "euclidean"}
            self.real_codes = ReplayBuffer(self.buffer_size, width, name="real_codes", **kind)
            self.fake_codes = ReplayBuffer(self.buffer_size, width, name="fake_codes", **kind)
        self.built = True

    def _discriminator_of(self, model: Any) -> Any:
        """The model's discriminator, if it is one whose outputs are codes of samples."""
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
        if model.no_codes:
            raise InputError(
                f"ManifoldEntropy is not for a {type(model).__name__}: {model.no_codes}. Received: "
                "one among its terms; leave it out"
            )
        if model.pack > 1:
            raise InputError(
                "ManifoldEntropy's codes are of single samples. Received: a "
                f"{type(model).__name__} with pack={model.pack}; leave one of the two out"
            )
        discriminator = model.players["discriminator"].networks[0]
        if len(getattr(discriminator, "inputs", [None])) != 1:
            raise InputError(
                "ManifoldEntropy is for discriminators of samples alone. Received: that of a "
                f"{type(model).__name__}, of {len(discriminator.inputs)} inputs"
            )
        return discriminator

    def meet(self, dataset: Any) -> None:
        """Warn where a buffer holds codes of all examples: a code's nearest is then its own."""
        if self.entropy and self.buffer_size >= len(dataset):
            warnings.warn(
                f"The replay buffer holds {self.buffer_size:,} codes of {len(dataset):,} examples: "
                "the nearest to a code is mostly that of the same example. Give a smaller "
                "`buffer_size`.",
                stacklevel=3,
            )

    def metric_names(self, player: str) -> Sequence[str]:
        """Means without their weights, norms and distances squared where `squared` says so.

        A term that is left out has none; `local_error` is of real samples plus of generated ones.
        """
        entropy, isometric = self._entropy_name, self._isometric_name
        if player == "generator":
            return (f"fake_{entropy}",) if self.entropy else ()
        if player != "discriminator":
            return ()
        names = {
            f"real_{entropy}": self.entropy,
            "code_norm": self.norm,
            "local_error": self.local,
            isometric: self.isometric,
        }
        return tuple(name for name, weight in names.items() if weight)

    def term(self, player: str, turn: Turn, model: Any) -> tuple[Any, dict[str, Any]]:
        """The terms of `player`; the buffers take in the codes of training after the search."""
        if player == "discriminator":
            return self._discriminator_term(turn, model)
        if player != "generator" or not self.entropy:
            return 0.0, {}
        codes = model.embedding(turn.fake, turn)
        loss, told = self._entropy_loss(codes, self.fake_codes, turn, model)
        return loss, {f"fake_{self._entropy_name}": told}

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
            "entropy_form": self.entropy_form,
            "entropy_warmup": self.entropy_warmup,
            "local_form": self.local_form,
            "detach_neighbours": self.detach_neighbours,
            "isometric_form": self.isometric_form,
            "mix_shares": self.mix_shares,
            "code_noise": self.code_noise,
        }

    # Terms --------------------------------------------------------------------------------

    def _discriminator_term(self, turn: Turn, model: Any) -> tuple[Any, dict[str, Any]]:
        real, fake = model.embedding(turn.real, turn), model.embedding(turn.fake, turn)
        term, metrics = ops.zeros(()), {}
        if self.entropy:
            loss, told = self._entropy_loss(real, self.real_codes, turn, model)
            term += loss
            metrics[f"real_{self._entropy_name}"] = told
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
            cosine = self.isometric_form == "cosine"
            metrics[self._isometric_name] = 1.0 - loss if cosine else loss
        return term, metrics

    def _require_compilable(self, model: Any) -> None:
        if model.jit_compile and len(model.sample_shape) == 3 and "rotation" in self.neighbours:
            raise InputError(
                "XLA cannot turn images. Received: jit_compile=True and neighbours="
                f"{self.neighbours!r}; compile without it, or use neighbours='gaussian'."
            )

    @property
    def _entropy_name(self) -> str:
        """Of its metric, after `real_` or `fake_`."""
        return "entropy_similarity" if self.entropy_form == "cosine" else "log_distance"

    @property
    def _isometric_name(self) -> str:
        return "isometric_similarity" if self.isometric_form == "cosine" else "isometric_error"

    def _entropy_loss(
        self, codes: Any, buffer: ReplayBuffer, turn: Turn, model: Any
    ) -> tuple[Any, Any]:
        """The entropy's term with its weight, and its metric without.

        The buffer is searched, and takes in the codes then.
        """
        neighbours = buffer.nearest(codes, copy=model.jit_compile)
        if turn.training:
            buffer.push(codes)
        weight = self.entropy
        if self.entropy_warmup:
            weight *= ops.minimum(floats(model.step) / self.entropy_warmup, 1.0)
        if self.entropy_form == "cosine":
            similarity = manifold.nearest_similarity(codes, neighbours)
            return weight * similarity, similarity
        mean_of_logs = self.entropy_form == "mean_log_distance"
        if not mean_of_logs:  # The logarithm of a mean is no mean over rows.
            codes, neighbours = (engine.over_replicas(x) for x in (codes, neighbours))
        spread = manifold.log_distance(codes, neighbours, mean_of_logs=mean_of_logs)
        return -weight * spread, spread

    def _local_error(self, samples: Any, turn: Turn, model: Any, *, raised: bool) -> Any:
        """Eq. (9) of real or of generated samples."""

        def values(batch: Any) -> Any:
            # Not through the turn, which may have the outputs already, of another tape.
            return model.realness(model.discriminator(batch, training=turn.training))

        near = self.view(turn.seen(samples), turn, values, raised=raised)
        codes = model.embedding(samples, turn)
        of_near = model.embedding_as_seen(near, turn)
        if self.detach_neighbours:
            of_near = ops.stop_gradient(of_near)
        if self.local_form == "mean_squared":
            return manifold.mean_squared(of_near, codes)
        return manifold.local_error(of_near, codes, squared=self.squared)

    def _isometric_loss(self, turn: Turn, model: Any) -> Any:
        """Eqs. (11) and (12)."""
        rows = ops.shape(turn.fake)[0]
        shares = turn.noise((rows,), self.mix_shares)
        if self.mix_shares == "uniform":
            shares = (shares + 1) / 2
        samples = manifold.mixes(turn.seen(turn.real), turn.seen(turn.fake), shares)
        real, fake = model.embedding(turn.real, turn), model.embedding(turn.fake, turn)
        codes, target = model.embedding_as_seen(samples, turn), manifold.mixes(real, fake, shares)
        if self.code_noise:
            target += self.code_noise * turn.noise(ops.shape(target), "normal")
        if self.isometric_form == "mean_squared":
            return manifold.mean_squared(codes, ops.stop_gradient(target))
        return manifold.isometric_loss(codes, target)


def _warn_of_batch_norm(discriminator: keras.Layer) -> None:
    """Warn of a code that depends on its batch, where codes of other batches are to be like it."""
    for layer in discriminator._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            warnings.warn(
                f"Codes of neighbours and of mixes pass {discriminator.name} in batches of their "
                f"own, and {layer.name} makes a code depend on its batch: what the terms compare "
                "is not the same map. Build it without batch norm.",
                stacklevel=4,
            )
            return


def _require_gradients(discriminator: keras.Layer, sample_shape: Sequence[int]) -> None:
    samples = ops.zeros((2, *sample_shape))
    if not is_differentiable(lambda x: discriminator(x, training=False), samples):
        raise InputError(
            "Adversarial neighbours need a discriminator with gradients in its inputs. Received: "
            f"{discriminator.name}, which has none; use neighbours='gaussian'."
        )
