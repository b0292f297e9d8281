"""What a run keeps of its samples' nearest training examples."""

import numpy as np
import pytest

from kgan import data
from kgan.runs.artefacts import neighbours


class Repeater:
    """Samples are training examples, moved a little after the first `copies`."""

    value_range = (-1.0, 1.0)
    steps_taken = 30

    def __init__(self, train, copies=10_000, noise=0.05):
        self.train, self.copies, self.noise = train, copies, noise

    def sample(self, count, seed=0):
        rows = np.random.default_rng(seed).integers(len(self.train), size=count)
        examples = self.train.floats(rows)
        moved = examples + self.noise
        moved[: self.copies] = examples[: self.copies]
        return moved


@pytest.fixture
def images():
    pixels = np.random.default_rng(0).integers(0, 255, (90, 6, 5, 1)).astype(np.uint8)
    return [
        data.Dataset("toy", split, part).with_value_range((-1, 1))
        for split, part in (("train", pixels[:60]), ("test", pixels[60:]))
    ]


def written(directory, *arguments):
    neighbours.find_neighbours(*arguments).write(directory)
    with np.load(directory / "neighbours.npz") as file:
        return dict(file)


def test_images_by_their_pixels(tmp_path, images):
    train, test = images
    arrays = written(tmp_path, Repeater(train, copies=3), train, test)
    assert arrays.keys() == {
        *("step", "space", "train_used", "train_size", "sample_distances", "test_distances"),
        *("sample_cells", "test_cells", "samples", "nearest", "distances"),
    }
    assert (str(arrays["space"]), int(arrays["step"])) == ("pixels", 30)
    assert (int(arrays["train_used"]), int(arrays["train_size"])) == (60, 60)
    # Three copies; the others are 0.05 of 2 away in every pixel, which is 0.025 of the range.
    expected = np.full(1_000, 0.025)
    expected[:3] = 0
    np.testing.assert_allclose(arrays["sample_distances"], expected, atol=1e-6)
    assert arrays["samples"].shape == (12, 6, 5, 1)
    assert arrays["nearest"].shape == (12, 5, 6, 5, 1)
    np.testing.assert_allclose(arrays["samples"][:3], arrays["nearest"][:3, 0], atol=1e-6)
    assert (np.diff(arrays["distances"], axis=1) >= 0).all()
    differences = (arrays["samples"][:, None] - arrays["nearest"]) / 2
    rms = np.sqrt(np.square(differences).mean(axis=(2, 3, 4)))
    np.testing.assert_allclose(arrays["distances"], rms, atol=1e-6)
    held_out, flat = test.floats().reshape(30, -1) / 2, train.floats().reshape(60, -1) / 2
    rms = np.sqrt(np.square(held_out[:, None] - flat).mean(axis=-1)).min(axis=1)
    np.testing.assert_allclose(arrays["test_distances"], rms, rtol=1e-5)


class Network:
    """One feature: the mean."""

    name = "brightness"

    def features(self, images, value_range):
        assert value_range == (-1.0, 1.0)
        return images.mean(axis=(1, 2, 3))[:, None]


def test_images_by_features(tmp_path, images):
    train, test = images
    arrays = written(tmp_path, Repeater(train), train, test, Network())
    assert str(arrays["space"]) == "brightness"
    means = [
        some.mean(axis=tuple(range(some.ndim))[-3:])
        for some in (arrays["samples"], arrays["nearest"])
    ]
    np.testing.assert_allclose(arrays["distances"], abs(means[0][:, None] - means[1]), atol=1e-6)


def test_points_have_distances_alone(tmp_path):
    train, test = data.load("ring", points=3_000), data.load("ring", split="test", points=3_000)
    arrays = written(tmp_path, Repeater(train), train, test)
    assert arrays.keys() == {
        *("step", "space", "train_used", "train_size", "sample_distances", "test_distances"),
        *("sample_cells", "test_cells"),
    }
    assert str(arrays["space"]) == "plane"
    assert (arrays["sample_distances"] < 1e-6).all() and (arrays["test_distances"] > 0).all()
    assert len(arrays["test_distances"]) == len(arrays["test_cells"]) == 1_000
    assert len(np.unique(arrays["test_cells"])) > 100


def test_a_large_set_is_held_against_in_part(tmp_path, monkeypatch, images):
    train, _ = images
    monkeypatch.setattr(neighbours, "_MOST_VALUES", 40 * 30)
    arrays = written(tmp_path, Repeater(train), train, None)
    assert (int(arrays["train_used"]), int(arrays["train_size"])) == (40, 60)
    assert not {"test_distances", "test_cells", "sample_cells"} & arrays.keys()
    known = train.floats()
    assert all((image == known).all(axis=(1, 2, 3)).any() for image in arrays["nearest"][:, 0])
    # Copies of what was left out are not found.
    assert 0.5 < (arrays["sample_distances"] < 1e-6).mean() < 0.8


def test_a_tiny_set_has_fewer_neighbours(tmp_path, images):
    tiny = data.Dataset("toy", "train", images[0].examples[:3], value_range=(-1, 1))
    assert written(tmp_path, Repeater(tiny), tiny, None)["distances"].shape == (12, 3)


def test_broken_samples_have_no_neighbours(images):
    train, _ = images
    assert neighbours.find_neighbours(Repeater(train, 0, np.nan), train, None) is None
