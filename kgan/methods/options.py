"""What users may set of a method: read off the signatures and docstrings of what it is made of."""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kgan.classifiers.training import train_classifier
from kgan.game.bank import GeneratorBank
from kgan.game.discriminators import DiscriminatorBank
from kgan.game.manifold_entropy import ManifoldEntropy
from kgan.game.penalties import Penalty
from kgan.game.regularizer import Regularizer
from kgan.methods.catalog import Option
from kgan.methods.method import Method
from kgan.networks import dcgan_discriminator, dcgan_generator
from kgan.networks.lucic import NORMS

# Types of options, and what they are called.
_TYPES: Mapping[Any, str] = {
    bool: "bool",
    int: "int",
    float: "float",
    str: "str",
    Sequence[float]: "floats",
    Sequence[str]: "strs",
    Sequence[Penalty | str]: "strs",
    Sequence[Regularizer | str]: "strs",
}
# Arguments of classes that a run sets itself, or that go with the networks.
_NOT_OPTIONS = {
    *("seed", "preset", "value_range"),
    *("discriminator_metrics", "generator_metrics", "generator_networks"),
}
_NETWORKS = (
    Option("outputs", "int", 1, "Width of the discriminator's output."),
    Option("embedding_dim", "int", 128, "Width of the critic's embedding."),
    Option(
        "discriminator_norm",
        "str",
        None,
        "Norm of the discriminator, on images where it is Lucic et al.'s: none; batch norm after "
        "its convolution and hidden layer (batch) or after the convolution alone "
        "(batch_convolution); spectral norm everywhere (spectral), or with either; layer norm "
        "(layer).",
        NORMS,
    ),
    Option("classifier", "str", None, "A classifier that `kgan classifier` wrote.", (), True),
)
_CHOICE = re.compile(r'`"(\w+)"`')


def options(method: Method) -> dict[str, Option]:
    """The options of a method's class, its own first, and of its networks: by owner and name."""
    return {**_class_options(method), **_network_options(method)}


def term_options() -> dict[str, Option]:
    """The options of MaEM-GAN's terms, which may be added to other methods."""
    return _owned(ManifoldEntropy)


def classifier_options() -> dict[str, Option]:
    """The options of a data set's classifier, which say what kind it is."""
    found = _options(train_classifier, inspect.getdoc(train_classifier) or "")
    of_training = {"epochs", "batch_size", "seed"}
    return {f"classifier.{o.name}": o for o in found if o.name not in of_training}


def _class_options(method: Method) -> dict[str, Option]:
    passed_over = {*_NOT_OPTIONS, *method.fixed}
    if method.model.no_packs:
        passed_over.add("pack")
    own = _defaults(method.model)
    found = {}
    for cls in inspect.getmro(method.model):
        if cls.__module__.startswith("kgan.") and "__init__" in vars(cls):
            new = {k: o for k, o in _owned(cls).items() if o.name not in passed_over}
            passed_over |= {option.name for option in new.values()}
            found.update(_with_defaults(new, own))
    return found


def _defaults(model: type) -> dict[str, tuple[str, Any]]:
    """By argument, the class that has the last word on its default, and the default."""
    return {
        name: (cls.__name__, parameter.default)
        for cls in reversed(inspect.getmro(model))
        if "__init__" in vars(cls)
        for name, parameter in inspect.signature(vars(cls)["__init__"]).parameters.items()
        if parameter.default is not parameter.empty
    }


def _with_defaults(
    options: Mapping[str, Option], own: Mapping[str, tuple[str, Any]]
) -> dict[str, Option]:
    """Options of a base class with the defaults that the class itself gives them."""
    found = {}
    for key, option in options.items():
        owner, default = own.get(option.name, ("", option.default))
        if default != option.default:
            key, option = (
                f"{owner}.{option.name}",
                dataclasses.replace(option, default=default),
            )
        found[key] = option
    return found


def _network_options(method: Method) -> dict[str, Option]:
    """Those that its presets build networks with, such as the number of generators."""
    wanted = {
        name
        for preset in method.presets.values()
        for name in (*preset.network_arguments, *preset.networks.options)
    }
    convolutions = [
        option
        for builder in (dcgan_discriminator, dcgan_generator)
        for option in _options(builder, inspect.getdoc(builder) or "")
        if option.name not in {"outputs", "latent_dim"}
    ]
    known = {
        **{f"dcgan.{option.name}": option for option in convolutions},
        **{f"networks.{option.name}": option for option in _NETWORKS},
        **_owned(GeneratorBank),
        **_owned(DiscriminatorBank),
        **{f"game.{o.name}": o for o in map(_of_classifier, classifier_options().values())},
    }
    return {key: option for key, option in known.items() if option.name in wanted}


def _of_classifier(option: Option) -> Option:
    """An option of the classifier that a game plays against, apart from options of the game."""
    return dataclasses.replace(
        option, name=f"classifier_{option.name}", about=f"Of the classifier: {option.about}"
    )


def _owned(cls: type) -> dict[str, Option]:
    found = _options(vars(cls)["__init__"], inspect.getdoc(cls) or "")
    return {f"{cls.__name__}.{option.name}": option for option in found}


def _options(function: Callable[..., Any], doc: str) -> list[Option]:
    """What a function takes of the types that a command line can give."""
    types_of, about = typing.get_type_hints(function), _arguments(doc)
    found = []
    for name, parameter in inspect.signature(function).parameters.items():
        kind, optional = _without_none(types_of.get(name))
        if kind in _TYPES and name in about:
            told = _sentence(about[name])
            quoted = tuple(dict.fromkeys(_CHOICE.findall(told))) if kind is str else ()
            choices = quoted if len(quoted) > 1 else ()
            default = None if parameter.default is parameter.empty else parameter.default
            found.append(Option(name, _TYPES[kind], default, told, choices, optional))
    return found


def _without_none(hint: Any) -> tuple[Any, bool]:
    """A type, and whether None may stand in its place."""
    if isinstance(hint, types.UnionType):
        rest = [kind for kind in typing.get_args(hint) if kind is not type(None)]
        if len(rest) == 1:
            return rest[0], True
    return hint, False


def _arguments(doc: str) -> dict[str, str]:
    """The `Args` of a docstring, by name."""
    _, _, section = doc.partition("\nArgs:\n")
    section, *_ = re.split(r"\n(?=\S)", section, maxsplit=1)
    entries = re.findall(r"^    (\w+): (.*(?:\n {6,}.*)*)", section, flags=re.M)
    return {name: " ".join(text.split()) for name, text in entries}


def _sentence(text: str) -> str:
    text = text[0].upper() + text[1:]
    return text if text.endswith(".") else f"{text}."
