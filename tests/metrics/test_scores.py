"""Classifier score, mode score and class histogram: by hand, against SciPy and TF-GAN."""

import numpy as np
import pytest
from scipy.stats import entropy

from kgan.classifiers.features import class_probabilities
from kgan.errors import InputError
from kgan.metrics import class_histogram, classes_covered, classifier_score, mode_score, tfgan


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
    for counts in ([np.nan, 1], [-1, 1], [[1, 2]]):
        with pytest.raises(InputError, match="histogram must be"):
            classes_covered(counts)
    with pytest.raises(InputError, match="are these logits"):
        classifier_score(np.array([[2.0, -1.0]]))
    with pytest.raises(InputError, match="are these logits"):
        class_histogram(np.array([[2.0, 1.0]]))
    with pytest.raises(InputError, match="finite"):
        classifier_score(np.array([[np.nan, 1.0]]))
    with pytest.raises(InputError, match="shape"):
        classifier_score(np.ones(3))


def predictions(rng, count=300, classes=6):
    return class_probabilities(2 * rng.standard_normal((count, classes)))


def test_mode_score_is_the_classifier_score_where_marginals_agree():
    probabilities = predictions(np.random.default_rng(0))
    score = classifier_score(probabilities)
    assert mode_score(probabilities, probabilities) == pytest.approx(score, rel=1e-12)
    assert mode_score(probabilities, probabilities.mean(0)) == pytest.approx(score, rel=1e-12)
    assert mode_score(np.eye(7), np.full(7, 1 / 7)) == pytest.approx(7)


def test_mode_score_against_scipy():
    rng = np.random.default_rng(1)
    probabilities, real = predictions(rng), predictions(rng, 50)
    marginal, true = probabilities.mean(0), real.mean(0)
    quality = np.mean([entropy(row, marginal) for row in probabilities])
    expected = np.exp(quality - entropy(marginal, true))
    assert mode_score(probabilities, real) == pytest.approx(expected, rel=1e-10)
    assert mode_score(probabilities, real) < classifier_score(probabilities)


def test_mode_score_by_hand():
    # Two certain classes of four: score 2, and half the classes of real data missed: log 2.
    collapsed = np.repeat(np.eye(4)[:2], 5, axis=0)
    assert mode_score(collapsed, np.full(4, 0.25)) == pytest.approx(1)
    # A class that real data do not have.
    assert mode_score(collapsed, np.eye(4)[0]) == 0


def test_with_the_real_marginal_in_both_terms_nothing_but_the_classifier_score_is_left():
    rng = np.random.default_rng(2)
    probabilities, true = predictions(rng), predictions(rng).mean(0)
    quality = np.mean([entropy(row, true) for row in probabilities])
    printed = np.exp(quality - entropy(probabilities.mean(0), true))
    assert printed == pytest.approx(classifier_score(probabilities), rel=1e-10)


def test_mode_score_of_other_classes():
    with pytest.raises(InputError, match="same classes"):
        mode_score(np.eye(3), np.full(4, 0.25))
    with pytest.raises(InputError, match="are these logits"):
        mode_score(np.eye(3), np.array([3.0, -1.0, 2.0]))
