"""TensorFlow: whether it is there, and how it is loaded."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import lazy_loader
import wrapt

from kgan.errors import BackendError


def check_installed() -> None:
    """Refuse to go on where models cannot run; loads neither TensorFlow nor Keras.

    Raises:
        BackendError: if there is no TensorFlow, or KERAS_BACKEND asks for another backend.
    """
    if importlib.util.find_spec("tensorflow") is None:
        raise BackendError(
            "kgan's models need TensorFlow, and there is none in this environment: "
            'pip install "kgan[tensorflow]", under Python 3.10 to 3.13'
        )
    _check_backend(os.environ.get("KERAS_BACKEND") or "tensorflow", "KERAS_BACKEND")


def load() -> None:
    """Load Keras and TensorFlow.

    Raises:
        BackendError: if there is no TensorFlow, or Keras is on another backend.
    """
    check_installed()
    try:
        import keras
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "kgan":
            raise  # A fault of ours.
        # Of the backend that Keras' configuration names.
        raise BackendError(f"Keras cannot load its backend: {error}. {_CURE}") from error
    _check_backend(keras.config.backend(), "the backend in ~/.keras/keras.json")


_CURE = "kgan's models train on Keras' TensorFlow backend: set KERAS_BACKEND=tensorflow."


def _check_backend(name: str, source: str) -> None:
    if name != "tensorflow":
        raise BackendError(f"{_CURE} Received: {source}={name}")


@contextmanager
def quietly() -> Iterator[None]:
    """Send what TensorFlow's C++ says while it loads (no GPU here, oneDNN is on) to nowhere.

    Its log levels do not reach these lines. Python's errors come out as exceptions all the same.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def once_keras_is_loaded(function: Callable[[], None]) -> None:
    """Call `function` when Keras has been imported, by whomever; at once where it is already.

    Keras finds classes in saved files by their registration alone, which happens as they are
    imported. Where one of kgan's own modules asks for Keras, nothing is called: what they hold is
    not there yet.
    """

    def call(keras: Any) -> None:
        if keras.config.backend() == "tensorflow" and not _importing_own():
            function()

    wrapt.register_post_import_hook(call, "keras")


def _importing_own() -> bool:
    """Whether one of kgan's modules is being imported now."""
    own = [module for name, module in sys.modules.items() if name.startswith("kgan.")]
    return any(getattr(module.__spec__, "_initializing", False) for module in own)


def attach_stub(
    package: str, file: str, free: Collection[str] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """`lazy_loader.attach_stub` for a package whose names need TensorFlow, but for those `free`.

    Where it is missing, asking for one of them raises `BackendError`.
    """
    attribute, directory, names = lazy_loader.attach_stub(package, file)

    def load_attribute(name: str) -> Any:
        if name in names and name not in free:
            load()
        return attribute(name)

    return load_attribute, directory, names
