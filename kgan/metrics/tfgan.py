"""TF-GAN on current TensorFlow: its module, and its two classifier metrics on NumPy arrays.

TF-GAN 2.1, the last release, imports `tf.estimator`, which TensorFlow 2.16 removed. Only the three
packages that stand empty here need it; `eval` and `losses` work without them.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import Any

import numpy as np

from kgan.errors import InputError
from kgan.metrics.arrays import finite_matrix

_NEED_ESTIMATOR = tuple(f"tensorflow_gan.python.{name}" for name in ("estimator", "train", "tpu"))


def tfgan() -> types.ModuleType:
    """Imports TF-GAN without its estimators; its `train` and `tpu` are missing as well.

    Works: `eval.classifier_score_from_logits`, `eval.frechet_classifier_distance_from_activations`,
    `eval.kernel_classifier_distance_from_activations`, and `losses`. Its streaming metrics fail,
    and its gradient penalty works inside a `tf.function` only.

    Raises:
        InputError: TF-GAN, or something that it imports, is not installed.
    """
    if "tensorflow_gan" not in sys.modules:
        for name in _NEED_ESTIMATOR:
            empty = types.ModuleType(name)
            empty.__path__ = []
            empty.__dict__["__all__"] = []
            sys.modules.setdefault(name, empty)
    try:
        return importlib.import_module("tensorflow_gan")
    except ImportError as error:
        raise InputError(
            f"TF-GAN cannot be imported ({error}): install tensorflow-gan, tensorflow-probability "
            "and tf_keras."
        ) from error


def frechet_classifier_distance_from_activations(real: Any, generated: Any) -> float:
    """TF-GAN's Fréchet distance of two sets of (n, d) features, in its float32.

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
