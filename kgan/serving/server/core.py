"""What both interfaces do: find the model, take a place, compute, count."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kgan.serving.server import finding
from kgan.serving.server.failures import INTERNAL, Failure
from kgan.serving.server.gate import Gate
from kgan.serving.server.limits import Limits
from kgan.serving.server.metrics import Metrics
from kgan.serving.server.repository import Repository
from kgan.serving.server.servable import Signature


class Core:
    """The models of a folder, and their requests.

    Args:
        models: the folder, or a models.config in it.
        limits: of requests.

    Raises:
        DataError, InputError: models that cannot be served.
    """

    def __init__(self, models: Path, limits: Limits):
        self.limits = limits
        self.repository = Repository(finding.find(models), limits)
        self.gate = Gate(limits)
        self.metrics = Metrics(self.gate)

    @contextmanager
    def counted(self, model: str, interface: str) -> Iterator[None]:
        """Count what the block does for a model."""
        known = model if model in self.repository.versions else ""
        code, start = "OK", time.monotonic()
        try:
            yield
        except Failure as failure:
            code = failure.code
            raise
        except BaseException:
            code = INTERNAL
            raise
        finally:
            self.metrics.count(known, interface, code, time.monotonic() - start)

    def compute(self, model: str, signature: Signature, inputs: Any) -> dict[str, Any]:
        """The outputs of a signature, whose rows are counted."""
        outputs = signature(inputs)
        shapes = [value.shape for value in inputs.values()]
        self.metrics.count_rows(model, max((s[0] for s in shapes if s), default=1))
        return outputs
