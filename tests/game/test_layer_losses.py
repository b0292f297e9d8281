"""What layers add to a loss: each player's own, once in each of its moves."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import kgan

POINTS = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")
RATE = 0.1


@keras.saving.register_keras_serializable("kgan_tests")
class Adding(layers.Layer):
    """Adds its weight to the loss, and lets everything through."""

    def build(self, shape):
        self.scale = self.add_weight(shape=(), initializer="ones", name="scale")

    def call(self, x):
        self.add_loss(0.5 * self.scale)
        return x + 0 * self.scale


def gan(cls=kgan.GAN, generator=(), discriminator=(), before=(), **kwargs):
    keras.utils.set_random_seed(0)
    g = keras.Sequential([keras.Input((3,)), layers.Dense(2, **dict(generator)), *before])
    d = keras.Sequential([keras.Input((2,)), layers.Dense(1, **dict(discriminator))])
    model = cls(g, d, **kwargs)
    model.compile(keras.optimizers.SGD(RATE))
    return model


def stepped(model, data=POINTS):
    """Losses by name, and all weights, after one step."""
    logs = model.train_step(tf.constant(data))
    return dict(zip(model.log_names, logs.numpy(), strict=True)), model.get_weights()


L2 = {"kernel_regularizer": keras.regularizers.L2(0.3)}


@pytest.mark.parametrize("player", ["discriminator", "generator"])
def test_a_weights_regularizer_counts_in_its_players_move(player):
    plain, regular = gan(), gan(**{player: L2})
    kernel = plain.players[player].networks[0].layers[0].kernel.numpy()
    losses, weights = stepped(plain)
    found, moved = stepped(regular)
    assert found[f"{player}_loss"] == pytest.approx(
        losses[f"{player}_loss"] + 0.3 * (kernel**2).sum(), rel=1e-5
    )
    at = [v.path for v in plain.weights].index(
        plain.players[player].networks[0].layers[0].kernel.path
    )
    np.testing.assert_allclose(moved[at], weights[at] - RATE * 0.6 * kernel, atol=1e-6)
    if player == "generator":  # The discriminator moves first, and is not regularized.
        assert found["discriminator_loss"] == losses["discriminator_loss"]
        np.testing.assert_array_equal(moved[2], weights[2])


def test_an_activity_regularizer_counts_in_each_pass():
    options = {"activity_regularizer": keras.regularizers.L2(0.3)}
    plain, regular = gan(), gan(discriminator=options)
    seen, call = [], plain.discriminator.call
    plain.discriminator.call = lambda x, **kwargs: seen.append(call(x, **kwargs)) or seen[-1]
    losses, _ = stepped(plain)
    found, _ = stepped(regular)
    real, fake = (0.3 * (x.numpy() ** 2).sum() / len(x) for x in seen[:2])
    assert found["discriminator_loss"] - losses["discriminator_loss"] == pytest.approx(
        real + fake, rel=1e-4
    )
    assert vars(regular.discriminator.layers[0]).get("add_loss") is None  # Nothing stays behind.


@pytest.mark.parametrize("fresh", [True, False])
def test_the_generators_reach_it_through_the_shared_pass(fresh):
    """The samples were made before the discriminator's move, on another tape."""
    models = [gan(before=before, fresh_noise=fresh) for before in ([], [Adding()])]
    (losses, _), (found, _) = map(stepped, models)
    assert found["generator_loss"] == pytest.approx(losses["generator_loss"] + 0.5, rel=1e-5)
    (scale,) = models[1].generator.layers[-1].weights
    assert float(scale.value) == pytest.approx(1 - RATE * 0.5)


@pytest.mark.parametrize("cls", [kgan.UnrolledGAN, kgan.MDGAN, kgan.BEGAN])
def test_in_other_games(cls):
    keras.utils.set_random_seed(0)
    made = []
    for options in ({}, L2):
        width = {kgan.UnrolledGAN: 1}.get(cls, 2)
        keras.utils.set_random_seed(0)
        g = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
        d = keras.Sequential([keras.Input((2,)), layers.Dense(width, **options)])
        made.append(cls(g, d))
        made[-1].compile(keras.optimizers.SGD(RATE))
    kernel = made[0].discriminator.layers[0].kernel.numpy()
    (losses, _), (found, _) = map(stepped, made)
    extra = found["discriminator_loss"] - losses["discriminator_loss"]
    assert extra == pytest.approx(0.3 * (kernel**2).sum(), rel=1e-4)
    if cls is kgan.UnrolledGAN:  # It foresees a discriminator that its regularizer holds back.
        assert found["generator_loss"] != losses["generator_loss"]


def test_in_a_graph_on_two_replicas(two_replicas):
    """The mean over the replicas, not their sum."""
    models = []
    for strategy in (tf.distribute.get_strategy(), two_replicas):
        with strategy.scope():
            options = {"activity_regularizer": keras.regularizers.L2(0.3), **L2}
            models.append(gan(generator=options, discriminator=options))
        models[-1].fit(POINTS, batch_size=8, shuffle=False, verbose=0)
    for a, b in zip(*(m.get_weights() for m in models), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
