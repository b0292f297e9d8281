"""What a run is asked to do."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import kgan
from kgan.errors import InputError
from kgan.files import local_path
from kgan.runs import former
from kgan.runs.places import usual_directory
from kgan.signatures import check_arguments

# Options of data sets of points, whose flags begin with "mode_"; and all others.
_MODES = ("std", "variance", "weights")
_OPTIONS = ("data_dir", "image_size", "strict", "smallest_weight", "dimensions")
DATA_OPTIONS = frozenset({*_MODES, *_OPTIONS})
"""Arguments of `kgan.data.load` that a run takes."""
DATA_FLAGS = (*_OPTIONS, *(f"mode_{name}" for name in _MODES))
"""What they are called on the command line."""


@dataclasses.dataclass(frozen=True)
class Config:
    """What a run is asked to do; None stands for the preset's value.

    Errors name arguments in backticks, which applications show as flags.

    Attributes:
        method: prefix of the presets, such as `"mdgan"`.
        dataset: name for `kgan.data.load`.
        data_dir: where the data lie.
        data_options: further arguments of `kgan.data.load`.
        output_dir: the run's directory.
        seed: of weights, noise and batches, 0 to 2^32 - 1.
        steps: training steps, at least 1.
        batch_size: examples per move, at least 1.
        learning_rate: of Adam, over 0.
        discriminator_rate: the discriminator's learning rate as a multiple of that, over 0.
        decay: of the learning rate, one of `kgan.presets.DECAYS`.
        strategy: one of `kgan.backend.strategies.STRATEGIES`, or the class of one that was given
            to `kgan.train` as an object.
        precision: dtype policy.
        evaluate: whether to measure.
        export: whether to write a SavedModel.
        resume: whether a run in the output directory goes on.
        samples: for the evaluation, at least 2.
        feature_network: path of a classifier for the evaluation, or `"efficientnet_lite0"`; None
            for the data set's own, or without classes for EfficientNet-Lite0.
        watch_collapse: whether to measure samples while training, and to warn of collapse.
        arguments: of the method's class; a `regularizer` is one of `kgan.ManifoldEntropy`'s.
        preset: name of one of the method's presets, such as `"mdgan_grid_authors"`; None for that
            of the data set.
    """

    method: str
    dataset: str
    data_dir: str | None = None
    data_options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    output_dir: str | None = None
    seed: int = 0
    steps: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    discriminator_rate: float | None = None
    decay: str | None = None
    strategy: str = "auto"
    precision: str = "float32"
    evaluate: bool = True
    export: bool = True
    resume: bool = True
    samples: int = 10_000
    feature_network: str | None = None
    watch_collapse: bool = True
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    preset: str | None = None

    def __post_init__(self) -> None:
        check_arguments(type(self).__init__, vars(self))
        for name in ("steps", "batch_size", "samples", "learning_rate", "discriminator_rate"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise InputError(f"`{name}` must be over 0. Received: {value}")
        if self.samples < 2:  # A Frechet distance takes a covariance.
            raise InputError(f"`samples` must be at least 2. Received: {self.samples}")
        for name in ("data_dir", "feature_network", "output_dir"):
            if (path := getattr(self, name)) is not None:
                local_path(path, name)
        if not 0 <= self.seed < 2**32:
            raise InputError(f"`seed` must lie in 0..{2**32 - 1}. Received: {self.seed}")

    @property
    def preset_name(self) -> str:
        """Name of the preset: the one that was asked for, or that for this method and data set.

        Raises:
            InputError: if it is one of another method.
        """
        if self.preset is None:
            size = self.data_options.get("image_size")
            sized = f"{self.method}_{self.dataset}_{size}"  # As MGAN has for two sizes of STL-10.
            known = size is not None and sized in kgan.presets.names()
            return sized if known else kgan.presets.find(self.method, self.dataset)
        own = kgan.presets.of(self.method)
        if self.preset not in own:
            raise InputError(
                f"`preset` must be one of {self.method}'s: {', '.join(own)}. "
                f"Received: {self.preset!r}"
            )
        return self.preset

    @property
    def variant(self) -> str | None:
        """The preset that was asked for, where it is not that of the data set anyhow."""
        usual = kgan.presets.find(self.method, self.dataset)
        return None if self.preset in (None, usual) else self.preset

    def resolved(self) -> Config:
        """With the preset's values in place of None."""
        preset = kgan.presets.get(self.preset_name)
        defaults: dict[str, Any] = {
            "steps": preset.steps,
            "batch_size": preset.batch_size,
            "learning_rate": preset.learning_rate,
            "discriminator_rate": preset.rate_factors.get("discriminator", 1.0),
            "decay": preset.decay,
            "output_dir": usual_directory(self.variant or self.method, self.dataset, self.seed),
        }
        missing = {k: v for k, v in defaults.items() if getattr(self, k) is None}
        arguments = {
            **preset.arguments_beside(self.arguments),
            **preset.network_arguments,
            **self.arguments,
        }
        options = {**_size(preset), **self.data_options}
        return dataclasses.replace(self, **missing, arguments=arguments, data_options=options)

    def flags(self) -> dict[str, Any]:
        """As config.json keeps them: flat, under the names of the command line."""
        flat = dataclasses.asdict(self)
        options, arguments = flat.pop("data_options"), flat.pop("arguments")
        options = {f"mode_{k}" if k in _MODES else k: v for k, v in options.items()}
        arguments |= arguments.pop("regularizer", {})
        if flat["preset"] is None:  # Directories from before it was there go on.
            del flat["preset"]
        return json.loads(json.dumps({**flat, **options, **arguments}))

    @classmethod
    def from_flags(cls, method: str, dataset: str, flags: Mapping[str, Any]) -> Config:
        """What `flags` gave, read back: a regularizer's arguments are among the method's."""
        # Version 0.1 had the first, and left out broken files only where it was asked to.
        flags = former.of_today(method, flags)
        flags = {name: value for name, value in flags.items() if name != "on_broken"}
        options = data_options(flags)
        fields = {field.name for field in dataclasses.fields(cls)}
        told = {"method": method, "dataset": dataset, "data_dir": options.pop("data_dir", None)}
        told |= {k: v for k, v in flags.items() if k in fields and k not in told}
        arguments = {k: v for k, v in flags.items() if k not in fields.union(DATA_FLAGS)}
        return cls(**told, data_options=options, arguments=arguments)


def _size(preset: kgan.presets.Preset) -> dict[str, int]:
    """The side that a paper's images have, of a set whose own are of another."""
    shape = preset.example_shape
    return {"image_size": shape[0]} if preset.resized and shape else {}


def data_options(flags: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of `kgan.data.load`, besides name and split, in what `Config.flags` gave."""
    named = {**{name: name for name in _OPTIONS}, **{f"mode_{name}": name for name in _MODES}}
    return {named[k]: v for k, v in flags.items() if k in named and v is not None}
