"""The last codes that a critic gave, to be searched."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kgan.backend import engine, row_updates
from kgan.backend.precision import floats
from kgan.errors import InputError, check_one_of
from kgan.losses import manifold
from kgan.signatures import check_arguments

DISTANCES = ("cosine", "euclidean")


@keras.saving.register_keras_serializable("kgan")
class ReplayBuffer(keras.Layer):
    """A first-in-first-out buffer of codes, the same on all replicas.

    Part of `.keras` files and checkpoints like any weights. A push writes its rows in place, and a
    search reads the buffer without a copy: both cost no more memory than the similarities.

    Source: RB-MaEM of MaEM-GAN, https://arxiv.org/abs/2208.12055, section 3.3.

    Args:
        size: number of codes, at least 1.
        width: m, of one code, at least 1.
        distance: `"cosine"`: unit codes are kept, and the most similar is found; `"euclidean"`:
            codes as they are, and the nearest. The buffer is full from the start then, of codes
            from U[-1, 1], as in the authors' code.

    Raises:
        InputError: a size or width below 1, or another distance.
    """

    def __init__(self, size: int, width: int, *, distance: str = "cosine", **kwargs: Any):
        check_arguments(ReplayBuffer.__init__, locals())
        super().__init__(**{**kwargs, "dtype": keras.config.floatx()})
        for name, value in (("size", size), ("width", width)):
            if value < 1:
                raise InputError(f"{name} must be at least 1. Received: {name}={value}")
        check_one_of(DISTANCES, distance=distance)
        self.size = int(size)
        self.width = int(width)
        self.distance = distance
        state = {"trainable": False, "aggregation": "only_first_replica"}
        first = keras.initializers.RandomUniform(-1, 1) if distance == "euclidean" else "zeros"
        self.codes = self.add_weight(
            name="codes", shape=(self.size, self.width), initializer=first, **state
        )
        # How many came so far: the next one's place, and how many places are taken, follow.
        self.pushed = self.add_weight(
            name="pushed", shape=(), dtype="int64", initializer="zeros", **state
        )
        self.built = True

    def nearest(self, codes: Any, *, copy: bool = False) -> Any:
        """The most similar stored code of each row, by cosine, or the nearest one.

        Takes memory for `n * size` similarities.

        Args:
            codes: (n, width).
            copy: whether the buffer is copied, as it must be in what XLA compiles.

        Returns:
            (n, width) float32 without gradient; by cosine of norm 1, and 0 while the buffer is
            empty.
        """
        stored = row_updates.read_rows(self.codes, copy=copy)
        if self.distance == "euclidean":
            products = ops.matmul(floats(ops.stop_gradient(codes)), ops.transpose(stored))
            # Less |code|^2, which is the same along a row.
            distances = ops.sum(ops.square(stored), axis=-1) - 2.0 * products
            return ops.take(stored, ops.argmin(distances, axis=-1), axis=0)
        similarities = ops.matmul(manifold.unit(ops.stop_gradient(codes)), ops.transpose(stored))
        taken = ops.arange(self.size, dtype="int64") < ops.convert_to_tensor(self.pushed)
        # Below all cosines. An empty buffer gives its first code, which is 0.
        similarities = ops.where(taken, similarities, -2.0)
        return ops.take(stored, ops.argmax(similarities, axis=-1), axis=0)

    def push(self, codes: Any) -> None:
        """Take in the codes `(n, width)` of all replicas in the place of the oldest.

        Raises:
            InputError: more codes than there are places, where their number is known in advance;
                otherwise the last ones are kept.
        """
        self._require_room(codes.shape[0])
        rows = ops.stop_gradient(codes)
        rows = floats(rows) if self.distance == "euclidean" else manifold.unit(rows)
        rows = engine.over_replicas(rows)
        count = ops.shape(rows)[0]
        rows = rows[-self.size :]
        start = self.pushed + ops.cast(count - ops.shape(rows)[0], "int64")
        positions = start + ops.arange(ops.shape(rows)[0], dtype="int64")
        row_updates.write_rows(self.codes, positions % self.size, rows)
        self.pushed.assign_add(ops.cast(count, "int64"))

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class."""
        own = {"size": self.size, "width": self.width, "distance": self.distance}
        return {**super().get_config(), **own}

    def _require_room(self, rows: int | None) -> None:
        whole = 0 if rows is None else engine.over_all(rows)
        if whole > self.size:
            raise InputError(
                "A replay buffer must hold at least a batch. Received: a buffer of size "
                f"{self.size} for {whole} codes; give a larger buffer_size."
            )
