"""The game: players, phases, one train step, saving.

A GAN is a game. Its *players* own networks, an optimizer and a loss; its *phases* say who
moves when, how often and on which noise. A method is a subclass that states both and writes
`<player>_loss` for each player; everything else is here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kgan.errors import InputError
from kgan.training import engine
from kgan.training.optimizers import Adam

# Where the random streams of training and testing begin: `sample` takes its latents from the seed
# pairs (seed, 0) or two int32 of a user's choice, and never meets theirs.
_TRAINING, _TESTING = 1 << 40, 1 << 41
# Noise draws that a train step may make at most.
_DRAWS = 64


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


class AdversarialModel(keras.Model):
    """Base of all methods: a Keras model whose train step is a game.

    `call(latents)` generates samples. `fit` takes a `kgan.data.Dataset` (then batch `s` of the
    run is a function of the seed and `s`), a `tf.data.Dataset` of batches, or an array.

    Args:
        generator: latents `(batch, latent_dim)` to samples.
        players: the players, in the order in which they are logged.
        phases: what happens in a train step, in order.
        latent_distribution: `"uniform"` (U[-1, 1]) or `"normal"` (N(0, 1)).
        latent_dim: width of the latents; read off the generator when not given.
        value_range: range of image samples, `(0, 1)` or `(-1, 1)`.
        seed: of the training noise and of the batch stream.
        ema_decay: keep an exponential moving average of the generator's weights with this decay,
            and sample, evaluate and export from it.
        preset: name of the published configuration that `compile()` and `fit` take defaults from.
    """

    def __init__(
        self,
        generator: keras.Layer,
        *,
        players: Sequence[Player],
        phases: Sequence[Phase],
        latent_distribution: str = "uniform",
        latent_dim: int | None = None,
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
        self.generator = generator
        self.latent_dim = latent_dim or _latent_dim(generator)
        self.latent_distribution = latent_distribution
        self.value_range = tuple(float(v) for v in value_range)
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
            self.ema_generator = _clone(generator, (None, self.latent_dim))
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
        pair = (seed, 0) if isinstance(seed, int) else seed
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
        self._check_ownership()
        self.optimizers = self._make_optimizers(optimizer)
        for name, player in self.players.items():
            self.optimizers[name].build(player.variables)
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
        if hasattr(x, "cardinality"):
            steps = kwargs.get("steps_per_epoch") or int(x.cardinality())
            engine.require_divisible(steps, self.steps_per_execution)
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
        samples, draw = None, 0
        for phase in self.phases:
            player = self.players[phase.player]
            for move in range(phase.repeats):
                if samples is None or phase.fresh_noise or phase.repeats > 1:
                    samples = self._samples(_TRAINING + self.step * _DRAWS + draw, reals[move])
                    draw += 1
                turn = engine.Turn(reals[move], labels[move], samples)
                loss, metrics = turn.move(
                    getattr(self, f"{player.name}_loss"),
                    player.variables,
                    self.optimizers[player.name],
                    owns_generator=self._owns_generator(player),
                )
                logs |= {f"{player.name}_loss": loss, **metrics}
                if self._owns_generator(player):
                    samples = None
        self._update_average()
        self.step.assign_add(1)
        return self._log_vector(logs)

    def test_step(self, data: Any, index: Any = 0) -> Any:
        """Every player's loss on held-out data, without a move; a vector like `train_step`'s."""
        real, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        samples = self._samples(_TESTING + ops.cast(index, "int64"), real)
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
            )
        return self.test_function

    def reset_metrics(self) -> None:
        """Start the logs' running means anew."""
        for function in (self.train_function, self.test_function):
            if function is not None:
                function.reset()

    # Parts of a step ----------------------------------------------------------------------

    def _samples(self, draw: Any, real: Any) -> Callable[[], engine.Samples]:
        """The generator's pass for one draw of noise, made once, when first asked for."""
        made: list[engine.Samples] = []

        def samples() -> engine.Samples:
            if not made:
                seed = ops.stack([ops.cast(self.seed, "int64"), draw])
                latents = engine.replica_noise(
                    ops.shape(real)[0], self.latent_dim, self.latent_distribution, seed
                )
                made.append(engine.Samples(lambda z: self.generate(z, training=True), latents))
            return made[0]

        return samples

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

    def _update_average(self) -> None:
        """Exponential moving average of the generator's weights, quicker in the first steps."""
        if self.ema_generator is None:
            return
        step = ops.cast(self.step, "float32")
        decay = ops.minimum(self.ema_decay, (1 + step) / (10 + step))
        averages, weights = self.ema_generator.weights, self.generator.weights
        trained = {id(v) for v in self.generator.trainable_weights}
        for average, weight in zip(averages, weights, strict=True):
            if id(weight) in trained:
                average.assign(average + (1 - decay) * (weight - average))
            else:  # Statistics of batch norm are averages already.
                average.assign(weight)

    # Building and saving ------------------------------------------------------------------

    def _build_networks(self) -> tuple[int, ...]:
        """Build what is not built yet; returns the shape of one sample."""
        if not self.generator.built:
            self.generator.build((None, self.latent_dim))
        shape = self.generator.compute_output_shape((None, self.latent_dim))
        for player in self.players.values():
            if not callable(getattr(self, f"{player.name}_loss", None)):
                raise TypeError(f"{type(self).__name__} has no {player.name}_loss for its player.")
            for network in player.networks:
                if not network.built:
                    network.build(shape)
        return tuple(shape[1:])

    def _check_ownership(self) -> None:
        """Every trainable variable of the game has exactly one owner."""
        owners: dict[int, list[str]] = {id(v): [] for v in self.trainable_variables}
        paths = {id(v): v.path for v in self.trainable_variables}
        for player in self.players.values():
            for variable in player.variables:
                owners.setdefault(id(variable), []).append(player.name)
                paths[id(variable)] = variable.path
        for key, names in owners.items():
            if len(names) != 1:
                raise InputError(
                    "Every trainable variable must belong to exactly one player. Received: "
                    f"{paths[key]} with owners {names}."
                )

    def _make_optimizers(self, optimizer: Any) -> dict[str, keras.optimizers.Optimizer]:
        if isinstance(optimizer, Mapping):
            if set(optimizer) != set(self.players):
                raise InputError(
                    f"compile needs an optimizer for each of {list(self.players)}. "
                    f"Received: {list(optimizer)}"
                )
            made = {name: keras.optimizers.get(optimizer[name]) for name in self.players}
        elif optimizer is None:
            made = {name: self._default_optimizer(name) for name in self.players}
        else:
            config = keras.optimizers.serialize(keras.optimizers.get(optimizer))
            made = {name: keras.optimizers.deserialize(config) for name in self.players}
        return {name: self._scaled(name, made[name]) for name in self.players}

    def _default_optimizer(self, player: str) -> keras.optimizers.Optimizer:
        recipe = self._preset()
        return recipe.optimizer(player) if recipe else self.default_optimizer(player)

    def _scaled(self, player: str, optimizer: Any) -> keras.optimizers.Optimizer:
        """float16 gradients underflow without loss scaling; other types do not need it."""
        half = any(
            layer.compute_dtype == "float16"
            for network in self.players[player].networks
            for layer in network._flatten_layers()
        )
        wrapped = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
        return keras.optimizers.LossScaleOptimizer(optimizer) if half and not wrapped else optimizer

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

    @property
    def random_state(self) -> list[keras.Variable]:
        """Variables of random layers (dropout, ...) that are no weights."""
        weights = {id(v) for v in self.weights}
        return [v for v in self.variables if id(v) not in weights]

    def get_config(self) -> dict[str, Any]:
        """Arguments of the base class; methods add their own."""
        return {
            "name": self.name,
            "generator": keras.saving.serialize_keras_object(self.generator),
            "latent_distribution": self.latent_distribution,
            "latent_dim": self.latent_dim,
            "value_range": list(self.value_range),
            "seed": self.seed,
            "ema_decay": self.ema_decay,
            "preset": self.preset,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> AdversarialModel:
        """A model from `get_config()`."""
        arguments = {
            key: keras.saving.deserialize_keras_object(value, custom_objects=custom_objects)
            if isinstance(value, dict) and "class_name" in value
            else value
            for key, value in config.items()
        }
        return cls(**arguments)

    def get_compile_config(self) -> dict[str, Any]:
        """Arguments of `compile`."""
        return {
            "optimizer": {
                name: keras.saving.serialize_keras_object(optimizer)
                for name, optimizer in self.optimizers.items()
            },
            "steps_per_execution": self.steps_per_execution,
            "jit_compile": self.jit_compile,
        }

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile as saved, the optimizers built so that their state can be loaded."""
        optimizers = {
            name: keras.saving.deserialize_keras_object(value)
            for name, value in config["optimizer"].items()
        }
        self.compile(**{**config, "optimizer": optimizers})

    def save_own_variables(self, store: Any) -> None:
        """Own weights, and the random state that Keras would lose."""
        super().save_own_variables(store)
        for i, variable in enumerate(self.random_state):
            store[f"random_state_{i}"] = ops.convert_to_numpy(variable)

    def load_own_variables(self, store: Any) -> None:
        """Inverse of `save_own_variables`."""
        for i, variable in enumerate(self.random_state):
            variable.assign(store[f"random_state_{i}"])
        own = {key: store[key] for key in store.keys() if not key.startswith("random_state_")}
        super().load_own_variables(own)


def _latent_dim(generator: keras.Layer) -> int:
    shape = getattr(generator, "input_shape", None) if generator.built else None
    if not isinstance(shape, tuple) or len(shape) != 2 or shape[-1] is None:
        raise InputError(
            "latent_dim must be given when the generator's input shape is not (None, n). "
            f"Received: a generator with input shape {shape}"
        )
    return shape[-1]


def _clone(network: keras.Layer, input_shape: tuple[int | None, ...]) -> keras.Layer:
    """A copy with the same weights and nothing to train."""
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(network))
    if not copy.built:
        copy.build(input_shape)
    copy.set_weights(network.get_weights())
    copy.trainable = False
    return copy


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
