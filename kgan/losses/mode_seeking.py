"""Mode seeking (Mao et al., CVPR 2019, https://arxiv.org/abs/1903.05628).

Generated samples shall lie as far apart as their latents do: where modes are lost, many latents
share a sample.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from kgan.backend.precision import floats


def distances(first: Any, second: Any) -> Any:
    """The mean absolute difference of each pair of rows `(n, ...)`, as `(n,)` float32."""
    differences = ops.abs(floats(first) - floats(second))
    return ops.mean(differences, axis=tuple(range(1, len(differences.shape))))


def ratio(sample_distances: Any, latent_distances: Any) -> Any:
    """How far apart samples are for their latents: means of `(n,)` over each other, a scalar."""
    return ops.mean(floats(sample_distances)) / ops.mean(floats(latent_distances))


def loss(ratio: Any, epsilon: float = 1e-5) -> Any:
    """`1 / (ratio + epsilon)`, which falls as samples move apart (the authors' code, Eq. (5))."""
    return 1.0 / (floats(ratio) + epsilon)
