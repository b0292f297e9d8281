"""DFM in NumPy: its denoiser's and its generator's step, its normalisation, and what it refuses."""

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


def make(**kwargs):
    keras.utils.set_random_seed(1)
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    critic = keras.Sequential(
        [keras.Input((2,)), layers.Dense(4, "tanh", name="hidden"), layers.Dense(1, name="last")]
    )
    denoiser = keras.Sequential([keras.Input((4,)), layers.Dense(4)])
    return kgan.DFM(generator, critic, denoiser, fresh_noise=False, **kwargs)


def test_a_step_in_numpy():
    """The second step: by then the normalisation has seen a batch of real features."""
    with precision("float64"):
        model = make(feature_noise=0.5, denoising_weight=0.3, adversarial_weight=2.0)
        model.normalisation.moving_mean.assign(RNG.normal(size=4))
        model.normalisation.moving_variance.assign(RNG.uniform(0.5, 2, size=4))
        mean, variance = (v.numpy() for v in model.normalisation.non_trainable_variables[:2])
        rates = {"discriminator": 0.0, "denoiser": 0.0, "generator": 1.0}
        model.compile({name: keras.optimizers.SGD(rate) for name, rate in rates.items()})
        (weights, offset), (last, bias) = (x.get_weights() for x in model.discriminator.layers)
        matrix, shift = model.denoiser.get_weights()
        latents = model.draw_latents(8, model.stream_seed(1 << 40)).numpy()
        noise = list(_draws(model))
        kernel, centre = (w.copy() for w in model.generator.get_weights())
        logs = dict(
            zip(model.log_names, model.train_step(tf.constant(POINTS)).numpy(), strict=True)
        )

        def features(x):
            return np.tanh(x @ weights + offset)

        real = features(POINTS)
        real = (real - real.mean(axis=0)) / np.sqrt(real.var(axis=0) + 1e-3)
        errors = real - ((real + 0.5 * noise[0]) @ matrix + shift)
        assert logs["denoiser_loss"] == pytest.approx((errors**2).mean(), rel=1e-8)

        # Of generated features by the moving moments, which this step has moved.
        seen = features(POINTS)
        mean = 0.9 * mean + 0.1 * seen.mean(axis=0)
        variance = 0.9 * variance + 0.1 * seen.var(axis=0)

        def normalised(kernel):
            found = features(latents @ kernel + centre)
            return found, (found - mean) / np.sqrt(variance + 1e-3)

        target = normalised(kernel)[1] @ matrix + shift  # A constant to the generator.

        def played(kernel):
            found, scaled = normalised(kernel)
            distance = ((scaled - target) ** 2).mean()
            return distance, 2 * np.logaddexp(0, -(found @ last + bias)).mean() + 0.3 * distance

        distance, loss = played(kernel)
        assert logs["denoising_distance"] == pytest.approx(distance, rel=1e-7)
        assert logs["generator_loss"] == pytest.approx(loss, rel=1e-7)
        moved = kernel - model.generator.get_weights()[0]
        for place in ((0, 0), (2, 1)):
            ends = []
            for sign in (1, -1):
                changed = kernel.copy()
                changed[place] += sign * 1e-6
                ends.append(played(changed)[1])
            assert moved[place] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5)


def _draws(model):
    """The noise of a step's terms, in order."""
    shape = (8, 4)
    for draw in range(2):
        seed = model.stream_seed((1 << 44) + draw)
        yield kgan.backend.engine.replica_noise(shape, "normal", seed).numpy()


def test_the_denoiser_is_made_and_generated_samples_are_not_normalised_by_themselves():
    networks = mlp(3, (4,), 2), mlp(2, (5, 6), 1)
    model = kgan.DFM(*networks)
    assert model.denoiser.output_shape == (None, 6)
    model.compile(keras.optimizers.SGD(0.01))
    before = model.normalisation.moving_mean.numpy()
    model.test_step(tf.constant(POINTS, tf.float32))
    np.testing.assert_array_equal(model.normalisation.moving_mean, before)
    model.train_step(tf.constant(POINTS, tf.float32))
    features = keras.Model(networks[1].inputs, networks[1].layers[-1].input)
    assert (model.normalisation.moving_mean.numpy() != before).any()
    assert features.output_shape == (None, 6)


def test_what_it_refuses():
    networks = mlp(3, (4,), 2), mlp(2, (4,), 1)
    for arguments, message in (
        ({"feature_noise": 0.0}, "feature_noise must be over 0"),
        ({"denoising_weight": -1.0}, "denoising_weight must be at least 0"),
        ({"layer": "no"}, "DFM must name one of the discriminator's layers"),
        ({"denoiser": mlp(4, (4,), 3)}, "must map 4 features to as many. Received: one to"),
    ):
        with pytest.raises(kgan.InputError, match=message):
            kgan.DFM(*networks, **arguments)
    with pytest.raises(kgan.InputError, match="must have one output"):
        kgan.DFM(networks[0], mlp(2, (4,), 3))
    images = keras.Sequential(
        [keras.Input((4, 4, 1)), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(1)]
    )
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(16), layers.Reshape((4, 4, 1))])
    with pytest.raises(kgan.InputError, match=r"must be rows of numbers.*of shape"):
        kgan.DFM(generator, images, layer=images.layers[0].name, value_range=(0, 1))
