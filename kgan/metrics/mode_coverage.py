"""`mode_counts` as a Keras metric, to watch modes while training."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from kgan.metrics.modes import checked_modes, mode_radius, strict_shares


@keras.saving.register_keras_serializable(package="kgan")
class ModeCoverage(keras.Metric):
    """Covered modes and high-quality share of all samples since the last reset.

    The state is the number of samples near each mode, so batches add up. Distances are in float32
    here: counts may differ from `mode_counts` by samples at exactly 3 std.

    Args:
        means: (k, d) the modes' means.
        std: their standard deviations, (k,) or one for all; > 0.
        name: of the metric.
        weights: (k,) their probabilities, for `modes_strict`; None for equal ones.

    Raises:
        InputError: shapes that do not fit, values that are not finite, std <= 0.
    """

    def __init__(
        self, means: Any, std: Any, name: str = "mode_coverage", weights: Any = None
    ) -> None:
        super().__init__(name=name, dtype="float32")
        self.means, self.std = checked_modes(means, std)
        self.weights = weights
        self._strict_shares = strict_shares(weights, len(self.means)).astype("float32")
        self._radius = mode_radius(self.means.shape[1])
        # int32 counts: a float32 stops counting at 2^24 samples.
        options = {"initializer": "zeros", "dtype": "int32"}
        self.near = self.add_variable(shape=(len(self.means),), name="near", **options)
        self.samples = self.add_variable(shape=(), name="samples", **options)

    def update_state(self, points: Any) -> None:
        """Counts a batch of `(n, d)` samples; samples that are not finite are near no mode."""
        offsets = ops.expand_dims(ops.cast(points, "float32"), 1) - self.means.astype("float32")
        distances = ops.sqrt(ops.sum(ops.square(offsets), axis=-1)) / self.std.astype("float32")
        mode = ops.one_hot(ops.argmin(distances, axis=1), len(self.means), dtype="int32")
        close = ops.cast(ops.min(distances, axis=1, keepdims=True) <= self._radius, "int32")
        self.near.assign_add(ops.sum(mode * close, axis=0))
        self.samples.assign_add(ops.shape(points)[0])

    def result(self) -> dict[str, Any]:
        """Returns scalars `modes_covered`, `modes_strict` and `high_quality` (0..1)."""
        near = ops.cast(self.near, "float32")
        samples = ops.maximum(ops.cast(self.samples, "float32"), 1.0)
        strict = ops.logical_and(self.near > 0, near >= self._strict_shares * samples)
        return {
            "modes_covered": ops.sum(ops.cast(self.near > 0, "float32")),
            "modes_strict": ops.sum(ops.cast(strict, "float32")),
            "high_quality": ops.sum(near) / samples,
        }

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments as plain lists."""
        weights = None if self.weights is None else np.asarray(self.weights).tolist()
        return {
            "means": self.means.tolist(),
            "std": self.std.tolist(),
            "name": self.name,
            "weights": weights,
        }
