"""How large a page may be, and what its pictures may take of that."""

from __future__ import annotations

import contextvars
from collections.abc import Callable

PAGE_BYTES = 5_000_000
"""Of a page with all that is in it; images of 256 x 256 pixels and fewer fit."""

_SHARES = (1.0, 0.6, 0.35, 0.2, 0.1)
_share = contextvars.ContextVar("share", default=1.0)


def allowed(usual: int) -> int:
    """What is left of a usual number of bytes, or of pictures, for the page that is being made."""
    return max(1, int(usual * _share.get()))


def fitting(make: Callable[[], str]) -> str:
    """A page of `make`, with fewer pictures or smaller ones where it would be too large."""
    page = ""
    for share in _SHARES:
        token = _share.set(share)
        try:
            page = make()
        finally:
            _share.reset(token)
        if len(page.encode()) <= PAGE_BYTES:
            break
    return page
