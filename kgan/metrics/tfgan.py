"""TF-GAN on current TensorFlow: its module, and its two classifier metrics on NumPy arrays.

TF-GAN 2.1, the last release, imports `tf.estimator`, which TensorFlow 2.16 removed. Two of its
modules need it, and are left out; what else there is works without them.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import types
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from kgan.errors import InputError
from kgan.metrics.arrays import finite_matrix

_NEED_ESTIMATOR = ("tensorflow_gan.python.estimator", "tensorflow_gan.python.train")


def tfgan() -> types.ModuleType:
    """Imports TF-GAN without its estimators; the functions of its `train` are missing as well.

    Works: `eval.classifier_score_from_logits`, `eval.frechet_classifier_distance_from_activations`,
    `eval.kernel_classifier_distance_from_activations`, `losses` and `tpu`. Its streaming metrics
    fail, and its gradient penalty works inside a `tf.function` only.

    Raises:
        InputError: TF-GAN, or something that it imports, is not installed.
    """
    try:
        with _empty(() if "tensorflow_gan" in sys.modules else _NEED_ESTIMATOR):
            return importlib.import_module("tensorflow_gan")
    except ImportError as error:
        raise InputError(
            f"TF-GAN cannot be imported ({error}): install tensorflow-gan, tensorflow-probability "
            "and tf_keras."
        ) from error


@contextlib.contextmanager
def _empty(names: Iterable[str]) -> Iterator[None]:
    """Modules of these names are empty meanwhile; who asks for them later gets their own error."""
    absent = [name for name in names if name not in sys.modules]
    for name in absent:
        sys.modules[name] = types.ModuleType(name)
        sys.modules[name].__dict__["__all__"] = []
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


def frechet_classifier_distance_from_activations(real: Any, generated: Any) -> float:
    """TF-GAN's Fréchet distance of two sets of (n, d) features, in its float32, which may overflow.

    Raises:
        InputError: TF-GAN is not installed; shapes that do not fit, NaN.
    """
    real = finite_matrix("real", real)
    generated = finite_matrix("generated", generated, columns=real.shape[1])
    metric = tfgan().eval.frechet_classifier_distance_from_activations
    return float(metric(real.astype(np.float32), generated.astype(np.float32)))


def classifier_score_from_logits(logits: Any) -> float:
    """TF-GAN's classifier score of (n, classes) logits, in its float32.

    Raises:
        InputError: TF-GAN is not installed; another shape, NaN.
    """
    logits = finite_matrix("logits", logits).astype(np.float32)
    return float(tfgan().eval.classifier_score_from_logits(logits))
