"""What a run keeps of its samples over time."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import kgan
from kgan import data, metrics, reporting
from kgan.files import replacing
from kgan.reporting.figures.sample_pictures import PointPictures, image_pixels
from kgan.reporting.run_files import RealData
from kgan.runs.events import Events

SNAPSHOT_SEED = 1
"""Of every snapshot: the same latents through the whole run."""

# Samples of a snapshot, real examples whose embeddings are kept, images of each generator; real
# images that are reconstructed, pairs of them with samples between, and how many.
_KEPT = {"points": 2_500, "images": 64, "embeddings": 2_000, "by_generator": 8}
_KEPT |= {"reconstructions": 12, "pairs": 6, "between": 10}


class Snapshots:
    """Samples of fixed latents over time, and embeddings of real data where there are some.

    `write` keeps in step_*.npz `samples` (2,500 points or 64 images; points of more than two
    dimensions as they fall on the plane of the modes, and `near`, which are near one in all), of a
    model that embeds `embeddings` of 2,000 real examples with their `labels`, and of a mixture of K
    generators `generators`, which one made each sample, and for images `by_generator` (K, 8, h, w,
    channels), all rows from the same latents. Images are also drawn into step_*.png, those
    of a mixture a row for each generator. The first call keeps real data in real.npz.

    Of a model with an inverse F each call writes inverse.npz anew: `step`, `latents` F(x) of 2,000
    `held_out` examples with their `labels`, the `split` that they are of; for points `noise`, the
    latents of the snapshot's `samples`, which are here again; for images `images` (12, height,
    width, channels), their `reconstructions`, and `interpolations` (6, 10, height, width, channels)
    from each of the first 6 of them to the one 6 places on, both reconstructions included.

    Args:
        model: what to sample from.
        dataset: the real data; images in the model's value range.
        directory: where the files go.
        held_out: real data to invert, in the same range; by default `dataset`.
        events: where each snapshot is shown as a picture besides: `samples` in TensorBoard.
    """

    def __init__(
        self,
        model: kgan.AdversarialModel,
        dataset: data.Dataset,
        directory: Path,
        held_out: data.Dataset | None = None,
        events: Events | None = None,
    ):
        self._model: Any = model  # Mixtures and MD-GAN have more to sample than others.
        self._dataset = dataset
        self._directory = directory
        self._events = events
        self._count = _KEPT["images" if dataset.is_images else "points"]
        chosen = np.random.default_rng(SNAPSHOT_SEED).permutation(len(dataset))
        self._shown = np.sort(chosen[: self._count])
        self._embedded = np.sort(chosen[: _KEPT["embeddings"]])
        self._inverted = dataset if held_out is None else held_out
        chosen = np.random.default_rng(SNAPSHOT_SEED).permutation(len(self._inverted))
        self._chosen = chosen[: _KEPT["embeddings"]]

    def write(self, step: int) -> None:
        """Write the snapshot of `step`, and the real data beside the first."""
        if not (self._directory / "real.npz").exists():
            self._write_real()
        arrays = self._samples()
        if hasattr(self._model, "embed"):
            arrays["embeddings"] = self._model.embed(self._dataset.floats(self._embedded))
            if self._dataset.labels is not None:
                arrays["labels"] = self._dataset.labels[self._embedded]
        name = f"step_{step:09d}"
        self._save(f"{name}.npz", arrays)
        if self._dataset.is_images:
            images, columns = arrays["samples"], None
            if "by_generator" in arrays:
                _, columns, *shape = arrays["by_generator"].shape
                images = arrays["by_generator"].reshape(-1, *shape)
            value_range = self._model.value_range
            path = self._directory / f"{name}.png"
            reporting.save_image_grid(images, path, value_range, columns)
            self._show(step, lambda: image_pixels(images, value_range, columns))
        else:
            self._show(step, lambda: self._pictures(arrays["samples"], arrays.get("generators")))
        if hasattr(self._model, "invert"):
            self._save("inverse.npz", {"step": step, **self._inverse(arrays["samples"])})

    def _show(self, step: int, draw: Callable[[], np.ndarray]) -> None:
        if self._events is not None:
            self._events.image(step, "samples", draw())

    @functools.cached_property
    def _pictures(self) -> PointPictures:
        mixture, points = self._dataset.mixture, self._dataset.floats(self._shown)
        if mixture is None:
            real = RealData(points)
        else:
            means = mixture.in_plane(mixture.means)
            real = RealData(mixture.in_plane(points), means=means, std=mixture.std)
        return PointPictures(real, getattr(self._model, "num_generators", 1))

    def _samples(self) -> dict[str, Any]:
        model = self._model
        if not hasattr(model, "sample_with_generators"):
            return self._drawn(model.sample(self._count, seed=SNAPSHOT_SEED))
        samples, generators = model.sample_with_generators(self._count, seed=SNAPSHOT_SEED)
        arrays = {**self._drawn(samples), "generators": generators}
        if self._dataset.is_images:
            rows = [
                model.sample(_KEPT["by_generator"], seed=SNAPSHOT_SEED, generator=generator)
                for generator in range(model.num_generators)
            ]
            arrays["by_generator"] = np.stack(rows)
        return arrays

    def _drawn(self, samples: np.ndarray) -> dict[str, Any]:
        """`samples`, and of points that the plane does not show whole which are `near` a mode."""
        mixture = self._dataset.mixture
        if mixture is None or mixture.basis is None:
            return {"samples": samples}
        return {
            "samples": mixture.in_plane(samples),
            "near": metrics.near_modes(samples, mixture)[0],
        }

    def _inverse(self, samples: np.ndarray) -> dict[str, Any]:
        model, held_out = self._model, self._inverted
        real = held_out.floats(self._chosen)
        arrays = {"latents": model.invert(real), "split": np.array(held_out.split)}
        if held_out.labels is not None:
            arrays["labels"] = held_out.labels[self._chosen]
        if not held_out.is_images:
            noise = np.asarray(model.sample_latents(len(samples), SNAPSHOT_SEED))
            return {**arrays, "noise": noise, "samples": samples}
        images, pairs = real[: _KEPT["reconstructions"]], _KEPT["pairs"]
        ends = images[:pairs], images[pairs : 2 * pairs]
        arrays["images"] = images
        arrays["reconstructions"] = model.reconstruct(images)
        if len(ends[1]) == pairs:
            arrays["interpolations"] = model.interpolate(*ends, _KEPT["between"])
        return arrays

    def _write_real(self) -> None:
        arrays = {"samples": self._drawn(self._dataset.floats(self._shown))["samples"]}
        if self._dataset.labels is not None:
            arrays["labels"] = self._dataset.labels[self._shown]
        mixture = self._dataset.mixture
        if mixture is not None:
            seen = mixture.plane
            arrays |= {"means": seen.means, "std": seen.std, "weights": mixture.weights}
            if mixture.basis is not None:
                arrays["dimensions"] = np.array(mixture.dimensions)
        if self._dataset.class_names is not None:
            arrays["class_names"] = np.array(self._dataset.class_names)
        self._save("real.npz", arrays)

    def _save(self, name: str, arrays: Mapping[str, Any]) -> None:
        with replacing(self._directory / name) as temporary:
            np.savez_compressed(temporary, **arrays)
