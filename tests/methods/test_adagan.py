"""AdaGAN in NumPy: its weights of the data, a step of a later round, what a round's end does."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tiny_methods import precision

import kgan
from kgan.losses import adagan
from kgan.networks import mlp

RNG = np.random.default_rng(0)
POINTS = RNG.normal(1, 2, size=(9, 2))


def searched(ratios, share):
    """The paper's search: lambda and the data's weights, with the sum 1."""
    ordered, n = np.sort(ratios), len(ratios)
    for r in range(1, n + 1):
        least = share * n / r * (1 + (1 - share) / (share * n) * ordered[:r].sum())
        after = (1 - share) * ordered[r] if r < n else np.inf
        if (1 - share) * ordered[r - 1] < least <= after:
            return least, np.maximum(least - (1 - share) * ratios, 0) / (share * n)
    raise AssertionError("No such r.")


@pytest.mark.parametrize("share", [1.0, 0.5, 0.2])
@pytest.mark.parametrize("spread", [0.1, 3.0])
def test_weights_are_those_of_the_papers_search(share, spread):
    with precision("float64"):
        ratios = np.exp(RNG.normal(0, spread, size=40))
        least, weights = searched(ratios, share)
        found = adagan.threshold(tf.constant(ratios), share)
        assert float(found) == pytest.approx(least, rel=1e-12)
        ours = adagan.data_weights(tf.constant(ratios), found, share).numpy() / 40
        np.testing.assert_allclose(ours, weights, rtol=1e-9, atol=1e-12)
        assert ours.sum() == pytest.approx(1, rel=1e-12)
        # The first round's are equal; of later ones samples that abound count nothing.
        assert (share == 1) == np.allclose(ours, 1 / 40)
        assert not (ours == 0).any() or ratios[ours == 0].min() > ratios[ours > 0].max()


def make(**kwargs):
    keras.utils.set_random_seed(1)
    bank = kgan.GeneratorBank(keras.Sequential([keras.Input((3,)), layers.Dense(2)]), 3)
    networks = [mlp(2, (4,), 1, activation="tanh") for _ in range(2)]
    options = {"round_steps": 2, "samples_per_generator": 4, "fresh_noise": False, **kwargs}
    return kgan.AdaGAN(bank, *networks, **options)


def value(network, x):
    return network(x)[:, 0].numpy()


def test_a_step_of_the_second_round_in_numpy():
    with precision("float64"):
        model = make()
        rates = {"discriminator": 0.0, "mixture_discriminator": 0.0, "generator": 1.0}
        model.compile({name: keras.optimizers.SGD(rate) for name, rate in rates.items()})
        model.judge.set_weights([3 * w for w in model.discriminator.get_weights()])
        model.step.assign(2)
        latents = model.draw_latents(9, model.stream_seed((1 << 40) + 2 * 64)).numpy()
        first, second, last = (model.generator.generator(k) for k in range(3))
        kernel, offset = (w.copy() for w in second.get_weights())
        others = [x.get_weights() for x in (first, last)]
        found = model.train_step(tf.constant(POINTS)).numpy()
        logs = dict(zip(model.log_names, found, strict=True))

        _, weights = searched(np.exp(-value(model.judge, POINTS)), 0.5)
        assert 0 < logs["data_kept"] == (weights > 0).mean() < 1
        fake = latents[1::3] @ kernel + offset
        real = value(model.discriminator, POINTS)
        expected = weights @ np.logaddexp(0, -real)
        expected += np.logaddexp(0, value(model.discriminator, fake)).mean()
        assert logs["discriminator_loss"] == pytest.approx(expected, rel=1e-9)

        # The mixture of the first two, each of weight 1/2.
        both = np.concatenate([first(latents[::3]).numpy(), fake])
        expected = np.logaddexp(0, -value(model.mixture_discriminator, POINTS)).mean()
        expected += np.logaddexp(0, value(model.mixture_discriminator, both)).mean()
        assert logs["mixture_discriminator_loss"] == pytest.approx(expected, rel=1e-9)

        def played(kernel):
            fake = latents[1::3] @ kernel + offset
            return np.logaddexp(0, -value(model.discriminator, fake)).mean()

        assert logs["generator_loss"] == pytest.approx(played(kernel), rel=1e-9)
        moved = kernel - model.generator.generator(1).get_weights()[0]
        for place in ((0, 0), (2, 1)):
            step = np.zeros_like(kernel)
            step[place] = 1e-6
            slope = (played(kernel + step) - played(kernel - step)) / 2e-6
            assert moved[place] == pytest.approx(slope, rel=1e-5)
        for k, before in zip((0, 2), others, strict=True):
            for old, new in zip(before, model.generator.generator(k).get_weights(), strict=True):
                np.testing.assert_array_equal(old, new)


def test_rounds():
    """The judge is the mixture's discriminator of a round's end; generators join one by one."""
    model = make()
    model.compile(keras.optimizers.SGD(0.1), run_eagerly=True)
    first = model.judge.get_weights()
    for step, generators in enumerate([1, 1, 2, 2, 3, 3, 3]):
        model.train_step(tf.constant(POINTS, tf.float32))
        weights = np.where(np.arange(3) < generators, 1 / generators, 0)
        np.testing.assert_allclose(model.mixture_weights, weights, rtol=1e-6)
        if step in (1, 3):  # The last round goes on: nobody comes after it.
            first = model.mixture_discriminator.get_weights()
        for kept, expected in zip(model.judge.get_weights(), first, strict=True):
            np.testing.assert_array_equal(kept, expected)
    told = model.discriminate(np.float32(POINTS))
    np.testing.assert_allclose(told["logits"], value(model.mixture_discriminator, POINTS), 1e-5)


def test_what_it_refuses():
    bank = kgan.GeneratorBank(mlp(3, (4,), 2), 2)
    for arguments, message in (
        ((bank, mlp(2, (4,), 2)), "must have one output"),
        ((bank, mlp(2, (4,), 1), mlp(2, (4,), 2)), "must have one output"),
        ((kgan.GeneratorBank(mlp(3, (4,), 2), 2, private_layers=1), mlp(2, (4,), 1)), "share no"),
        ((mlp(3, (4,), 2), mlp(2, (4,), 1)), "AdaGAN needs a GeneratorBank"),
    ):
        with pytest.raises(kgan.InputError, match=message):
            kgan.AdaGAN(*arguments)
    for options, message in (
        ({"round_steps": 0}, "round_steps must be a whole number of at least 1"),
        ({"pack": 2}, "AdaGAN takes no packs"),
    ):
        with pytest.raises(kgan.InputError, match=message):
            make(**options)
