"""What is known of a run's result: in its directory, or in a line of the store."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kgan.errors import RunError

EVALUATION, CONFIG = "evaluation.json", "config.json"
_ENVIRONMENT = ("versions", "git_revision", "machine", "conditions")


@dataclasses.dataclass(frozen=True)
class Record:
    """A result with all that it is of.

    Attributes:
        key: of what was computed, see `kgan.runs.key`; it is that of all seeds.
        seed: of the run.
        identity: what the key is the hash of.
        model: class, preset, source and number of weights.
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
                scores = dict(json.loads(day.read_text()))
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

    def current(self, versions: Mapping[str, int]) -> dict[str, Any]:
        """Its scores without those of measures that are others today.

        Args:
            versions: by score, of the measures of today, where that is not 1.
        """
        scores = dict(self.scores or {})
        expired = self.expired(versions)
        real = {k: v for k, v in scores.get("real", {}).items() if k not in expired}
        return {
            **{k: v for k, v in scores.items() if k not in expired},
            **({"real": real} if real else {}),
        }

    def expired(self, versions: Mapping[str, int]) -> set[str]:
        """Scores that it has of a measure which is another today."""
        scores = self.scores or {}
        own = scores.get("measures", {})
        return {k for k in scores if own.get(k, 1) != versions.get(k, 1)}


def key_of(directory: Path) -> tuple[str, int] | None:
    """Key and seed of the run in a directory; None for none, or one of a former version."""
    try:
        config = json.loads((directory / CONFIG).read_text())
        return config["key"], config["flags"]["seed"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
