"""Published configurations by name: `<method>_<data set>`, such as `"mdgan_fashion_mnist"`."""

from __future__ import annotations

from typing import Any

from kgan.errors import InputError
from kgan.game.adversarial import AdversarialModel
from kgan.methods import registry
from kgan.methods.presets.preset import DECAYS, Preset
from kgan.signatures import checked

__all__ = ["DECAYS", "Preset", "build", "find", "get", "methods", "names", "of"]

get = registry.preset


def names() -> list[str]:
    """Names of all presets."""
    return sorted(registry.presets())


def methods(*models: type[AdversarialModel]) -> list[str]:
    """Names of the methods that are of exactly these classes; of all without any."""
    known = registry.methods().values()
    return sorted(method.name for method in known if not models or method.model in models)


@checked
def of(method: str) -> list[str]:
    """Names of a method's presets, those for data sets first, and then their variants.

    Raises:
        InputError: if there is no such method.
    """
    known = registry.methods()
    if method not in known:
        raise InputError(f"There is no method {method!r}. Known are {', '.join(known)}")
    return list(known[method].named_presets())


@checked
def find(method: str, dataset: str) -> str:
    """Name of the preset of `method` for `dataset`, or of the method's for any image set."""
    name = f"{method}_{dataset}"
    return name if name in registry.presets() else f"{method}_images"


@checked
def build(
    name: str, *, cls: type[AdversarialModel] = AdversarialModel, **changes: Any
) -> AdversarialModel:
    """The model of a preset; see `Preset.build`.

    Raises:
        InputError: if there is no such preset, or it is not one of `cls`.
    """
    return cls.from_preset(name, **changes)
