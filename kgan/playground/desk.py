"""What the page can ask: numbers and names in, what JSON can hold out."""

from __future__ import annotations

import base64
import binascii
import inspect
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from kgan.errors import InputError, KganError
from kgan.playground import live, views
from kgan.playground.shelf import Shelved
from kgan.playground.trained import MOST_SAMPLES, Draw, Trained
from kgan.reporting.figures import encode, style
from kgan.reporting.figures.images import tile_images
from kgan.signatures import checked

MOST_BYTES = 16 * 2**20
"""Of a request, and so of an image that is sent."""
_MOST_OPEN, _MOST_MATCHES = 4, 3
_REAL = 800

Value = TypeVar("Value")


class Desk:
    """Trained models and games in use; one question at a time.

    Of a few models and matches the last used ones are kept. Each public method with a docstring
    that begins with "Page:" is a question; its arguments and answer are what JSON can hold.

    Args:
        shelf: the models that may be opened, by name.
    """

    def __init__(self, shelf: Mapping[str, Shelved]):
        self._shelf = shelf
        self._open: OrderedDict[str, Trained] = OrderedDict()
        self._matches: OrderedDict[int, live.Match] = OrderedDict()
        self._begun = 0
        self._lock = threading.Lock()

    def ask(self, question: str, arguments: Any) -> dict[str, Any]:
        """The answer to a question.

        Args:
            question: name of a method.
            arguments: of it, by name.

        Raises:
            KganError: for all that a user can cause.
        """
        if question not in questions():
            raise InputError(f"There is no question {question!r}.")
        method = getattr(self, question)
        if not isinstance(arguments, dict):
            raise InputError("Arguments must be a JSON object.")
        try:
            inspect.signature(method).bind(**arguments)
        except TypeError as error:
            raise InputError(f"{question}: {error}.") from error
        with self._lock:
            return method(**arguments)

    # Trained models -----------------------------------------------------------------------

    def models(self) -> dict[str, Any]:
        """Page: the models there are, and the methods that can be watched on each data set."""
        return {
            "models": [{"name": one.name, "about": one.about} for one in self._shelf.values()],
            "methods": {name: live.methods(name) for name in live.DATASETS},
        }

    @checked
    def open(self, model: str) -> dict[str, Any]:
        """Page: open a model, and tell what can be done with it."""
        trained = self._trained(model)
        game = trained.game
        found: dict[str, Any] = {
            "kind": trained.kind,
            "about": self._shelf[model].about,
            "latents": f"{game.latent_dim} {game.latent_distribution} latents",
            "generators": trained.generators,
            "inverts": trained.inverts,
            "shape": list(game.sample_shape),
            "most": MOST_SAMPLES[trained.kind],
        }
        if trained.generators > 1:
            found["weights"] = _numbers(game.mixture_weights)
            found["colours"] = style.hex_colours(style.generator_colours(trained.generators))
        if trained.kind == "points":
            found |= self._scene(trained)
        return found

    @checked
    def sample(
        self,
        model: str,
        count: int,
        seed: int = 0,
        generator: int | None = None,
        weights: Sequence[float] | None = None,
        view: bool = False,
    ) -> dict[str, Any]:
        """Page: samples of a seed, and what the discriminator says of them."""
        trained = self._trained(model)
        draw = trained.draw(count, seed, generator=generator, weights=weights)
        found: dict[str, Any] = {"samples": _shown(trained, draw.samples)}
        if draw.generators is not None:
            found["made_by"] = draw.generators.tolist()
        if view:
            seen = views.view(trained, draw.samples)
            found |= {"words": seen.words, "values": _numbers(seen.values)}
            if seen.embedding is not None and trained.kind == "images":
                found["embedding"] = _numbers(seen.embedding)
            if trained.kind == "points":
                found["plane"] = _numbers(views.plane(trained, _frame(trained)).values)
        return found

    @checked
    def between(
        self,
        model: str,
        numbers: Sequence[int],
        count: int,
        seed: int = 0,
        generator: int | None = None,
        weights: Sequence[float] | None = None,
    ) -> dict[str, Any]:
        """Page: the samples between two or four of a draw's, by rows."""
        trained = self._trained(model)
        draw = trained.draw(count, seed, generator=generator, weights=weights)
        rows = trained.between(draw, list(numbers))
        return {"rows": [_shown(trained, row) for row in rows]}

    @checked
    def nearest(
        self,
        model: str,
        number: int,
        count: int,
        seed: int = 0,
        generator: int | None = None,
        weights: Sequence[float] | None = None,
    ) -> dict[str, Any]:
        """Page: the training examples that are nearest to a sample of a draw."""
        trained = self._trained(model)
        draw = trained.draw(count, seed, generator=generator, weights=weights)
        if not 0 <= number < count:
            raise InputError(f"There are samples 0 to {count - 1}. Received: {number}")
        found = trained.nearest(draw.samples[number])
        return {
            "sample": _shown(trained, draw.samples[[number]])[0],
            "examples": _shown(trained, found.examples),
            "distances": _numbers(found.distances),
            "among": found.among,
        }

    @checked
    def invert(
        self, model: str, point: Sequence[float] | None = None, image: str | None = None
    ) -> dict[str, Any]:
        """Page: the latents of a point or of an image file in base64, and what they make."""
        trained = self._trained(model)
        if not trained.inverts:
            trained.invert(np.empty(0))  # It says why not.
        if (point is None) == (image is None):
            raise InputError("Give a point or an image to invert.")
        sample = trained.image_of(_decoded(image)) if image else trained.point_of(list(point or ()))
        latents, made = trained.invert(sample)
        given, again = _shown(trained, np.stack([sample, made]))
        return {"given": given, "made": again, "latents": _numbers(latents)}

    @checked
    def download(
        self,
        model: str,
        count: int,
        seed: int = 0,
        generator: int | None = None,
        weights: Sequence[float] | None = None,
    ) -> dict[str, Any]:
        """Page: a draw as an .npz file in base64, and its name."""
        trained = self._trained(model)
        draw: Draw = trained.draw(count, seed, generator=generator, weights=weights)
        name = f"{model.replace('/', '-')}-seed{seed}.npz"
        return {"name": name, "file": base64.b64encode(draw.npz()).decode()}

    # Games --------------------------------------------------------------------------------

    @checked
    def start(self, methods: Sequence[str], dataset: str = "ring", seed: int = 0) -> dict[str, Any]:
        """Page: begin a match of methods; answers with its number and what is there at step 0."""
        match = live.Match(list(methods), dataset, seed)
        self._begun += 1
        _keep(self._matches, self._begun, match, _MOST_MATCHES)
        trained = Trained(match.games[0].model, {"name": dataset})
        return {
            "match": self._begun,
            "titles": [game.title for game in match.games],
            "colours": list(style.SERIES[: len(match.games)]),
            "most": live.MOST_STEPS,
            **self._scene(trained),
            **_state(match),
        }

    @checked
    def advance(self, match: int, steps: int) -> dict[str, Any]:
        """Page: go on by so many steps; answers with what has changed and what is there now."""
        if match not in self._matches:
            raise InputError("This game is gone, as others began since: start it anew.")
        self._matches.move_to_end(match)
        told = self._matches[match].advance(steps)
        return {"told": told, **_state(self._matches[match])}

    # Parts --------------------------------------------------------------------------------

    def _trained(self, name: str) -> Trained:
        if name not in self._shelf:
            raise InputError(f"There is no model {name!r}: choose one of the list.")
        if name not in self._open:
            shelved = self._shelf[name]
            _keep(self._open, name, Trained(shelved.load(), shelved.data), _MOST_OPEN)
        self._open.move_to_end(name)
        return self._open[name]

    def _scene(self, trained: Trained) -> dict[str, Any]:
        """Of points what part of the plane is shown, the modes in it, and some real points."""
        found: dict[str, Any] = {"frame": _frame(trained), "modes": [], "real": []}
        if trained.mixture is not None:
            modes = trained.mixture.plane
            radii = 3 * modes.std[:, None]
            found["modes"] = _numbers(np.concatenate([modes.means, radii], axis=1))
        try:
            real = trained.dataset.floats(slice(_REAL))
        except KganError:  # Without them the samples are shown alone.
            return found
        return found | {"real": _numbers(views.in_plane(trained, real))}


def questions() -> list[str]:
    """The names of all questions."""
    return [
        name for name, method in vars(Desk).items() if (method.__doc__ or "").startswith("Page")
    ]


def _frame(trained: Trained) -> tuple[float, float, float, float]:
    """What part of the plane is shown."""
    return views.frame_of(trained, views.in_plane(trained, trained.draw(500).samples))


def _keep(kept: OrderedDict[Any, Value], key: Any, value: Value, most: int) -> None:
    kept[key] = value
    while len(kept) > most:
        kept.popitem(last=False)


def _state(match: live.Match) -> dict[str, Any]:
    def game(look: live.Look) -> dict[str, Any]:
        return {
            "step": look.step,
            "points": _numbers(look.points),
            "modes": look.modes.tolist(),
            "covered": look.covered,
            "quality": look.quality,
            "ended": look.ended,
        }

    return {"games": [game(look) for look in match.looks], "over": match.over}


def _shown(trained: Trained, samples: np.ndarray) -> list[Any]:
    """Points in the plane, or images as PNG files in data URIs."""
    if trained.kind == "points":
        return _numbers(views.in_plane(trained, samples))
    value_range = trained.game.value_range
    pixels = (tile_images(image[None], value_range) for image in samples)
    return [encode.data_uri(encode.png_bytes(one)) for one in pixels]


def _numbers(values: Any) -> list[Any]:
    """An array for JSON, which has no NaN; four decimals are more than a picture shows."""
    array = np.nan_to_num(np.asarray(values, np.float64), nan=0.0, posinf=1e30, neginf=-1e30)
    return np.round(array, 4).tolist()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise InputError("The image must come in base64.") from error
