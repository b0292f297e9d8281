"""SavedModels, read by a process that knows TensorFlow alone."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import kgan
from kgan.serving import export

SEED = 5


def images_model():
    """A GAN of grey images in [-1, 1], whose average differs from its generator."""
    keras.utils.set_random_seed(0)
    generator = keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(16, use_bias=False),
            layers.BatchNormalization(),
            layers.Dense(24, "tanh"),
            layers.Reshape((6, 4, 1)),
        ]
    )
    discriminator = keras.Sequential([keras.Input((6, 4, 1)), layers.Flatten(), layers.Dense(1)])
    model = kgan.GAN(generator, discriminator, value_range=(-1, 1), ema_decay=0.5)
    model.compile(keras.optimizers.SGD(0.5))
    for _ in range(3):
        model.train_step(tf.random.stateless_uniform((16, 6, 4, 1), (1, 2), -1, 1))
    return model


def points_model(dtype=None):
    """An MD-GAN of points, with Dropout and, for all I care, half precision."""
    keras.utils.set_random_seed(0)
    options = {"dtype": dtype}
    generator = keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(8, **options),
            layers.Dropout(0.5),
            layers.Dense(2, **options),
        ]
    )
    discriminator = keras.Sequential([keras.Input((2,)), layers.Dense(4, **options)])
    return kgan.MDGAN(generator, discriminator, latent_distribution="normal")


READER = """
import sys
import numpy as np
import tensorflow as tf
folder, found = sys.argv[1], {}
for name in ("images", "points", "half"):
    signatures = tf.saved_model.load(f"{folder}/{name}/1").signatures
    found[f"{name} names"] = sorted(signatures)
    latents = np.load(f"{folder}/{name}-latents.npy")
    seed = tf.constant([5, 0])
    for n in (1, 4):
        result = signatures["serving_default"](latents=tf.constant(latents[:n]))
        found[f"{name} latents {n}"] = result["samples"]
        drawn = signatures["sample"](num_samples=tf.constant(n), seed=seed)["samples"]
        found[f"{name} sample {n}"] = drawn
        for key, value in signatures["discriminate"](samples=drawn).items():
            found[f"{name} {key} {n}"] = value
    other = signatures["sample"](num_samples=tf.constant(4), seed=tf.constant([5, 1]))
    found[f"{name} other"] = other["samples"]
    if "sample_png" in signatures:
        files = signatures["sample_png"](num_samples=tf.constant(4), seed=seed)["images"]
        found[f"{name} png"] = [tf.io.decode_png(file).numpy() for file in files]
assert "kgan" not in sys.modules
np.savez(f"{folder}/found.npz", **{k: np.asarray(v) for k, v in found.items()})
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """`(models by name, what a fresh process got from their SavedModels)`."""
    folder = tmp_path_factory.mktemp("served")
    models = {
        "images": images_model(),
        "points": points_model(),
        "half": points_model("mixed_float16"),
    }
    for name, model in models.items():
        assert model.export(folder / name / "1") == folder / name / "1"
        np.save(folder / f"{name}-latents.npy", model.sample_latents(4, 9))
    subprocess.run([sys.executable, "-c", READER, str(folder)], check=True, timeout=300)
    with np.load(folder / "found.npz") as file:
        return models, dict(file)


@pytest.mark.parametrize("name", ["images", "points", "half"])
def test_signatures_give_what_the_model_gives(served, name):
    model, found = served[0][name], served[1]
    tolerance = 5e-3 if name == "half" else 1e-5
    for n in (1, 4):  # One graph for any batch.
        expected = model(model.sample_latents(4, 9)[:n])
        np.testing.assert_allclose(found[f"{name} latents {n}"], expected, atol=tolerance)
        samples = found[f"{name} sample {n}"]
        assert samples.shape == (n, *model.sample_shape)
        np.testing.assert_allclose(samples, model.sample(n, seed=SEED), atol=tolerance)
        outputs = model.discriminate(samples)
        assert set(outputs) == ({"logits", "probability"} if name == "images" else
                                {"embedding", "probability"})  # fmt: skip
        for key, value in outputs.items():
            np.testing.assert_allclose(found[f"{name} {key} {n}"], value, atol=tolerance)
    assert all(v.dtype == np.float32 for k, v in found.items() if k[-1] in "14" and name in k)
    assert np.abs(found[f"{name} other"] - found[f"{name} sample 4"]).max() > 1e-2


def test_only_images_come_as_png(served):
    names = ["discriminate", "sample", "sample_png", "serving_default"]
    assert list(served[1]["images names"]) == names
    assert list(served[1]["points names"]) == [n for n in names if n != "sample_png"]


def test_png_files_hold_the_right_pixels(served):
    model, found = served[0]["images"], served[1]
    pixels = found["images png"]
    assert pixels.shape == (4, 6, 4, 1)
    assert pixels.dtype == np.uint8
    expected = (model.sample(4, seed=SEED) + 1) / 2 * 255
    assert np.abs(pixels - expected).max() < 0.5 + 1e-3
    assert np.ptp(pixels) > 100  # Not all one grey.


def test_the_moving_average_is_what_is_exported(served):
    model, found = served[0]["images"], served[1]
    latents = model.sample_latents(4, 9)
    average = model.ema_generator(latents, training=False).numpy()
    current = model.generator(latents, training=False).numpy()
    assert np.abs(average - current).max() > 1e-2
    np.testing.assert_allclose(found["images latents 4"], average, atol=1e-5)


def test_colours_become_png_and_other_channels_do_not(tmp_path):
    for channels, png in ((2, False), (3, True)):
        generator = keras.Sequential(
            [
                keras.Input((2,)),
                layers.Dense(4 * channels, "sigmoid"),
                layers.Reshape((2, 2, channels)),
            ]
        )
        shape = keras.Input((2, 2, channels))
        model = kgan.GAN(generator, keras.Sequential([shape, layers.Flatten(), layers.Dense(1)]))
        signatures = tf.saved_model.load(str(export(model, tmp_path / str(channels)))).signatures
        assert ("sample_png" in signatures) == png
    files = signatures["sample_png"](num_samples=tf.constant(2), seed=tf.constant([1, 0]))["images"]
    pixels = np.stack([tf.io.decode_png(file) for file in files])
    assert np.abs(pixels - 255 * model.sample(2, seed=1)).max() < 0.5 + 1e-3


def files(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_an_export_is_replaced_as_a_whole(tmp_path):
    target = tmp_path / "new" / "1"
    export(points_model(), target)
    (target / "left_over.txt").write_text("of the export before")
    model = images_model()
    export(model, target)
    assert not (target / "left_over.txt").exists()
    assert [p.name for p in target.parent.iterdir()] == ["1"]  # No temporary folder is left.
    loaded = tf.saved_model.load(str(target)).signatures["serving_default"]
    latents = model.sample_latents(2, 0)
    np.testing.assert_allclose(loaded(latents=latents)["samples"], model(latents), atol=1e-5)


@pytest.mark.parametrize(
    "error", [OSError("disk full"), tf.errors.ResourceExhaustedError(None, None, "disk full")]
)
def test_a_failed_export_leaves_the_one_before(tmp_path, monkeypatch, error):
    export(points_model(), tmp_path / "1")
    before = files(tmp_path)

    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(tf.saved_model, "save", fail)
    with pytest.raises(kgan.RunError, match=r"cannot be written to .*1: .*disk full"):
        export(points_model(), tmp_path / "1")
    assert files(tmp_path) == before


def test_an_unwritable_place(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(kgan.RunError, match=r"cannot be written to .*file/1"):
        export(points_model(), tmp_path / "file" / "1")
    with pytest.raises(kgan.RunError, match=r"cannot be written to .*file"):
        export(points_model(), tmp_path / "file")
    assert (tmp_path / "file").read_text() == "not a folder"
