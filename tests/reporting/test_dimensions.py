"""What an embedding's dimensions rank first, and its section of the report."""

import numpy as np
import pytest
from page_reading import Page, pixels

import kgan
from kgan import data, networks
from kgan.reporting import tile_images, write_report
from kgan.runs.artefacts import dimensions


def images(count=40, size=8):
    pixels = np.random.default_rng(0).integers(0, 256, (count, size, size, 1), np.uint8)
    return data.Dataset(name="noise", split="train", examples=pixels)


def model_of(width):
    return kgan.GAN(
        networks.lucic_generator((8, 8, 1), 4),
        networks.lucic_discriminator((8, 8, 1), width, norm="none"),
        loss="wasserstein",
        seed=3,
    )


def test_rows_are_ranked_by_their_dimension(tmp_path):
    model = model_of(12)
    dimensions.rank_dimensions(model, images()).write(tmp_path)
    with np.load(tmp_path / "dimensions.npz") as file:
        found = dict(file)
    assert (int(found["drawn"]), int(found["width"]), int(found["step"])) == (2_000, 12, 0)
    samples = model.sample(2_000, seed=2)
    codes = np.asarray(model.discriminator(samples, training=False))
    spread = codes.std(axis=0)
    assert found["dimensions"].shape == (8,)
    assert spread[found["dimensions"]].min() >= np.sort(spread)[-8] * (1 - 1e-5)
    for dimension, ranked, row in zip(
        found["dimensions"], found["ranked"], found["images"], strict=True
    ):
        values = codes[:, dimension]
        np.testing.assert_allclose(values[ranked], np.sort(values)[::-1][:10], rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(row, samples[ranked], atol=1e-6)


def test_few_dimensions_are_all_shown():
    found = dimensions.rank_dimensions(model_of(3), images())
    assert sorted(found.dimensions.tolist()) == [0, 1, 2]


def test_there_is_nothing_of_points_and_of_one_number():
    assert dimensions.rank_dimensions(model_of(1), images()) is None
    points = kgan.MaEMGAN.from_preset("maemgan_ring")
    assert dimensions.rank_dimensions(points, data.load("ring", points=100)) is None


@pytest.fixture
def run(image_run):
    """With dimensions that rank the same samples but for one."""
    rng = np.random.default_rng(0)
    ranked = np.array([[5, 3, 9], [5, 3, 2]])
    np.savez(
        image_run / "samples" / "dimensions.npz",
        step=400,
        drawn=2_000,
        width=16,
        dimensions=[7, 1],
        ranked=ranked,
        images=rng.uniform(size=(2, 3, 10, 10, 1)).astype(np.float32),
    )
    return image_run


def test_the_section(run):
    page = Page(write_report(run).read_text(encoding="utf-8"))
    assert "Of 2,000 samples of step 400 those that the 2 dimensions" in page.text
    assert "Of 6 pictures 4 are different samples" in page.text
    (picture,) = [i for i in page.images if i.get("alt", "").startswith("A row for each dimension")]
    with np.load(run / "samples" / "dimensions.npz") as file:
        expected = tile_images(file["images"].reshape(-1, 10, 10, 1), columns=3)
    np.testing.assert_array_equal(pixels(picture), expected)


def test_a_broken_file_is_told(run):
    path = run / "samples" / "dimensions.npz"
    with np.load(path) as file:
        found = dict(file)
    np.savez(path, **{**found, "ranked": found["ranked"][:1]})
    page = Page(write_report(run).read_text(encoding="utf-8"))
    assert "samples/dimensions.npz: its arrays do not fit each other." in page.text
    assert "What the embedding looks for" not in page.text
