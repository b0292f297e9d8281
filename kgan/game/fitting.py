"""How Keras trains a game: compile, fit, and the functions that `fit` and `evaluate` call."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from kgan.backend import engine
from kgan.backend.optimizers import Adam
from kgan.backend.step_function import StepFunction
from kgan.errors import InputError
from kgan.game import recipes
from kgan.game.players import (
    Phase,
    Player,
    check_ownership,
    make_optimizers,
    warn_of_local_statistics,
)
from kgan.game.regularizer import Regularizer
from kgan.game.saving import SavedGame


class FittedGame(SavedGame):
    """The part of `AdversarialModel` around the train step.

    Which optimizer a player gets, which batches come, how many steps a call runs.
    """

    players: Mapping[str, Player]
    phases: Sequence[Phase]
    step: keras.Variable
    preset: str | None
    regularizer: Regularizer | None
    train_function: StepFunction | None
    test_function: StepFunction | None

    def default_optimizer(self, player: str) -> keras.optimizers.Optimizer:
        """The optimizer of `player` when `compile` is given none and there is no preset."""
        return Adam(learning_rate=1e-4, beta_1=0.5)

    @property
    def steps_taken(self) -> int:
        """Number of train steps so far, over all calls of `fit` and all resumed runs."""
        return int(self.step.numpy())

    def moves(self, player: str) -> int:
        """How often `player` moves in a train step."""
        return sum(phase.repeats for phase in self.phases if phase.player == player)

    @property
    def _moves(self) -> int:
        """Parts of a train step's batch: the most moves that a player makes."""
        return max(phase.repeats for phase in self.phases)

    @property
    def log_names(self) -> tuple[str, ...]:
        """Names of what a train step logs: every player's loss, then their metrics."""
        losses = [f"{name}_loss" for name in self.players]
        metrics = [m for p in self.players.values() for m in p.metrics]
        if self.regularizer is not None:
            metrics += [m for name in self.players for m in self.regularizer.metric_names(name)]
        return (*losses, *metrics)

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

    def make_train_function(self, force: bool = False) -> StepFunction:
        """The callable that `fit` runs: `steps_per_execution` steps in the graph."""
        if self.train_function is None or force:
            self.train_function = StepFunction(
                lambda data, index: self.train_step(data),
                self.log_names,
                self.distribute_strategy,
                steps_per_call=self.steps_per_execution,
                jit_compile=self.jit_compile,
                eager=self.run_eagerly,
                first_step=lambda: self.steps_taken,
            )
        return self.train_function

    def make_test_function(self, force: bool = False) -> StepFunction:
        """The callable that `evaluate` runs."""
        if self.test_function is None or force:
            self.test_function = StepFunction(
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

    def _default_optimizer(self, player: str) -> keras.optimizers.Optimizer:
        recipe = self._preset()
        if recipe is None:
            return self.default_optimizer(player)
        return recipe.optimizer(player, moves=self.moves(player))

    def _preset(self) -> Any:
        return None if self.preset is None else recipes.recipe(self.preset)

    def _preset_batch_size(self) -> int:
        recipe = self._preset()
        return recipe.batch_size if recipe else 64

    @classmethod
    def from_preset(cls, name: str, **changes: Any) -> FittedGame:
        """A published configuration by its name, such as `"mdgan_fashion_mnist"`.

        Args:
            name: see `kgan.presets.names()`.
            **changes: arguments of the class or of its networks to change, such as
                `components=10`.

        Raises:
            InputError: if there is no such preset, or it is not one of this class.
        """
        preset = recipes.recipe(name)
        if not issubclass(preset.model, cls):
            raise InputError(
                f"The preset {name!r} is one of {preset.model.__name__}, not of {cls.__name__}."
            )
        return preset.build(preset=name, **changes)


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
