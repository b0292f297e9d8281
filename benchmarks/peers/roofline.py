"""What a step must compute, and what the machine can: a roof over the times."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable
from typing import Any

from benchmarks.peers.recipe import Layer, Network, Recipe

_SIDE, _FLOATS, _TRIES = 2048, 1 << 26, 7


def step_flops(recipe: Recipe) -> float:
    """Operations of a step's products and convolutions; to multiply and to add are two.

    Of a layer the forward pass, the gradient of its weights and that of its input are as many
    each. What no player needs is not counted: gradients of weights that do not move, and of the
    first layers' inputs. Nothing else is counted either: normalisation, losses, optimizers, noise.
    """
    (head, head_first), (trunk, trunk_first) = (
        network_flops(recipe.heads[0], (recipe.latent_dim,)),
        network_flops(recipe.trunk, _output(recipe.heads[0], (recipe.latent_dim,))),
    )
    samples = recipe.samples * len(recipe.heads)
    generator, first = head + trunk, head_first if recipe.heads[0] else trunk_first
    judge, judge_first = network_flops(recipe.discriminator, recipe.examples.shape[1:])
    passes = 2 if recipe.fresh_noise else 1
    discriminators_move = (recipe.batch + samples) * (3 * judge - judge_first)
    generators_move = samples * (2 * judge + (passes + 2) * generator - first)
    return float(discriminators_move + generators_move)


def network_flops(network: Network, shape: tuple[int, ...]) -> tuple[int, int]:
    """Operations of one example's forward pass: of all layers, and of the first that has any."""
    counts = []
    for layer in network:
        count, shape = _layer(layer, shape)
        counts += [count] * (count > 0)
    return sum(counts), counts[0] if counts else 0


def optimizer_bytes(recipe: Recipe) -> int:
    """What Adam reads and writes a step, and the moving average: each array once.

    Adam reads weight, gradient and two moments, and writes all but the gradient; an average is read
    and written, and the weight read once more.
    """
    size = {
        "generator": sum(map(_size, (*recipe.heads, recipe.trunk))),
        "discriminator": _size(recipe.discriminator),
    }
    average = 12 * size["generator"] if recipe.ema_decay is not None else 0
    return 28 * sum(size.values()) + average


def _size(network: Network) -> int:
    return sum(weight.size for layer in network for weight in layer.weights)


def _output(network: Network, shape: tuple[int, ...]) -> tuple[int, ...]:
    for layer in network:
        _, shape = _layer(layer, shape)
    return shape


def _layer(layer: Layer, shape: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    """Operations for one example of this shape, and the shape that it has then."""
    if layer.kind == "dense":
        return 2 * layer.weights[0].size, (layer.weights[0].shape[1],)
    if layer.kind == "conv":
        places = (shape[0] // 2, shape[1] // 2)
        kernel = layer.weights[0]
        return 2 * math.prod(places) * kernel.size, (*places, kernel.shape[3])
    if layer.kind == "conv_transpose":
        kernel = layer.weights[0]
        count = 2 * shape[0] * shape[1] * kernel.size
        return count, (2 * shape[0], 2 * shape[1], kernel.shape[2])
    if layer.kind == "reshape":
        return 0, layer.options["shape"]
    return 0, (math.prod(shape),) if layer.kind == "flatten" else shape


@dataclasses.dataclass(frozen=True)
class Machine:
    """What the machine does at best.

    Attributes:
        float32: GFLOP/s of a product of two 2048x2048 matrices, the best of 7.
        bfloat16: the same.
        memory: GB/s of adding two arrays of 256 MB, the best of 7.
    """

    float32: float
    bfloat16: float
    memory: float


def machine() -> Machine:
    """Measure it with TensorFlow, on the threads that it takes by itself."""
    import tensorflow as tf

    operations = 2 * _SIDE**3

    def product(dtype: Any) -> float:
        matrix = tf.random.normal((_SIDE, _SIDE), dtype=tf.float32)
        matrix = tf.cast(matrix, dtype)
        return operations / _best(lambda: tf.matmul(matrix, matrix)) / 1e9

    one, other = tf.ones(_FLOATS), tf.ones(_FLOATS)
    adding = 3 * 4 * _FLOATS / _best(lambda: one + other) / 1e9
    return Machine(product(tf.float32), product(tf.bfloat16), adding)


def _best(job: Callable[[], Any]) -> float:
    """Seconds of the fastest of a few tries."""
    found = []
    for _ in range(_TRIES):
        start = time.perf_counter()
        job()
        found.append(time.perf_counter() - start)
    return min(found)
