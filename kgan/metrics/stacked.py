"""Modes of stacked images, as a classifier of their channels tells them: 1,000 of digits."""

from __future__ import annotations

from typing import Any

import numpy as np

from kgan.errors import InputError
from kgan.metrics.divergences import reverse_kl_nearest
from kgan.metrics.scores import class_histogram, classes_covered


def stacked_scores(probabilities: np.ndarray, weights: np.ndarray) -> dict[str, Any]:
    """Scores of stacked images by their modes, under the names that points' scores have.

    Every image belongs to its most probable mode. How sure the classifier is makes no score of
    quality: all grey images of an untrained generator passed the confidence that 98.9% of real
    ones pass. The images' quality is their precision, see `kgan.metrics.precision_recall`.

    Args:
        probabilities: (n, modes) predictions, rows of sum 1.
        weights: (modes,) the modes' true probabilities, > 0.

    Returns:
        modes_total; modes_covered, those with at least one image; reverse_kl, the divergence of
        the images' distribution over modes from the true one, in nats from 0 to log(1 / min
        weight): about (modes - 1) / (2 n) for n real images that are classified without error.

    Raises:
        InputError: shapes that do not fit, rows that are no distributions, zero weights.
    """
    histogram = class_histogram(probabilities)
    if histogram.shape != np.shape(weights):
        raise InputError(
            f"Stacked images of {len(weights)} modes need a classifier of as many. Received: one "
            f"of {len(histogram)} classes"
        )
    return {
        "modes_total": len(weights),
        "modes_covered": classes_covered(histogram),
        "reverse_kl": reverse_kl_nearest(histogram, weights),
    }
