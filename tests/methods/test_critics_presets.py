"""Critics: what the papers and Lucic et al. say of each, and what all share."""

import keras
import pytest
from keras import layers

import kgan
from kgan import presets

METHODS = (
    *("wgan", "wgan_gp", "lsgan", "hinge", "ragan", "r3gan", "dragan", "began", "realness", "maf"),
    *("gan_0gp", "wgan_0gp"),
)


def test_all_are_known_as_methods():
    found = presets.methods(kgan.GAN, kgan.BEGAN, kgan.RealnessGAN)
    assert {"gan", *METHODS} <= set(found)
    assert not {"mdgan", "unrolledgan", "dmganpl"} & set(found)
    assert presets.methods(kgan.BEGAN) == ["began"]


@pytest.mark.parametrize(
    ("method", "rate", "steps", "norm"),
    [
        ("lsgan", 2e-4, 1, True),
        ("wgan_gp", 1e-4, 5, False),
        ("dragan", 1e-4, 1, False),
        ("began", 1e-4, 5, False),
        ("hinge", 2e-4, 1, True),
    ],
)
def test_defaults_are_those_of_lucic_et_al(method, rate, steps, norm):
    preset = presets.get(f"{method}_fashion_mnist")
    model = presets.build(f"{method}_images", example_shape=(8, 8, 1))
    assert preset.learning_rate == rate
    assert model.discriminator_steps == steps
    kinds = [type(layer) for layer in model.discriminator.layers]
    assert (layers.BatchNormalization in kinds) == norm


@pytest.mark.parametrize("dataset", ["grid", "fashion_mnist"])
def test_wgan_has_rmsprop_and_clips(dataset):
    preset = presets.get(f"wgan_{dataset}")
    model = presets.build(f"wgan_{dataset}")
    assert model.adversarial_loss == "wasserstein"
    # Both wider than the paper's 0.01.
    assert model.weight_clip == (0.5 if dataset == "grid" else 0.1)
    for player in ("generator", "discriminator"):
        optimizer = preset.optimizer(player, learning_rate=0.4, decay="none")
        assert isinstance(optimizer, keras.optimizers.RMSprop)
        expected = 0.4 * preset.rate_factors.get(player, 1)
        assert float(optimizer.learning_rate) == pytest.approx(expected)
        assert (optimizer.name, optimizer.rho) == (f"{player}_rmsprop", 0.99)


@pytest.mark.parametrize("method", ["wgan_gp", "maf"])
@pytest.mark.parametrize("dataset", ["grid", "mnist"])
def test_wgan_gp(method, dataset):
    preset, model = (f(f"{method}_{dataset}") for f in (presets.get, presets.build))
    assert (preset.beta_1, preset.beta_2) == (0.5, 0.9)
    # The authors' toy code has another weight than their images.
    assert (model.penalty, model.penalty_weight) == ("gradient", 0.1 if dataset == "grid" else 10.0)
    widths = {"wgan_gp": (1, 1), "maf": (16, 128)}[method]
    assert model.discriminator.output_shape[-1] == widths[dataset == "mnist"]


def test_a_user_may_choose_the_width():
    model = presets.build("maf_grid", outputs=3, penalty="one_sided")
    assert model.discriminator.output_shape == (None, 3)
    assert model.penalty == "one_sided"
    assert presets.build("realness_grid", outputs=9).discriminator.output_shape == (None, 9)


@pytest.mark.parametrize("dataset", ["ring", "grid"])
def test_they_differ_in_nothing_else_on_points(dataset):
    plain, gan = presets.get(f"gan_{dataset}"), presets.build(f"gan_{dataset}")
    budget = ("steps", "batch_size", "beta_1", "rate_factors", "decay")
    assert (plain.learning_rate, plain.rate_factors) == (1e-3, {})
    for method in METHODS:
        preset, model = (f(f"{method}_{dataset}") for f in (presets.get, presets.build))
        assert [getattr(preset, k) for k in budget] == [getattr(plain, k) for k in budget]
        assert preset.learning_rate == (2e-3 if method in ("wgan_gp", "maf", "wgan_0gp") else 1e-3)
        for name in ("generator", "discriminator"):
            shapes = [
                [tuple(v.shape) for v in getattr(one, name).trainable_variables]
                for one in (model, gan)
            ]
            assert shapes[0][:-2] == shapes[1][:-2]


def test_began_is_an_autoencoder_of_the_sample():
    for name, shape in (("began_grid", (2,)), ("began_fashion_mnist", (28, 28, 1))):
        model = presets.build(name)
        assert model.discriminator.output_shape == (None, *shape)
        assert (model.diversity_ratio, model.balance_rate, model.power) == (0.75, 1e-3, 1)
