"""What the discriminator sees of a batch in training: changed images, noise on them."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kgan.backend import engine
from kgan.backend.precision import floats
from kgan.errors import InputError
from kgan.game import augmentation, streams


def check_noise(deviation: float, steps: int) -> None:
    """Refuse instance noise that cannot be."""
    if deviation < 0 or steps < 1:
        raise InputError(
            "instance_noise must be at least 0 and its steps at least 1. Received: "
            f"instance_noise={deviation}, instance_noise_steps={steps}"
        )


def probability(model: Any) -> keras.Variable | None:
    """The state of an adaptive augmentation, which is saved with the model; 0 at first."""
    if model.augment_target is None:
        return None
    return model.add_weight(
        name="augment_probability",
        shape=(),
        dtype=keras.config.floatx(),
        initializer="zeros",
        trainable=False,
        aggregation="only_first_replica",
    )


def check_logits(model: Any) -> None:
    """Check that a discriminator's sign can be asked for where augmentation follows it.

    Raises:
        InputError: if its values have no sign that says anything.
    """
    if model.augment_target is not None and not model.answers_logits:
        raise InputError(
            "augment_target needs logits, whose sign says whether a sample is real. Received: a "
            f"{type(model).__name__} whose values are none; leave it out, or take another loss."
        )


def adapt(model: Any, turn: engine.Turn) -> None:
    """Change images more often where the discriminator is too sure of the real ones.

    Karras et al. (2020), https://arxiv.org/abs/2006.06676, section 3.1: where the mean sign of the
    logits of real images is over the target, the probability rises, else it falls, by what takes
    it from 0 to 1 in `augment_images`. It is looked at after each of the discriminator's moves.

    Args:
        model: the game.
        turn: of the discriminator, which has moved.
    """
    if model.augment_target is None:
        return
    signs = ops.sign(model.realness(model.embedding(turn.real, turn)))
    mean = ops.mean(engine.over_replicas(signs))
    step = engine.over_all(1) * floats(ops.shape(turn.real)[0]) / model.augment_images
    found = model.augment_probability + step * ops.sign(mean - model.augment_target)
    model.augment_probability.assign(ops.clip(found, 0.0, 1.0))


def seen(model: Any, batch: Any, draw: Any) -> Any:
    """A batch `(n, ...)` with this step's augmentation and instance noise.

    Args:
        model: the game, which says what there is of both.
        batch: real or generated samples.
        draw: number of the draw, see `streams`.
    """
    if model.augment:
        seed = model.stream_seed(draw + (streams.AUGMENTATION - streams.TRAINING))
        shape = (ops.shape(batch)[0], augmentation.SHARES)
        shares = (engine.replica_noise(shape, "uniform", seed) + 1.0) / 2.0
        batch = augmentation.augmented(
            batch, model.augment, shares, model.value_range, model.augment_probability
        )
    if model.instance_noise == 0:
        return batch
    left = 1 - floats(model.step) / model.instance_noise_steps
    noise = engine.replica_noise(ops.shape(batch), "normal", model.stream_seed(draw))
    noise = model.instance_noise * ops.maximum(left, 0.0) * noise
    return batch + ops.cast(noise, batch.dtype)
