"""Ways between latents: their shape, and what a run keeps of them."""

import numpy as np
import pytest

import kgan
from kgan import data
from kgan.runs.artefacts import interpolations


def test_both_ends_are_there():
    first, second = np.random.default_rng(0).normal(size=(2, 5, 64))
    for curve in ("arc", "line"):
        ways = interpolations.latent_ways(first, second, 9, curve)
        assert (ways.shape, ways.dtype) == ((5, 9, 64), np.float32)
        np.testing.assert_allclose(ways[:, 0], first, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(ways[:, -1], second, rtol=1e-5, atol=1e-6)


def test_an_arc_keeps_its_length_and_a_line_its_middle():
    rng = np.random.default_rng(1)
    ends = rng.normal(size=(2, 4, 32))
    first, second = ends / np.linalg.norm(ends, axis=-1, keepdims=True)
    arc = interpolations.latent_ways(first, second, 7, "arc")
    np.testing.assert_allclose(np.linalg.norm(arc, axis=-1), 1, rtol=1e-5)
    steps = np.linalg.norm(np.diff(arc, axis=1), axis=-1)
    np.testing.assert_allclose(steps, steps[:, :1].repeat(6, axis=1), rtol=1e-4)
    line = interpolations.latent_ways(first, second, 7, "line")
    np.testing.assert_allclose(line[:, 3], (first + second) / 2, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("factor", [1.0, 3.0, -2.0])
def test_latents_in_one_direction_have_a_straight_arc(factor):
    first = np.array([[1.0, 2.0]])
    arc = interpolations.latent_ways(first, factor * first, 5, "arc")
    line = interpolations.latent_ways(first, factor * first, 5, "line")
    np.testing.assert_allclose(arc, line, atol=1e-6)


def written(model, dataset, directory):
    interpolations.interpolate(model, dataset).write(directory)
    with np.load(directory / "interpolations.npz") as file:
        return dict(file)


def test_points(tmp_path):
    model = kgan.GAN.from_preset("gan_ring")
    arrays = written(model, data.load("ring", points=100), tmp_path)
    assert arrays.keys() == {"step", "curve", "samples"}
    assert (int(arrays["step"]), str(arrays["curve"])) == (0, "line")
    assert arrays["samples"].shape == (6, 121, 2)
    ends = np.asarray(model(model.sample_latents(12, 2)))
    np.testing.assert_allclose(arrays["samples"][:, 0], ends[:6], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(arrays["samples"][:, -1], ends[6:], rtol=1e-5, atol=1e-6)


def test_each_row_of_a_mixture_is_one_generators(tmp_path):
    model = kgan.MGAN.from_preset("mgan_ring", generators=4)
    arrays = written(model, data.load("ring", points=100), tmp_path)
    assert arrays["generators"].tolist() == [0, 1, 2, 3, 0, 1]
    latents = model.sample_latents(12, 2)
    for row, generator in enumerate(arrays["generators"]):
        start = np.asarray(model(latents[row : row + 1], generator=int(generator)))
        np.testing.assert_allclose(arrays["samples"][row, :1], start, rtol=1e-5, atol=1e-6)


def test_points_of_many_dimensions_are_seen_in_the_modes_plane(tmp_path):
    model = kgan.GAN.from_preset("gan_embedded_grid")
    grid = data.load("embedded_grid", points=100)
    arrays = written(model, grid, tmp_path)
    assert arrays["samples"].shape == (6, 121, 2)
    ends = np.asarray(model(model.sample_latents(12, 2)))
    expected = grid.mixture.in_plane(ends[:6])
    np.testing.assert_allclose(arrays["samples"][:, 0], expected, rtol=1e-4, atol=1e-5)
