"""MAGAN: its loss and its margin in NumPy, the autoencoder's first steps, and what it refuses."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tiny_methods import precision

import kgan
from kgan.losses import magan

RNG = np.random.default_rng(0)
BATCHES = RNG.normal(size=(12, 16, 2)) * np.linspace(2, 0.2, 12)[:, None, None]


def make(**kwargs):
    """An autoencoder that halves what it is given: the error of x is |x|^2 / 8 in the plane."""
    keras.utils.set_random_seed(1)
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    half = keras.Sequential([keras.Input((2,)), layers.Dense(2, use_bias=False)])
    half.set_weights([0.5 * np.eye(2)])
    return kgan.MAGAN(generator, half, **kwargs)


def test_the_hinge_is_of_each_sample():
    # Of the mean there is none: generated samples are beyond the margin on average.
    assert float(magan.discriminator_loss([0.5], [0.5, 2.5], 1.0)) == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("real", "fake", "last", "expected"),
    [
        (0.5, 0.8, 0.7, 0.5),
        (0.5, 0.8, 0.9, 1.0),  # Generated samples have got better.
        (0.5, 0.4, 0.3, 1.0),  # They are better than real ones.
        (1.2, 1.5, 1.4, 1.0),  # A margin does not rise.
        (0.5, 0.8, magan.NONE_YET, 1.0),
        (0.5, 0.8, 0.0, 0.5),
    ],
)
def test_the_margin_by_hand(real, fake, last, expected):
    assert float(magan.next_margin(1.0, real, fake, last)) == pytest.approx(expected)


def errors(x):
    return (np.square(0.5 * x)).mean(axis=1)


def played(model, batches):
    """Logs of steps in which nothing moves, and what NumPy makes of the same samples."""
    found, margin, last, left, sums = [], 0.0, None, model.pretraining_steps, []
    for step, batch in enumerate(batches):
        # Draws 1 and 2 are what is seen of both sides.
        draws = [model.stream_seed((1 << 40) + 64 * step + i) for i in (0, 3)]
        fakes = [errors(model.generator(model.draw_latents(16, seed)).numpy()) for seed in draws]
        real, (fake, later) = errors(batch), fakes
        game = real.mean() + np.maximum(margin - fake, 0).mean()
        expected = {
            "discriminator_loss": real.mean() if left else game,
            "generator_loss": 0.0 if left else later.mean(),
            "real_energy": real.mean(),
            "margin": margin,
            "fake_energy": later.mean(),
        }
        logs = model.train_step(tf.constant(batch)).numpy()
        found.append((dict(zip(model.log_names, logs, strict=True)), expected))
        sums.append((real.mean(), later.mean()))
        left -= left > 0
        ended = left == 0 and step + 1 == model.pretraining_steps
        if len(sums) == model.margin_interval or ended:
            energy, made = np.mean(sums, axis=0)
            if step < model.pretraining_steps:
                margin = energy
            else:
                behind = last is not None and last < made
                margin = energy if behind and energy < min(margin, made) else margin
                last = made
            sums = []
    return found, margin


def test_steps_in_numpy():
    """Twelve steps: three of the autoencoder alone, and looks at the margin after each two."""
    with precision("float64"):
        model = make(pretraining_steps=3, margin_interval=2)
        model.compile(keras.optimizers.SGD(0.0))
        found, margin = played(model, BATCHES)
        for logs, expected in found:
            assert logs == pytest.approx(expected, rel=1e-9, abs=1e-12)
        assert float(model.margin) == pytest.approx(margin, rel=1e-9)
    margins = [expected["margin"] for _, expected in found]
    assert len({*margins, margin}) >= 4  # 0, that of two steps, of the third alone, a later one.


def test_the_generator_starts_when_the_autoencoder_has_learnt():
    """Its first move is as long as a first move of Adam's, a rate in each weight."""
    model = make(pretraining_steps=2)
    model.compile(keras.optimizers.Adam(0.01))
    start = [v.numpy() for v in model.generator.trainable_variables]
    before = model.discriminator.get_weights()[0]
    for step in range(3):
        model.train_step(tf.constant(BATCHES[step], tf.float32))
        moved = [
            np.abs(v - old) for v, old in zip(model.generator.get_weights(), start, strict=True)
        ]
        assert max(m.max() for m in moved) == pytest.approx(0.01 * (step == 2), rel=1e-3)
        counts = [int(model.optimizers[k].iterations) for k in ("generator", "discriminator")]
        assert counts == [step - 1 if step == 2 else 0, step + 1]
    assert np.abs(model.discriminator.get_weights()[0] - before).max() > 0.02


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pretraining_steps": 0}, "pretraining_steps must be a whole number of at least 1"),
        ({"margin_interval": 0}, "margin_interval must be a whole number of at least 1"),
        ({"power": 3}, r"power must be one of \(1, 2\). Received: 3"),
        ({"regularizer": kgan.ManifoldEntropy()}, "MAGAN's discriminator .* no codes"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(kgan.InputError, match=message):
        make(**arguments)
