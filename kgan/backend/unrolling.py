"""A player's next moves as a function: differentiable, and nothing written.

Metz et al. 2017, https://arxiv.org/abs/1611.02163, let the generator see the discriminator as it
will be some steps later. Losses are called in a `keras.StatelessScope`, so that weights, batch
norm's statistics and the state of Dropout stay as they are, and updates are pure functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from kgan.backend.optimizers import Adam
from kgan.errors import InputError

# Added under Adam's root, whose gradient is infinite at 0, where a weight never had a gradient;
# far below its own epsilon.
_ROOT_EPSILON = 1e-30
# Arguments of optimizers that change their update, and have no part in `unroll`.
_OTHERS = (
    "momentum",
    "amsgrad",
    "weight_decay",
    "clipnorm",
    "clipvalue",
    "global_clipnorm",
    "use_ema",
    "gradient_accumulation_steps",
)


def unroll(
    loss: Callable[[], Any],
    variables: Sequence[keras.Variable],
    optimizer: keras.optimizers.Optimizer,
    steps: int,
) -> list[Any]:
    """What `variables` would be after `steps` steps of `optimizer` on `loss`.

    Args:
        loss: this replica's mean, a scalar; called once a step, in a stateless scope.
        variables: what `optimizer` moves.
        optimizer: Adam or plain SGD, built; its steps begin at its present state.
        steps: how many, at least 1.

    Returns:
        A value for each of `variables`, the same on all replicas. They can be differentiated in
        whatever `loss` depends on, second derivatives included, but not in `variables` themselves.

    Raises:
        InputError: if the optimizer's update is not known here.
    """
    require_known(optimizer)
    inner = _inner(optimizer)
    update = _UPDATES[type(inner)]
    values = [tf.stop_gradient(v.value) for v in variables]
    slots = [_slots(inner, v) for v in variables]
    for step in range(steps):
        gradients = _gradients(loss, variables, values, optimizer)
        taken = inner.iterations.value + step
        with keras.StatelessScope([(inner.iterations, taken)]):
            rate = inner.learning_rate
        for i, gradient in enumerate(gradients):
            if gradient is None:
                continue
            values[i], slots[i] = update(inner, rate, taken + 1, values[i], slots[i], gradient)
            if variables[i].constraint is not None:
                values[i] = variables[i].constraint(values[i])
    return values


def evaluate_at(
    function: Callable[[], Any], variables: Sequence[keras.Variable], values: Sequence[Any]
) -> Any:
    """What `function()` returns where `variables` have `values`; what it writes is forgotten."""
    with keras.StatelessScope(list(zip(variables, values, strict=True))):
        return function()


def require_known(optimizer: keras.optimizers.Optimizer) -> None:
    """Refuse an optimizer whose update `unroll` does not have.

    Raises:
        InputError: if it is neither Adam nor SGD, or has an argument that changes their update.
    """
    inner = _inner(optimizer)
    if type(inner) not in _UPDATES:
        raise InputError(
            "Unrolled steps need Adam or SGD as the discriminator's optimizer. Received: "
            f"{type(inner).__name__}; compile with one of them, or with unrolled_steps=0."
        )
    given = [name for name in _OTHERS if getattr(inner, name, None)]
    if given:
        raise InputError(
            f"Unrolled steps need a plain {type(inner).__name__} as the discriminator's optimizer. "
            f"Received: one with {', '.join(given)}; leave that out."
        )


def _gradients(
    loss: Callable[[], Any],
    variables: Sequence[keras.Variable],
    values: Sequence[Any],
    optimizer: keras.optimizers.Optimizer,
) -> list[Any]:
    """Gradients of the global batch's loss at `values`; None where it does not depend on one."""
    with tf.GradientTape() as tape:
        tape.watch(values)
        scaled = optimizer.scale_loss(evaluate_at(loss, variables, values))
    scale = optimizer.scale_loss(tf.ones(()))
    found = tape.gradient(scaled, values)
    known = [tf.convert_to_tensor(g) / tf.cast(scale, g.dtype) for g in found if g is not None]
    context = tf.distribute.get_replica_context()
    if context.num_replicas_in_sync > 1 and known:
        # Differentiable: each replica's generator moves the steps that all share.
        known = context.all_reduce(tf.distribute.ReduceOp.MEAN, known)
    rest = iter(known)
    return [None if g is None else next(rest) for g in found]


def _sgd(
    optimizer: Any, rate: Any, time: Any, value: Any, slots: Any, gradient: Any
) -> tuple[Any, Any]:
    """One step of gradient descent."""
    del optimizer, time
    return value - tf.cast(rate, value.dtype) * gradient, slots


def _adam(
    optimizer: Any, rate: Any, time: Any, value: Any, slots: Any, gradient: Any
) -> tuple[Any, Any]:
    """One step of Adam, the `time`-th from 1; `slots` are its moments."""
    momentum, velocity = slots
    time = tf.cast(time, value.dtype)
    power_1, power_2 = (
        tf.pow(tf.constant(b, value.dtype), time) for b in (optimizer.beta_1, optimizer.beta_2)
    )
    momentum += (1 - optimizer.beta_1) * (gradient - momentum)
    velocity += (1 - optimizer.beta_2) * (tf.square(gradient) - velocity)
    factor = tf.cast(rate, value.dtype) * tf.sqrt(1 - power_2) / (1 - power_1)
    root = tf.sqrt(velocity + _ROOT_EPSILON)
    return value - factor * momentum / (root + optimizer.epsilon), (momentum, velocity)


_UPDATES: dict[type, Callable[..., tuple[Any, Any]]] = {
    keras.optimizers.SGD: _sgd,
    keras.optimizers.Adam: _adam,
    Adam: _adam,
}


def _inner(optimizer: Any) -> Any:
    """The optimizer within one that scales losses."""
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return optimizer.inner_optimizer
    return optimizer


def _slots(optimizer: Any, variable: keras.Variable) -> tuple[Any, ...]:
    """Adam's two moments of `variable`; SGD has none."""
    if isinstance(optimizer, keras.optimizers.SGD):
        return ()
    index = optimizer._get_variable_index(variable)
    moments = optimizer._momentums[index], optimizer._velocities[index]
    return tuple(tf.convert_to_tensor(slot.value) for slot in moments)
