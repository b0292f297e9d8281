"""Dense layers as two of low rank: what they compute, and that a game goes on with them."""

import keras
import numpy as np
import pytest
from keras import layers

import kgan
from kgan.errors import InputError
from kgan.game.low_rank import low_rank
from kgan.layers import SpectralDense

RANK, WIDTH = 4, 40


def network(width, outputs, dense=layers.Dense, name="generator"):
    """Its second layer can be factored, and gets inputs of 4 dimensions."""
    inputs = keras.Input((width,))
    x = layers.Dense(WIDTH, use_bias=False)(inputs)
    x = layers.LeakyReLU(1.0)(x)
    x = dense(WIDTH, name=f"{name}_large")(x)
    x = layers.LeakyReLU()(layers.BatchNormalization()(x))
    return keras.Model(inputs, layers.Dense(outputs)(x), name=name)


def trained(cls=kgan.GAN, bank=0, private=None, **options):
    keras.utils.set_random_seed(0)
    generator = network(RANK, 3)
    if bank:
        generator = kgan.GeneratorBank(generator, bank, private_layers=private, name="generator")
    model = cls(generator, network(3, 1 + bank, SpectralDense, "discriminator"), **options)
    rng = np.random.default_rng(0)
    for variable in model.weights:
        if variable.dtype == "float32" and "norm" in variable.path + variable.name:
            variable.assign(rng.uniform(0.5, 1.5, variable.shape))
        elif variable.name == "bias":
            variable.assign(rng.normal(size=variable.shape))
    model.step.assign(7)
    return model


def real():
    return np.random.default_rng(1).normal(size=(600, 3)).astype(np.float32)


def lost(found, wanted):
    """The share of the variance that is not there."""
    return np.square(found - np.asarray(wanted)).mean() / np.var(wanted)


@pytest.mark.parametrize(
    "options",
    [{"cls": kgan.GAN}, {"cls": kgan.MGAN, "bank": 2, "private": 1}, {"cls": kgan.MGAN, "bank": 2}],
    ids=["one", "shared", "own"],
)
def test_what_passes_through_few_dimensions_is_kept(options):
    """A layer's inputs span 4 dimensions for each network before it, or 3."""
    model = trained(**options, ema_decay=0.5)
    for variable in model.generator.trainable_weights:
        variable.assign(0 * variable)  # What counts is the average.
    rank = RANK * 2 if "private" in options else RANK
    new, told = low_rank(model, rank, real(), rank_of_others=3)
    assert [one.network for one in told] == ["generator", "discriminator"]
    assert (new.steps_taken, new.ema_decay, model.ema_decay) == (7, None, 0.5)
    assert type(new.discriminator.get_layer("discriminator_large")) is SpectralDense
    np.testing.assert_allclose(new.sample(50, seed=0), model.sample(50, seed=0), atol=2e-4)
    for key, value in model.discriminate(real()).items():
        np.testing.assert_allclose(new.discriminate(real())[key], value, atol=2e-4, err_msg=key)
    before, after = (sum(np.prod(v.shape) for v in m.weights) for m in (model, new))
    assert after < 0.6 * before


def test_less_rank_loses_less_than_a_cut_of_the_kernel_itself():
    model = trained()
    samples = model.sample(500, seed=5)
    new, _ = low_rank(model, 2, real())
    kept = lost(new.sample(500, seed=5), samples)
    large = model.generator.get_layer("generator_large")
    left, values, right = np.linalg.svd(large.kernel.numpy())
    large.kernel.assign((left[:, :2] * values[:2]) @ right[:2])
    assert kept < 0.5 * lost(model.sample(500, seed=5), samples)


def test_a_game_goes_on_and_is_saved(tmp_path):
    new, _ = low_rank(trained(kgan.MGAN, bank=2, private=1, ema_decay=0.5), RANK, real())
    new.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.sample(5, seed=0), new.sample(5, seed=0))
    before = loaded.generator.get_weights()
    loaded.compile()
    loaded.fit(real(), batch_size=50, epochs=1, steps_per_epoch=1, verbose=0)
    after = loaded.generator.get_weights()
    assert sum(np.any(a != b) for a, b in zip(before, after, strict=True)) > 6
    assert loaded.steps_taken == 8


def test_ranks_that_cannot_be_are_refused():
    with pytest.raises(InputError, match=r"No dense layer .* Received: rank=11 for <GAN"):
        low_rank(trained(), 11, real())
    with pytest.raises(InputError, match="rank must be a whole number of at least 1"):
        low_rank(trained(), 0, real())
