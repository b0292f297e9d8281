"""What is known of a run's result: in its directory, or in a line of the store."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kgan.errors import RunError
from kgan.metrics import words

EVALUATION, CONFIG = "evaluation.json", "config.json"
_ENVIRONMENT = ("versions", "git_revision", "machine", "conditions")


@dataclasses.dataclass(frozen=True)
class Record:
    """A result with all that it is of.

    Attributes:
        key: of what was computed, see `kgan.runs.key`; it is that of all seeds.
        seed: of the run.
        identity: what the key is the hash of.
        model: class, preset, where its values are from, and number of weights.
        environment: versions, revision, machine and its conditions.
        scores: contents of evaluation.json; None of a run that diverged.
        failure: why there are none.
        evaluated: the day, as in ISO 8601.
        proof: how it was shown to hold under other code than that which made it, if it was.
    """

    key: str
    seed: int
    identity: Mapping[str, Any]
    model: Mapping[str, Any]
    environment: Mapping[str, Any]
    scores: Mapping[str, Any] | None = None
    failure: str | None = None
    evaluated: str = ""
    proof: str = ""

    def line(self) -> str:
        """As the store has it; what is empty is left out."""
        there = {k: v for k, v in vars(self).items() if v not in (None, "")}
        return json.dumps(there, ensure_ascii=False)

    @classmethod
    def from_line(cls, line: str) -> Record:
        """The record of a line.

        Raises:
            ValueError: for what is none.
        """
        try:
            found = cls(**json.loads(line))
        except TypeError as error:
            raise ValueError(str(error)) from error
        if isinstance(found.scores, Mapping):
            found = dataclasses.replace(found, scores=words.of_today(found.scores))
        ended = found.scores if found.failure is None else {}
        if not isinstance(ended, Mapping) or not isinstance(found.seed, int):
            raise ValueError("it has neither scores nor a failure")
        return found

    @classmethod
    def from_directory(cls, directory: Path, failure: str | None = None) -> Record:
        """The record of a run's directory.

        Args:
            directory: of a run that was evaluated, or diverged.
            failure: why it diverged; None for a run with scores.

        Raises:
            RunError: if it cannot be read.
        """
        try:
            config = json.loads((directory / CONFIG).read_text())
            scores = None
            day = directory / CONFIG
            if failure is None:
                day = directory / EVALUATION
                scores = words.of_today(dict(json.loads(day.read_text())))
            return cls(
                key=config["key"],
                seed=config["flags"]["seed"],
                identity=config["identity"],
                model=config["model"],
                environment={name: config.get(name) for name in _ENVIRONMENT},
                scores=scores,
                failure=failure,
                evaluated=datetime.date.fromtimestamp(day.stat().st_mtime).isoformat(),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunError(f"{directory} has no result that can be read: {error}.") from error

    def current(self) -> dict[str, Any]:
        """Its scores without those of measures that have changed since."""
        expired = self.expired()
        scores = {k: v for k, v in (self.scores or {}).items() if k not in expired}
        if "real" in scores:
            scores["real"] = {k: v for k, v in scores["real"].items() if k not in expired}
        return scores

    def expired(self) -> set[str]:
        """Scores that it has of a measure which has changed since: of another version than today's.

        A version that is not noted is 1. Those of an inverse expire together.
        """
        scores = self.scores or {}
        own, today = scores.get("measures", {}), words.versions()
        changed = {k for k in own.keys() | today.keys() if own.get(k, 1) != today.get(k, 1)}
        if any(key.startswith("inverse_") for key in changed):
            changed.add("inverse")
        return changed & scores.keys()


def key_of(directory: Path) -> tuple[str, int] | None:
    """Key and seed of the run in a directory; None for none, or one of a former version."""
    try:
        config = json.loads((directory / CONFIG).read_text())
        return config["key"], config["flags"]["seed"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
