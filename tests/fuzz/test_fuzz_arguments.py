"""Every public function with one bad argument: an error of kgan's that names it."""

from __future__ import annotations

import inspect

import fuzzing
import hypothesis
import keras
import numpy as np
from hypothesis import strategies as st

import kgan
from kgan import data, metrics, networks, presets, reporting, serving
from kgan.game import GeneratorBank
from kgan.game.joint import JointModel
from kgan.methods import registry
from kgan.networks.joint import joint_discriminator
from kgan.signatures import InfiniteToo, hints

POINTS = np.random.default_rng(0).normal(size=(40, 2)).astype("float32")
IMAGES = np.random.default_rng(0).integers(0, 256, (12, 8, 8, 1), dtype=np.uint8)
SHARES = np.full((9, 4), 0.25)
STATISTICS = metrics.FeatureStatistics(np.zeros(2), np.eye(2), 9)


def _network(inputs, outputs):
    return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(outputs)])


def _networks(cls):
    """Networks by argument that make a model of the class."""
    template, outputs = _network(3, 2), {"MGAN": 3, "MADGAN": 3, "BEGAN": 2, "MAGAN": 2}
    outputs["RealnessGAN"] = 4
    return {
        "generator": GeneratorBank(template, 2) if issubclass(cls, kgan.MixtureModel) else template,
        "discriminator": joint_discriminator(_trunk, (2,), 3)
        if issubclass(cls, JointModel)
        else _network(2, outputs.get(cls.__name__, 1)),
        "inverse": _network(2, 3),
        "latent_discriminator": _network(3, 1),
        "second_discriminator": _network(2, 1),
        "classifier": _network(2, 4),
    }


def _trunk(shape, outputs, dtype=None):
    return _network(*shape, outputs)


def _targets():
    """By name: a function, arguments that it takes, and those to leave as they are."""
    points = data.ring()
    found = {
        "data.ring": (data.ring, {}),
        "data.grid": (data.grid, {}),
        "data.embedded_grid": (data.embedded_grid, {"dimensions": 4}),
        "data.mixture": (data.mixture, {"means": [[0.0, 1.0]], "std": 0.1}),
        "data.geometric_weights": (data.geometric_weights, {"modes": 4, "smallest": 0.1}),
        "data.load": (data.load, {"name": "ring", "points": 50}),
        "data.read_idx": (data.read_idx, {"path": "none.idx"}),
        "data.Dataset": (
            data.Dataset,
            {"name": "mine", "split": "train", "examples": POINTS, "labels": None},
        ),
        "metrics.precision_recall": (
            metrics.precision_recall,
            {"samples": POINTS, "real": POINTS + 1},
        ),
        "metrics.density_coverage": (
            metrics.density_coverage,
            {"samples": POINTS, "real": POINTS + 1, "neighbours": 3},
        ),
        "metrics.prd": (
            metrics.prd,
            {"samples": POINTS, "real": POINTS + 1, "runs": 1, "clusters": 2},
        ),
        "metrics.mode_counts": (
            metrics.mode_counts,
            {"points": POINTS, "means": points.means, "std": 0.1},
        ),
        "metrics.mode_radius": (metrics.mode_radius, {"dimensions": 2}),
        "metrics.classifier_score": (metrics.classifier_score, {"probabilities": SHARES}),
        "metrics.class_histogram": (metrics.class_histogram, {"probabilities": SHARES}),
        "metrics.gaussian_floor": (metrics.gaussian_floor, {"count": 20, "width": 2}),
        "metrics.feature_spread": (metrics.feature_spread, {"features": POINTS}),
        "metrics.bin_shares": (metrics.bin_shares, {"samples": POINTS, "real": POINTS, "bins": 2}),
        "metrics.kernel_distance": (metrics.kernel_distance, {"samples": POINTS, "real": POINTS}),
        "metrics.latent_scores": (metrics.latent_scores, {"latents": POINTS}),
        "metrics.mode_score": (metrics.mode_score, {"probabilities": SHARES, "real": SHARES}),
        "metrics.embedding_rank": (metrics.embedding_rank, {"embeddings": POINTS}),
        "metrics.Evaluator": (metrics.Evaluator, {"dataset": "ring", "samples": 50}),
        "metrics.evaluate": (
            metrics.evaluate,
            {"source": POINTS, "dataset": data.load("ring", points=50), "samples": 40},
        ),
        "networks.mlp": (networks.mlp, {"input_dim": 2, "units": (3,), "output_dim": 1}),
        "presets.build": (presets.build, {"name": "gan_ring"}),
        "presets.get": (presets.get, {"name": "gan_ring"}),
        "kgan.Run": (kgan.Run, {"path": "."}),
        "kgan.train": (kgan.train, {"method": "gan", "dataset": "ring", "steps": 0}),
        "kgan.Config": (kgan.Config, {"method": "gan", "dataset": "ring"}),
        "kgan.Phase": (kgan.Phase, {"player": "generator"}),
        "kgan.ManifoldEntropy": (kgan.ManifoldEntropy, {}),
        "kgan.CollapseWatch": (kgan.CollapseWatch, {"real": POINTS}),
        "serving.load_keras_file": (serving.load_keras_file, {"path": "none.keras"}),
        "reporting.points_figure": (reporting.points_figure, {"points": POINTS}),
        "reporting.tile_images": (reporting.tile_images, {"images": IMAGES / 255}),
        "reporting.write_report": (reporting.write_report, {"run_dir": "none"}),
        "layers.ReplayBuffer": (kgan.layers.ReplayBuffer, {"size": 4, "width": 2}),
        "layers.StackedDense": (kgan.layers.StackedDense, {"generators": 2, "units": 3}),
        "GeneratorBank": (GeneratorBank, {"template": _network(3, 2), "generators": 2}),
    }
    for name in networks.__all__:
        if name.endswith(("_generator", "_discriminator", "_critic", "_autoencoder")):
            found[f"networks.{name}"] = getattr(networks, name), {"image_shape": (8, 8, 1)}
    for cls in dict.fromkeys(method.model for method in registry.methods().values()):
        given = _networks(cls)
        required = [
            p.name
            for p in inspect.signature(cls).parameters.values()
            if p.default is p.empty and p.kind is not p.VAR_KEYWORD
        ]
        found[cls.__name__] = cls, {name: given[name] for name in required}
    return found | _methods()


def _methods():
    """The same of what a model can do."""
    gan, mixture = kgan.GAN(**_few(kgan.GAN)), kgan.MGAN(**_few(kgan.MGAN))
    inverse, embedder = kgan.InvertGAN(**_few(kgan.InvertGAN)), kgan.MDGAN(**_few(kgan.MDGAN))
    gan.compile()
    return {
        "GAN.fit": (gan.fit, {"x": POINTS, "verbose": 0}),
        "GAN.evaluate": (gan.evaluate, {"x": POINTS, "verbose": 0}),
        "GAN.sample": (gan.sample, {"num_samples": 2}),
        "GAN.sample_latents": (gan.sample_latents, {"num_samples": 2, "seed": 0}),
        "MGAN.sample": (mixture.sample, {"num_samples": 2}),
        "MGAN.sample_with_generators": (mixture.sample_with_generators, {"num_samples": 2}),
        "MGAN.set_mixture_weights": (mixture.set_mixture_weights, {"weights": [0.5, 0.5]}),
        "MDGAN.embed": (embedder.embed, {"samples": POINTS}),
        "MDGAN.likelihood": (embedder.likelihood, {"samples": POINTS}),
        "InvertGAN.invert": (inverse.invert, {"samples": POINTS}),
        "InvertGAN.reconstruct": (inverse.reconstruct, {"samples": POINTS}),
        "InvertGAN.interpolate": (
            inverse.interpolate,
            {"first": POINTS[:2], "second": POINTS[2:4], "steps": 2},
        ),
        "data.from_array": (data.from_array, {"examples": IMAGES}),
    }


def _few(cls):
    known = inspect.signature(cls).parameters.keys() - {"latent_discriminator"}
    return {name: network for name, network in _networks(cls).items() if name in known}


TARGETS = _targets()
WRONG = {
    int: fuzzing.NO_INTEGER,
    float: fuzzing.NO_FLOAT,
    InfiniteToo: fuzzing.NO_FLOAT,
    str: fuzzing.NO_STRING,
    bool: fuzzing.NO_FLOAT,
}


def _wrong(kinds):
    """Values of none of these kinds."""
    wrong = [WRONG.get(kind, fuzzing.NO_SEQUENCE) for kind in kinds if kind is not type(None)]
    one = st.one_of(wrong) if len(wrong) == 1 else st.builds(fuzzing.Opaque)
    return one if type(None) in kinds else one | st.none()


def _cases():
    for name, (function, _) in TARGETS.items():
        classes = inspect.getmro(function) if inspect.isclass(function) else ()
        inits = [
            vars(c)["__init__"]
            for c in classes
            if c.__module__.startswith("kgan.") and "__init__" in vars(c)
        ]
        for one in inits or [function]:
            for argument, kinds in hints(one).items():
                if argument != "return":
                    yield name, argument, kinds


CASES = list(_cases())


@fuzzing.inputs(600)
@hypothesis.given(st.data())
def test_an_argument_of_another_kind(drawn):
    name, argument, kinds = drawn.draw(st.sampled_from(CASES))
    function, given = TARGETS[name]
    value = drawn.draw(_wrong(kinds), label=f"{name}({argument}=")
    certain = argument != "seed"  # Of a sample it may be two integers.
    fuzzing.outcome(lambda: function(**{**given, argument: value}), argument, certain=certain)


ARRAYS = [
    (name, argument)
    for name, (_, given) in TARGETS.items()
    for argument, value in given.items()
    if isinstance(value, np.ndarray) and argument != "source"
]


@fuzzing.inputs(250)
@hypothesis.given(st.data())
def test_an_array_that_is_none(drawn):
    name, argument = drawn.draw(st.sampled_from(ARRAYS))
    function, given = TARGETS[name]
    value = drawn.draw(fuzzing.NO_ARRAY, label=f"{name}({argument}=")
    # A model's methods speak of examples, whatever their argument is called.
    names = argument, "examples", "samples", "batch"
    fuzzing.outcome(lambda: function(**{**given, argument: value}), *names)


NUMBERS = [case for case in CASES if set(case[2]) <= {int, float, type(None)}]


@fuzzing.inputs(250)
@hypothesis.given(st.data())
def test_a_number_out_of_all_bounds(drawn):
    name, argument, kinds = drawn.draw(st.sampled_from(NUMBERS))
    function, given = TARGETS[name]
    wrong = [-1, 0, -(2**40)] if int in kinds else [-1.0, 0.0, -1e308, np.inf, -np.inf]
    value = drawn.draw(st.sampled_from(wrong), label=f"{name}({argument}=")
    fuzzing.outcome(lambda: function(**{**given, argument: value}), argument, *given)
