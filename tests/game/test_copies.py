"""Copies in memory: of classes and functions that Keras was never told of."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import kgan

SCALE = 3.0


class Doubling(layers.Layer):
    def call(self, x):
        return 2 * x


def cubic(x):
    return x**3


def generator():
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(4, activation=cubic),
            layers.Dense(2, activation=lambda x: ops.tanh(x) + SCALE),
            layers.Lambda(lambda x: ops.abs(x) * SCALE),
            Doubling(),
        ]
    )


def discriminator(outputs=1):
    return keras.Sequential([keras.Input((2,)), layers.Dense(outputs)])


def test_a_moving_average_of_unregistered_layers():
    gan = kgan.GAN(generator(), discriminator(), ema_decay=0.9)
    latents = gan.sample_latents(5)
    np.testing.assert_array_equal(gan.ema_generator(latents), gan.generator(latents))
    assert cubic.__name__ == "cubic"


@pytest.mark.parametrize("private_layers", [None, 1, 0])
def test_a_bank_of_unregistered_layers(private_layers):
    bank = kgan.GeneratorBank(generator(), 2, private_layers=private_layers)
    gan = kgan.MGAN(bank, discriminator(3), ema_decay=0.9)
    latents = gan.sample_latents(4)
    for k in range(2):
        expected = bank.generate(latents, k)
        np.testing.assert_allclose(bank.generator(k)(latents), expected, rtol=1e-5)
        np.testing.assert_allclose(gan.ema_generator.generate(latents, k), expected, rtol=1e-5)


def test_a_loaded_mixture_remembers_its_custom_objects(tmp_path):
    template = keras.Sequential([keras.Input((3,)), layers.Dense(2, activation=cubic), Doubling()])
    gan = kgan.MGAN(kgan.GeneratorBank(template, 2), discriminator(3), ema_decay=0.9)
    gan.save(tmp_path / "m.keras")
    known = {"Doubling": Doubling, "cubic": cubic}
    loaded = keras.models.load_model(tmp_path / "m.keras", custom_objects=known)
    latents = gan.sample_latents(4)
    alone = loaded.generator.generator(1)
    np.testing.assert_array_equal(alone(latents), gan.generator.generator(1)(latents))


def test_two_classes_of_one_name_are_told():
    one = type("Twin", (layers.Layer,), {"call": lambda self, x: x})
    two = type("Twin", (layers.Layer,), {"call": lambda self, x: 2 * x})
    twins = keras.Sequential([keras.Input((3,)), layers.Dense(2), one(), two()])
    with pytest.raises(kgan.InputError, match="two that are called Twin"):
        kgan.GAN(twins, discriminator(), ema_decay=0.9)


def test_one_optimizer_for_all_players_of_unregistered_classes():
    class Own(keras.optimizers.SGD):
        pass

    class Falling(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.25

        def get_config(self):
            return {}

    gan = kgan.GAN(generator(), discriminator())
    for optimizer in (Own(Falling(), momentum=0.5), keras.optimizers.LossScaleOptimizer(Own(0.25))):
        gan.compile(optimizer)
        copies = [getattr(o, "inner_optimizer", o) for o in gan.optimizers.values()]
        assert {type(o) for o in copies} == {Own}
        assert [float(o.learning_rate) for o in copies] == [0.25, 0.25]
        assert [o.name for o in copies] == ["discriminator_own", "generator_own"]
