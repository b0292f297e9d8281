"""What is trained in a run: a preset's model on a data set by name, or a user's own on his own."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any

import keras

import kgan
from kgan import data, metrics, presets
from kgan.classifiers import training as classifier
from kgan.data.catalog import ATTRIBUTES
from kgan.errors import InputError
from kgan.methods import provenance
from kgan.methods.mimgan import classifier_kind, classifier_seed
from kgan.runs import Config, key

_DIGITS = 12  # Of a hash.
# Arguments of `kgan.train` that hold for a model of a user's own; the others are in it already.
_OF_ANY_MODEL = {"steps", "batch_size", "output_dir", "evaluate", "export", "resume", "samples"}
_OF_ANY_MODEL |= {"feature_network", "watch_collapse"}


@dataclasses.dataclass(frozen=True)
class Job:
    """A run to be made.

    Attributes:
        config: nothing left open in it.
        model: compiled.
        dataset: to train on.
        test: to measure with; None for no evaluation.
        network: that images are measured in, where one was named.
        interval: steps between rows of the log.
        snapshot_interval: steps between snapshots and checkpoints.
        source: of the configuration: the preset's name and where it is from.
        identity: what the run's key is of; empty for a model of a user's own.
    """

    config: Config
    model: Any
    dataset: data.Dataset
    test: data.Dataset | None
    network: metrics.FeatureNetwork | None
    interval: int
    snapshot_interval: int
    source: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    identity: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def description(self) -> dict[str, Any]:
        """For config.json."""
        return {
            "method": self.config.method,
            "dataset": self.config.dataset,
            "flags": self.config.flags(),
            **(
                {"key": key.digest(self.identity), "identity": self.identity}
                if self.identity
                else {}
            ),
            "model": {
                "class": type(self.model).__name__,
                **self.source,
                "weights": {
                    name: int(sum(math.prod(v.shape) for v in player.variables))
                    for name, player in self.model.players.items()
                },
            },
        }


def of_config(config: Config, strategy: Any) -> Job:
    """The job of a resolved configuration; its model is built in the strategy's scope."""
    options = {"data_dir": config.data_dir, **config.data_options}
    dataset = data.load(config.dataset, split="train", **options)
    # What would fail the evaluation after hours of training fails here.
    test = data.load(config.dataset, split="test", **options) if config.evaluate else None
    _check_scored(test)
    network = None if test is None else _feature_network(config, dataset)
    with strategy.scope():
        model, preset = build_model(config, dataset)
    budget = ("steps", "batch_size", "learning_rate", "discriminator_rate", "decay")
    values = {**{name: getattr(config, name) for name in budget}, **config.arguments}
    origin = provenance.kinds(config.preset_name, values)
    source = {"preset": config.preset_name, "provenance": origin}
    intervals = preset.interval, preset.snapshot_interval
    return Job(config, model, dataset, test, network, *intervals, source, key.identity(config))


def of_model(model: Any, dataset: Any, test: data.Dataset | None, given: Mapping[str, Any]) -> Job:
    """The job of a compiled model of a user's own.

    Args:
        model: an `AdversarialModel`.
        dataset: the `kgan.data.Dataset` to train on.
        test: to measure with; None for no evaluation.
        given: further arguments of `kgan.train`.

    Raises:
        InputError: a model that is not compiled, no steps or batch size, or arguments that are the
            model's own.
    """
    if not isinstance(dataset, data.Dataset):
        raise InputError(
            "A model of your own trains on a `kgan.data.Dataset`, such as kgan.data.load gives. "
            f"Received: dataset={dataset!r}"
        )
    if not model.optimizers:
        raise InputError("Compile the model first: model.compile(). Received: one that is not.")
    foreign = sorted(given.keys() - _OF_ANY_MODEL)
    if foreign:
        raise InputError(
            f"With a model of your own `{foreign[0]}` is set where it is built or compiled. "
            f"Received: {foreign[0]}={given[foreign[0]]!r}"
        )
    if given.get("steps") is None or given.get("batch_size") is None:
        raise InputError(
            "With a model of your own give `steps` and `batch_size`. Received: "
            f"steps={given.get('steps')}, batch_size={given.get('batch_size')}"
        )
    name = type(model).__name__
    directory = f"runs/{name.lower()}-{dataset.name.replace('/', '_')}-seed{model.seed}"
    config = Config(
        **{"output_dir": directory, **{k: v for k, v in given.items() if v is not None}},
        method=name,
        dataset=dataset.name,
        seed=model.seed,
        strategy="none",
        arguments={"model": _digest_of_model(model), "data": _digest(dataset.examples)},
    )
    test = test if config.evaluate else None
    config = dataclasses.replace(config, evaluate=test is not None)
    _check_scored(test)
    network = None if test is None else _feature_network(config, dataset)
    intervals = presets.Preset.interval, presets.Preset.snapshot_interval
    return Job(config, model, dataset, test, network, *intervals)


def _check_scored(test: data.Dataset | None) -> None:
    """Refuse points that cannot be measured, before a model has trained in vain.

    Raises:
        InputError: points of no known mixture.
    """
    if test is not None and not test.is_images and test.mixture is None:
        raise InputError(
            "Points are scored against the mixture that they come from, and of these none is "
            f"known. Received: {test.name!r} to measure with; leave `test` out, or give "
            "`evaluate=False`."
        )


def _digest_of_model(model: Any) -> str:
    """Another one for other networks, arguments or optimizers; weights do not matter."""
    told = json.dumps([model.get_config(), model.get_compile_config()], default=str)
    # Keras numbers the layers of a process.
    return _digest(re.sub(r'_\d+"', '"', told).encode())


def _digest(content: Any) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGITS]


def build_model(
    config: Config, dataset: data.Dataset
) -> tuple[kgan.AdversarialModel, presets.Preset]:
    """The compiled model of a resolved configuration, and its preset."""
    preset = presets.get(config.preset_name)
    arguments = {**config.arguments, **_trained_before(config, dataset)}
    if "regularizer" in arguments:
        arguments["regularizer"] = kgan.ManifoldEntropy(**arguments["regularizer"])
    keras.utils.set_random_seed(config.seed)
    model = presets.build(
        config.preset_name,
        example_shape=dataset.example_shape,
        dtype=None if config.precision == "float32" else config.precision,
        seed=config.seed,
        **arguments,
    )
    optimizers = {
        player: preset.optimizer(
            player,
            config.learning_rate,
            config.decay,
            config.steps,
            factor=config.discriminator_rate
            if player == "discriminator"
            else model.rate_factor(player),
            moves=model.moves(player),
        )
        for player in model.players
    }
    model.compile(optimizers, steps_per_execution=preset.steps_per_execution)
    return model, preset


def _trained_before(config: Config, dataset: data.Dataset) -> dict[str, Any]:
    """The classifier of the data set that MIM-GAN looks at, where no other was named."""
    if config.arguments.get("classifier", "none needed") is not None:
        return {}
    options = {"data_dir": config.data_dir, **config.data_options}
    train = dataset
    if classifier.labelled_split(dataset.name) != dataset.split:
        train = data.load(config.dataset, split="labelled", **options)
    kind = {**classifier_kind(config.arguments), "seed": classifier_seed(dataset)}
    test = data.load(config.dataset, split="test", **options)
    return {"classifier": classifier.cached_classifier(train, test, **kind).model}


def _feature_network(config: Config, train: data.Dataset) -> metrics.FeatureNetwork | None:
    """The network to measure images in, if one was named or there are no classes; else None."""
    if config.feature_network is not None:
        return classifier.load_feature_network(config.feature_network, train)
    labels = train.labels
    own = not train.is_images or classifier.labelled_split(train.name) != train.split
    own = own or train.name in ATTRIBUTES
    if not own and (labels is None or labels.ndim != 1):
        return classifier.unlabelled_network(train, ", or `evaluate=False`")
    return None


def measured(
    config: Config, model: Any, test: data.Dataset, network: metrics.FeatureNetwork | str | None
) -> dict[str, Any]:
    """The scores of a run's model, as its configuration asks for them."""
    return metrics.evaluate(
        model,
        test,
        samples=config.samples,
        seed=config.seed,
        feature_network=network,
        data_dir=config.data_dir,
        cache=True,
    )
