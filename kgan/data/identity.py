"""What a data set is, told without reading it: a part of every result's key."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from kgan.data.catalog import (
    IMAGE_SETS,
    MIXTURE_SEEDS,
    MIXTURES,
    POINTS,
    STACKED,
    STACKED_COUNTS,
    STACKED_SEEDS,
    ImageSet,
)
from kgan.data.synthetic import GaussianMixture

_DECIMALS = 9  # Of a mixture's numbers: beyond them processors may differ.
_DIGEST_LENGTH = 12


def identity(name: str, options: Mapping[str, Any], data_dir: str | None = None) -> dict[str, Any]:
    """What a data set is, as plain values for JSON; files are not opened.

    Of points it covers the mixture itself and how it is drawn, so that `std=0.05` is the same as
    the default that it is. Of images it covers the name, the options, and how kgan crops, resizes
    and stacks them: a named set is never another one (see `kgan.data.load`). Of `npz` and
    `folder`, which hold the user's own files, it has their place and nothing of what is in them.

    Args:
        name: for `kgan.data.load`.
        options: further arguments of `kgan.data.load`.
        data_dir: where a user's own files lie.
    """
    if name in MIXTURES:
        options = dict(options)
        points = options.pop("points", POINTS)
        drawn = {"points": points, "seeds": dict(MIXTURE_SEEDS)}
        return {"name": name, "mixture": _digest(MIXTURES[name](**options)), **drawn}
    if name in STACKED:
        stacked = {"counts": dict(STACKED_COUNTS), "seeds": dict(STACKED_SEEDS)}
        return {"name": name, **stacked, "channels": identity(STACKED[name], options)}
    found = {"name": name, **options}
    if name in ("npz", "folder"):
        return {**found, "data_dir": data_dir}
    known = dataclasses.asdict(IMAGE_SETS.get(name, ImageSet()))
    del known["class_names"]
    return {**found, **known}


def _digest(mixture: GaussianMixture) -> str:
    rounded = {
        # Adding 0 makes -0 the same as 0.
        key: (np.round(np.asarray(value, float), _DECIMALS) + 0.0).tolist()
        for key, value in mixture.get_config().items()
    }
    return hashlib.sha256(json.dumps(rounded, sort_keys=True).encode()).hexdigest()[:_DIGEST_LENGTH]
