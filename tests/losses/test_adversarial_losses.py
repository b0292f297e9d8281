"""The original game's losses against NumPy in float64, and against TF-GAN's."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from kgan.losses import adversarial
from kgan.metrics.tfgan import tfgan

RNG = np.random.default_rng(0)
REAL, FAKE = RNG.normal(1, 3, (64, 1)), RNG.normal(-1, 3, (48, 1))


def log_d(logits):
    """log sigmoid in float64, as the paper has it."""
    return np.log(1 / (1 + np.exp(-np.asarray(logits, "float64"))))


def value(loss, *logits):
    return float(loss(*(ops.convert_to_tensor(x, "float32") for x in logits)))


@pytest.mark.parametrize("shape", [(-1, 1), (-1,)])
def test_losses_are_the_papers(shape):
    real, fake = REAL.reshape(shape), FAKE.reshape(shape)
    assert value(adversarial.discriminator_loss, real, fake) == pytest.approx(
        -log_d(real).mean() - log_d(-fake).mean(), rel=1e-6
    )
    assert value(adversarial.minimax_generator_loss, fake) == pytest.approx(
        log_d(-fake).mean(), rel=1e-6
    )
    assert value(adversarial.non_saturating_generator_loss, fake) == pytest.approx(
        -log_d(fake).mean(), rel=1e-6
    )


def test_losses_are_tfgans():
    losses = tfgan().losses.wargs
    real, fake = (tf.constant(x, tf.float32) for x in (REAL, FAKE))
    ours = value(adversarial.discriminator_loss, real, fake)
    for name in ("modified_discriminator_loss", "minimax_discriminator_loss"):
        theirs = float(getattr(losses, name)(real, fake, label_smoothing=0.0))
        assert ours == pytest.approx(theirs, rel=1e-6)
    assert value(adversarial.non_saturating_generator_loss, fake) == pytest.approx(
        float(losses.modified_generator_loss(fake, label_smoothing=0.0)), rel=1e-6
    )
    # Theirs is the negated loss of a discriminator that gives every real example the logit 1.
    constant = log_d(1.0)
    assert value(adversarial.minimax_generator_loss, fake) == pytest.approx(
        float(losses.minimax_generator_loss(fake, label_smoothing=0.0)) - constant, rel=1e-6
    )


def test_sure_discriminators_leave_finite_losses_and_gradients():
    logits = tf.Variable([-1e4, -100.0, 0.0, 100.0, 1e4])
    for loss in (
        adversarial.minimax_generator_loss,
        adversarial.non_saturating_generator_loss,
        lambda x: adversarial.discriminator_loss(x, x),
    ):
        with tf.GradientTape() as tape:
            result = loss(logits)
        assert np.isfinite(float(result))
        assert np.isfinite(tape.gradient(result, logits).numpy()).all()


def test_gradients_saturate_only_in_the_minimax_form():
    # d/dx log(1 - sigmoid x) = -sigmoid x; d/dx -log sigmoid x = sigmoid x - 1.
    logits = tf.Variable([-20.0])
    gradients = []
    for loss in (
        adversarial.minimax_generator_loss,
        adversarial.non_saturating_generator_loss,
    ):
        with tf.GradientTape() as tape:
            result = loss(logits)
        gradients.append(float(tape.gradient(result, logits)[0]))
    assert gradients == pytest.approx([-np.exp(-20), -1], rel=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_logits_are_averaged_in_float32(dtype):
    # 4,096 times 0.69 would overflow nothing, but a float16 mean has three digits.
    logits = ops.cast(np.linspace(-4, 4, 4096), dtype)
    loss = adversarial.non_saturating_generator_loss(logits)
    assert keras.backend.standardize_dtype(loss.dtype) == "float32"
    expected = -log_d(ops.convert_to_numpy(ops.cast(logits, "float32"))).mean()
    assert float(loss) == pytest.approx(expected, rel=1e-6)
