"""kgan: GANs that keep all their modes, as ordinary Keras models.

`import kgan` costs nothing: TensorFlow is loaded when the first model is asked for.
"""

from __future__ import annotations

import importlib
from typing import Any

from kgan import game, methods
from kgan.backend import loading
from kgan.errors import (
    BackendError,
    DataError,
    InputError,
    KganError,
    NonFiniteLossError,
    RunError,
    ServingError,
)
from kgan.version import __version__

_PACKAGES = (
    "classifiers",
    "data",
    "losses",
    "metrics",
    "networks",
    "presets",
    "reporting",
    "serving",
)
_HOMES = {
    **dict.fromkeys(game.__all__, "kgan.game"),
    **dict.fromkeys((n for n in methods.__all__ if n[0].isupper()), "kgan.methods"),
    "Adam": "kgan.backend.optimizers",
    "CollapseWatch": "kgan.runs.collapse_watch",
    "Config": "kgan.runs",
    "Run": "kgan.runs",
    "train": "kgan.commands.train",
}

# Packages that load TensorFlow as they are imported.
_NEED_TENSORFLOW = ("losses", "networks", "presets")
# What does not, though it stands in a package that does in part.
_FREE = ("Config", "Run")

__all__ = [
    "BackendError",
    "DataError",
    "InputError",
    "KganError",
    "NonFiniteLossError",
    "RunError",
    "ServingError",
    "__version__",
    *_PACKAGES,
    *_HOMES,
]


def __getattr__(name: str) -> Any:
    heavy = name in _HOMES and name not in _FREE
    if heavy or name in _NEED_TENSORFLOW:
        loading.load()
    if heavy:
        _register()
    if name in _PACKAGES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = value  # The next time nobody asks here.
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _register() -> None:
    """Import all that a `.keras` file may name."""
    importlib.import_module("kgan.methods.registry").methods()


def __dir__() -> list[str]:
    return sorted(__all__)


loading.once_keras_is_loaded(_register)
