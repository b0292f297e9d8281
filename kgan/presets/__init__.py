"""Published configurations by name: `<method>_<data set>`, such as `mdgan_fashion_mnist`."""

from __future__ import annotations

import difflib
from typing import Any

from kgan.errors import InputError
from kgan.game import AdversarialModel
from kgan.presets import (
    bigan,
    critics,
    dmganpl,
    gan,
    invertgan,
    madgan,
    maemgan,
    mdgan,
    mgan,
    mimgan,
    sngan,
    unrolledgan,
    veegan,
)
from kgan.presets.preset import DECAYS, Preset

__all__ = ["DECAYS", "Preset", "build", "find", "get", "methods", "names"]

_PRESETS: dict[str, Preset] = {
    **gan.PRESETS,
    **critics.PRESETS,
    **sngan.PRESETS,
    **mdgan.PRESETS,
    **mgan.PRESETS,
    **mimgan.PRESETS,
    **madgan.PRESETS,
    **maemgan.PRESETS,
    **dmganpl.PRESETS,
    **invertgan.PRESETS,
    **bigan.PRESETS,
    **veegan.PRESETS,
    **unrolledgan.PRESETS,
}


def names() -> list[str]:
    """Names of all presets."""
    return sorted(_PRESETS)


def methods(*models: type[AdversarialModel]) -> list[str]:
    """Names of the methods whose presets are of exactly these classes; of all without any."""
    return sorted(
        {
            name.removesuffix(f"_{preset.dataset or 'images'}")
            for name, preset in _PRESETS.items()
            if not models or preset.model in models
        }
    )


def get(name: str) -> Preset:
    """The preset of this name.

    Raises:
        InputError: if there is none.
    """
    if name not in _PRESETS:
        near = difflib.get_close_matches(name, _PRESETS, 3) or names()
        raise InputError(f"There is no preset {name!r}. Near it or known: {', '.join(near)}")
    return _PRESETS[name]


def find(method: str, dataset: str) -> str:
    """Name of the preset of `method` for `dataset`, or of the method's for any image set."""
    name = f"{method}_{dataset}"
    return name if name in _PRESETS else f"{method}_images"


def build(
    name: str, *, cls: type[AdversarialModel] = AdversarialModel, **changes: Any
) -> AdversarialModel:
    """The model of a preset; see `Preset.build`.

    Raises:
        InputError: if there is no such preset, or it is not one of `cls`.
    """
    preset = get(name)
    if not issubclass(preset.model, cls):
        raise InputError(
            f"The preset {name!r} is one of {preset.model.__name__}, not of {cls.__name__}."
        )
    return preset.build(preset=name, **changes)
