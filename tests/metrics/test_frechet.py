"""The Fréchet distance: by hand, against SciPy's matrix root and TF-GAN."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from kgan.errors import DataError, InputError
from kgan.metrics import FeatureStatistics, frechet_distance, tfgan


def statistics(features):
    return FeatureStatistics.from_features(features)


def correlated(count, width, seed):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((count, width)) @ rng.standard_normal((width, width)) + seed


def test_statistics_are_numpys():
    features = correlated(50, 7, 1).astype("float32")
    found = statistics(features)
    np.testing.assert_allclose(found.mean, features.astype(float).mean(0), rtol=1e-12)
    np.testing.assert_allclose(found.covariance, np.cov(features.astype(float).T), rtol=1e-9)
    assert found.count == 50
    assert found.mean.dtype == found.covariance.dtype == np.float64


def test_by_hand():
    features = correlated(200, 5, 1)
    first = statistics(features)
    assert frechet_distance(first, first) == pytest.approx(0, abs=1e-9)
    shift = np.array([3.0, 0, 0, 4, 0])
    assert frechet_distance(first, statistics(features + shift)) == pytest.approx(25)
    # Twice the spread: tr(C + 4C - 2 * 2C) = tr C.
    centred = features - features.mean(0)
    doubled = statistics(features.mean(0) + 2 * centred)
    assert frechet_distance(first, doubled) == pytest.approx(np.trace(first.covariance))
    # Diagonal covariances: the sum of (s1 - s2)^2.
    one, two = (FeatureStatistics(np.zeros(2), np.diag(v), 9) for v in ([1.0, 4.0], [9.0, 16.0]))
    assert frechet_distance(one, two) == pytest.approx((1 - 3) ** 2 + (2 - 4) ** 2)


def test_against_scipys_matrix_root():
    first, second = statistics(correlated(300, 20, 1)), statistics(correlated(300, 20, 2))
    root = sqrtm(first.covariance @ second.covariance).real
    shift = first.mean - second.mean
    expected = shift @ shift + np.trace(first.covariance + second.covariance - 2 * root)
    assert frechet_distance(first, second) == pytest.approx(expected, rel=1e-8)
    assert frechet_distance(second, first) == pytest.approx(expected, rel=1e-8)


def test_singular_covariances(caplog):
    rng = np.random.default_rng(0)
    first, second = (rng.standard_normal((10, 30)) for _ in range(2))
    found = frechet_distance(statistics(first), statistics(second))
    assert "too few for the covariance of 30 features" in caplog.text
    # tr (C1^1/2 C2 C1^1/2)^1/2 is the sum of singular values of the centred data's product.
    one, two = (x - x.mean(0) for x in (first, second))
    cross = np.linalg.svd(one @ two.T / 9, compute_uv=False).sum()
    shift = ((first.mean(0) - second.mean(0)) ** 2).sum()
    assert found == pytest.approx(shift + ((one**2).sum() + (two**2).sum()) / 9 - 2 * cross)
    constant = statistics(np.ones((40, 3)))
    assert frechet_distance(constant, statistics(np.full((40, 3), 3.0))) == pytest.approx(12)


def test_against_tfgan():
    first, second = correlated(500, 16, 1), correlated(400, 16, 2)
    expected = tfgan.frechet_classifier_distance_from_activations(first, second)
    found = frechet_distance(statistics(first), statistics(second))
    assert found == pytest.approx(expected, rel=1e-4)


def test_save_and_load(tmp_path):
    first = statistics(correlated(100, 4, 1))
    path = tmp_path / "real.npz"
    first.save(path)
    assert [file.name for file in tmp_path.iterdir()] == ["real.npz"]
    second = FeatureStatistics.load(path)
    assert second.count == 100
    np.testing.assert_array_equal(first.mean, second.mean)
    np.testing.assert_array_equal(first.covariance, second.covariance)


def test_broken_files(tmp_path):
    with pytest.raises(DataError, match="no feature statistics at"):
        FeatureStatistics.load(tmp_path / "missing.npz")
    whole = tmp_path / "whole.npz"
    statistics(correlated(100, 4, 1)).save(whole)
    for name, content in (("cut", whole.read_bytes()[:200]), ("text", b"no"), ("empty", b"")):
        path = tmp_path / f"{name}.npz"
        path.write_bytes(content)
        with pytest.raises(DataError, match="does not hold feature statistics"):
            FeatureStatistics.load(path)
    np.savez(tmp_path / "other.npz", mean=np.zeros(3))
    with pytest.raises(DataError, match="does not hold"):
        FeatureStatistics.load(tmp_path / "other.npz")


def test_bad_features():
    with pytest.raises(InputError, match="at least 2 samples"):
        statistics(np.zeros((1, 3)))
    with pytest.raises(InputError, match="shape"):
        statistics(np.zeros((3, 4, 5)))
    with pytest.raises(InputError, match="1 of 3 rows"):
        statistics([[0.0, 1.0], [np.nan, 0.0], [1.0, 1.0]])
    with pytest.raises(InputError, match="3 and 4 features"):
        frechet_distance(statistics(np.zeros((9, 3))), statistics(np.zeros((9, 4))))
    broken = FeatureStatistics(np.zeros(2), np.full((2, 2), np.inf), 5)
    with pytest.raises(InputError, match="covariance must be finite"):
        frechet_distance(broken, broken)
