"""Snapshots as pixels."""

import numpy as np

from kgan.reporting.figures.sample_pictures import SamplePictures
from kgan.runs.artefacts.real_data import RealData
from kgan.runs.artefacts.snapshot import Snapshot


def test_images_lie_on_white():
    images = np.stack([np.full((5, 4, 1), -1.0), np.full((5, 4, 1), 1.0)])
    draw = SamplePictures((-1.0, 1.0))
    pixels = draw(Snapshot(0, images), RealData(images)).pixels
    assert (pixels.shape, pixels.dtype) == ((5, 4 + 2 + 4, 3), np.uint8)
    assert (pixels[:, :4] == 0).all() and (pixels[:, 4:] == 255).all()


def test_points_over_the_same_real_ones():
    rng = np.random.default_rng(0)
    means = np.array([[-1.0, 0.0], [1.0, 0.0]])
    real = means[rng.integers(2, size=400)] + 0.1 * rng.normal(size=(400, 2))
    pictures, data = SamplePictures(generators=2), RealData(real, means=means, std=np.full(2, 0.1))

    def draw(points, generators=None):
        picture = pictures(Snapshot(0, points, generators=generators), data)
        assert picture.png is None
        return picture.pixels

    left = real[real[:, 0] < 0]
    one, other = draw(left), draw(left, np.arange(len(left)) % 2)
    assert (one.shape, one.dtype) == ((360, 360, 3), np.uint8)
    # The real points of both modes are grey on white; generated ones have a colour.
    coloured = np.ptp(one.astype(int), axis=2) > 60
    assert coloured[:, :180].sum() > 100 and not coloured[:, 180:].any()
    assert (one[:, 180:] < 220).any() and (one[0, 0] == 255).all()
    assert (one != other).any()
    np.testing.assert_array_equal(draw(left), one)
