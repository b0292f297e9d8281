"""The page's server: files of `page/`, and the questions of `Desk` as requests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from kgan.errors import InputError, KganError
from kgan.playground.desk import MOST_BYTES, Desk

_PAGE = Path(__file__).with_name("page")
_LOOK = Path(__file__).parents[1] / "reporting" / "templates" / "report.css"


def application(
    desk: Desk, hosts: Sequence[str] = ("127.0.0.1", "localhost", "[::1]")
) -> Starlette:
    """The page and its answers, for any ASGI server.

    Args:
        desk: what is asked.
        hosts: names that browsers may call this machine by; `"*"` for any. Others are refused, so
            that no page of another site can ask by a name of its own for this address.
    """

    async def ask(request: Request) -> Response:
        try:
            arguments = await _arguments(request)
            found = await run_in_threadpool(desk.ask, request.path_params["question"], arguments)
        except KganError as error:
            # No error of HTTP's: browsers write those to their console, and this is for the user.
            found = {"error": str(error)}
        return JSONResponse(found)

    async def look(_: Request) -> Response:
        return FileResponse(_LOOK, media_type="text/css")

    return Starlette(
        routes=[
            Route("/ask/{question}", ask, methods=["POST"]),
            Route("/report.css", look),
            Mount("/", StaticFiles(directory=_PAGE, html=True)),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts)),
            Middleware(BaseHTTPMiddleware, dispatch=_closed),
        ],
    )


async def _closed(request: Request, further: RequestResponseEndpoint) -> Response:
    """An answer that lets the browser load nothing from elsewhere."""
    answer = await further(request)
    answer.headers["Content-Security-Policy"] = "default-src 'self'; img-src 'self' data: blob:"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


async def _arguments(request: Request) -> object:
    """The JSON of a request.

    Raises:
        InputError: another type of content, which forms of other sites can send, too much of it,
            or no JSON.
    """
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise InputError("Requests must be JSON.")
    content = b""
    try:
        async for part in request.stream():
            content += part
            if len(content) > MOST_BYTES:
                raise InputError(f"At most {MOST_BYTES >> 20} MB are taken at once.")
    except ClientDisconnect as error:
        raise InputError("The request broke off.") from error
    try:
        return json.loads(content)
    except ValueError as error:
        raise InputError("Requests must be JSON.") from error
