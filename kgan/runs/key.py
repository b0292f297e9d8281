"""The key of a result: a hash of what was computed, whatever code, machine or library did it.

A result is of its resolved configuration, its data and its method's golden trajectory (see
`kgan.methods.golden`). Code may be rewritten as long as the trajectories stay; processor, threads,
libraries and revision are recorded beside a result (`environment`), and are no part of its key.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Mapping
from typing import Any

from kgan import presets
from kgan.data.catalog import MIXTURES
from kgan.data.identity import identity as data_identity
from kgan.methods import golden
from kgan.presets import Preset
from kgan.runs import former
from kgan.runs.config import Config

# Of a configuration: where things lie, what is done besides, and what the data's identity says.
# The seed stands beside the key.
_NO_PART = frozenset(
    {
        *("dataset", "data_dir", "data_options", "output_dir", "seed", "strategy"),
        *("resume", "evaluate", "export", "watch_collapse", "arguments"),
    }
)
# Of a preset, besides what the configuration has of it.
_OF_OPTIMIZERS = ("algorithm", "beta_1", "beta_2", "player_options")
_LENGTH = 12


def identity(config: Config) -> dict[str, Any]:
    """All that a result of this configuration is of, as plain values for JSON.

    Arguments that have the value which the method's class would give them are left out, and so are
    the networks' options that have the preset's, so that results stay when a method gets one option
    more.
    """
    config = config.resolved()
    preset = presets.get(config.preset_name)
    fields = {k: v for k, v in vars(config).items() if k not in _NO_PART}
    fields["preset"] = config.variant
    if fields["preset"] is None:  # As results are keyed that are older than the choice.
        del fields["preset"]
    arguments = dict(config.arguments)
    arguments |= arguments.pop("regularizer", None) or {}
    chosen_anyhow = {name: preset.facts[name] for name in preset.networks.options}
    defaults, arguments = _plain({**_defaults(preset), **chosen_anyhow}), _plain(arguments)
    # The discriminator's is the configuration's `discriminator_rate`.
    rates = {k: v for k, v in preset.rate_factors.items() if k != "discriminator"}
    fields["arguments"] = former.as_keyed(
        config.method,
        {k: v for k, v in arguments.items() if k not in defaults or defaults[k] != v},
    )
    return _plain(
        {
            **fields,
            "optimizers": {
                **{name: getattr(preset, name) for name in _OF_OPTIMIZERS},
                "rate_factors": rates,
            },
            "data": data_identity(config.dataset, config.data_options, config.data_dir),
            "golden": golden.tag(config.method, kind(config.dataset)),
        }
    )


def digest(identity: Mapping[str, Any]) -> str:
    """The key: the same for the same `identity`."""
    text = json.dumps(identity, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


def kind(dataset: str) -> str:
    """`"points"` or `"images"`, by the data set's name."""
    return "points" if dataset in MIXTURES else "images"


def _defaults(preset: Preset) -> dict[str, Any]:
    """Of the arguments of a method's class, those that have one."""
    parameters = [
        parameter
        for cls in reversed(preset.model.__mro__)
        for parameter in inspect.signature(cls).parameters.values()
    ]
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def _plain(value: Any) -> Any:
    """Mappings, lists, text, and numbers of one kind: 1 is 1.0."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value
