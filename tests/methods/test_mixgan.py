"""MIX+GAN in NumPy: a step of all pairs by weight, what learns the weights, and what it refuses."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tiny_methods import precision

import kgan
from kgan.networks import mlp

RNG = np.random.default_rng(0)
POINTS = RNG.normal(1, 2, size=(8, 2))
VOTES = np.array([0.3, 0.7])
WEIGHTS = np.array([0.5, 0.3, 0.2])


def make(**kwargs):
    keras.utils.set_random_seed(1)
    template = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    bank = kgan.GeneratorBank(template, 3, mixture_weights=WEIGHTS.tolist())
    both = kgan.DiscriminatorBank(mlp(2, (4,), 1, activation="tanh"), 2)
    model = kgan.MIXGAN(bank, both, samples_per_generator=4, fresh_noise=False, **kwargs)
    model.votes.start_from(VOTES)
    return model


def entropy(weights):
    return -np.log(weights).mean()


GAMES = {
    "non_saturating": (
        lambda real, fake: np.logaddexp(0, -real).mean() + fake(lambda x: np.logaddexp(0, x)),
        lambda fake: fake(lambda x: np.logaddexp(0, -x)),
    ),
    "minimax": (
        lambda real, fake: np.logaddexp(0, -real).mean() + fake(lambda x: np.logaddexp(0, x)),
        lambda fake: -fake(lambda x: np.logaddexp(0, x)),
    ),
    "wasserstein": (
        lambda real, fake: fake(lambda x: x) - real.mean(),
        lambda fake: -fake(lambda x: x),
    ),
}


def softmax(x):
    return np.exp(x) / np.exp(x).sum()


@pytest.mark.parametrize("loss", GAMES)
def test_a_step_in_numpy(loss):
    """All six pairs by weight; the gradients in both weights by differences."""
    with precision("float64"):
        model = make(loss=loss, entropy_weight=0.1)
        model.compile(keras.optimizers.SGD(1.0))
        alone = [model.discriminator.bank.generator(k) for k in range(2)]
        latents = model.draw_latents(8, model.stream_seed(1 << 40)).numpy()
        made = [model.generator.generator(k)(latents[k::3]).numpy() for k in range(3)]
        values = [[d(x)[:, 0].numpy() for x in made] for d in alone]
        reals = [d(POINTS)[:, 0].numpy() for d in alone]
        # The players move in turn: of the generators' loss the discriminators have moved.
        logits = np.log(VOTES / VOTES.max())

        def discriminators(logits):
            votes = softmax(logits)
            losses = [
                GAMES[loss][0](real, lambda f, of=of: sum(
                    w * f(x).mean() for w, x in zip(WEIGHTS, of, strict=True)))
                for real, of in zip(reals, values, strict=True)
            ]  # fmt: skip
            return votes @ losses + 0.1 * entropy(votes)

        found = model.train_step(tf.constant(POINTS)).numpy()
        logs = dict(zip(model.log_names, found, strict=True))
        assert logs["discriminator_loss"] == pytest.approx(discriminators(logits), rel=1e-6)
        moved = logits - model.votes.logits.numpy()
        for j in range(2):
            step = 1e-6 * np.eye(2)[j]
            slope = (discriminators(logits + step) - discriminators(logits - step)) / 2e-6
            assert moved[j] == pytest.approx(slope, rel=1e-4, abs=1e-7)

        # The generators' move, at the discriminators as they are now.
        alone = [model.discriminator.bank.generator(k) for k in range(2)]
        values = [[d(x)[:, 0].numpy() for x in made] for d in alone]
        votes = softmax(model.votes.logits.numpy())
        logits = np.log(WEIGHTS / WEIGHTS.max())

        def generators(logits):
            weights = softmax(logits)
            losses = [
                GAMES[loss][1](lambda f, of=of: sum(
                    w * f(x).mean() for w, x in zip(weights, of, strict=True)))
                for of in values
            ]  # fmt: skip
            return votes @ losses + 0.1 * entropy(weights)

        assert logs["generator_loss"] == pytest.approx(generators(logits), rel=1e-6)
        assert logs["smallest_weight"] == pytest.approx(0.2, rel=1e-6)
        moved = logits - model.prior.logits.numpy()
        for i in range(3):
            step = 1e-6 * np.eye(3)[i]
            slope = (generators(logits + step) - generators(logits - step)) / 2e-6
            assert moved[i] == pytest.approx(slope, rel=1e-4, abs=1e-7)
        np.testing.assert_allclose(model.mixture_weights, softmax(model.prior.logits.numpy()))


def test_clipping_leaves_the_weights_of_the_mixture():
    model = make(loss="wasserstein", weight_clip=0.01)
    model.compile(keras.optimizers.SGD(0.1))
    model.train_step(tf.constant(POINTS, tf.float32))
    assert max(np.abs(w).max() for w in model.discriminator.trainable_variables) <= 0.01
    assert np.abs(model.votes.logits.numpy()).max() > 0.5


def test_what_it_tells_and_refuses():
    model = make()
    told = model.discriminate(np.float32(POINTS))["value"]
    expected = model.discriminator(np.float32(POINTS)).numpy() @ VOTES
    np.testing.assert_allclose(told, expected, rtol=1e-5)
    for arguments, message in (
        ({"loss": "hinge"}, "loss must be one of"),
        ({"entropy_weight": -1.0}, "entropy_weight must be at least 0"),
        ({"weight_clip": 0.0}, "weight_clip must be over 0"),
    ):
        with pytest.raises(kgan.InputError, match=message):
            make(**arguments)
    bank = kgan.GeneratorBank(mlp(3, (4,), 2), 2)
    with pytest.raises(kgan.InputError, match=r"built Keras model to \(batch, T\) values"):
        kgan.MIXGAN(bank, keras.Sequential([layers.Dense(1)]))
