"""The signature `invert`, read by a process that knows TensorFlow alone."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import kgan
from kgan import networks
from kgan.networks.joint import joint_discriminator

READER = """
import sys
import numpy as np
import tensorflow as tf
folder, found = sys.argv[1], {}
for name in ("points", "images", "half"):
    signatures = tf.saved_model.load(f"{folder}/{name}/1").signatures
    found[f"{name} names"] = sorted(signatures)
    real = np.load(f"{folder}/{name}-real.npy")
    for n in (1, 5):
        latents = signatures["invert"](samples=tf.constant(real[:n]))["latents"]
        found[f"{name} latents {n}"] = latents
        again = signatures["serving_default"](latents=latents)["samples"]
        found[f"{name} reconstructions {n}"] = again
assert "kgan" not in sys.modules
np.savez(f"{folder}/found.npz", **{k: np.asarray(v) for k, v in found.items()})
"""


def points_model(dtype=None, **options):
    """An InvertGAN of points in 3 latent dimensions."""
    keras.utils.set_random_seed(0)
    return kgan.InvertGAN(
        networks.mlp(3, [16], 2, dtype=dtype),
        networks.mlp(2, [16], 3, dtype=dtype),
        networks.mlp(2, [16], 1, dtype=dtype),
        **options,
    )


def images_model():
    """One of grey images whose inverse has batch norm and Dropout, and which keeps an average."""
    keras.utils.set_random_seed(1)
    generator = keras.Sequential(
        [keras.Input((4,)), layers.Dense(30, "tanh"), layers.Reshape((6, 5, 1))]
    )
    inverse = keras.Sequential(
        [
            keras.Input((6, 5, 1)),
            layers.Flatten(),
            layers.Dense(8),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Dense(4),
        ]
    )
    discriminator = keras.Sequential([keras.Input((6, 5, 1)), layers.Flatten(), layers.Dense(1)])
    model = kgan.InvertGAN(generator, inverse, discriminator, value_range=(-1, 1), ema_decay=0.5)
    model.compile(keras.optimizers.SGD(0.1))
    for _ in range(3):
        model.train_step(tf.random.stateless_uniform((16, 6, 5, 1), (1, 2), -1, 1))
    return model


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """`(models by name, real examples by name, what a fresh process got)`."""
    folder = tmp_path_factory.mktemp("served")
    models = {
        "points": points_model(),
        "images": images_model(),
        "half": points_model("mixed_float16"),
    }
    real = {}
    for name, model in models.items():
        model.export(folder / name / "1")
        real[name] = np.random.default_rng(0).uniform(-1, 1, (5, *model.sample_shape))
        real[name] = real[name].astype("float32")
        np.save(folder / f"{name}-real.npy", real[name])
    subprocess.run([sys.executable, "-c", READER, str(folder)], check=True, timeout=300)
    with np.load(folder / "found.npz") as file:
        return models, real, dict(file)


@pytest.mark.parametrize("name", ["points", "images", "half"])
def test_invert_gives_what_the_model_gives(served, name):
    model, real, found = served[0][name], served[1][name], served[2]
    tolerance = 5e-3 if name == "half" else 1e-5
    for n in (1, 5):  # One graph for any batch.
        latents = found[f"{name} latents {n}"]
        assert (latents.dtype, latents.shape) == (np.float32, (n, model.latent_dim))
        np.testing.assert_allclose(latents, model.invert(real[:n]), atol=tolerance)
        again = found[f"{name} reconstructions {n}"]
        np.testing.assert_allclose(again, model.reconstruct(real[:n]), atol=2 * tolerance)
    assert np.ptp(found[f"{name} latents 5"], axis=0).max() > 1e-2, "not all alike"


def test_invert_stands_beside_the_common_signatures(served):
    names = ["discriminate", "invert", "sample", "sample_with_options", "serving_default"]
    assert list(served[2]["points names"]) == names
    assert list(served[2]["images names"]) == sorted(
        [*names, "sample_png", "sample_png_with_options"]
    )


def test_other_models_have_no_such_signature(tmp_path):
    model = kgan.GAN(networks.mlp(3, [4], 2), networks.mlp(2, [4], 1))
    signatures = tf.saved_model.load(str(model.export(tmp_path / "1"))).signatures
    assert "invert" not in signatures


@pytest.mark.parametrize("method", [kgan.BiGAN, kgan.VEEGAN])
def test_methods_with_a_discriminator_of_pairs(tmp_path, method):
    """Whichever player owns the inverse: the generator's, or one of its own."""
    keras.utils.set_random_seed(2)
    pairs = joint_discriminator(
        lambda shape, outputs, dtype=None: networks.mlp(shape[0], [8], outputs), (2,), 3
    )
    model = method(networks.mlp(3, [8], 2), networks.mlp(2, [8], 3), pairs)
    loaded = tf.saved_model.load(str(model.export(tmp_path / "1")))
    points = np.random.default_rng(1).standard_normal((4, 2)).astype("float32")
    latents = loaded.signatures["invert"](samples=tf.constant(points))["latents"]
    np.testing.assert_allclose(latents, model.invert(points), atol=1e-5)
    expected = model.discriminate(points)
    found = loaded.signatures["discriminate"](samples=tf.constant(points))
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        np.testing.assert_allclose(found[key], value, atol=1e-5)
    # Each network is kept once.
    weights = sum(int(np.prod(v.shape)) for v in loaded.weights)
    kept = (model.generator, model.inverse, model.discriminator)
    assert weights == sum(network.count_params() for network in kept)
