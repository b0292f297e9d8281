"""SN-GAN's presets: its networks, games and budgets."""

import keras
import numpy as np
import pytest

from kgan import GAN, presets
from kgan.layers import SpectralConv2D, SpectralDense

SETS = ("mnist", "fashion_mnist", "cifar10", "celeb_a", "images")


def trainable(network):
    return sum(int(np.prod(v.shape)) for v in network.trainable_variables)


def spectral(network):
    """Whether each layer with a kernel is spectral."""
    kinds = (SpectralDense, SpectralConv2D)
    return [isinstance(x, kinds) for x in network.layers if hasattr(x, "kernel")]


def test_names():
    names = {f"sngan_{name}" for name in (*SETS, "ring", "grid", "embedded_grid")} | {
        "sngan_resnet_cifar10"
    }
    assert {name for name in presets.names() if name.startswith("sngan")} == names
    assert presets.find("sngan_resnet", "cifar10") == "sngan_resnet_cifar10"


@pytest.mark.parametrize(
    ("name", "weights", "steps", "batch", "optimizer"),
    [
        ("sngan_cifar10", (3_828_739, 5_860_865), 1, 64, (0.5, 0.999)),
        ("sngan_resnet_cifar10", (4_276_739, 1_053_825), 5, 5 * 64, (0.0, 0.9)),
    ],
)
def test_cifar10(name, weights, steps, batch, optimizer):
    preset, model = presets.get(name), presets.build(name)
    assert isinstance(model, GAN)
    assert (trainable(model.generator), trainable(model.discriminator)) == weights
    assert not any(spectral(model.generator))
    assert all(spectral(model.discriminator))
    assert (model.latent_dim, model.latent_distribution) == (128, "normal")
    assert (model.value_range, model.sample_shape) == ((-1.0, 1.0), (32, 32, 3))
    assert model.discriminator_steps == steps
    assert preset.batch_size == batch
    for player in model.players:
        adam = preset.optimizer(player)
        assert float(adam.learning_rate) == pytest.approx(2e-4)
        assert (adam.beta_1, adam.beta_2) == optimizer


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_28_pixels_have_the_networks_of_all_methods(name):
    model, gan = presets.build(f"sngan_{name}"), presets.build(f"hinge_{name}")
    assert all(spectral(model.discriminator))
    assert not any(spectral(model.generator))
    assert trainable(model.generator) == trainable(gan.generator)
    # Without scale and offset of 128 channels and 1024 units.
    assert trainable(gan.discriminator) - trainable(model.discriminator) == 2 * (128 + 1024)
    assert model.adversarial_loss == gan.adversarial_loss
    preset, plain = presets.get(f"sngan_{name}"), presets.get(f"lsgan_{name}")
    for budget in ("steps", "batch_size", "learning_rate", "beta_1"):
        assert getattr(preset, budget) == getattr(plain, budget)


@pytest.mark.parametrize("dataset", ["ring", "grid"])
def test_points_differ_from_the_gan_in_the_game_its_rates_and_spectral_norms_alone(dataset):
    preset, plain = (presets.get(f"{method}_{dataset}") for method in ("sngan", "gan"))
    for budget in ("steps", "batch_size", "learning_rate", "beta_1", "decay"):
        assert getattr(preset, budget) == getattr(plain, budget)
    model, gan = preset.build(), plain.build()
    # Two moves at twice the rate, of a slope of at most 8.
    assert (model.discriminator_steps, preset.rate_factors) == (2, {"discriminator": 2.0})
    scales = [
        layer.scale
        for layer in model.discriminator.layers
        if isinstance(layer, keras.layers.Rescaling)
    ]
    assert scales == [8.0]
    assert all(spectral(model.discriminator))
    assert not any(spectral(model.generator))
    for player in ("generator", "discriminator"):
        assert trainable(getattr(model, player)) == trainable(getattr(gan, player))


@pytest.mark.parametrize("name", ["sngan_ring", "sngan_images", "sngan_resnet_cifar10"])
def test_a_step_moves_every_weight(name):
    keras.utils.set_random_seed(0)
    shape = (2,) if name == "sngan_ring" else (8, 8, 1)
    model = presets.build(name, example_shape=shape)
    assert model.adversarial_loss == "hinge"
    model.compile()
    before = [v.numpy() for v in model.trainable_variables]
    vectors = [w for w in model.discriminator.weights if w.name == "output_vector"]
    kept = [v.numpy() for v in vectors]
    batch = np.random.default_rng(0).uniform(-1, 1, (20, *shape)).astype("float32")
    assert np.isfinite(model.train_step(batch)).all()
    # A hidden unit that nothing activates has no gradient, so whole tensors are compared. A hinge
    # has none in the last bias while all margins are missed: as many push up as push down.
    still = [
        v.path
        for v, old in zip(model.trainable_variables, before, strict=True)
        if (v.numpy() == old).all()
    ]
    assert [path for path in still if not path.endswith("bias")] == []
    assert all((v.numpy() != old).any() for v, old in zip(vectors, kept, strict=True))
