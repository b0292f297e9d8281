"""What a training step is made of on TensorFlow: noise, gradients, replicas.

`kgan.game.AdversarialModel` says *which* player moves on *what*; this module does it, and
`step_function` repeats it. All TensorFlow of the game is in the two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import keras
import tensorflow as tf

from kgan.backend import host, layer_losses
from kgan.errors import InputError

DISTRIBUTIONS = ("uniform", "normal")


def noise(shape: Sequence[int], distribution: str, seed: Any) -> tf.Tensor:
    """Draw latents, a function of `seed` alone.

    Args:
        shape: `(batch, latent_dim)`; the batch may be a scalar tensor.
        distribution: `"uniform"` for U[-1, 1], `"normal"` for N(0, 1).
        seed: two integers.

    Returns:
        `shape` of Keras' default float type.
    """
    seed = tf.cast(seed, tf.int64)
    # The default generator is 30 times slower under XLA on CPU. XLA draws other numbers from the
    # same seed with this one too, so that runs with and without jit_compile differ.
    if distribution == "normal":
        return tf.random.stateless_normal(shape, seed, dtype=keras.config.floatx(), alg="philox")
    return tf.random.stateless_uniform(
        shape, seed, minval=-1.0, maxval=1.0, dtype=keras.config.floatx(), alg="philox"
    )


def replica_noise(shape: Sequence[Any], distribution: str, seed: Any) -> tf.Tensor:
    """Draw this replica's rows of the global batch's noise; `shape` is one replica's.

    Every replica draws the whole and takes its part, so that two replicas with half the batch
    each see together exactly what one replica with the whole batch sees.
    """
    context = tf.distribute.get_replica_context()
    replicas = context.num_replicas_in_sync
    batch, *rest = shape
    values = noise((batch * replicas, *rest), distribution, seed)
    if replicas == 1:
        return values
    first = tf.cast(context.replica_id_in_sync_group, tf.int32) * batch
    return values[first : first + batch]


def per_replica(count: int) -> int:
    """This replica's share of `count`."""
    return count // tf.distribute.get_replica_context().num_replicas_in_sync


def over_all(count: int) -> int:
    """`count` of one replica, over all of them."""
    return count * tf.distribute.get_replica_context().num_replicas_in_sync


def over_replicas(values: Any) -> Any:
    """All replicas' rows `(replicas * n, ...)` of values `(n, ...)`; gradients go back to each.

    For a loss that is no mean over rows, such as one of a batch's covariance.
    """
    context = tf.distribute.get_replica_context()
    if context.num_replicas_in_sync == 1:
        return values
    rows = context.all_gather(values, axis=0)
    return tf.ensure_shape(rows, (None, *values.shape[1:]))


def mean_over_replicas(values: Any) -> Any:
    """The mean of what each replica has, of any shape; gradients go back to each.

    For a function of means over the whole batch, where each replica has that of its own part.
    """
    return tf.reduce_mean(over_replicas(values[None]), axis=0)


def row_noise(shape: Sequence[int], distribution: str, seeds: Any) -> tf.Tensor:
    """Draw each row from a seed of its own, whatever rows lie beside it.

    Args:
        shape: of a row, without the batch.
        distribution: as for `noise`.
        seeds: `(n, 2)` integers.

    Returns:
        `(n, *shape)` of Keras' default float type; row `i` is `noise(shape, ..., seeds[i])`.
    """
    return _row_noise(tf.cast(seeds, tf.int64), tuple(shape), distribution, keras.config.floatx())


# Row by row in eager mode it would take 0.1 ms each.
@tf.function(reduce_retracing=True, autograph=False)
def _row_noise(
    seeds: tf.Tensor, shape: tuple[int, ...], distribution: str, dtype: str
) -> tf.Tensor:
    return tf.map_fn(
        lambda seed: noise(shape, distribution, seed), seeds, fn_output_signature=dtype
    )


def row_seeds(values: Any) -> tf.Tensor:
    """Two int64 for each row of `(n, ...)` floats, `(n, 2)`, made from its bits as float32.

    The same row gives the same two, whatever rows lie beside it.
    """
    values = tf.cast(values, tf.float32)
    rows = tf.reshape(values, (tf.shape(values)[0], math.prod(values.shape[1:])))
    bits = tf.cast(tf.bitcast(rows, tf.int32), tf.int64)
    places = tf.range(1, rows.shape[1] + 1, dtype=tf.int64)
    return tf.stack([tf.reduce_sum(bits, axis=1), tf.reduce_sum(bits * places, axis=1)], axis=1)


class Samples:
    """A batch of generated samples that several players look at.

    The generator runs once; whoever owns its weights reaches them later by the chain rule
    through `pull_back`, even though other players have moved since. That saves a generator pass
    in every algorithm that uses the same noise for all players.

    Args:
        generate: latents to samples.
        latents: the noise.
        networks: that take part in it; what their layers add to the loss is in `losses`.
    """

    def __init__(
        self,
        generate: Callable[[Any], Any],
        latents: Any,
        networks: Sequence[keras.Layer] = (),
    ):
        self.latents = latents
        self._tape = tf.GradientTape(persistent=True)
        with self._tape, layer_losses.recorded(networks) as self.losses:
            self.values = generate(latents)

    def pull_back(
        self, cotangents: Sequence[Any], variables: Sequence[keras.Variable]
    ) -> list[Any]:
        """Gradients in `variables` of samples and losses, weighted by `cotangents`; None is 0."""
        targets = tf.nest.flatten(self.values) + self.losses
        given = [
            tf.zeros_like(target) if one is None else one
            for target, one in zip(targets, cotangents, strict=True)
        ]
        return self._tape.gradient(targets, _values(variables), given)


class Turn:
    """What a player's loss sees when it moves.

    Attributes:
        real: this replica's real examples.
        labels: their labels, or `None` when the data has none.
        training: whether networks run in training mode.
        latents: the latents behind `fake`.
        fake: generated samples. Gradients reach the generator's weights where the moving player
            owns them, and stop at the samples otherwise.
    """

    def __init__(
        self,
        real: Any,
        labels: Any,
        samples: Callable[[], Samples],
        *,
        training: bool = True,
        seen: Callable[[Any], Any] = lambda batch: batch,
        packed: Callable[[Any, bool], Any] = lambda batch, generated: batch,
        seeds: Iterable[Any] = (),
    ):
        self.real = real
        self.labels = labels
        self.training = training
        self._see = seen
        self._pack = packed
        self._seeds = iter(seeds)
        self._samples = samples
        self._leaves: Any = None
        self._loss_leaves: list[Any] | None = None
        self._made: dict[tuple[str | int, int], tuple[Any, Any]] = {}

    @property
    def samples(self) -> Samples:
        """The generator's pass behind `fake`, made when first asked for."""
        return self._samples()

    @property
    def latents(self) -> Any:
        """`(batch, latent_dim)`, the noise behind `fake`."""
        return self.samples.latents

    @property
    def fake(self) -> Any:
        """Generated samples, a leaf of the moving player's tape."""
        if self._leaves is None:
            self._leaves = tf.nest.map_structure(tf.stop_gradient, self.samples.values)
        return self._leaves

    @property
    def fake_losses(self) -> list[Any]:
        """What the generator's layers added to the loss as they made `fake`; leaves too."""
        if self._loss_leaves is None:
            self._loss_leaves = [tf.stop_gradient(loss) for loss in self.samples.losses]
        return self._loss_leaves

    def seen(self, batch: Any) -> Any:
        """`batch` as the discriminator sees it in this turn: with instance noise, in packs."""
        return self.once("seen", batch, lambda x: self._pack(self._see(x), x is self._leaves))

    def noise(self, shape: Sequence[Any], distribution: str) -> Any:
        """New noise of this turn for a term of a loss; `shape` is one replica's.

        A function of the seed, the step, and how many such draws came before in the step.
        """
        return replica_noise(shape, distribution, next(self._seeds))

    def through(self, network: Any, batch: Any) -> Any:
        """`network(batch)`: one pass, however many terms of a loss look at it."""
        return self.once(id(network), batch, lambda x: network(x, training=self.training))

    def once(self, name: str | int, batch: Any, function: Callable[[Any], Any]) -> Any:
        """`function(batch)`, made once in this turn for each batch and name."""
        key = (name, id(batch))
        if key not in self._made:
            # The batch is kept too: an id is another's when its owner is gone.
            self._made[key] = batch, function(batch)
        return self._made[key][1]

    def move(
        self,
        loss_fn: Callable[[Turn], Any],
        variables: Sequence[keras.Variable],
        optimizer: keras.optimizers.Optimizer,
        *,
        owns_generator: bool,
    ) -> tuple[Any, dict[str, Any]]:
        """One gradient step of one player.

        Returns:
            The player's loss, unscaled, and the metrics that its loss function returned.
        """
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        with tf.GradientTape() as tape:
            if owns_generator:
                tape.watch(tf.nest.flatten(self.fake) + self.fake_losses)
            loss, metrics = split_loss(loss_fn(self))
            # Optimizers sum gradients over replicas: the mean over the global batch is
            # the sum of the replicas' means, each divided by their number.
            objective = optimizer.scale_loss(loss) / replicas
        weights = _values(variables)
        if not owns_generator:
            gradients = tape.gradient(objective, weights)
        else:
            leaves = tf.nest.flatten(self.fake) + self.fake_losses
            found = tape.gradient(objective, leaves + weights)
            gradients = found[len(leaves) :]
            if any(g is not None for g in found[: len(leaves)]):
                through = self.samples.pull_back(found[: len(leaves)], variables)
                gradients = [_add(a, b) for a, b in zip(gradients, through, strict=True)]
        # Keras reduces all gradients as one op, which TensorFlow's dependency optimizer takes for
        # an order, drops the edges from reads to writes that it implies, and then drops the op.
        # A Wasserstein critic's last layer was then written while its old value was still needed.
        with tf.control_dependencies([g for g in gradients if g is not None]):
            # The gradients alone wait: the rest of an update need not.
            gradients = [g if g is None else tf.identity(g) for g in gradients]
        optimizer.apply(gradients, variables)
        return loss, metrics


def split_loss(result: Any) -> tuple[Any, dict[str, Any]]:
    """A loss function's result as `(loss, metrics)`; it may return the loss alone."""
    return result if isinstance(result, tuple) else (result, {})


def _values(variables: Sequence[keras.Variable]) -> list[Any]:
    return [v.value for v in variables]


def _add(a: Any, b: Any) -> Any:
    if a is None or b is None:
        return b if a is None else a
    return a + b


def distribute(
    source: Any,
    batch_size: int,
    *,
    seed: int,
    start: int | Callable[[], int],
    labels: bool = False,
) -> Any:
    """A data set's batch stream, split over the current strategy's replicas.

    Args:
        source: what has `batches(batch_size, seed=, start=, labels=, input_context=)`, such as
            `kgan.data.Dataset`.
        batch_size: the global batch.
        seed: of the stream.
        start: number of the first batch; or what tells it when the first batch is asked for.
        labels: whether batches are `(examples, labels)`.

    Returns:
        A `tf.data.Dataset`, or a distributed one where there is more to feed than one CPU.

    Raises:
        InputError: if `batch_size` is not divisible by the number of replicas.
    """
    strategy = tf.distribute.get_strategy()
    require_shares(batch_size, strategy)
    if _is_one_cpu(strategy):
        return source.batches(batch_size, seed=seed, start=start, labels=labels)
    return strategy.distribute_datasets_from_function(
        lambda context: source.batches(
            batch_size, seed=seed, start=start, labels=labels, input_context=context
        )
    )


def distribute_once(source: Any, batch_size: int) -> Any:
    """A data set's examples once, in order, in whole batches split over the replicas.

    Args:
        source: what has `floats(indices)` and a length, such as `kgan.data.Dataset`.
        batch_size: the global batch, at most `len(source)`.

    Returns:
        A `tf.data.Dataset`, or a distributed one.

    Raises:
        InputError: if `batch_size` is not divisible by the number of replicas.
    """
    strategy = tf.distribute.get_strategy()
    require_shares(batch_size, strategy)
    batches = len(source) // batch_size
    shape = (batch_size, *source.example_shape)

    @tf.autograph.experimental.do_not_convert
    def batch(i: Any) -> Any:
        found = host.numpy_function(
            lambda i: source.floats(slice(i * batch_size, (i + 1) * batch_size)), [i], tf.float32
        )
        return tf.ensure_shape(found, shape)

    data = tf.data.Dataset.range(batches).map(batch)
    return data if _is_one_cpu(strategy) else strategy.experimental_distribute_dataset(data)


def require_shares(batch_size: int, strategy: tf.distribute.Strategy) -> None:
    """Check that a batch is the same share for each replica.

    Raises:
        InputError: if it is not.
    """
    replicas = strategy.num_replicas_in_sync
    if batch_size % replicas:
        raise InputError(
            f"The batch size must be divisible by the number of replicas. Received: "
            f"batch_size={batch_size} on {replicas} replicas; use a multiple of {replicas}."
        )


def _is_one_cpu(strategy: tf.distribute.Strategy) -> bool:
    """Whether there is nothing to split batches over, nor another memory to copy them to.

    A distributed iterator would cost dearly there: TensorFlow feeds it from a generator, and with
    its first one keeps malloc from ever reusing more than 128 KB (GeneratorDatasetOp's patch for
    Python 3.11). Every larger tensor of a step is mapped anew then: a third to a half of its time.
    """
    if not tf.distribute.has_strategy():
        return True
    if not isinstance(strategy, tf.distribute.MirroredStrategy):
        return False
    devices = strategy.extended.worker_devices
    return len(devices) == 1 and "CPU" in devices[0]


def require_divisible(steps: float | int | None, steps_per_execution: int) -> None:
    """Refuse an epoch that many-step execution would silently lengthen.

    Raises:
        InputError: if `steps` is finite and no multiple of `steps_per_execution`.
    """
    if steps is None or not math.isfinite(steps) or steps < 0:
        return
    if steps % steps_per_execution:
        raise InputError(
            "An epoch must be a whole number of executions. Received: "
            f"{int(steps)} steps per epoch with steps_per_execution={steps_per_execution}."
        )
