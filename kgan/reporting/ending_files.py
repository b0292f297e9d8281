"""Reads what a run keeps of its trained model: ways, neighbours, what dimensions rank first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kgan.reporting.arrays import load_arrays


@dataclass(frozen=True)
class Interpolations:
    """Samples on the ways between pairs of latents.

    Attributes:
        step: steps taken before.
        samples: (rows, steps, height, width, channels) or (rows, steps, 2).
        curve: "arc" or "line", the shape of the ways.
        generators: (rows,) int, which generator of a mixture made each row; None for others.
    """

    step: int
    samples: np.ndarray
    curve: str
    generators: np.ndarray | None


@dataclass(frozen=True)
class Neighbours:
    """How near samples lie to training examples, and how near test examples do.

    Attributes:
        step: steps taken before.
        space: "plane", "pixels", or the name of the feature network.
        train_used: how many training examples there were to be near to.
        train_size: how many there are.
        sample_distances: (n,) to the nearest.
        test_distances: (m,) of held-out examples; None without.
        samples: (k, height, width, channels), the first half the nearest of all, the second half
            drawn at random; None for points.
        nearest: (k, neighbours, height, width, channels), with `samples`.
        distances: (k, neighbours), with `samples`.
    """

    step: int
    space: str
    train_used: int
    train_size: int
    sample_distances: np.ndarray
    test_distances: np.ndarray | None
    samples: np.ndarray | None
    nearest: np.ndarray | None
    distances: np.ndarray | None


@dataclass(frozen=True)
class Dimensions:
    """Samples that each of some dimensions of a discriminator's embedding ranks first.

    Attributes:
        step: steps taken before.
        drawn: how many samples were ranked.
        width: of the embedding.
        dimensions: (rows,) int, which dimensions these are.
        ranked: (rows, k) int, numbers of the samples, the highest value first.
        images: (rows, k, height, width, channels), the samples.
    """

    step: int
    drawn: int
    width: int
    dimensions: np.ndarray
    ranked: np.ndarray
    images: np.ndarray


def read_interpolations(path: Path, problems: list[str]) -> Interpolations | None:
    """The contents of interpolations.npz; None without it, and a problem where it is broken."""
    arrays = _arrays(path, problems, _ways_fit)
    if arrays is None:
        return None
    return Interpolations(
        int(arrays["step"]), arrays["samples"], str(arrays["curve"]), arrays.get("generators")
    )


def read_neighbours(path: Path, problems: list[str]) -> Neighbours | None:
    """The contents of neighbours.npz; None without it, and a problem where it is broken."""
    arrays = _arrays(path, problems, _neighbours_fit)
    if arrays is None:
        return None
    return Neighbours(
        step=int(arrays["step"]),
        space=str(arrays["space"]),
        train_used=int(arrays["train_used"]),
        train_size=int(arrays["train_size"]),
        sample_distances=arrays["sample_distances"],
        test_distances=arrays.get("test_distances"),
        samples=arrays.get("samples"),
        nearest=arrays.get("nearest"),
        distances=arrays.get("distances"),
    )


def read_dimensions(path: Path, problems: list[str]) -> Dimensions | None:
    """The contents of dimensions.npz; None without it, and a problem where it is broken."""
    arrays = _arrays(path, problems, _dimensions_fit)
    if arrays is None:
        return None
    return Dimensions(
        step=int(arrays["step"]),
        drawn=int(arrays["drawn"]),
        width=int(arrays["width"]),
        dimensions=arrays["dimensions"],
        ranked=arrays["ranked"],
        images=arrays["images"],
    )


def _arrays(
    path: Path, problems: list[str], fits: Callable[[Mapping[str, np.ndarray]], bool]
) -> Mapping[str, np.ndarray] | None:
    arrays = load_arrays(path, problems) if path.exists() else None
    if arrays is None:
        return None
    try:
        whole = fits(arrays)
    except KeyError:
        whole = False
    if not whole:
        problems.append(f"samples/{path.name}: its arrays do not fit each other.")
        return None
    return arrays


def _ways_fit(arrays: Mapping[str, np.ndarray]) -> bool:
    samples, generators = arrays["samples"], arrays.get("generators")
    points = samples.ndim == 3 and samples.shape[2] == 2
    if not samples.size or not (samples.ndim == 5 or points):
        return False
    if generators is not None and generators.shape != samples.shape[:1]:
        return False
    return _numbers(arrays["step"]) and str(arrays["curve"]) in ("arc", "line")


def _neighbours_fit(arrays: Mapping[str, np.ndarray]) -> bool:
    counts = all(_numbers(arrays[name]) for name in ("step", "train_used", "train_size"))
    distances = [arrays["sample_distances"], arrays.get("test_distances", np.zeros(1))]
    if not counts or not all(d.ndim == 1 and d.size and np.isfinite(d).all() for d in distances):
        return False
    arrays["space"]
    if "samples" not in arrays:
        return True
    samples, nearest = arrays["samples"], arrays["nearest"]
    return (
        samples.ndim == 4
        and samples.size > 0
        and nearest.ndim == 5
        and nearest.size > 0
        and (nearest.shape[0], *nearest.shape[2:]) == samples.shape
        and arrays["distances"].shape == nearest.shape[:2]
    )


def _dimensions_fit(arrays: Mapping[str, np.ndarray]) -> bool:
    rows, ranked, images = (arrays[name] for name in ("dimensions", "ranked", "images"))
    counts = all(_numbers(arrays[name]) for name in ("step", "drawn", "width"))
    shapes = images.ndim == 5 and images.size > 0 and images.shape[:2] == ranked.shape
    return counts and shapes and rows.shape == ranked.shape[:1]


def _numbers(value: np.ndarray) -> bool:
    return value.shape == () and value.dtype.kind in "iu"
