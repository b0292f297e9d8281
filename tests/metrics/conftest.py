"""Small images whose features can be worked out by hand."""

import keras
import numpy as np
import pytest

from kgan import metrics


@pytest.fixture
def archive(tmp_path):
    """An .npz of 8x8 images whose class is their bright half, and its path."""
    rng = np.random.default_rng(0)

    def images(count):
        labels = rng.integers(0, 2, count)
        pixels = rng.integers(0, 100, (count, 8, 8, 1))
        for half in (0, 1):
            pixels[labels == half, :, 4 * half : 4 * half + 4] += 120
        return pixels.astype("uint8"), labels

    train, test = images(300), images(200)
    path = tmp_path / "halves.npz"
    np.savez(path, x_train=train[0], y_train=train[1], x_test=test[0], y_test=test[1])
    return path


@pytest.fixture
def halves():
    """A feature network: the brightness of the halves; the class is the brighter one."""
    inputs = keras.Input((8, 8, 1))
    dense = keras.layers.Dense(2, use_bias=False, name="features")
    x = dense(keras.layers.Flatten()(inputs))
    last = keras.layers.Dense(2, use_bias=False)
    model = keras.Model(inputs, last(x))
    weights = np.zeros((8, 8, 2))
    weights[:, :4, 0] = weights[:, 4:, 1] = 1 / 32
    dense.set_weights([weights.reshape(64, 2)])
    last.set_weights([20 * np.eye(2)])
    return metrics.FeatureNetwork.from_classifier(model, "halves")
