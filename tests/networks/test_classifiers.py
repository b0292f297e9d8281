"""The small classifiers of images and points: shapes, sizes, seeds."""

import keras
import numpy as np
import pytest

from kgan.errors import InputError
from kgan.networks.classifiers import image_classifier, point_classifier


@pytest.mark.parametrize(
    "shape",
    [(8, 8, 1), (28, 28, 1), (32, 32, 3), (33, 47, 3), (48, 48, 3), (64, 64, 3), (96, 96, 1)],
)
def test_any_size(shape):
    model = image_classifier(shape, 7)
    logits = model.predict_on_batch(np.zeros((3, *shape), "float32"))
    assert logits.shape == (3, 7)
    assert model.get_layer("features").output.shape == (None, 128)
    maps = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert maps[-1].output.shape[1] <= 8
    assert maps[-1].output.shape[2] <= 8
    assert model.count_params() < 1.5e6


def test_weights_of_28_pixels():
    # Kernels, then four weights a channel of batch norm, then logits with biases.
    kernels = 9 * (1 * 32 + 32 * 64 + 64 * 128) + 7 * 7 * 128 * 128
    assert image_classifier((28, 28, 1), 10).count_params() == (
        kernels + 4 * (32 + 64 + 128 + 128) + 129 * 10
    )


def test_seed():
    one, same, other = (image_classifier((8, 8, 1), 2, seed=seed) for seed in (1, 1, 2))
    for first, second in zip(one.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)
    assert (one.get_weights()[0] != other.get_weights()[0]).all()


def test_float32_under_any_policy():
    images = np.random.default_rng(0).random((5, 8, 8, 1)).astype("float32")
    expected = image_classifier((8, 8, 1), 2).predict_on_batch(images)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        logits = image_classifier((8, 8, 1), 2).predict_on_batch(images)
    finally:
        keras.config.set_dtype_policy("float32")
    np.testing.assert_array_equal(logits, expected)


@pytest.mark.parametrize(
    ("shape", "classes"), [((7, 8, 1), 2), ((8, 8), 2), ((8, 8, 0), 2), ((8, 8, 1), 1)]
)
def test_bad_arguments(shape, classes):
    with pytest.raises(InputError, match="Received"):
        image_classifier(shape, classes)


def silu(x):
    return x / (1 + np.exp(-x))


def test_points_pass_two_smooth_layers():
    model = point_classifier(3, 5, units=(7, 6), center=[1.0, -2.0, 10.0], scale=4.0, seed=3)
    points = np.random.default_rng(0).normal(0, 9, (11, 3))
    w1, b1, w2, b2, w3, b3 = (w.astype("float64") for w in model.get_weights())
    features = silu(silu((points - [1, -2, 10]) / 4 @ w1 + b1) @ w2 + b2)
    found = model.predict_on_batch(points.astype("float32"))
    np.testing.assert_allclose(found, features @ w3 + b3, rtol=1e-4, atol=1e-5)
    assert model.get_layer("features").output.shape == (None, 6)
    assert point_classifier(2, 8).count_params() == 3 * 64 + 65 * 64 + 65 * 8


def test_points_seed_and_file(tmp_path):
    one, same, other = (point_classifier(2, 3, scale=2.0, seed=seed) for seed in (1, 1, 2))
    for first, second in zip(one.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)
    assert (one.get_weights()[0] != other.get_weights()[0]).all()
    one.save(tmp_path / "points.keras")
    points = np.random.default_rng(0).normal(size=(5, 2)).astype("float32")
    np.testing.assert_array_equal(
        keras.models.load_model(tmp_path / "points.keras").predict_on_batch(points),
        one.predict_on_batch(points),
    )


def test_points_are_float32_under_any_policy():
    points = np.random.default_rng(0).normal(size=(5, 2)).astype("float32")
    expected = point_classifier(2, 3).predict_on_batch(points)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        logits = point_classifier(2, 3).predict_on_batch(points)
    finally:
        keras.config.set_dtype_policy("float32")
    np.testing.assert_array_equal(logits, expected)


@pytest.mark.parametrize(
    "options",
    [
        {"dim": 0},
        {"classes": 1},
        {"units": ()},
        {"units": (8, 0)},
        {"scale": 0.0},
        {"scale": float("nan")},
        {"center": [1.0]},
    ],
)
def test_bad_arguments_of_points(options):
    with pytest.raises(InputError, match="Received"):
        point_classifier(**{"dim": 2, "classes": 3, **options})
