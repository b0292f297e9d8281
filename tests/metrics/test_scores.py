"""Classifier score and class histogram: by hand, against SciPy and TF-GAN."""

import numpy as np
import pytest
from scipy.stats import entropy

from kgan.errors import InputError
from kgan.metrics import class_histogram, classes_covered, classifier_score, tfgan
from kgan.metrics.features import class_probabilities


def test_by_hand():
    assert classifier_score(np.eye(7)) == pytest.approx(7)
    assert classifier_score(np.repeat(np.eye(5)[:2], 10, axis=0)) == pytest.approx(2)
    assert classifier_score(np.full((9, 4), 0.25)) == pytest.approx(1)
    assert classifier_score(np.eye(4)[[2, 2, 2]]) == pytest.approx(1)


def test_against_scipy_and_tfgan():
    logits = 3 * np.random.default_rng(0).standard_normal((200, 10))
    probabilities = class_probabilities(logits)
    found = classifier_score(probabilities)
    marginal = probabilities.mean(0)
    expected = np.exp(np.mean([entropy(row, marginal) for row in probabilities]))
    assert found == pytest.approx(expected, rel=1e-10)
    assert found == pytest.approx(tfgan.classifier_score_from_logits(logits), rel=1e-4)


def test_histogram():
    probabilities = np.eye(4)[[0, 0, 2, 3, 2, 2]]
    histogram = class_histogram(probabilities)
    assert histogram.tolist() == [2, 0, 3, 1]
    assert classes_covered(histogram) == 3


def test_bad_probabilities():
    with pytest.raises(InputError, match="are these logits"):
        classifier_score(np.array([[2.0, -1.0]]))
    with pytest.raises(InputError, match="are these logits"):
        class_histogram(np.array([[2.0, 1.0]]))
    with pytest.raises(InputError, match="finite"):
        classifier_score(np.array([[np.nan, 1.0]]))
    with pytest.raises(InputError, match="shape"):
        classifier_score(np.ones(3))
