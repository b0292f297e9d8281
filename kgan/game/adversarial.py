"""The game: players, phases, one train step.

A GAN is a game. Its *players* own networks, an optimizer and a loss; its *phases* say who
moves when, how often and on which noise. A method is a subclass that states both and writes
`<player>_loss` for each player; everything else is here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from absl import logging
from keras import ops

from kgan import serving
from kgan.backend import engine, layer_losses, strategies
from kgan.backend.optimizers import Adam
from kgan.backend.precision import floats
from kgan.backend.step_function import StepFunction
from kgan.data.guard import Expected
from kgan.errors import InputError, NonFiniteLossError, check_one_of, check_whole
from kgan.game import (
    arguments,
    augmentation,
    averaging,
    drawing,
    fitting,
    packing,
    plug_ins,
    pretrained,
    ranges,
    recipes,
    seeing,
    streams,
)
from kgan.game.optimizers import PlayersOptimizer, make_optimizers
from kgan.game.players import (
    Phase,
    Player,
    build_network,
    check_networks,
    check_ownership,
    warn_of_local_statistics,
)
from kgan.game.regularizer import Regularizer
from kgan.layers.clip import clip_in_game


class AdversarialModel(pretrained.PresetModel):
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
        augment: how images are changed at random for the discriminator, real and generated alike
            (Zhao et al. 2020, arXiv:2006.10738), for small sets: flip, translation, cutout, color,
            in this or another order.
        augment_target: make each change with a probability alone, from 0 on, that keeps the mean
            sign of the discriminator's logits of real images at this value (StyleGAN2-ADA, Karras
            et al. 2020, arXiv:2006.06676, has 0.6); None: make all changes.
        augment_images: over as many images it could go from 0 to 1; 500,000 in that paper.
        pack: how many samples of one kind the discriminator sees at once, beside each other on the
            last axis (PacGAN, Lin et al. 2018, arXiv:1712.04086). It is built for packs of
            `seen_shape`; batches are to be multiples of it.
        value_range: (low, high) of image samples; of a generator that ends in a sigmoid (0, 1) if
            None, of one that ends in a tanh (-1, 1).
        seed: of the training noise and of the batch stream.
        ema_decay: keep an exponential moving average of the generator's weights with this decay,
            and sample, evaluate and export from it.
        preset: name of the published configuration that `compile()` and `fit` take defaults from.
        regularizer: adds a term to players' losses, such as `ManifoldEntropy`.
        terms: further ones: objects such as `ModeSeeking(1.0)`, or names with a weight, of
            which there is one: mode_seeking:1.0.
    """

    no_packs = ""
    """Why the discriminator of a method must see samples one by one, where it must."""
    answers_logits = False
    """Whether `realness` over 0 says that a sample is real, which adaptive augmentation asks."""
    no_codes = ""
    """Why the outputs of a method's discriminator are no codes for a term, where they are none."""
    no_discriminator_terms = ""
    """Why a method's discriminator takes no plug-in terms, where it takes none."""
    train_function: StepFunction | None
    test_function: StepFunction | None
    _ends_on_nan = False

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
        augment: Sequence[str] = (),
        augment_target: float | None = None,
        augment_images: int = 500_000,
        pack: int = 1,
        value_range: Sequence[float] | None = None,
        seed: int = 0,
        ema_decay: float | None = None,
        preset: str | None = None,
        regularizer: Regularizer | None = None,
        terms: Sequence[Regularizer | str] = (),
        **kwargs: Any,
    ):
        # The networks have policies of their own; latents and losses keep their precision.
        super().__init__(**{**kwargs, "dtype": keras.config.floatx()})
        check_one_of(engine.DISTRIBUTIONS, latent_distribution=latent_distribution)
        averaging.check(ema_decay)
        seeing.check_noise(instance_noise, instance_noise_steps)
        packing.check(pack, self)
        augmentation.check_target(augment_target, augment_images, augment)
        check_networks(players)
        self.generator = generator
        self.latent_dim = latent_width(generator, latent_dim)
        self.latent_distribution = latent_distribution
        self.instance_noise = float(instance_noise)
        self.instance_noise_steps = int(instance_noise_steps)
        self.augment = tuple(augment)
        self.augment_target = augment_target
        self.augment_images = int(augment_images)
        self.pack = int(pack)
        self.seed = int(seed)
        self.ema_decay = ema_decay
        self.preset = preset
        self.regularizer = regularizer
        self.terms = plug_ins.resolve(terms)
        self.players = {player.name: player for player in players}
        self.phases = tuple(phases)
        self.optimizers: dict[str, keras.optimizers.Optimizer] = {}
        once = {"trainable": False, "aggregation": "only_first_replica"}
        self.step = self.add_weight((), "zeros", "int64", name="step", **once)
        self.augment_probability = seeing.probability(self)
        self.sample_shape = self._build_networks()
        self.seen_shape = packing.shape(self.sample_shape, self.pack)
        clip_in_game([v for player in players for v in player.variables], None)
        self.output_range = ranges.output_range(generator)
        self.value_range = ranges.resolve(value_range, self.output_range, self.sample_shape)
        augmentation.check(self.augment, self.sample_shape)
        plug_ins.build(self.plug_ins(), self)
        shape = (None, self.latent_dim)
        self.ema_generator = averaging.frozen_copy(generator, shape) if ema_decay else None
        self.built = True

    # What a method may change -------------------------------------------------------------

    def generate(self, latents: Any, training: bool = False) -> Any:
        """Samples of the players' turn: `(batch, latent_dim)` to `(batch, ...)`."""
        return self.generator(latents, training=training)

    def draw_latents(self, batch: Any, seed: Any) -> Any:
        """This replica's latents for a turn with `batch` real examples, from two int64 of seed."""
        return engine.replica_noise((batch, self.latent_dim), self.latent_distribution, seed)

    def embedding(self, samples: Any, turn: engine.Turn) -> Any:
        """The discriminator's outputs `(batch, m)` float32 for samples, as `turn` sees them."""
        return self.embedding_as_seen(turn.seen(samples), turn)

    def embedding_as_seen(self, samples: Any, turn: engine.Turn) -> Any:
        """The same for samples that are already as the discriminator is to see them."""
        outputs = floats(turn.through(self.discriminator, samples))
        return outputs if len(outputs.shape) == 2 else ops.expand_dims(outputs, -1)

    def realness(self, outputs: Any) -> Any:
        """How real the discriminator's outputs `(n, ...)` call samples: `(n,)`, more is more so.

        The mean of a row, unless the method takes it otherwise; it need not be a probability.
        """
        outputs = floats(outputs)
        return ops.mean(outputs, axis=tuple(range(1, len(outputs.shape))))

    @property
    def rows_needed(self) -> tuple[int, str]:
        """How many rows of a replica's batch a move needs at least, and what needs them."""
        return self.pack, "a move" if self.pack == 1 else "a pack"

    @property
    def rows_wanted(self) -> tuple[int, str]:
        """How many rows of a replica's batch a move should have, and what comes of fewer."""
        return 0, ""

    def rate_factor(self, player: str) -> float | None:
        """What the method says a player's rate is multiplied by; None leaves it to the preset."""
        return None

    def floors(self, batch_size: int) -> dict[str, float]:
        """By the log's names, what batches of the best models would have of a quantity of theirs.

        Of those whose least is not to be known beforehand, as of a batch's covariance.
        """
        return {}

    def discriminate(self, samples: Any) -> dict[str, Any]:
        """Named outputs of the discriminating player for `samples`, for evaluation and export.

        With a `pack` over 1 they are of packs: `samples` are what `packed` makes of them.
        """
        raise InputError(f"{type(self).__name__} has no discriminator.")

    def packed(self, samples: Any, generated: bool = False) -> Any:
        """Samples `(n, ...)` as the discriminator takes them: `(n / pack, *seen_shape)`.

        Args:
            samples: in the generator's range.
            generated: whether they are `turn.fake`, which a mixture of generators has in turns.
        """
        return packing.packed(samples, self.pack)

    # Sampling -----------------------------------------------------------------------------

    @property
    def sampler(self) -> keras.Layer:
        """The generator that samples are taken from: the moving average's, where there is one."""
        return self.generator if self.ema_generator is None else self.ema_generator

    def call(self, latents: Any, training: bool = False) -> Any:
        """Generate from latents `(batch, latent_dim)`."""
        network = self.generator if training else self.sampler
        return network(latents, training=training)

    def sample_latents(self, num_samples: Any, seed: Any = None) -> Any:
        """Latents `(num_samples, latent_dim)` as `sample` uses them.

        Args:
            num_samples: how many.
            seed: an integer, or two of them; None for new ones.
        """
        pair = drawing.pair_of(seed)
        return engine.noise((num_samples, self.latent_dim), self.latent_distribution, pair)

    def sample(
        self, num_samples: int, seed: int | None = None, *, batch_size: int = 500
    ) -> np.ndarray:
        """Generate samples.

        Args:
            num_samples: how many, at least 1.
            seed: of the latents: the same seed gives the same samples, None new ones.
            batch_size: samples per pass through the generator; bounds the memory used.

        Returns:
            `(num_samples, ...)` float32, images in `value_range`.

        Raises:
            InputError: a number, seed or batch size that is none.
            NonFiniteLossError: a generator whose weights or samples are not finite.
        """
        check_whole(1, num_samples=num_samples, batch_size=batch_size)
        latents = self.sample_latents(num_samples, seed)
        return self._in_batches(self, latents, batch_size)

    def _in_batches(self, function: Any, inputs: Any, batch_size: int = 500) -> np.ndarray:
        """`function` of `inputs` piece by piece, as one float32 array."""
        return drawing.in_batches(self, function, inputs, batch_size)

    def export(
        self,
        filepath: str | Path,
        format: str = "tf_saved_model",
        verbose: bool | None = None,
        input_signature: Any = None,
        **kwargs: Any,
    ) -> Path:
        """Write the model for inference; see `kgan.serving.export_as`."""
        how = {"verbose": verbose, "input_signature": input_signature, **kwargs}
        return serving.export_as(self, super().export, filepath, format, **how)

    def endpoints(self) -> dict[str, serving.Endpoint]:
        """By name what `export` makes callable; loaded SavedModels have it as signatures."""
        return serving.generator_endpoints(self)

    # Training -----------------------------------------------------------------------------

    def train_step(self, data: Any) -> Any:
        """Play one round: every phase, in order.

        Args:
            data: this replica's real examples, or `(examples, labels)`.

        Returns:
            A vector of the logs named by `log_names`.
        """
        real, labels, weights = keras.utils.unpack_x_y_sample_weight(data)
        arguments.refuse_weights(sample_weight=weights)
        real = floats(real)
        count = self.parts_of_batch
        reals, labels = fitting.parts(real, count), fitting.parts(labels, count)
        logs: dict[str, Any] = {}
        samples, draws = None, self._training_draws()
        seeds = map(
            self.stream_seed, streams.draws(streams.TRAINING_TERMS, self.step, self.parts_of_batch)
        )
        for phase in self.phases:
            player = self.players[phase.player]
            for move in range(phase.repeats):
                if samples is None or phase.fresh_noise or phase.repeats > 1:
                    samples = self._samples(next(draws), reals[move])
                turn = engine.Turn(
                    reals[move],
                    labels[move],
                    samples,
                    seen=lambda x: seeing.seen(self, x, next(draws)),
                    packed=self.packed,
                    seeds=seeds,
                )
                loss, metrics = turn.move(
                    functools.partial(self.regularized_loss, player.name),
                    player.variables,
                    self.optimizers[player.name],
                    owns_generator=self._owns_generator(player),
                )
                logs |= {f"{player.name}_loss": loss, **metrics}
                if player.name == "discriminator":
                    seeing.adapt(self, turn)
                if self._owns_generator(player):
                    samples = None
        if self.ema_decay is not None:
            averaging.update_average(self.ema_generator, self.generator, self.ema_decay, self.step)
        self.step.assign_add(1)
        return self._log_vector(logs)

    def test_step(self, data: Any, index: Any = 0) -> Any:
        """Every player's loss on held-out data, without a move; a vector like `train_step`'s."""
        real, labels, weights = keras.utils.unpack_x_y_sample_weight(data)
        arguments.refuse_weights(sample_weight=weights)
        real = floats(real)
        index = ops.cast(index, "int64")
        samples = self._samples(streams.TESTING + index, real, training=False)
        seeds = map(self.stream_seed, streams.draws(streams.TESTING_TERMS, index))
        logs: dict[str, Any] = {}
        for name in self.players:
            turn = engine.Turn(
                real, labels, samples, training=False, packed=self.packed, seeds=seeds
            )
            loss, metrics = self.regularized_loss(name, turn)
            logs |= {f"{name}_loss": loss, **metrics}
        return self._log_vector(logs)

    def regularized_loss(self, player: str, turn: engine.Turn) -> tuple[Any, dict[str, Any]]:
        """The loss that `player` moves on, and all its metrics.

        It is the method's, with the plug-in terms and what the player's own layers add:
        regularizers of weights once, of activities and `add_loss` for each pass.
        """
        owner = self.players[player]
        with layer_losses.recorded(owner.networks) as added:
            loss, metrics = engine.split_loss(getattr(self, f"{player}_loss")(turn))
        added += layer_losses.weight_penalties(owner.variables)
        if self._owns_generator(owner):
            added += turn.fake_losses
        loss, metrics = plug_ins.added(self.plug_ins(), player, turn, self, loss, metrics)
        return layer_losses.total(loss, added), metrics

    # Parts of a step ----------------------------------------------------------------------

    def _samples(self, draw: Any, real: Any, training: bool = True) -> Callable[[], engine.Samples]:
        """The generator's pass for one draw of noise, made once, when first asked for."""
        made: list[engine.Samples] = []

        def samples() -> engine.Samples:
            if not made:
                latents = self.draw_latents(ops.shape(real)[0], self.stream_seed(draw))
                made.append(
                    engine.Samples(
                        lambda z: self.generate(z, training=training), latents, [self.generator]
                    )
                )
            return made[0]

        return samples

    def _training_draws(self) -> Iterator[Any]:
        return streams.draws(streams.TRAINING, self.step, self.parts_of_batch)

    def stream_seed(self, draw: Any) -> Any:
        """The two int64 that a draw is made from, by its number: see `streams`."""
        return ops.stack([ops.cast(self.seed, "int64"), draw])

    def plug_ins(self) -> tuple[Regularizer, ...]:
        """All terms that are added to the losses."""
        return (*(() if self.regularizer is None else (self.regularizer,)), *self.terms)

    def _owns_generator(self, player: Player) -> bool:
        owned = {id(v) for v in player.variables}
        return any(id(v) in owned for v in self.generator.trainable_variables)

    def _log_vector(self, logs: dict[str, Any]) -> Any:
        if self.augment_probability is not None:
            logs = {**logs, "augment_probability": self.augment_probability}
        if set(logs) != set(self.log_names):
            raise ValueError(
                f"The players' losses must return the metrics they state, {self.log_names}. "
                f"Received: {tuple(logs)}"
            )
        return ops.stack([floats(logs[name]) for name in self.log_names])

    # Compile and fit ----------------------------------------------------------------------

    @property
    def steps_taken(self) -> int:
        """Number of train steps so far, over all calls of `fit` and all resumed runs."""
        return int(self.step.numpy())

    def moves(self, player: str) -> int:
        """How often `player` moves in a train step."""
        return sum(phase.repeats for phase in self.phases if phase.player == player)

    @property
    def parts_of_batch(self) -> int:
        """How many parts a train step's batch has: the most moves that a player makes."""
        return max(phase.repeats for phase in self.phases)

    @property
    def log_names(self) -> tuple[str, ...]:
        """Names of what a train step logs: every player's loss, then their metrics."""
        losses = [f"{name}_loss" for name in self.players]
        metrics = [m for p in self.players.values() for m in p.metrics]
        for name in self.players:
            metrics += plug_ins.metric_names(self.plug_ins(), name)
        metrics += ["augment_probability"] * (self.augment_probability is not None)
        return (*losses, *metrics)

    @property
    def metrics(self) -> list[Any]:
        """Empty: logs are means kept by the step function, not by Keras metrics."""
        return []

    def default_optimizer(self, player: str) -> keras.optimizers.Optimizer:
        """The optimizer of `player` when `compile` is given none and there is no preset."""
        return Adam(learning_rate=1e-4, beta_1=0.5)

    def compile(
        self,
        optimizer: Any = None,
        loss: None = None,
        loss_weights: None = None,
        metrics: None = None,
        weighted_metrics: None = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = False,
        auto_scale_loss: bool = True,
        **unknown: Any,
    ) -> None:
        """Give every player its optimizer.

        Args:
            optimizer: `None` for the preset's or the method's own; one Keras optimizer or its
                name, of which each player gets a copy; or a dictionary from player to optimizer.
            loss: refused, as the three after it: a game's losses and metrics are its method's.
            loss_weights: refused.
            metrics: refused.
            weighted_metrics: refused.
            run_eagerly: no graphs, for debugging.
            steps_per_execution: training steps per call into the graph.
            jit_compile: compile a step with XLA. Off by default: it was slower on CPUs.
            auto_scale_loss: scale the losses of players that compute in float16.
            **unknown: refused.

        Raises:
            InputError: for an argument that cannot be, a variable without a player or with
                several, or variables of another strategy's scope.
        """
        refused = {
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
        }
        arguments.check_compile(type(self).__name__, refused, unknown, steps_per_execution)
        check_ownership(self.players, self.trainable_variables)
        seeing.check_logits(self)
        strategy = self.distribute_strategy
        given = optimizer.values() if isinstance(optimizer, Mapping) else ()
        counts = [o.iterations for o in given if isinstance(o, keras.optimizers.Optimizer)]
        strategies.check_scope(strategy, [*self.variables, *counts])
        if strategy.num_replicas_in_sync > 1:
            warn_of_local_statistics(self.players)
        with strategy.scope():
            self.optimizers = make_optimizers(
                self.players, optimizer, self._default_optimizer, scale=auto_scale_loss
            )
            super().compile(
                optimizer=PlayersOptimizer(self.optimizers, self.players, self.step),
                steps_per_execution=int(steps_per_execution),
                jit_compile=jit_compile,
                run_eagerly=run_eagerly,
                auto_scale_loss=False,
            )
        self._auto_scale_loss = bool(auto_scale_loss)
        self.train_function = self.test_function = None

    def fit(self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Keras' `fit`; `x` and `validation_data` may also be a `kgan.data.Dataset` each.

        A data set is read as its stateless batch stream from the model's current step on, with
        `batch_size` (the preset's by default) over all replicas, and an epoch is
        `len(x) // batch_size` steps. With `steps_per_execution` over 1 the steps of an epoch
        must be a multiple of it.

        Returns:
            A `keras.callbacks.History`.
        """
        kwargs = fitting.named(super().fit, x, y, *args, **kwargs)
        kwargs = fitting.of_fit(self, **kwargs)
        self._ends_on_nan = arguments.ends_on_nan(kwargs.get("callbacks"))
        try:
            return super().fit(**kwargs)
        finally:
            self._ends_on_nan = False

    def evaluate(self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Keras' `evaluate`; `x` may also be a `kgan.data.Dataset`, which is read once, in order.

        Returns:
            Values in the order of `metrics_names`, every player's loss first; with
            `return_dict=True` by name.
        """
        kwargs = fitting.named(super().evaluate, x, y, *args, **kwargs)
        found = super().evaluate(**fitting.of_evaluate(self, **kwargs))
        return {k: found[k] for k in self.log_names} if isinstance(found, dict) else found

    @property
    def metrics_names(self) -> list[str]:
        """Names of what `evaluate`, `train_on_batch` and `test_on_batch` return, in order."""
        return list(self.log_names)

    def _flatten_metrics_in_order(self, logs: Mapping[str, float]) -> list[float]:
        """In the order of `metrics_names`, where Keras would sort what its metrics do not name."""
        return [logs[name] for name in self.log_names]

    def held_out(self, dataset: Any, batch_size: int) -> Any:
        """`dataset` once, in order, in whole batches over all replicas, at least one."""
        replicas = self.distribute_strategy.num_replicas_in_sync
        least = replicas * self.pack
        size = min(batch_size, max(len(dataset) // least, 1) * least)
        with self.distribute_strategy.scope():
            return engine.distribute_once(self._matched(dataset), size)

    def expected(self, moves: int = 1) -> Expected:
        """What a replica's batch must be of which each of `moves` moves takes a part."""
        rows, what = self.rows_needed
        wanted, fewer = self.rows_wanted
        images = len(self.sample_shape) == 3
        return Expected(
            self.sample_shape,
            self.value_range if images else self.output_range,
            rows * moves,
            what if moves == 1 else f"{what} in each of {moves} parts",
            wanted * moves,
            fewer,
        )

    def stream(self, dataset: Any, batch_size: int) -> Any:
        """`dataset`'s batches from the current step on, over this model's replicas.

        The current step is that of the time when the first batch is asked for: a callback of `fit`
        may have restored an earlier training by then.
        """
        engine.require_shares(batch_size, self.distribute_strategy)  # Of each move.
        packing.check_batch(batch_size, self.pack, self.distribute_strategy.num_replicas_in_sync)
        for term in self.plug_ins():
            term.meet(dataset)
        with self.distribute_strategy.scope():
            return engine.distribute(
                self._matched(dataset),
                batch_size * self.parts_of_batch,
                seed=self.seed,
                start=lambda: self.steps_taken,
            )

    def _matched(self, dataset: Any) -> Any:
        """`dataset` in the generator's range, if its examples have the samples' shape."""
        if getattr(dataset, "is_images", False):
            dataset = dataset.with_value_range(self.value_range)
        shape = tuple(dataset.example_shape)
        if shape != self.sample_shape:
            raise InputError(
                f"The data's examples must have the shape of the generator's samples, "
                f"{self.sample_shape}. Received: {dataset.name} of shape {shape}."
            )
        return dataset

    def make_train_function(self, force: bool = False) -> StepFunction:
        """The callable that `fit` runs: `steps_per_execution` steps in the graph."""
        if self.train_function is None or force:
            self.train_function = self._step_function(
                lambda data, index: self.train_step(data),
                first_step=lambda: self.steps_taken,
                guard=self.expected(self.parts_of_batch),
            )
        return self.train_function

    def make_test_function(self, force: bool = False) -> StepFunction:
        """The callable that `evaluate` runs."""
        if self.test_function is None or force:
            self.test_function = self._step_function(
                self.test_step, may_end_early=True, guard=self.expected()
            )
        return self.test_function

    def _step_function(self, step: Callable[[Any, Any], Any], **options: Any) -> StepFunction:
        return StepFunction(
            step,
            self.log_names,
            self.distribute_strategy,
            steps_per_call=self.steps_per_execution,
            jit_compile=self.jit_compile,
            eager=self.run_eagerly,
            not_finite=self.not_finite,
            **options,
        )

    def not_finite(self, error: NonFiniteLossError) -> None:
        """End `fit` as `TerminateOnNaN` promises, where there is one."""
        if not self._ends_on_nan:
            raise error
        logging.warning("%s TerminateOnNaN ends the training.", error)
        self.stop_training = True

    def reset_metrics(self) -> None:
        """Start the logs' running means anew."""
        for function in (self.train_function, self.test_function):
            if function is not None:
                function.reset()

    def _default_optimizer(self, player: str) -> keras.optimizers.Optimizer:
        recipe = self._preset()
        if recipe is None:
            return self.default_optimizer(player)
        factor = self.rate_factor(player)
        return recipe.optimizer(player, factor=factor, moves=self.moves(player))

    def _preset(self) -> Any:
        return None if self.preset is None else recipes.recipe(self.preset)

    def usual_batch_size(self) -> int:
        """The preset's batch, or 64."""
        recipe = self._preset()
        return recipe.batch_size if recipe else 64

    # Building -------------------------------------------------------------------------

    def _build_networks(self) -> tuple[int, ...]:
        """Build what is not built yet; returns the shape of one sample."""
        shape = build_network(self.generator, (None, self.latent_dim))
        for player in self.players.values():
            if not callable(getattr(self, f"{player.name}_loss", None)):
                raise TypeError(f"{type(self).__name__} has no {player.name}_loss for its player.")
            for network in player.networks:
                if not network.built:
                    packs = self.pack if player.name == "discriminator" else 1
                    build_network(network, packing.shape(shape, packs))
        return tuple(shape[1:])


def latent_width(generator: keras.Layer, given: int | None = None) -> int:
    """Width of the latents that `generator` takes: the given one, or that of its input's shape."""
    if given is not None:
        check_whole(1, latent_dim=given)
        return given
    shape = getattr(generator, "input_shape", None) if generator.built else None
    if not isinstance(shape, tuple) or len(shape) != 2 or shape[-1] is None:
        raise InputError(
            "latent_dim must be given when the generator's input shape is not (None, n). "
            f"Received: a generator with input shape {shape}"
        )
    return shape[-1]
