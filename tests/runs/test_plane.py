"""Points of any number of dimensions have a place in a plane, and a run of them ends."""

import keras
import numpy as np
import pytest

import kgan
from kgan.runs.artefacts.plane import in_plane


def own_points(width, n=300):
    return np.random.default_rng(0).normal(size=(n, width)).astype(np.float32)


def test_a_plane_in_five_dimensions_is_found():
    """What lies in a plane keeps its distances, wherever the plane is."""
    flat = own_points(2) * (3, 1)
    basis = np.linalg.qr(np.random.default_rng(1).normal(size=(5, 2)))[0].T
    points = (flat @ basis + 7).astype(np.float32)
    seen = in_plane(kgan.data.from_array(points), points[:50])
    apart = [np.linalg.norm(x[:, None] - x[None], axis=-1) for x in (seen, points[:50])]
    np.testing.assert_allclose(*apart, rtol=1e-4, atol=1e-4)
    assert np.ptp(seen[:, 0]) > np.ptp(seen[:, 1])  # The wider direction is the first.


def test_points_of_one_and_of_two_dimensions_keep_their_numbers():
    plane, line = own_points(2), own_points(1)
    np.testing.assert_array_equal(in_plane(kgan.data.from_array(plane), plane), plane)
    seen = in_plane(kgan.data.from_array(line), line)
    np.testing.assert_array_equal(seen[:, 0], line[:, 0])
    assert 0 < np.ptp(seen[:, 1]) < np.ptp(line)


@pytest.mark.parametrize("width", [1, 3])
def test_a_run_of_ones_own_points_has_its_report(width, tmp_path):
    def network(inputs, outputs):
        return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(outputs)])

    gan = kgan.GAN(network(2, width), network(width, 1), seed=0)
    gan.compile()
    data = kgan.data.from_array(own_points(width))
    quiet = {"verbose": False, "export": False, "watch_collapse": False}
    with pytest.raises(kgan.InputError, match="leave `test` out, or give `evaluate=False`"):
        kgan.train(gan, data, test=data, steps=2, batch_size=8, output_dir=tmp_path, **quiet)
    run = kgan.train(gan, data, steps=2, batch_size=8, output_dir=tmp_path, **quiet)
    assert run.real.dimensions == width and run.samples().shape == (2500, 2)
    told = "Numbers on a line" if width == 1 else "Points of 3 dimensions, along the first two"
    assert told in run.report_path.read_text() and run.problems == ()
