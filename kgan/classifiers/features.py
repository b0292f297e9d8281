"""The network in whose features images are compared; its name is part of the score's name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from scipy.special import softmax

from kgan.errors import InputError

BATCH = 500


class FeatureNetwork:
    """A frozen network that turns images into features, and class logits if it tells classes.

    Args:
        name: unique to these weights, e.g. "fashion_mnist_classifier-93.04-1f0c22ab".
        model: Keras model from `(batch, *image_shape)` float32 to a pair (features, logits) of
            shapes (batch, d) and (batch, classes), or to features alone: it then tells no classes.
        image_shape: (height, width, channels) of the images that it takes.
        value_range: (low, high) of the images that it was trained on.
        batch_size: images that go through it at once, at least 1.
    """

    def __init__(
        self,
        name: str,
        model: keras.Model,
        image_shape: Sequence[int],
        value_range: tuple[float, float] = (0.0, 1.0),
        batch_size: int = BATCH,
    ) -> None:
        self.name = name
        self.model = model
        self.image_shape = tuple(image_shape)
        self.value_range = value_range
        self.batch_size = batch_size

    @property
    def tells_classes(self) -> bool:
        """Whether it has class logits, and not features alone."""
        return len(self.model.outputs) > 1

    @classmethod
    def from_classifier(
        cls, model: keras.Model, name: str, value_range: tuple[float, float] = (0.0, 1.0)
    ) -> FeatureNetwork:
        """Takes a classifier's layer "features" and its output, the logits.

        Args:
            model: functional Keras model from images to logits with a layer named "features".
            name: what it classifies and how well; a digest of the weights is added.
            value_range: (low, high) of the images that it was trained on.

        Raises:
            InputError: the model has no such layer.
        """
        if "features" not in {layer.name for layer in model.layers}:
            raise InputError(
                "A feature network needs a layer named 'features'. Received: a model with "
                f"{', '.join(layer.name for layer in model.layers)}"
            )
        outputs = [model.get_layer("features").output, model.output]
        both = keras.Model(model.input, outputs, name="feature_network")
        return cls(f"{name}-{weights_digest(model)}", both, model.input_shape[1:], value_range)

    def predict(
        self, images: Any, value_range: tuple[float, float] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Returns float32 features (n, d) and logits (n, classes) of images; (n, 0) without any.

        Args:
            images: `(n, *image_shape)` floats.
            value_range: (low, high) of these images; None for the network's own.

        Raises:
            InputError: images of another size, none, or not finite.
        """
        images = np.asarray(images)
        if images.shape[1:] != self.image_shape or not len(images):
            raise InputError(
                f"The feature network {self.name} takes images (n, "
                f"{', '.join(map(str, self.image_shape))}) with n > 0. Received: {images.shape}"
            )
        scale, offset = self._conversion(value_range or self.value_range)
        parts = []
        for start in range(0, len(images), self.batch_size):
            batch = images[start : start + self.batch_size].astype(np.float32) * scale + offset
            if not np.isfinite(batch).all():
                raise InputError(f"Images must be finite. Received: NaN or infinity after {start}")
            found = self.model.predict_on_batch(batch)
            pair = found if self.tells_classes else (found, np.empty((len(batch), 0), np.float32))
            parts.append([np.asarray(part) for part in pair])
        features, logits = (np.concatenate(part) for part in zip(*parts, strict=True))
        return features, logits

    def features(self, images: Any, value_range: tuple[float, float] | None = None) -> np.ndarray:
        """Returns (n, d) float32 features; see `predict`."""
        return self.predict(images, value_range)[0]

    def probabilities(
        self, images: Any, value_range: tuple[float, float] | None = None
    ) -> np.ndarray:
        """Returns (n, classes) float64 class probabilities; see `predict`.

        Raises:
            InputError: the network tells no classes.
        """
        return class_probabilities(self.predict(images, value_range)[1])

    def _conversion(self, given: tuple[float, float]) -> tuple[np.float32, np.float32]:
        (low, high), (own_low, own_high) = given, self.value_range
        scale = (own_high - own_low) / (high - low)
        return np.float32(scale), np.float32(own_low - low * scale)


def class_probabilities(logits: np.ndarray) -> np.ndarray:
    """Returns the softmax of (n, classes) logits in float64.

    Raises:
        InputError: no classes.
    """
    if not np.shape(logits)[1]:
        raise InputError(
            "Class probabilities need a feature network that tells classes, such as `kgan "
            "classifier` trains. Received: one of features alone"
        )
    return softmax(np.asarray(logits, np.float64), axis=1)


def weights_digest(model: keras.Model) -> str:
    """Returns 8 hexadecimal digits that name a model's weights."""
    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()[:8]
