"""How a server's answers end that are none. Free of TensorFlow."""

from __future__ import annotations

from kgan.errors import InputError, ServingError


class AgainError(Exception):
    """No answer now; asked again there may be one."""


class MissingError(InputError):
    """The server has no such model."""


def missing(url: str, told: str) -> MissingError:
    """The server has no such model."""
    return MissingError(f"The server at {url} has no such model: {_line(told)}.")


def refused(url: str, told: str) -> InputError:
    """The request is wrong."""
    return InputError(f"The server at {url} refuses the request: {_line(told)}.")


def failed(url: str, status: str, told: str) -> ServingError:
    """The server is at fault."""
    return ServingError(f"The server at {url} failed with {status}: {_line(told)}.")


def again(status: str, told: str) -> AgainError:
    """The server is busy."""
    return AgainError(f"{status}: {_line(told)}")


def strange(url: str, what: str) -> ServingError:
    """Something else answers there."""
    return ServingError(
        f"What answers at {url} is no TensorFlow Serving ({what}): give the address of its REST "
        "interface, whose port is 8501 by default, or of gRPC, grpc:// and port 8500."
    )


def _line(told: str) -> str:
    return " ".join(str(told).split()).rstrip(".")
