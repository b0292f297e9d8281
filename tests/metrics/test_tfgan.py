"""TF-GAN's adapter."""

import importlib
import sys

import numpy as np
import pytest

from kgan.errors import InputError
from kgan.metrics import tfgan


def test_losses_and_metrics_work():
    module = tfgan.tfgan()
    assert module is tfgan.tfgan()
    loss = module.losses.wargs.wasserstein_generator_loss(np.array([1.0, 3.0], "float32"))
    assert float(loss) == pytest.approx(-2)
    features = np.random.default_rng(0).standard_normal((50, 3))
    shifted = features + np.array([3, 0, 4])
    distance = tfgan.frechet_classifier_distance_from_activations(features, shifted)
    assert distance == pytest.approx(25, abs=1e-3)
    assert tfgan.classifier_score_from_logits(100 * np.eye(6)) == pytest.approx(6, abs=1e-3)


def test_nothing_is_left_that_only_seems_to_be_there():
    tfgan.tfgan()
    for name in ("estimator", "train"):
        with pytest.raises(AttributeError, match="no attribute 'estimator'"):
            importlib.import_module(f"tensorflow_gan.python.{name}")


def test_bad_arrays():
    with pytest.raises(InputError, match=r"\(n, 3\)"):
        tfgan.frechet_classifier_distance_from_activations(np.ones((5, 3)), np.ones((5, 2)))
    with pytest.raises(InputError, match="finite"):
        tfgan.classifier_score_from_logits([[np.inf, 0.0]])


def test_missing_package_is_named(monkeypatch):
    # None in sys.modules is how Python is told that a module cannot be imported.
    monkeypatch.setitem(sys.modules, "tensorflow_gan", None)
    with pytest.raises(InputError, match="install tensorflow-gan, tensorflow-probability and tf_k"):
        tfgan.tfgan()
