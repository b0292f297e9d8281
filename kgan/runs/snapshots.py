"""Writes what a run keeps of its samples while it trains."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from kgan import data
from kgan.files import replacing
from kgan.runs.artefacts.inversion import invert
from kgan.runs.artefacts.real_data import RealData, choose_real
from kgan.runs.artefacts.snapshot import SNAPSHOT_SEED, Picture, Snapshot, take_snapshot
from kgan.runs.events import Events

# Samples of a snapshot, and real examples whose embeddings and latents are kept.
_POINTS, _IMAGES, _EXAMPLES = 2_500, 64, 2_000


Draw = Callable[[Snapshot, RealData], Picture]


class Snapshots:
    """Samples of fixed latents over time, and what real data become.

    `write` keeps a `Snapshot` of 2,500 points or 64 images with embeddings of 2,000 real examples,
    and of a model with an inverse an `Inversion` of 2,000 held-out ones, which replaces the one
    before. The first call keeps `RealData`.

    Args:
        model: what to sample from.
        dataset: the real data; images in the model's value range.
        directory: where the files go.
        held_out: real data to invert, in the same range; by default `dataset`.
        draw: how a snapshot becomes a picture; None for no pictures.
        events: where pictures are shown besides: `samples` in TensorBoard.
    """

    def __init__(
        self,
        model: Any,
        dataset: data.Dataset,
        directory: Path,
        held_out: data.Dataset | None = None,
        *,
        draw: Draw | None = None,
        events: Events | None = None,
    ):
        self._model = model
        self._dataset = dataset
        self._directory = directory
        self._draw, self._events = draw, events
        self._count = _IMAGES if dataset.is_images else _POINTS
        self._chosen = np.random.default_rng(SNAPSHOT_SEED).permutation(len(dataset))
        self._inverted = dataset if held_out is None else held_out

    def write(self, step: int) -> None:
        """Write the snapshot of `step`, and the real data beside the first."""
        if not (self._directory / RealData.FILE).exists():
            self._real.write(self._directory)
        embedded = np.sort(self._chosen[:_EXAMPLES])
        snapshot = take_snapshot(self._model, self._dataset, step, self._count, embedded)
        snapshot.write(self._directory)
        if self._draw is not None:
            self._show(snapshot, self._draw(snapshot, self._real))
        if hasattr(self._model, "invert"):
            rows = np.random.default_rng(SNAPSHOT_SEED).permutation(len(self._inverted))[:_EXAMPLES]
            samples = snapshot.samples
            inversion = invert(self._model, self._inverted, rows, samples, SNAPSHOT_SEED, step)
            inversion.write(self._directory)

    @functools.cached_property
    def _real(self) -> RealData:
        return choose_real(self._dataset, np.sort(self._chosen[: self._count]))

    def _show(self, snapshot: Snapshot, picture: Picture) -> None:
        if picture.png is not None:
            with replacing(self._directory / f"{snapshot.stem}.png") as temporary:
                temporary.write_bytes(picture.png)
        if self._events is not None:
            self._events.image(snapshot.step, "samples", picture.pixels)
