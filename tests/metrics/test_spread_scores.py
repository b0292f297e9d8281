"""I-Variance, spread in features, rank of embeddings: by hand, and of known distributions."""

import numpy as np
import pytest

from kgan.errors import InputError
from kgan.metrics import embedding_rank, feature_spread, inception_variance, words


def test_spread_by_hand():
    # From their mean (1, 1) the four are sqrt(2) away.
    square = np.float64([[0, 0], [2, 0], [0, 2], [2, 2]])
    assert feature_spread(square) == pytest.approx(np.sqrt(2))
    assert feature_spread(7 + square) == pytest.approx(np.sqrt(2))
    assert feature_spread(square, printed=True) == pytest.approx(np.sqrt(2 / 4))
    assert feature_spread(np.full((9, 3), 0.3)) == pytest.approx(0, abs=1e-12)


def test_only_the_printed_spread_depends_on_the_number_of_samples():
    features = np.random.default_rng(0).normal(size=(8_000, 16))
    few, many = features[:500], features
    assert feature_spread(many) == pytest.approx(4, rel=0.02)  # sqrt(16).
    assert feature_spread(few) == pytest.approx(feature_spread(many), rel=0.03)
    ratio = feature_spread(few, printed=True) / feature_spread(many, printed=True)
    assert ratio == pytest.approx(4, rel=0.03)  # sqrt(8,000 / 500).


def test_the_published_i_variance_by_hand():
    """The authors' `inception_variance.py`, split by split and class by class."""
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(4), 53)
    parts = [probabilities[5 * k : 5 * (k + 1)] for k in range(10)]
    scores = [np.mean([np.std(part[:, c]) for c in range(4)]) for part in parts]
    found = inception_variance(probabilities)
    assert found == pytest.approx((np.mean(scores), np.std(scores)))
    # Certain and even: each class has p = 1/4, of standard deviation sqrt(3) / 4.
    certain = np.eye(4)[np.arange(40) % 4]
    assert inception_variance(certain, splits=5) == pytest.approx((np.sqrt(3) / 4, 0))
    assert inception_variance(certain[:1].repeat(40, axis=0)) == (0, 0)
    with pytest.raises(InputError, match=r"splits must lie in 1\.\.4.* Received: 10"):
        inception_variance(certain[:4])


def test_former_names_of_scores_are_read():
    kept = {"i_variance": 3.2, "real": {"i_variance": 8.5}, "measures": {"i_variance": 2}}
    found = words.of_today({**kept, "seed": 0})
    today = {"real": {"feature_spread": 8.5}, "measures": {"feature_spread": 2}}
    assert found == {"feature_spread": 3.2, "seed": 0, **today}


def test_rank_of_known_singular_values():
    rng = np.random.default_rng(0)
    left = np.linalg.qr(rng.normal(size=(50, 3)))[0]
    right = np.linalg.qr(rng.normal(size=(6, 6)))[0][:3]
    values = np.array([4.0, 2.0, 1.0])
    found = embedding_rank(1e-200 * left * values @ right, centred=False)
    shares = values / 7
    assert found.first_share == pytest.approx(16 / 21)
    assert found.effective_rank == pytest.approx(np.exp(-(shares * np.log(shares)).sum()))


def test_rank_of_known_distributions():
    rng = np.random.default_rng(0)
    line = np.outer(rng.normal(size=500), rng.normal(size=8)) + 5
    assert embedding_rank(line) == pytest.approx((1, 1))
    even = embedding_rank(rng.normal(size=(20_000, 8)))
    assert even.first_share == pytest.approx(1 / 8, abs=0.01)
    assert even.effective_rank == pytest.approx(8, rel=0.01)
    # A mean that all have is a component of its own unless it is taken away.
    shifted = 100 + rng.normal(size=(500, 8))
    assert embedding_rank(shifted, centred=False).first_share > 0.99
    assert embedding_rank(shifted).first_share < 0.2


def test_bad_embeddings():
    with pytest.raises(InputError, match=r"all alike have no rank\. Received: 4"):
        embedding_rank(np.ones((4, 2)))
    with pytest.raises(InputError, match="no rank"):
        embedding_rank(np.zeros((4, 2)), centred=False)
    assert embedding_rank(np.ones((4, 2)), centred=False).first_share == pytest.approx(1)
    for score in (embedding_rank, feature_spread):
        with pytest.raises(InputError, match="NaN or infinite values in 4 of 4 rows"):
            score(np.full((4, 2), np.nan))
        with pytest.raises(InputError, match="shape"):
            score(np.zeros(4))
