"""The methods, one file each: its class, presets and METHOD. A new one is a line of the stub."""

import importlib
from typing import Any

from kgan.backend import loading
from kgan.game import recipes

__getattr__, __dir__, __all__ = loading.attach_stub(__name__, __file__)


def _registry() -> Any:
    return importlib.import_module("kgan.methods.registry")


recipes.look_up_in(_registry)
