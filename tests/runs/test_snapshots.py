"""What is kept of samples over time: of models that embed or invert, of mixtures, of none."""

import numpy as np
import pytest
from PIL import Image

from kgan import data
from kgan.reporting.figures.sample_pictures import SamplePictures
from kgan.runs.artefacts.snapshot import SNAPSHOT_SEED
from kgan.runs.snapshots import Snapshots


class Model:
    """Samples tell the seed and their place; each call is noted."""

    value_range = (-1.0, 1.0)
    shape = (2,)

    def __init__(self):
        self.calls = []

    def sample(self, count, seed=0):
        self.calls.append((count, seed))
        return np.linspace(-1, 1, count * int(np.prod(self.shape)), dtype=np.float32).reshape(
            count, *self.shape
        )


class Mixture(Model):
    num_generators = 3
    mixture_weights = np.full(3, 1 / 3, np.float32)

    def sample(self, count, seed=0, generator=None):
        assert generator is not None, "one draw only: with generators"
        self.calls.append((count, seed, generator))
        return np.full((count, *self.shape), generator - 1, np.float32)

    def sample_with_generators(self, count, seed=0):
        self.calls.append((count, seed))
        generators = (np.arange(count) % 3).astype(np.int32)
        shades = generators.reshape(count, *[1] * len(self.shape)) - 1
        return np.broadcast_to(shades, (count, *self.shape)).astype(np.float32), generators


@pytest.fixture
def images():
    pixels = np.random.default_rng(0).integers(0, 255, (90, 6, 5, 1)).astype(np.uint8)
    labels = np.arange(90) % 2
    names = ("dark", "light")
    return data.Dataset("toy", "train", pixels, labels, class_names=names).with_value_range((-1, 1))


def written(directory, name):
    with np.load(directory / f"{name}.npz") as file:
        return dict(file)


def test_points_of_a_model(tmp_path):
    model, ring = Model(), data.load("ring", points=3_000)
    keeper = Snapshots(model, ring, tmp_path)
    keeper.write(0)
    keeper.write(25)
    assert {path.name for path in tmp_path.iterdir()} == {
        *("real.npz", "step_000000000.npz", "step_000000025.npz")
    }
    assert model.calls == [(2_500, SNAPSHOT_SEED)] * 2
    assert written(tmp_path, "step_000000025").keys() == {"samples"}
    real = written(tmp_path, "real")
    assert real.keys() == {"samples", "labels", "means", "std", "weights"}
    assert (real["samples"].shape, real["means"].shape) == ((2_500, 2), (8, 2))
    nearest = np.linalg.norm(real["samples"][:, None] - real["means"], axis=-1).argmin(axis=1)
    assert (nearest == real["labels"]).mean() > 0.99


def test_points_of_a_mixture_tell_their_generators(tmp_path):
    mixture = Mixture()
    Snapshots(mixture, data.load("ring", points=100), tmp_path).write(7)
    arrays = written(tmp_path, "step_000000007")
    assert arrays.keys() == {"samples", "generators"}
    assert mixture.calls == [(2_500, SNAPSHOT_SEED)]
    assert (arrays["samples"].shape, arrays["generators"].shape) == ((2_500, 2), (2_500,))
    assert arrays["generators"].dtype.kind == "i"
    np.testing.assert_array_equal(arrays["samples"][:, 0], arrays["generators"] - 1)


def test_images_of_a_model(tmp_path, images):
    model = Model()
    model.shape = (6, 5, 1)
    model.embed = lambda real: real.reshape(len(real), -1)[:, :4]
    Snapshots(model, images, tmp_path, draw=SamplePictures((-1, 1))).write(3)
    arrays = written(tmp_path, "step_000000003")
    assert arrays["samples"].shape == (64, 6, 5, 1)
    assert arrays["embeddings"].shape == (90, 4)
    assert np.bincount(arrays["labels"]).tolist() == [45, 45]
    assert written(tmp_path, "real")["class_names"].tolist() == ["dark", "light"]
    assert (tmp_path / "step_000000003.png").exists()


def test_images_of_a_mixture_are_rows_by_generator(tmp_path, images):
    mixture = Mixture()
    mixture.shape = (6, 5, 1)
    Snapshots(mixture, images, tmp_path, draw=SamplePictures((-1, 1))).write(3)
    arrays = written(tmp_path, "step_000000003")
    assert arrays.keys() == {"samples", "generators", "by_generator"}
    assert arrays["samples"].shape == (64, 6, 5, 1)
    assert arrays["by_generator"].shape == (3, 8, 6, 5, 1)
    assert [np.unique(row).tolist() for row in arrays["by_generator"]] == [[-1], [0], [1]]
    seed = SNAPSHOT_SEED
    assert mixture.calls == [(64, seed), (8, seed, 0), (8, seed, 1), (8, seed, 2)]
    picture = np.asarray(Image.open(tmp_path / "step_000000003.png").convert("LA"))
    scale = picture.shape[1] // (8 * 7 - 2)
    assert picture.shape[:2] == (scale * (3 * 8 - 2), scale * (8 * 7 - 2))
    for row, shade in enumerate((0, 128, 255)):
        band = picture[scale * 8 * row : scale * (8 * row + 6)]
        assert np.unique(band[band[..., 1] > 0][:, 0]).tolist() == [shade]


class Inverse(Model):
    """Latents are the first two values; reconstructions are half of the example."""

    def sample_latents(self, count, seed=0):
        return np.full((count, 2), seed, np.float32)

    def invert(self, examples):
        return examples.reshape(len(examples), -1)[:, :2]

    def reconstruct(self, examples):
        return examples / 2

    def interpolate(self, first, second, steps):
        way = np.linspace(0, 1, steps, dtype=np.float32).reshape(1, -1, *[1] * len(self.shape))
        return (1 - way) * first[:, None] + way * second[:, None]


def test_points_of_a_model_that_inverts(tmp_path):
    ring, test = data.load("ring", points=3_000), data.load("ring", split="test", points=3_000)
    keeper = Snapshots(Inverse(), ring, tmp_path, test)
    for step in (0, 25):
        keeper.write(step)
        arrays = written(tmp_path, "inverse")
        assert (int(arrays["step"]), str(arrays["split"])) == (step, "test")
    assert arrays.keys() == {"step", "split", "latents", "labels", "noise", "samples"}
    assert (arrays["latents"].shape, arrays["noise"].shape) == ((2_000, 2), (2_500, 2))
    assert (arrays["noise"] == SNAPSHOT_SEED).all()
    np.testing.assert_array_equal(arrays["samples"], written(tmp_path, "step_000000025")["samples"])
    distance = np.linalg.norm(arrays["latents"][:, None] - ring.mixture.means, axis=-1)
    assert (distance.argmin(axis=1) == arrays["labels"]).mean() > 0.99
    rows = {tuple(row) for row in test.examples.tolist()}
    assert all(tuple(row) in rows for row in arrays["latents"].tolist()), "held-out points"


def test_without_held_out_data_the_training_set_is_inverted(tmp_path):
    Snapshots(Inverse(), data.load("ring", points=100), tmp_path).write(0)
    arrays = written(tmp_path, "inverse")
    assert (arrays["latents"].shape, str(arrays["split"])) == ((100, 2), "train")


def test_images_of_a_model_that_inverts(tmp_path, images):
    model = Inverse()
    model.shape = (6, 5, 1)
    Snapshots(model, images, tmp_path).write(3)
    arrays = written(tmp_path, "inverse")
    assert arrays.keys() == {
        *("step", "split", "latents", "labels", "images", "reconstructions", "interpolations")
    }
    shown = arrays["images"]
    assert (shown.shape, arrays["latents"].shape) == ((12, 6, 5, 1), (90, 2))
    np.testing.assert_array_equal(arrays["reconstructions"], shown / 2)
    assert arrays["interpolations"].shape == (6, 10, 6, 5, 1)
    np.testing.assert_allclose(arrays["interpolations"][:, 0], shown[:6])
    np.testing.assert_allclose(arrays["interpolations"][:, -1], shown[6:])
    np.testing.assert_array_equal(arrays["latents"][:12], shown.reshape(12, -1)[:, :2])


class Shown(list):
    """Takes pictures in place of TensorBoard."""

    def image(self, step, name, pixels):
        assert pixels.dtype == np.uint8
        self.append((step, name, pixels.shape))


def test_each_snapshot_is_shown(tmp_path, images):
    shown, mixture = Shown(), Mixture()
    for folder in ("points", "images"):
        (tmp_path / folder).mkdir()
    ring = data.load("ring", points=100)
    shows = {"draw": SamplePictures((-1, 1), 3), "events": shown}
    keeper = Snapshots(mixture, ring, tmp_path / "points", **shows)
    keeper.write(0)
    keeper.write(25)
    mixture.shape = (6, 5, 1)
    shows["draw"] = SamplePictures((-1, 1), 3)
    Snapshots(mixture, images, tmp_path / "images", **shows).write(3)
    # Images of a mixture: three rows of eight, two pixels between them.
    rows = (3 * 6 + 2 * 2, 8 * 5 + 7 * 2, 3)
    assert shown == [
        (0, "samples", (360, 360, 3)),
        (25, "samples", (360, 360, 3)),
        (3, "samples", rows),
    ]
