"""The game: players, phases, one train step, saving.

A GAN is a game. Its *players* own networks, an optimizer and a loss; its *phases* say who
moves when, how often and on which noise. A method is a subclass that states both and writes
`<player>_loss` for each player; everything else is here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from kgan.errors import InputError
from kgan.models.players import (
    Phase,
    Player,
    build_network,
    check_ownership,
    make_optimizers,
    warn_of_local_statistics,
)
from kgan.models.saving import SavedGame
from kgan.training import averaging, engine
from kgan.training.optimizers import Adam

# Where the random streams of training and testing begin: `sample` takes its latents from the seed
# pairs (seed, 0) or two int32 of a user's choice, and never meets theirs.
_TRAINING, _TESTING = 1 << 40, 1 << 41
# Noise draws that a train step may make at most.
_DRAWS = 64


class AdversarialModel(SavedGame):
    """Base of all methods: a Keras model whose train step is a game.

    `call(latents)` generates samples. `fit` takes a `kgan.data.Dataset` (then batch `s` of the
    run is a function of the seed and `s`), a `tf.data.Dataset` of batches, or an array.

    Args:
        generator: latents `(batch, latent_dim)` to samples.
        players: the players, in the order in which they are logged.
        phases: what happens in a train step, in order.
        latent_distribution: `"uniform"` (U[-1, 1]) or `"normal"` (N(0, 1)).
        latent_dim: width of the latents; read off the generator when not given.
        instance_noise: standard deviation of the Gaussian noise on what the discriminator sees,
            real and generated (Sonderby et al. 2016, arXiv:1610.04490). It joins modes that lie
            apart, so that none is lost before the generator has found it, and goes to 0 linearly.
        instance_noise_steps: over as many steps.
        value_range: range of image samples, `(0, 1)` or `(-1, 1)`.
        seed: of the training noise and of the batch stream.
        ema_decay: keep an exponential moving average of the generator's weights with this decay,
            and sample, evaluate and export from it.
        preset: name of the published configuration that `compile()` and `fit` take defaults from.
    """

    train_function: engine.StepFunction | None
    test_function: engine.StepFunction | None

    def __init__(
        self,
        generator: keras.Layer,
        *,
        players: Sequence[Player],
        phases: Sequence[Phase],
        latent_distribution: str = "uniform",
        latent_dim: int | None = None,
        instance_noise: float = 0.0,
        instance_noise_steps: int = 1,
        value_range: Sequence[float] = (0.0, 1.0),
        seed: int = 0,
        ema_decay: float | None = None,
        preset: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if latent_distribution not in engine.DISTRIBUTIONS:
            raise InputError(
                f"latent_distribution must be one of {engine.DISTRIBUTIONS}. "
                f"Received: {latent_distribution!r}"
            )
        if ema_decay is not None and not 0 < ema_decay < 1:
            raise InputError(f"ema_decay must lie in (0, 1). Received: {ema_decay}")
        if instance_noise < 0 or instance_noise_steps < 1:
            raise InputError(
                "instance_noise must be at least 0 and its steps at least 1. Received: "
                f"instance_noise={instance_noise}, instance_noise_steps={instance_noise_steps}"
            )
        self.generator = generator
        self.latent_dim = latent_dim or _latent_dim(generator)
        self.latent_distribution = latent_distribution
        self.instance_noise = float(instance_noise)
        self.instance_noise_steps = int(instance_noise_steps)
        low, high = value_range
        self.value_range = (float(low), float(high))
        self.seed = int(seed)
        self.ema_decay = ema_decay
        self.preset = preset
        self.players = {player.name: player for player in players}
        self.phases = tuple(phases)
        self.optimizers: dict[str, keras.optimizers.Optimizer] = {}
        self.step = self.add_weight(
            name="step",
            shape=(),
            dtype="int64",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
        )
        self.sample_shape = self._build_networks()
        self.ema_generator = None
        if ema_decay is not None:
            self.ema_generator = averaging.frozen_copy(generator, (None, self.latent_dim))
        self.built = True

    # What a method may change -------------------------------------------------------------

    def generate(self, latents: Any, training: bool = False) -> Any:
        """Samples of the players' turn: `(batch, latent_dim)` to `(batch, ...)`."""
        return self.generator(latents, training=training)

    def default_optimizer(self, player: str) -> keras.optimizers.Optimizer:
        """The optimizer of `player` when `compile` is given none and there is no preset."""
        return Adam(learning_rate=1e-4, beta_1=0.5)

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """Named outputs of the discriminating player for `samples`, for evaluation and export."""
        raise InputError(f"{type(self).__name__} has no discriminator.")

    @property
    def steps_taken(self) -> int:
        """Number of train steps so far, over all calls of `fit` and all resumed runs."""
        return int(self.step.numpy())

    # Sampling -----------------------------------------------------------------------------

    @property
    def sampler(self) -> keras.Layer:
        """The generator that samples are taken from: the moving average's, where there is one."""
        return self.generator if self.ema_generator is None else self.ema_generator

    def call(self, latents: Any, training: bool = False) -> Any:
        """Generate from latents `(batch, latent_dim)`."""
        network = self.generator if training else self.sampler
        return network(latents, training=training)

    def sample_latents(self, num_samples: Any, seed: Any = 0) -> Any:
        """Latents `(num_samples, latent_dim)` as `sample` uses them.

        Args:
            num_samples: how many.
            seed: an integer, or two of them.
        """
        pair = (seed, 0) if isinstance(seed, (int, np.integer)) else seed
        return engine.noise((num_samples, self.latent_dim), self.latent_distribution, pair)

    def sample(self, num_samples: int, seed: int = 0, *, batch_size: int = 500) -> np.ndarray:
        """Generate samples; the same seed gives the same samples.

        Args:
            num_samples: how many, at least 1.
            seed: of the latents.
            batch_size: samples per pass through the generator; bounds the memory used.

        Returns:
            `(num_samples, ...)` float32, images in `value_range`.
        """
        if num_samples < 1:
            raise InputError(f"num_samples must be at least 1. Received: {num_samples}")
        latents = self.sample_latents(num_samples, seed)
        return self._in_batches(self, latents, batch_size)

    def _in_batches(self, function: Any, inputs: Any, batch_size: int = 500) -> np.ndarray:
        """`function` of `inputs` piece by piece, as one float32 array."""
        pieces = [
            ops.convert_to_numpy(function(inputs[i : i + batch_size]))
            for i in range(0, len(inputs), batch_size)
        ]
        return np.concatenate(pieces).astype("float32")

    def export(self, directory: str | Path) -> Path:
        """Write a SavedModel for TensorFlow Serving; see `kgan.serving.export`."""
        from kgan import serving  # Needs a model: imported here, not at the top.

        return serving.export(self, directory)

    # Training -----------------------------------------------------------------------------

    @property
    def _moves(self) -> int:
        """Parts of a train step's batch: the most moves that a player makes."""
        return max(phase.repeats for phase in self.phases)

    @property
    def log_names(self) -> tuple[str, ...]:
        """Names of what a train step logs: every player's loss, then their metrics."""
        losses = [f"{name}_loss" for name in self.players]
        return (*losses, *(m for p in self.players.values() for m in p.metrics))

    @property
    def metrics(self) -> list[Any]:
        """Empty: logs are means kept by the step function, not by Keras metrics."""
        return []

    def compile(
        self,
        optimizer: Any = None,
        *,
        steps_per_execution: int = 1,
        jit_compile: bool = False,
        run_eagerly: bool = False,
    ) -> None:
        """Give every player its optimizer.

        Args:
            optimizer: `None` for the preset's or the method's own; one Keras optimizer or its
                name, of which each player gets a copy; or a dictionary from player to optimizer.
            steps_per_execution: training steps per call into the graph.
            jit_compile: compile a step with XLA. Off by default: it was slower on CPUs.
            run_eagerly: no graphs, for debugging.
        """
        if steps_per_execution < 1:
            raise InputError(
                f"steps_per_execution must be at least 1. Received: {steps_per_execution}"
            )
        check_ownership(self.players, self.trainable_variables)
        if self.distribute_strategy.num_replicas_in_sync > 1:
            warn_of_local_statistics(self.players)
        self.optimizers = make_optimizers(self.players, optimizer, self._default_optimizer)
        super().compile(
            optimizer=self.optimizers[list(self.players)[-1]],
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
            run_eagerly=run_eagerly,
            auto_scale_loss=False,
        )
        self.train_function = self.test_function = None

    def fit(self, x: Any = None, y: Any = None, **kwargs: Any) -> keras.callbacks.History:
        """Keras' `fit`; `x` may also be a `kgan.data.Dataset`.

        A data set is read as its stateless batch stream from the model's current step on, with
        `batch_size` (the preset's by default) over all replicas, and an epoch is
        `len(x) // batch_size` steps. With `steps_per_execution` over 1 the steps of an epoch
        must be a multiple of it.
        """
        if hasattr(x, "batches"):
            batch_size = kwargs.pop("batch_size", None) or self._preset_batch_size()
            per_execution = self.steps_per_execution
            whole = len(x) // (batch_size * self._moves) // per_execution * per_execution
            kwargs.setdefault("steps_per_epoch", max(whole, 1))
            kwargs.setdefault("shuffle", False)  # The stream is shuffled already.
            x = self.stream(x, batch_size)
        engine.require_divisible(_steps_per_epoch(x, **kwargs), self.steps_per_execution)
        return super().fit(x, y, **kwargs)

    def stream(self, dataset: Any, batch_size: int) -> Any:
        """`dataset`'s batches from the current step on, over this model's replicas."""
        if getattr(dataset, "is_images", False):
            dataset = dataset.with_value_range(self.value_range)
        shape = tuple(dataset.example_shape)
        if shape != self.sample_shape:
            raise InputError(
                f"The data's examples must have the shape of the generator's samples, "
                f"{self.sample_shape}. Received: {dataset.name} of shape {shape}."
            )
        with self.distribute_strategy.scope():
            return engine.distribute(
                dataset, batch_size * self._moves, seed=self.seed, start=self.steps_taken
            )

    def train_step(self, data: Any) -> Any:
        """Play one round: every phase, in order.

        Args:
            data: this replica's real examples, or `(examples, labels)`.

        Returns:
            A vector of the logs named by `log_names`.
        """
        real, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        reals, labels = _split(real, self._moves), _split(labels, self._moves)
        logs: dict[str, Any] = {}
        samples, draws = None, self._training_draws()
        for phase in self.phases:
            player = self.players[phase.player]
            for move in range(phase.repeats):
                if samples is None or phase.fresh_noise or phase.repeats > 1:
                    samples = self._samples(next(draws), reals[move])
                turn = engine.Turn(
                    reals[move], labels[move], samples, seen=lambda x: self._seen(x, next(draws))
                )
                loss, metrics = turn.move(
                    getattr(self, f"{player.name}_loss"),
                    player.variables,
                    self.optimizers[player.name],
                    owns_generator=self._owns_generator(player),
                )
                logs |= {f"{player.name}_loss": loss, **metrics}
                if self._owns_generator(player):
                    samples = None
        if self.ema_decay is not None:
            averaging.update_average(self.ema_generator, self.generator, self.ema_decay, self.step)
        self.step.assign_add(1)
        return self._log_vector(logs)

    def test_step(self, data: Any, index: Any = 0) -> Any:
        """Every player's loss on held-out data, without a move; a vector like `train_step`'s."""
        real, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        draw = _TESTING + ops.cast(index, "int64")
        samples = self._samples(draw, real, training=False)
        logs: dict[str, Any] = {}
        for name in self.players:
            turn = engine.Turn(real, labels, samples, training=False)
            loss, metrics = engine.split_loss(getattr(self, f"{name}_loss")(turn))
            logs |= {f"{name}_loss": loss, **metrics}
        return self._log_vector(logs)

    def make_train_function(self, force: bool = False) -> engine.StepFunction:
        """The callable that `fit` runs: `steps_per_execution` steps in the graph."""
        if self.train_function is None or force:
            self.train_function = engine.StepFunction(
                lambda data, index: self.train_step(data),
                self.log_names,
                self.distribute_strategy,
                steps_per_call=self.steps_per_execution,
                jit_compile=self.jit_compile,
                eager=self.run_eagerly,
                first_step=lambda: self.steps_taken,
            )
        return self.train_function

    def make_test_function(self, force: bool = False) -> engine.StepFunction:
        """The callable that `evaluate` runs."""
        if self.test_function is None or force:
            self.test_function = engine.StepFunction(
                self.test_step,
                self.log_names,
                self.distribute_strategy,
                steps_per_call=self.steps_per_execution,
                jit_compile=self.jit_compile,
                eager=self.run_eagerly,
                may_end_early=True,
            )
        return self.test_function

    def reset_metrics(self) -> None:
        """Start the logs' running means anew."""
        for function in (self.train_function, self.test_function):
            if function is not None:
                function.reset()

    # Parts of a step ----------------------------------------------------------------------

    def _samples(self, draw: Any, real: Any, training: bool = True) -> Callable[[], engine.Samples]:
        """The generator's pass for one draw of noise, made once, when first asked for."""
        made: list[engine.Samples] = []

        def samples() -> engine.Samples:
            if not made:
                seed = self._stream_seed(draw)
                shape = (ops.shape(real)[0], self.latent_dim)
                latents = engine.replica_noise(shape, self.latent_distribution, seed)
                made.append(engine.Samples(lambda z: self.generate(z, training=training), latents))
            return made[0]

        return samples

    def _training_draws(self) -> Iterator[Any]:
        """Numbers of this step's noise draws; no two steps share one."""
        for draw in range(_DRAWS):
            yield _TRAINING + self.step * _DRAWS + draw
        raise InputError(
            f"A train step can draw noise {_DRAWS} times. Received: {self._moves} moves of one "
            "player in a step; make fewer."
        )

    def _stream_seed(self, draw: Any) -> Any:
        return ops.stack([ops.cast(self.seed, "int64"), draw])

    def _seen(self, batch: Any, draw: Any) -> Any:
        """`batch` with this step's instance noise."""
        if self.instance_noise == 0:
            return batch
        left = 1 - ops.cast(self.step, "float32") / self.instance_noise_steps
        noise = engine.replica_noise(ops.shape(batch), "normal", self._stream_seed(draw))
        noise = self.instance_noise * ops.maximum(left, 0.0) * noise
        return batch + ops.cast(noise, batch.dtype)

    def _owns_generator(self, player: Player) -> bool:
        owned = {id(v) for v in player.variables}
        return any(id(v) in owned for v in self.generator.trainable_variables)

    def _log_vector(self, logs: dict[str, Any]) -> Any:
        if set(logs) != set(self.log_names):
            raise ValueError(
                f"The players' losses must return the metrics they state, {self.log_names}. "
                f"Received: {tuple(logs)}"
            )
        return ops.stack([ops.cast(logs[name], "float32") for name in self.log_names])

    # Building -------------------------------------------------------------------------

    def _build_networks(self) -> tuple[int, ...]:
        """Build what is not built yet; returns the shape of one sample."""
        shape = build_network(self.generator, (None, self.latent_dim))
        for player in self.players.values():
            if not callable(getattr(self, f"{player.name}_loss", None)):
                raise TypeError(f"{type(self).__name__} has no {player.name}_loss for its player.")
            for network in player.networks:
                if not network.built:
                    build_network(network, shape)
        return tuple(shape[1:])

    def _default_optimizer(self, player: str) -> keras.optimizers.Optimizer:
        recipe = self._preset()
        return recipe.optimizer(player) if recipe else self.default_optimizer(player)

    def _preset(self) -> Any:
        if self.preset is None:
            return None
        from kgan import presets  # Presets build models: imported here, not at the top.

        return presets.get(self.preset)

    def _preset_batch_size(self) -> int:
        recipe = self._preset()
        return recipe.batch_size if recipe else 64

    @classmethod
    def from_preset(cls, name: str, **changes: Any) -> AdversarialModel:
        """A published configuration by its name, such as `"mdgan_fashion_mnist"`.

        Args:
            name: see `kgan.presets.names()`.
            **changes: arguments of the class to change, such as `components=10`.
        """
        from kgan import presets

        return presets.build(name, cls=cls, **changes)


def _latent_dim(generator: keras.Layer) -> int:
    shape = getattr(generator, "input_shape", None) if generator.built else None
    if not isinstance(shape, tuple) or len(shape) != 2 or shape[-1] is None:
        raise InputError(
            "latent_dim must be given when the generator's input shape is not (None, n). "
            f"Received: a generator with input shape {shape}"
        )
    return shape[-1]


def _steps_per_epoch(
    x: Any,
    *,
    batch_size: int | None = None,
    steps_per_epoch: int | None = None,
    validation_split: float = 0.0,
    **_: Any,
) -> int | None:
    """Steps of an epoch of Keras' `fit` with these arguments, where they can be known."""
    if steps_per_epoch is not None:
        return steps_per_epoch
    if hasattr(x, "cardinality"):
        return int(x.cardinality())
    if hasattr(x, "shape"):
        return math.ceil(math.floor(len(x) * (1 - validation_split)) / (batch_size or 32))
    return None


def _split(batch: Any, parts: int) -> list[Any]:
    """A batch in equal parts, one for each move of a phase with repeats.

    Parts are interleaved: each replica's parts then make up the global batch's parts.
    """
    if batch is None or parts == 1:
        return [batch] * parts
    if batch.shape[0] is not None and batch.shape[0] % parts:
        raise InputError(
            f"A batch must be divisible by the number of repeated moves, {parts}. "
            f"Received: {batch.shape[0]} examples."
        )
    return [batch[i::parts] for i in range(parts)]
