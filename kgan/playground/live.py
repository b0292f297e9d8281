"""Small games that train while somebody watches: modes found and lost, methods side by side."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from kgan import data, presets
from kgan.errors import InputError, NonFiniteLossError, check_one_of, check_whole
from kgan.methods import catalog
from kgan.metrics.modes import strict_shares
from kgan.metrics.points import mixture_counts

DATASETS = ("ring", "grid")
MOST_GAMES = 4
MOST_STEPS = 10_000
"""Of a game: its learning rate has fallen to 0 by then, or nearly so."""
_AT_ONCE = 25
_LOOKED_AT, _SHOWN = 1_000, 500
_SEED = 1  # Of the latents: the same at every look, so that only the generator moves.


@dataclasses.dataclass(frozen=True, eq=False)
class Look:
    """A game at a step.

    Attributes:
        step: train steps so far.
        points: `(500, 2)` samples.
        near: `(modes,)` int, of 1,000 samples those within 3 standard deviations of each mode.
        modes: `(modes,)` bool, which of them are covered: 1% of the samples are near (of modes of
            unequal weight as `kgan.metrics.modes.strict_shares` has it).
        ended: why the game cannot go on; empty while it can.
    """

    step: int
    points: np.ndarray
    near: np.ndarray
    modes: np.ndarray
    ended: str = ""

    @property
    def covered(self) -> int:
        """How many modes are covered."""
        return int(self.modes.sum())

    @property
    def quality(self) -> float:
        """The share of samples, 0 to 1, that is near a mode."""
        return float(self.near.sum() / _LOOKED_AT)


class Game:
    """A method's preset for a data set, trained some steps at a time.

    It is the training of `kgan <method> --dataset=...` with the same seed.

    Args:
        method: one of `methods(dataset.name)`.
        dataset: of `kgan.data.load`, points with modes.
        seed: of weights, noise and batches.
    """

    def __init__(self, method: str, dataset: data.Dataset, seed: int):
        self.title = catalog.methods()[method].title
        self._mixture = dataset.mixture
        keras.utils.set_random_seed(seed)
        self.model = presets.build(f"{method}_{dataset.name}", seed=seed)
        self.model.compile(steps_per_execution=_AT_ONCE)
        self._batches = iter(self.model.stream(dataset, self.model.usual_batch_size()))
        self._ended = ""

    def advance(self, steps: int) -> None:
        """Train so many steps more, or as many as are left."""
        if self._ended:
            return
        step = self.model.make_train_function()
        left = min(steps, MOST_STEPS - self.model.steps_taken)
        try:
            while left > 0:
                step.reset()
                step.run(self._batches, min(left, _AT_ONCE))
                left -= _AT_ONCE
        except NonFiniteLossError as error:
            self._ended = str(error)

    def look(self) -> Look:
        """What its generator draws now."""
        try:
            points = self.model.sample(_LOOKED_AT, _SEED, batch_size=_LOOKED_AT)
        except NonFiniteLossError as error:
            self._ended = self._ended or str(error)
            points = np.full((_LOOKED_AT, 2), 1e6, np.float32)  # In no picture, near no mode.
        assert self._mixture is not None
        counts = mixture_counts(points, self._mixture)
        needed = strict_shares(counts.weights, counts.total) * len(points)
        modes = (counts.near > 0) & (counts.near >= needed)
        step = self.model.steps_taken
        return Look(step, points[:_SHOWN], counts.near, modes, self._ended)


class Match:
    """Games of several methods on the same data, which go on in turn.

    Args:
        names: of methods, one to four of `methods(dataset)`.
        dataset: one of `DATASETS`.
        seed: of all of them.

    Attributes:
        dataset: the data.
        games: in the order of the names.
        looks: the last one at each.

    Raises:
        InputError: a name, data set or seed that is none.
    """

    def __init__(self, names: Sequence[str], dataset: str = "ring", seed: int = 0):
        check_one_of(DATASETS, dataset=dataset)
        check_whole(0, seed=seed)
        known = methods(dataset)
        if not 1 <= len(names) <= MOST_GAMES or len(set(names)) < len(names):
            raise InputError(
                f"Choose one to {MOST_GAMES} different methods. Received: "
                f"{', '.join(names) or 'none'}"
            )
        for name in names:
            check_one_of(known, method=name)
        self.dataset = data.load(dataset)
        self.games = [Game(name, self.dataset, seed) for name in names]
        self.looks = [game.look() for game in self.games]

    def advance(self, steps: int) -> list[str]:
        """Train each game so many steps more.

        Args:
            steps: 1 to 250.

        Returns:
            Sentences on modes that were found or lost meanwhile.
        """
        check_whole(1, steps=steps)
        if steps > 250:
            raise InputError(f"A game goes on by at most 250 steps at once. Received: {steps}")
        told = []
        for index, game in enumerate(self.games):
            before = self.looks[index]
            game.advance(steps)
            self.looks[index] = game.look()
            told += changes(game.title, before, self.looks[index])
        return told

    @property
    def over(self) -> bool:
        """Whether no game can go on."""
        return all(look.ended or look.step >= MOST_STEPS for look in self.looks)


def changes(title: str, before: Look, now: Look) -> list[str]:
    """What a look shows that the one before did not, as sentences; modes are counted from 0."""
    if not before.step:  # Nobody trained the generator that was there.
        before = dataclasses.replace(before, modes=np.zeros_like(before.modes))
    told = []
    for modes, what in ((now.modes & ~before.modes, "found"), (before.modes & ~now.modes, "lost")):
        numbers = np.flatnonzero(modes)
        if len(numbers):
            word = "mode" if len(numbers) == 1 else "modes"
            listed = ", ".join(map(str, numbers))
            told.append(f"Step {now.step:,}: {title} {what} {word} {listed}.")
    if now.ended and not before.ended:
        told.append(f"{title}: {now.ended}")
    return told


def methods(dataset: str) -> dict[str, str]:
    """Titles of the methods that can be watched on a data set, by name; needs no TensorFlow.

    Left out are those that must train a classifier of the data first.
    """
    known: dict[str, Any] = catalog.methods()
    return {
        name: entry.title
        for name, entry in known.items()
        if dataset in entry.presets and not any(o.name == "classifier" for o in entry.options)
    }
