"""What a server takes at most. Free of TensorFlow."""

from __future__ import annotations

import dataclasses

from kgan.errors import InputError, check_not_negative, check_positive, check_whole
from kgan.serving.limits import MAX_SAMPLES


@dataclasses.dataclass(frozen=True)
class Limits:
    """Bounds of requests.

    Attributes:
        max_rows: of a request, and of what TensorFlow computes at once; kgan's own signatures take
            at most 1,000.
        max_body: bytes of a request.
        max_pending: requests that are being answered or wait for it, over both interfaces.
        max_pending_bytes: of their bodies together.
        timeout: seconds that a request may take.
        batch_timeout: seconds that rows wait for others, to be computed together.
    """

    max_rows: int = MAX_SAMPLES
    max_body: int = 32 * 2**20
    max_pending: int = 128
    max_pending_bytes: int = 128 * 2**20
    timeout: float = 30.0
    batch_timeout: float = 0.0

    def __post_init__(self):
        check_whole(1, max_rows=self.max_rows, max_body=self.max_body)
        check_whole(1, max_pending=self.max_pending, max_pending_bytes=self.max_pending_bytes)
        check_positive(timeout=self.timeout)
        check_not_negative(batch_timeout=self.batch_timeout)
        if self.max_pending > 1_000:
            # Each may hold two threads.
            raise InputError(f"max_pending must be at most 1000. Received: {self.max_pending}")
