"""TensorFlow Serving's REST interface: Predict, Metadata, Status; health and metrics besides."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tensorflow_serving.apis import get_model_metadata_pb2

from kgan.serving.server import json_tensors, metrics
from kgan.serving.server.core import Core
from kgan.serving.server.failures import INVALID, LATE, Failure, invalid
from kgan.serving.server.gate import Ticket
from kgan.serving.server.servable import Signature

_WHICH = r"/v1/models/([^/:]+)(?:/versions/(\d+)|/labels/([^/:]+))?"
_PREDICT = re.compile(_WHICH + ":(classify|regress|predict)", re.IGNORECASE)
_TELL = re.compile(_WHICH + "(/metadata)?", re.IGNORECASE)
_LARGEST = 2**63 - 1  # A version's number.
_STRING = np.dtype(object)


def application(core: Core) -> Starlette:
    """The ASGI application of a server's models."""

    async def models(request: Request) -> Response:
        path, method = request.scope["path"], request.method
        if method == "POST" and (found := _PREDICT.fullmatch(path)):
            return await _predict(core, request, found)
        if method in ("GET", "HEAD") and (found := _TELL.fullmatch(path)):
            with core.counted(found[1], "rest"):
                tell = _metadata if found[4] else _status
                return JSONResponse(tell(core, found[1], *_which(found)))
        raise invalid(f"Malformed request: {method} {path}")

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok", "models": core.repository.versions})

    async def told(request: Request) -> Response:
        return Response(core.metrics.page(), media_type=metrics.CONTENT_TYPE)

    every = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    return Starlette(
        routes=[
            Route("/healthz", health),
            Route(metrics.PATH, told),
            Route("/v1/{rest:path}", models, methods=every),
        ],
        exception_handlers={Failure: _failed, HTTPException: _unknown, Exception: _broken},
    )


async def _predict(core: Core, request: Request, found: re.Match[str]) -> Response:
    end = time.monotonic() + core.limits.timeout
    name, (version, label) = found[1], _which(found)
    with core.counted(name, "rest"):
        servable = core.repository.get(name, version, label)
        if found[4].lower() != "predict":
            raise invalid(f"This server answers :predict alone. Received: :{found[4]}")
        with core.gate.enter() as ticket:
            late = Failure(LATE, "The body did not come in time.", 408)
            body = await _in_time(_body(core, request, ticket), end, late)
            late = Failure(LATE, "The answer takes too long: ask again, or for fewer rows.")
            work = asyncio.wrap_future(ticket.submit(_answer, core, servable, body))
            content = await _in_time(asyncio.shield(work), end, late)
    return Response(content, media_type="application/json")


def _answer(core: Core, servable: Any, body: bytes) -> bytes:
    """A body's answer: in a thread, as long lists take their time."""
    asked = json_tensors.read(body)
    signature: Signature = servable.signature(asked.signature)
    dtypes = {name: _dtype(spec) for name, spec in signature.inputs.items()}
    inputs = json_tensors.arrays(asked, dtypes, signature.check)
    return json_tensors.answer(core.compute(servable.name, signature, inputs), asked.rows)


def _dtype(spec: tf.TensorSpec) -> np.dtype:
    return _STRING if spec.dtype == tf.string else np.dtype(spec.dtype.as_numpy_dtype)


async def _body(core: Core, request: Request, ticket: Ticket) -> bytes:
    """The bytes of a request, as many as may be."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Failure(INVALID, "Bodies are taken as they are, not compressed.", 415)
    told = f"A request has at most {core.limits.max_body} bytes: ask for fewer rows."
    large = Failure(INVALID, told, 413)
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated[:20]) > core.limits.max_body:
        raise large
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > core.limits.max_body:
                raise large
            ticket.hold(len(part))
            parts.append(part)
    except ClientDisconnect as error:
        raise Failure(INVALID, "The client has gone.", 499) from error
    return b"".join(parts)


async def _in_time(what: Awaitable[Any], end: float, late: Failure) -> Any:
    try:
        return await asyncio.wait_for(what, max(end - time.monotonic(), 0))
    except asyncio.TimeoutError as error:
        raise late from error


def _which(found: re.Match[str]) -> tuple[int | None, str | None]:
    version = None if found[2] is None else int(found[2][:20])
    if version is not None and version > _LARGEST:
        raise invalid(f"Failed to convert version: {found[2][:20]} to numeric.")
    return version, found[3]


def _metadata(core: Core, name: str, version: int | None, label: str | None) -> dict[str, Any]:
    servable = core.repository.get(name, version, label)
    told = get_model_metadata_pb2.SignatureDefMap(signature_def=servable.definitions)
    definitions = json_format.MessageToDict(
        told, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    spec = {"name": name, "signature_name": "", "version": str(servable.version)}
    return {"model_spec": spec, "metadata": {"signature_def": definitions}}


def _status(core: Core, name: str, version: int | None, label: str | None) -> dict[str, Any]:
    good = {"error_code": "OK", "error_message": ""}
    found = core.repository.status(name, version, label)
    states = [{"version": str(n), "state": "AVAILABLE", "status": good} for n in found]
    return {"model_version_status": states}


def _error(message: str, status: int) -> JSONResponse:
    return JSONResponse({"error": message}, status)


async def _failed(request: Request, failure: Any) -> Response:
    return _error(failure.message, failure.status)


async def _unknown(request: Request, error: Any) -> Response:
    """Of paths that are none, as TensorFlow Serving says it within its own."""
    path = request.scope["path"]
    return _error(f"Malformed request: {request.method} {path}", error.status_code)


async def _broken(request: Request, error: Exception) -> Response:
    """Of our own faults: uvicorn logs them."""
    return _error("The server failed; its log says how.", 500)
