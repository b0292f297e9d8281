"""SavedModels, read by a process that knows TensorFlow alone."""

import inspect
import json
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
from keras import layers

import kgan
from kgan.serving import MAX_SAMPLES, export
from kgan.serving.export import ABOUT

SEED = 5


def drawn(model, count):
    """What the seeds (5, 0), (6, 0), ... give: a sample of its own each."""
    return np.concatenate([model.sample(1, seed=SEED + i) for i in range(count)])


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
    for n in (1, 4):
        result = signatures["serving_default"](latents=tf.constant(latents[:n]))
        found[f"{name} latents {n}"] = result["samples"]
        drawn = signatures["sample"](seeds=tf.constant([[5 + i, 0] for i in range(n)]))["samples"]
        found[f"{name} sample {n}"] = drawn
        for key, value in signatures["discriminate"](samples=drawn).items():
            found[f"{name} {key} {n}"] = value
    seeds = tf.constant([[5 + i, 1] for i in range(4)])
    found[f"{name} other"] = signatures["sample"](seeds=seeds)["samples"]
    if "sample_png" in signatures:
        seeds = tf.constant([[5 + i, 0] for i in range(4)])
        files = signatures["sample_png"](seeds=seeds)["image_bytes"]
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
        np.testing.assert_allclose(samples, drawn(model, n), atol=tolerance)
        outputs = model.discriminate(samples)
        assert set(outputs) == ({"logits", "probability"} if name == "images" else
                                {"embedding", "probability", "cluster", "distance"})  # fmt: skip
        for key, value in outputs.items():
            np.testing.assert_allclose(found[f"{name} {key} {n}"], value, atol=tolerance)
    given = {k: v.dtype for k, v in found.items() if k[-1] in "14" and name in k}
    assert all(t == (np.int32 if "cluster" in k else np.float32) for k, t in given.items())
    assert np.abs(found[f"{name} other"] - found[f"{name} sample 4"]).max() > 1e-2


def test_only_images_come_as_png(served):
    # Latents are uniform there, and have no truncation.
    names = ["discriminate", "sample", "sample_png", "serving_default"]
    assert list(served[1]["images names"]) == names
    names[2] = "sample_with_options"
    assert list(served[1]["points names"]) == names


def test_png_files_hold_the_right_pixels(served):
    model, found = served[0]["images"], served[1]
    pixels = found["images png"]
    assert pixels.shape == (4, 6, 4, 1)
    assert pixels.dtype == np.uint8
    expected = (drawn(model, 4) + 1) / 2 * 255
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
    files = signatures["sample_png"](seeds=tf.constant([[5, 0], [6, 0]]))["image_bytes"]
    pixels = np.stack([tf.io.decode_png(file) for file in files])
    assert np.abs(pixels - 255 * drawn(model, 2)).max() < 0.5 + 1e-3


def files(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_the_rows_of_seeds_are_limited_and_the_limit_is_exported(served, tmp_path):
    signatures = tf.saved_model.load(str(export(served[0]["points"], tmp_path / "1"))).signatures
    most = json.loads((tmp_path / "1" / ABOUT).read_text())["max_samples"]
    assert most == MAX_SAMPLES == 1_000
    seeds = tf.constant([[0, i] for i in range(most + 1)])
    samples = signatures["sample"](seeds=seeds[:most])["samples"]
    assert len(np.unique(samples[:, 0])) > 0.99 * most
    with pytest.raises(tf.errors.InvalidArgumentError, match="At most 1000 rows of seeds"):
        signatures["sample"](seeds=seeds)


def test_an_export_is_replaced_as_a_whole(tmp_path):
    target = tmp_path / "new" / "1"
    target.mkdir(parents=True)  # An empty folder is nobody's.
    export(points_model(), target)
    (target / "variables" / "left_over").write_text("of the export before")
    model = images_model()
    export(model, target)
    assert not (target / "variables" / "left_over").exists()
    assert [p.name for p in target.parent.iterdir()] == ["1"]  # No temporary folder is left.
    loaded = tf.saved_model.load(str(target)).signatures["serving_default"]
    latents = model.sample_latents(2, 0)
    np.testing.assert_allclose(loaded(latents=latents)["samples"], model(latents), atol=1e-5)
    model.generator.export(tmp_path / "of_keras", verbose=False)
    export(model, tmp_path / "of_keras")
    assert (tmp_path / "of_keras" / ABOUT).exists()


def theirs(folder):
    """Folders that kgan has not written, by what is said of them."""
    module = tf.Module()
    module.f = tf.function(lambda z: {"z": z}, input_signature=[tf.TensorSpec((None,))])
    for version in ("1", "3"):
        tf.saved_model.save(module, str(folder / "versions" / version), signatures=module.f)
    (folder / "versions" / "models.config").write_text("of the server")
    shutil.copytree(folder / "versions" / "1", folder / "foreign")
    (folder / "config").mkdir()
    (folder / "config" / "models.config").write_text("of the server")
    (folder / "thesis").mkdir()
    (folder / "thesis" / "chapter1.tex").write_text("years of work")
    (folder / "broken").mkdir()
    (folder / "broken" / "saved_model.pb").write_bytes(b"nothing")
    export(points_model(), folder / "kept" / "1")
    (folder / "kept" / "1" / "notes.txt").write_text("which run this is")
    return {
        "versions": r"versions \(1, 3\).* as .*versions/4\.",
        "foreign": r"another program's, or broken.* as .*foreign/1\.",
        "config": r"none yet.* as .*config/1\.",
        "thesis": r"it has chapter1\.tex.* as .*thesis/1\.",
        "broken": r"another program's, or broken",
        "kept/1": r"it has notes\.txt",
    }


def test_what_kgan_has_not_written_stays(tmp_path):
    said, model = theirs(tmp_path), points_model()
    before = files(tmp_path)
    for name, why in said.items():
        with pytest.raises(kgan.RunError, match=why):
            model.export(tmp_path / name)
    assert files(tmp_path) == before


@pytest.mark.parametrize("path", ["gs://bucket/1", Path("s3://bucket/1"), "hdfs://host/1"])
def test_paths_of_other_file_systems_are_refused(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(kgan.InputError, match=rf"of this machine\. Received: {path}"):
        points_model().export(path)
    assert not list(tmp_path.iterdir())


def test_export_takes_what_it_takes_in_keras(tmp_path, capsys, monkeypatch):
    model = images_model()
    assert list(inspect.signature(type(model).export).parameters) == list(
        inspect.signature(keras.Model.export).parameters
    )
    model.export(tmp_path / "1", verbose=True)
    assert f"Saved artifact at '{tmp_path / '1'}'." in capsys.readouterr().out
    path = model.export(filepath=tmp_path / "g.tflite", format="litert", verbose=False)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["1", "g.tflite"]
    interpreter = tf.lite.Interpreter(str(path))
    (told,) = interpreter.get_input_details()
    interpreter.resize_tensor_input(told["index"], (4, 3))
    interpreter.allocate_tensors()
    latents = np.asarray(model.sample_latents(4, 9))
    interpreter.set_tensor(told["index"], latents)
    interpreter.invoke()
    (made,) = interpreter.get_output_details()
    np.testing.assert_allclose(interpreter.get_tensor(made["index"]), model(latents), atol=1e-5)
    with pytest.raises(kgan.InputError, match="takes no `input_signature`"):
        model.export(tmp_path / "2", input_signature=[tf.TensorSpec((1, 3))])
    with pytest.raises(ValueError, match="Unrecognized format"):
        model.export(tmp_path / "2", format="nothing")
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    with pytest.raises(kgan.InputError, match=r"`format=onnx`, which is not installed: .*onnx"):
        model.export(tmp_path / "2", format="onnx")


def test_onnx_gives_what_the_model_gives(tmp_path):
    model = images_model()
    path = model.export(tmp_path / "g.onnx", format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(path)
    for count in (1, 4):
        latents = np.asarray(model.sample_latents(count, 9))
        (made,) = session.run(None, {"latents": latents})
        np.testing.assert_allclose(made, model(latents), atol=1e-5)


@pytest.mark.parametrize(
    "error", [OSError("disk full"), tf.errors.ResourceExhaustedError(None, None, "disk full")]
)
def test_a_failed_export_leaves_the_one_before(tmp_path, monkeypatch, error):
    export(points_model(), tmp_path / "1")
    before = files(tmp_path)

    def fail(*args, **kwargs):
        raise error

    monkeypatch.setattr(tf.saved_model, "save", fail)
    with pytest.raises(kgan.RunError, match=r"1 cannot be written: disk full|to .*1: disk full"):
        export(points_model(), tmp_path / "1")
    assert files(tmp_path) == before


def test_an_unwritable_place(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(kgan.RunError, match=r"file/1 cannot be written: Not a dir"):
        export(points_model(), tmp_path / "file" / "1")
    with pytest.raises(kgan.RunError, match=r"file cannot be written: Not a dir"):
        export(points_model(), tmp_path / "file")
    assert (tmp_path / "file").read_text() == "not a folder"
