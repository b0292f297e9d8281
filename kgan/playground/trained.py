"""A trained model in the hand: samples, ways between them, what is near, what is inverted."""

from __future__ import annotations

import dataclasses
import functools
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from kgan import data
from kgan.errors import DataError, InputError, check_whole
from kgan.game import drawing
from kgan.metrics.arrays import distribution
from kgan.runs.artefacts.interpolations import latent_ways
from kgan.runs.artefacts.neighbours import nearest_examples

MOST_SAMPLES = {"points": 2_500, "images": 100}
_BATCH = 500
# Places on a way between two samples, and on each side of the square of four.
_STEPS = {"points": {2: 65, 4: 25}, "images": {2: 25, 4: 9}}


@dataclasses.dataclass(frozen=True, eq=False)
class Draw:
    """Samples and where they come from.

    Attributes:
        latents: `(n, latent_dim)`.
        samples: `(n, ...)` float32.
        generators: `(n,)` which generator of a mixture made each; None of others.
    """

    latents: np.ndarray
    samples: np.ndarray
    generators: np.ndarray | None = None

    def npz(self) -> bytes:
        """An .npz file of all three."""
        arrays = {"samples": self.samples, "latents": self.latents}
        if self.generators is not None:
            arrays["generators"] = self.generators
        file = io.BytesIO()
        np.savez(file, **arrays)  # type: ignore[arg-type]
        return file.getvalue()


@dataclasses.dataclass(frozen=True, eq=False)
class Nearest:
    """The training examples that are nearest to a sample, the nearest first.

    Attributes:
        examples: `(k, ...)`.
        distances: `(k,)`, of points Euclidean, of images the root mean square of the pixels'
            differences, 0 to 1.
        among: how many examples were looked at.
    """

    examples: np.ndarray
    distances: np.ndarray
    among: int


class Trained:
    """A trained model, and the data it was trained on where they can be had.

    All samples are functions of their seeds: what a seed gives here is what `game.sample` gives.

    Args:
        game: an `AdversarialModel`.
        data_options: arguments of `kgan.data.load`; None where nothing tells the data.

    Attributes:
        game: the model.
        kind: "points" or "images".
        generators: K of a mixture, 1 of others.
    """

    def __init__(self, game: Any, data_options: Mapping[str, Any] | None = None):
        self.game = game
        self.kind = "images" if len(game.sample_shape) == 3 else "points"
        self.generators: int = getattr(game, "num_generators", 1)
        self._data_options = data_options

    # Data ---------------------------------------------------------------------------------

    @functools.cached_property
    def dataset(self) -> data.Dataset:
        """The training data, images in the model's range.

        Raises:
            DataError: nothing tells which they are, or they are not to be had.
        """
        if self._data_options is None:
            raise DataError(
                "What this model was trained on is not told in its folder, so nothing can be "
                "compared with it."
            )
        found = data.load(**self._data_options)
        if tuple(found.example_shape) != tuple(self.game.sample_shape):
            raise DataError(
                f"{found.name} has examples of the shape {tuple(found.example_shape)}, and this "
                f"model samples of {tuple(self.game.sample_shape)}: give its data as they were."
            )
        return found.with_value_range(self.game.value_range) if found.is_images else found

    @functools.cached_property
    def mixture(self) -> data.GaussianMixture | None:
        """The density that points were drawn from; None of images, or where it is not known."""
        try:
            return None if self.kind == "images" else self.dataset.mixture
        except (DataError, InputError):
            return None

    # Samples ------------------------------------------------------------------------------

    def draw(
        self,
        count: int,
        seed: int = 0,
        *,
        generator: int | None = None,
        weights: Sequence[float] | None = None,
    ) -> Draw:
        """Samples of a seed.

        Args:
            count: 1 to `MOST_SAMPLES` of the kind.
            seed: 0 to 2^31 - 1.
            generator: of a mixture, the one to take; None for a draw by weight.
            weights: how often each is drawn, relative to the others, in place of the mixture's own.

        Raises:
            InputError: numbers out of range, or a choice of generators where there is one.
        """
        check_whole(1, count=count)
        check_whole(0, seed=seed)
        most = MOST_SAMPLES[self.kind]
        if count > most or seed >= 2**31:
            raise InputError(
                f"At most {most:,} {self.kind} of a seed below 2^31 are shown. Received: "
                f"{count:,} of seed {seed}"
            )
        latents = np.asarray(self.game.sample_latents(count, seed))
        made_by = self._generators(count, seed, generator, weights)
        return Draw(latents, self._made(latents, made_by), made_by)

    def _generators(
        self, count: int, seed: int, generator: int | None, weights: Sequence[float] | None
    ) -> np.ndarray | None:
        if self.generators == 1:
            if generator or weights is not None:
                raise InputError("This model has one generator: there is none to choose.")
            return None
        if generator is not None:
            if not 0 <= generator < self.generators:
                raise InputError(
                    f"generator must be one of 0..{self.generators - 1}. Received: {generator}"
                )
            return np.full(count, generator, np.int32)
        if weights is None:
            return np.asarray(self.game.draw_generators(count, seed))
        shares = distribution("weights", weights)
        if shares.shape != (self.generators,):
            raise InputError(
                f"There must be one weight for each of {self.generators} generators. Received: "
                f"{len(shares)}"
            )
        drawn = np.random.default_rng(seed).choice(self.generators, count, p=shares)
        return drawn.astype(np.int32)

    def _made(self, latents: np.ndarray, generators: np.ndarray | None) -> np.ndarray:
        if generators is None:
            return drawing.in_batches(self.game, self.game, latents, _BATCH)
        made = np.empty((len(latents), *self.game.sample_shape), np.float32)
        for k in np.unique(generators):
            mine, alone = generators == k, functools.partial(self.game, generator=int(k))
            made[mine] = drawing.in_batches(self.game, alone, latents[mine], _BATCH)
        return made

    # Ways between samples -----------------------------------------------------------------

    def between(self, draw: Draw, numbers: Sequence[int]) -> np.ndarray:
        """Samples on the way between two samples, or within the square of four.

        Ways are lines, or arcs where latents are normal. In a mixture one generator goes all the
        way: that of the first sample.

        Args:
            draw: whose samples they are.
            numbers: of two or four of them; four lie at the corners, row by row.

        Returns:
            `(rows, steps, ...)`, with the ends; one row between two samples, as many as steps
            between four.

        Raises:
            InputError: other numbers.
        """
        wrong = [number for number in numbers if not 0 <= number < len(draw.latents)]
        if len(numbers) not in (2, 4) or wrong:
            raise InputError(
                f"Name two or four samples by their numbers, 0 to {len(draw.latents) - 1}. "
                f"Received: {', '.join(map(str, numbers)) or 'none'}"
            )
        curve = "arc" if self.game.latent_distribution == "normal" else "line"
        steps = _STEPS[self.kind][len(numbers)]
        ends = draw.latents[list(numbers)]
        ways = latent_ways(ends[0::2], ends[1::2], steps, curve)
        if len(numbers) == 4:
            ways = latent_ways(ways[0], ways[1], steps, curve).transpose(1, 0, 2)
        made_by = None
        if draw.generators is not None:
            made_by = np.full(len(ways) * steps, draw.generators[numbers[0]], np.int32)
        made = self._made(ways.reshape(len(ways) * steps, -1), made_by)
        return made.reshape(len(ways), steps, *made.shape[1:])

    # Nearest and inverted -----------------------------------------------------------------

    def nearest(self, sample: np.ndarray, count: int = 5) -> Nearest:
        """The training examples nearest to a sample `(...)`.

        Raises:
            DataError: the data are not to be had.
        """
        found, rows = nearest_examples(sample[None], self.dataset, count)
        examples = self.dataset.floats(rows[found.indices[0]])
        return Nearest(examples, found.distances[0], len(rows))

    @property
    def inverts(self) -> bool:
        """Whether the method maps samples back to latents."""
        return hasattr(self.game, "invert")

    def invert(self, sample: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """A sample's latents `(latent_dim,)`, and what the generator makes of them `(...)`.

        Raises:
            InputError: a method without an inverse, or something that is no sample.
        """
        if not self.inverts:
            raise InputError(
                "This method has no inverse: InvertGAN, BiGAN and VEEGAN map samples to latents."
            )
        return self.game.invert(sample[None])[0], self.game.reconstruct(sample[None])[0]

    def image_of(self, content: bytes) -> np.ndarray:
        """An image file as a sample: the largest part of that shape, resized, in the range.

        Raises:
            InputError: no image, or a model of points.
        """
        if self.kind != "images":
            raise InputError("This model is of points: give two numbers in place of an image.")
        height, width, channels = self.game.sample_shape
        try:
            with Image.open(io.BytesIO(content)) as opened:
                image = ImageOps.exif_transpose(opened).convert("L" if channels == 1 else "RGB")
        except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
            raise InputError(
                "The file is no image that can be read: give a PNG or JPEG."
            ) from error
        fitted = ImageOps.fit(image, (width, height), Image.Resampling.BILINEAR)
        low, high = self.game.value_range
        pixels = np.asarray(fitted, np.float32).reshape(height, width, channels) / 255
        return (low + (high - low) * pixels).astype(np.float32)

    def point_of(self, coordinates: Sequence[float]) -> np.ndarray:
        """Coordinates as a sample.

        Raises:
            InputError: as many as the model's points do not have, or a model of images.
        """
        if self.kind != "points":
            raise InputError("This model is of images: give an image in place of numbers.")
        point = np.asarray(coordinates, np.float32)
        if point.shape != tuple(self.game.sample_shape) or not np.isfinite(point).all():
            raise InputError(
                f"A point has {self.game.sample_shape[0]} finite coordinates. Received: "
                f"{', '.join(map(str, coordinates))}"
            )
        return point
