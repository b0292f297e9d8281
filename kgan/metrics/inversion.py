"""How well an inverse F undoes its generator G: on real data, on latents, and as a distribution."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from kgan.errors import InputError
from kgan.metrics.latents import gaussian_floor, latent_scores


def distances(first: Any, second: Any) -> np.ndarray:
    """Euclidean distances (n,) in float64 of whole examples (n, ...), such as x and G(F(x)).

    Raises:
        InputError: shapes that do not fit, no examples, values that are not finite.
    """
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if first.shape != second.shape or first.ndim < 2 or not first.size:
        raise InputError(
            "Distances need as many examples (n, ...) of the same shape. "
            f"Received: {first.shape} and {second.shape}"
        )
    found = np.linalg.norm((first - second).reshape(len(first), -1), axis=1)
    broken = int((~np.isfinite(found)).sum())
    if broken:
        raise InputError(
            f"Examples must be finite. Received: NaN or infinite values in {broken} of {len(found)}"
        )
    return found


def can_invert(source: Any) -> bool:
    """Whether `inversion_scores` can tell anything of a source of samples."""
    return all(hasattr(source, name) for name in ("invert", "reconstruct", "sample_latents"))


def inversion_scores(
    source: Any,
    samples: np.ndarray,
    seed: int,
    real: Iterable[np.ndarray],
    value_range: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """All that is to be told of an inverse, as `evaluate` reports it.

    Args:
        source: with `sample_latents(n, seed)`, the latents (n, l) of `samples`, with
            `invert(examples)`, F, which gives (n, l), and with `reconstruct(examples)`, G(F(x)).
            Its latents are N(0, I) unless it has a `latent_distribution` that is not "normal".
        samples: (n, ...) what the source sampled with the seed.
        seed: of the samples.
        real: held-out real examples (m, ...) in the source's range, in parts; 2 in all at least.
        value_range: (low, high) of images; None for points.

    Returns:
        By name:

        - `real_samples`: number of real examples.
        - `data_error`: mean `|x - G(F(x))|` of real examples; images scaled to [0, 1] first, so
          that models of different ranges compare.
        - `data_rmse`: root mean square error per value, of images alone, in the same scale.
        - `latent_error`: mean `|z - F(G(z))|` over the samples' latents; of two unrelated draws it
          is about sqrt(2 l).
        - `latent_mean`, `latent_covariance_error`, `latent_ks`, `latent_radius_ks`: see
          `latent_scores`; of F(x) of the real examples, where the source's latents are Gaussian.
        - `floor`: the same four of a true N(0, I) draw as large.

    Raises:
        InputError: reconstructions or latents that are not finite, or of another shape.
    """
    scale = 1.0 if value_range is None else 1 / (value_range[1] - value_range[0])
    errors, found, values = [], [], 1
    for examples in real:
        errors.append(scale * distances(examples, source.reconstruct(examples)))
        found.append(np.asarray(source.invert(examples)))
        values = examples[0].size
    error, latents = np.concatenate(errors), np.concatenate(found)
    drawn = np.asarray(source.sample_latents(len(samples), seed))
    scores: dict[str, Any] = {"real_samples": len(error), "data_error": float(error.mean())}
    if value_range is not None:
        scores["data_rmse"] = float(np.sqrt(np.square(error).mean() / values))
    scores["latent_error"] = float(distances(drawn, source.invert(samples)).mean())
    if getattr(source, "latent_distribution", "normal") != "normal":
        return scores
    return {
        **scores,
        **latent_scores(latents),
        "floor": gaussian_floor(len(latents), latents.shape[1], seed),
    }
