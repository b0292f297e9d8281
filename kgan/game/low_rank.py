"""Trained networks with fewer weights: large dense layers as two of low rank.

A layer of the kernel W becomes one of A and one of B, `x A B` for `x W`, of which A has few
columns. They are chosen by what passes through the layer, and by what the network makes of it: of
all pairs of their rank they are those whose error, to first order, moves the network's outputs
least on average. The moments of inputs x and of gradients g there say it: with C the covariance of
x and G the mean of `g g^T`, `x A B` is `x W` projected on the largest eigenvectors of
`C^(1/2) G C^(1/2)`. Nothing is trained.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers, ops

from kgan.backend.input_gradients import input_gradients
from kgan.backend.precision import floats
from kgan.errors import InputError, check_whole
from kgan.game.bank import GeneratorBank
from kgan.game.copies import copy_of_layer
from kgan.game.saving import serialized
from kgan.layers import SpectralDense, StackedDense
from kgan.layers.stacked import StackedLayer

_EXAMPLES = 10_000
_BATCH = 500
_SEED = 2**20  # Of latents and gradients: none that samples are usually drawn with.
_LEAST_VARIANCE = 1e-6  # Over the largest.
_DENSE = (layers.Dense, SpectralDense, StackedDense)


class Factored(NamedTuple):
    """A layer that has become two: its network, its name, its kernel's shape."""

    network: str
    layer: str
    shape: tuple[int, ...]


class _Factors(NamedTuple):
    """`x W` as `x first second + offset`."""

    first: np.ndarray
    second: np.ndarray
    offset: np.ndarray


def low_rank(
    model: Any, rank: int, real: np.ndarray, *, rank_of_others: int | None = None
) -> tuple[Any, list[Factored]]:
    """A trained game whose large dense layers are of low rank.

    Its generator is the one that samples are taken from, a moving average where there is one, and
    the only one. Factored are dense layers with a bias and no activation, in functional networks
    of latents or of samples, where that takes at least half of a layer's weights away.

    Args:
        model: an `AdversarialModel`, which stays as it is.
        rank: at least 1.
        real: training examples `(n, ...)` float32 in the model's value range.
        rank_of_others: of all networks but the generator, such as the discriminator; None for
            `rank`.

    Returns:
        The new model, not compiled, and which layers have been factored.

    Raises:
        InputError: a rank below 1, no layer that is large enough, or a game that makes networks
            of those that it is given.
    """
    others = rank if rank_of_others is None else rank_of_others
    check_whole(1, rank=rank, rank_of_others=others)
    known = {k: v for k, v in model._arguments.items() if isinstance(v, keras.Layer)}
    made: dict[str, keras.Layer] = {}
    told: list[Factored] = []
    for name, network in known.items():
        generates = network is model.generator
        trained = model.sampler if generates else network
        inputs = _inputs(model, trained, real)
        made[name], shapes = _factored(network, trained, rank if generates else others, inputs)
        told += [Factored(name, layer, shape) for layer, shape in shapes.items()]
    if not told:
        raise InputError(
            f"No dense layer loses half of its weights by a rank of {rank}, or no network is one "
            "that can be factored: give a lower one, or leave the model as it is. Received: "
            f"rank={rank} for {model!r}"
        )
    factored = {one.network: serialized(made[one.network]) for one in told}
    new = type(model).from_config({**model.get_config(), **factored, "ema_decay": None})
    for name, network in made.items():
        new._arguments[name].set_weights(network.get_weights())
    mine, theirs = _own_weights(new), _own_weights(model)
    if [tuple(v.shape) for v in mine] != [tuple(v.shape) for v in theirs]:
        raise InputError(
            f"{type(model).__name__} has copies of its networks, which cannot be of low rank. "
            f"Received: {model!r}; leave the rank out."
        )
    for one, other in zip(mine, theirs, strict=True):
        one.assign(other)
    return new, told


def _own_weights(model: Any) -> list[Any]:
    """What a game has besides its networks, such as the number of its step."""
    networks = [v for v in model._arguments.values() if isinstance(v, keras.Layer)]
    known = {id(v) for network in (*networks, model.sampler) for v in network.weights}
    return [v for v in model.weights if id(v) not in known]


def _inputs(model: Any, network: keras.Layer, real: np.ndarray) -> np.ndarray | None:
    """What passes through a network `(n, ...)`: latents, or real and generated samples."""
    shape = getattr(network, "input_shape", None)
    if shape == (None, model.latent_dim):
        count = _EXAMPLES - _EXAMPLES % getattr(network, "generators", 1)
        return ops.convert_to_numpy(model.sample_latents(count, _SEED))
    if shape == (None, *model.sample_shape):
        half = min(_EXAMPLES, len(real))
        drawn = np.random.default_rng(_SEED).permutation(len(real))[:half]
        both = np.stack([real[drawn], model.sample(half, _SEED)], axis=1)
        return both.reshape(-1, *both.shape[2:])
    return None


def _factored(
    network: Any, trained: Any, rank: int, inputs: np.ndarray | None
) -> tuple[keras.Layer, Mapping[str, tuple[int, ...]]]:
    """A network with its large layers factored, and their shapes; `trained` where it has none.

    Args:
        network: what is copied.
        trained: itself or its moving average, which has the weights.
        rank: of the factors.
        inputs: of it, None where they are not known.
    """
    old = _inside(trained)
    large = [layer for layer in _layers(old) if _is_large(layer, rank)]
    if inputs is None or not large:
        return trained, {}
    names = {layer.name for layer in large}
    if isinstance(network, GeneratorBank):
        new: Any = _bank_with_factors(network, large, rank)
        new.set_mixture_weights(trained.mixture_weights)
    else:
        new = _with_factors(network, names, rank)
    for layer in old.layers:
        if not layer.weights:
            continue
        target = _inside(new).get_layer(layer.name)
        if layer.name in names:
            _set(_inside(new).get_layer(_first(layer.name)), target, layer, old, rank, inputs)
        else:
            target.set_weights(layer.get_weights())
    return new, {layer.name: tuple(layer.kernel.shape) for layer in large}


def _inside(network: Any) -> Any:
    return network.network if isinstance(network, GeneratorBank) else network


def _layers(network: Any) -> list[Any]:
    """Of a functional model of one input and one output; none of any other network."""
    ends = (getattr(network, name, None) or () for name in ("inputs", "outputs"))
    fits = not isinstance(network, keras.Sequential) and all(len(end) == 1 for end in ends)
    return list(network.layers) if fits else []


def _is_large(layer: keras.Layer, rank: int) -> bool:
    if type(layer) not in _DENSE or layer.bias is None:
        return False
    *_, rows, columns = layer.kernel.shape
    linear = layer.activation is keras.activations.linear
    return linear and 2 * rank * (rows + columns) <= rows * columns


def _first(name: str) -> str:
    return f"{name}_factor"


def _with_factors(network: keras.Model, names: Iterable[str], rank: int) -> keras.Model:
    """A functional model with a layer before each that is named; its weights are drawn anew."""
    firsts = {
        name: layers.Dense(
            rank, use_bias=False, name=_first(name), dtype=network.get_layer(name).dtype_policy
        )
        for name in names
    }

    def call(layer: keras.Layer, *args: Any, **kwargs: Any) -> Any:
        first = firsts.get(layer.name)
        return layer(*args, **kwargs) if first is None else layer(first(*args), **kwargs)

    return keras.models.clone_model(network, clone_function=copy_of_layer, call_function=call)


def _bank_with_factors(bank: GeneratorBank, large: Iterable[Any], rank: int) -> GeneratorBank:
    """The same of a bank, in which a generator's own layers become two of its own."""
    names = {layer.name for layer in large}
    config = bank.get_config()
    if config["private_layers"] is not None:
        config["private_layers"] += sum(isinstance(layer, StackedLayer) for layer in large)
    if config["first_shared"] in names:
        config["first_shared"] = _first(config["first_shared"])
    template = keras.saving.deserialize_keras_object(config["template"])
    return type(bank)(**{**config, "template": _with_factors(template, names, rank)})


def _set(first: Any, second: Any, layer: Any, network: Any, rank: int, inputs: np.ndarray) -> None:
    """Give two layers the weights that stand for those of one."""
    spectral = isinstance(layer, SpectralDense)
    kernel = ops.convert_to_numpy(layer.normalised_kernel() if spectral else layer.kernel)
    stacked = isinstance(layer, StackedLayer)
    kernels = kernel if stacked else kernel[None]
    found = [
        _factors(kernel.astype(np.float64), moments, rank)
        for kernel, moments in zip(kernels, _moments(network, layer, inputs), strict=True)
    ]
    a, b, offset = (np.stack(parts) for parts in zip(*found, strict=True))
    if not stacked:
        a, b, offset = a[0], b[0], offset[0]
    if spectral:  # Its kernel is divided by the largest singular value, for which A makes up.
        _, values, vectors = np.linalg.svd(b, full_matrices=False)
        second.output_vector.assign(vectors[0])
        a = a * values[0]
    first.kernel.assign(a)
    second.kernel.assign(b)
    second.bias.assign(ops.convert_to_numpy(layer.bias) + offset)


class _Moments:
    """Of what passes through a layer of one generator, on the side that has fewer dimensions."""

    def __init__(self, at_inputs: bool):
        self.at_inputs = at_inputs
        self.count = 0
        self.input_sum: Any = 0.0
        self.sum: Any = 0.0
        self.products: Any = 0.0
        self.gradients: Any = 0.0

    def add(self, inputs: np.ndarray, values: np.ndarray, gradients: np.ndarray) -> None:
        self.count += len(inputs)
        self.input_sum = self.input_sum + inputs.sum(axis=0, dtype=np.float64)
        self.sum = self.sum + values.sum(axis=0, dtype=np.float64)
        self.products = self.products + (values.T @ values).astype(np.float64)
        self.gradients = self.gradients + (gradients.T @ gradients).astype(np.float64)

    @property
    def covariance(self) -> np.ndarray:
        mean = self.sum / self.count
        return np.asarray(self.products / self.count - np.outer(mean, mean))


def _moments(network: Any, layer: Any, inputs: np.ndarray) -> list[_Moments]:
    """For each generator whose layer it is; of the gradients of outputs in random directions."""
    count = layer.generators if isinstance(layer, StackedLayer) else 1
    *_, rows, columns = layer.kernel.shape
    found = [_Moments(rows <= columns) for _ in range(count)]
    head = keras.Model(network.input, [layer.input, layer.output])
    tail = keras.Model(layer.input if rows <= columns else layer.output, network.output)
    random = np.random.default_rng(_SEED)
    # A bank takes as many rows for each of its generators.
    generators = max(getattr(one, "generators", 1) for one in network.layers)
    size = max(_BATCH - _BATCH % generators, generators)
    for start in range(0, len(inputs), size):
        entering, leaving = head(inputs[start : start + size], training=False)
        at = entering if rows <= columns else leaving
        directions = random.standard_normal((len(at), *tail.output_shape[1:])).astype("float32")
        gradients = input_gradients(functools.partial(_along, tail, directions), at)
        arrays = (ops.convert_to_numpy(floats(x)) for x in (entering, at, gradients))
        groups = (x.reshape(count, -1, x.shape[-1]) for x in arrays)
        for moments, *own in zip(found, *groups, strict=True):
            moments.add(*own)
    return found


def _along(network: Any, directions: np.ndarray, values: Any) -> Any:
    """A network's outputs `(n, ...)` times a direction for each row, `(n,)`."""
    outputs = floats(network(values, training=False)) * directions
    return ops.sum(outputs, axis=tuple(range(1, directions.ndim)))


def _factors(kernel: np.ndarray, moments: _Moments, rank: int) -> _Factors:
    """The best pair of a kernel `(rows, columns)`, of which the first has orthonormal columns."""
    if moments.at_inputs:
        root, inverse = _root(moments.covariance)
        vectors = _largest(root @ moments.gradients @ root, rank)
        first, second = inverse @ vectors, vectors.T @ root @ kernel
    else:
        root, inverse = _root(moments.gradients)
        vectors = _largest(root @ moments.covariance @ root, rank)
        first, second = kernel @ root @ vectors, vectors.T @ inverse
    first, triangle = np.linalg.qr(first)
    second = triangle @ second
    mean = moments.input_sum / moments.count
    return _Factors(first, second, mean @ kernel - mean @ first @ second)


def _largest(matrix: np.ndarray, rank: int) -> np.ndarray:
    return np.linalg.eigh(matrix)[1][:, ::-1][:, :rank]


def _root(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The root of a symmetric matrix, and its inverse."""
    values, vectors = np.linalg.eigh(matrix)
    values = values.clip(min=max(values[-1] * _LEAST_VARIANCE, 1e-30))
    root = np.sqrt(values)
    return (vectors * root) @ vectors.T, (vectors / root) @ vectors.T
