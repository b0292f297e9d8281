"""Scores from a classifier's predictions: classifier score, mode score, the classes that appear."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import rel_entr

from kgan.errors import InputError
from kgan.metrics.arrays import as_numbers, counts, finite_matrix


def classifier_score(probabilities: Any) -> float:
    """`exp(E_x KL(p(y|x) || p(y)))` with p(y) the mean prediction (Salimans et al., 2016).

    With Inception's predictions it is the Inception score, with a digit classifier's the MNIST
    score.

    Args:
        probabilities: (n, classes), rows of sum 1 (within 1e-3).

    Returns:
        From 1 (every prediction alike) to the number of classes (certain, and all classes equally
        frequent).

    Raises:
        InputError: another shape, NaN, or rows that are no distributions.
    """
    probabilities = _checked(probabilities)
    marginal = probabilities.mean(axis=0)
    return float(np.exp(rel_entr(probabilities, marginal).sum(axis=1).mean()))


def inception_variance(probabilities: Any, splits: int = 10) -> tuple[float, float]:
    """I-Variance as MaEM-GAN publishes it: how much class predictions differ between examples.

    The standard deviation of each class's probability over the examples, as a mean over the
    classes; of `splits` parts of the examples the mean, and the standard deviation, which is behind
    the paper's "+-". So `inception_variance.py` of the authors' code (HaozheLiu-ST/MEE, f7d3d33),
    with Inception-V3's 1,000 classes and 10 splits of 50,000 images; Eq. (13) is another formula,
    of features (`feature_spread`).

    Args:
        probabilities: (n, classes) in the order in which they were drawn, rows of sum 1 (within
            1e-3).
        splits: parts of equal size, 1 to n; what is left over does not count.

    Returns:
        Mean and standard deviation over the splits. The mean is from 0 (all predictions alike) to
        `sqrt(classes - 1) / classes` (certain, and all classes equally frequent).

    Raises:
        InputError: another shape, NaN, rows that are no distributions, or fewer rows than splits.
    """
    probabilities = _checked(probabilities)
    if not 1 <= splits <= len(probabilities):
        raise InputError(
            f"splits must lie in 1..{len(probabilities)}, the number of examples. "
            f"Received: {splits}"
        )
    size = len(probabilities) // splits
    parts = probabilities[: splits * size].reshape(splits, size, -1)
    found = parts.std(axis=1).mean(axis=1)
    return float(found.mean()), float(found.std())


def mode_score(probabilities: Any, real: Any) -> float:
    """The Mode Score: the classifier score, less where samples miss the real classes' shares.

    `exp(E_x KL(p(y|x) || p(y)) - KL(p(y) || p*(y)))`, p(y) the mean prediction of the samples and
    p*(y) of real data, as Xu et al. (2018, arXiv:1806.07755) and their code have it. Che et al.
    (2017, arXiv:1612.02136), who proposed it, have the training data's p*(y) in the first term too;
    but then p*(y) cancels, `E_x KL(p(y|x) || p*) - KL(p(y) || p*) = E_x KL(p(y|x) || p(y))`, and
    nothing but the classifier score is left.

    Args:
        probabilities: (n, classes) predictions of samples, rows of sum 1 (within 1e-3).
        real: (m, classes) predictions of real examples, or their mean (classes,).

    Returns:
        From 0 (classes that real data do not have) to the classifier score, which it is where the
        mean predictions agree.

    Raises:
        InputError: shapes that do not fit, NaN, or rows that are no distributions.
    """
    probabilities = _checked(probabilities)
    true = _checked(np.atleast_2d(as_numbers("real", real)), "real").mean(axis=0)
    if probabilities.shape[1:] != true.shape:
        raise InputError(
            "Samples and real data must have the same classes. Received: predictions of "
            f"{probabilities.shape[1]} and {len(true)} classes"
        )
    missed = rel_entr(probabilities.mean(axis=0), true).sum()
    return classifier_score(probabilities) * float(np.exp(-missed))


def class_histogram(probabilities: Any) -> np.ndarray:
    """Returns how many samples have each class as their most probable one.

    Args:
        probabilities: (n, classes), rows of sum 1 (within 1e-3).

    Returns:
        (classes,) int64 with sum n.

    Raises:
        InputError: another shape, NaN, or rows that are no distributions.
    """
    probabilities = _checked(probabilities)
    return np.bincount(probabilities.argmax(axis=1), minlength=probabilities.shape[1])


def classes_covered(histogram: Any) -> int:
    """Returns the number of classes with at least one sample, given (classes,) counts.

    Raises:
        InputError: another shape, negative, NaN or infinite counts.
    """
    return int((counts("histogram", histogram) > 0).sum())


def _checked(probabilities: Any, name: str = "probabilities") -> np.ndarray:
    matrix = finite_matrix(name, probabilities)
    sums = matrix.sum(axis=1)
    if matrix.min() < 0 or abs(sums - 1).max() > 1e-3:
        raise InputError(
            f"{name} must be >= 0 with rows of sum 1 (are these logits?). Received: values "
            f"from {matrix.min():g}, sums from {sums.min():g} to {sums.max():g}"
        )
    return matrix / sums[:, None]
