"""Why a request is not answered, by TensorFlow's codes. Free of TensorFlow."""

from __future__ import annotations

import textwrap

INVALID, NOT_FOUND, EXHAUSTED, LATE, UNIMPLEMENTED, INTERNAL = (
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "RESOURCE_EXHAUSTED",
    "DEADLINE_EXCEEDED",
    "UNIMPLEMENTED",
    "INTERNAL",
)
# As TensorFlow Serving's REST interface has them.
HTTP_STATUS = {
    INVALID: 400,
    NOT_FOUND: 404,
    EXHAUSTED: 429,
    LATE: 504,
    UNIMPLEMENTED: 501,
    INTERNAL: 500,
}
_LONGEST = 500  # Letters: what a request held may be in it.


class Failure(Exception):
    """A request that is not answered.

    Args:
        code: a key of `HTTP_STATUS`.
        message: for the client.
        status: of HTTP, where another says it better.
    """

    def __init__(self, code: str, message: str, status: int | None = None):
        self.code, self.status = code, status or HTTP_STATUS[code]
        self.message = textwrap.shorten(message, _LONGEST, placeholder="...")
        super().__init__(self.message)


def invalid(message: str) -> Failure:
    """A request that cannot be answered however often it is sent."""
    return Failure(INVALID, message)
