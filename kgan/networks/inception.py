"""Inception-V4, the classifier of MIM-GAN's paper, for images of any size.

Source: Szegedy, Ioffe, Vanhoucke, Alemi (2016), https://arxiv.org/abs/1602.07261, figures 3 to 9.
What the figures leave open is as in the authors' code (TF-Slim): batch norm with centre and without
scale, epsilon 1e-3, convolutions without biases, weights of variance 2 / fan-in. Weight decay and
the auxiliary classifier of that code are left out: the figures have neither.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
from keras import layers

from kgan.errors import InputError
from kgan.networks import channels_last
from kgan.signatures import checked

SMALLEST = 75  # Sides from which the last feature map is one pixel; 299 give 8.
_DROPPED = 0.2


@checked
def inception_v4(
    image_shape: Sequence[int],
    classes: int,
    *,
    resize: int | None = None,
    momentum: float = 0.9,
    seed: int = 0,
    name: str = "inception_v4",
) -> keras.Model:
    """Stem, 4 blocks A, 7 blocks B, 3 blocks C, mean over the image, dropout, logits.

    The network halves an image five times without padding, and so needs sides of 75 pixels. MIM-GAN
    classifies images of 28 and 32 pixels with it and does not say how: `resize=75` enlarges them
    inside the network, bilinearly, so that their gradient passes. All layers are float32 whatever
    the global policy: this network measures.

    Args:
        image_shape: (height, width, channels), sides of 75 pixels and more, or of any with
            `resize`. The paper: (299, 299, 3).
        classes: number of logits, at least 2.
        resize: sides, at least 75, to which images are resized first; None: not at all.
        momentum: of the batch norms' moving statistics. The authors' code has 0.9997, for long
            trainings: after a short one the statistics are still the start's, and the trained
            network classifies at random (seen with 0.99 after 240 steps).
        seed: of the initial weights and of dropout.
        name: of the model.

    Returns:
        A Keras model from (batch, height, width, channels) in [0, 1] to (batch, classes) logits,
        with the (batch, 1536) output of a layer named "features" before them.

    Raises:
        InputError: images or `resize` below 75 pixels, another image shape, or fewer than 2
            classes.
    """
    shape = _checked(image_shape, classes, resize)
    weights = keras.random.SeedGenerator(seed)
    x = inputs = keras.Input(shape, dtype="float32")
    if resize is not None:
        x = channels_last.Resizing(resize, resize, dtype="float32")(x)
    x = layers.Rescaling(2.0, offset=-1.0, dtype="float32")(x)

    chain = functools.partial(_chain, momentum=momentum, weights=weights)
    x = _stem(x, chain)
    for block in _BLOCKS:
        x = block(x, chain)
    x = channels_last.GlobalAveragePooling2D(name="features", dtype="float32")(x)
    x = layers.Dropout(_DROPPED, seed=seed, dtype="float32")(x)
    initializer = keras.initializers.GlorotUniform(weights)
    x = layers.Dense(classes, kernel_initializer=initializer, dtype="float32")(x)
    return keras.Model(inputs, x, name=name)


class _Conv(NamedTuple):
    """A convolution, with its batch norm and ReLU. "valid" is the figures' V."""

    filters: int
    kernel: int | tuple[int, int]
    strides: int = 1
    padding: str = "same"


_Chain = Callable[..., Any]  # `_chain` with its options.


def _chain(x: Any, *steps: _Conv, momentum: float, weights: Any) -> Any:
    for step in steps:
        initializer = keras.initializers.HeNormal(weights)
        x = channels_last.Conv2D(
            *step, use_bias=False, kernel_initializer=initializer, dtype="float32"
        )(x)
        x = layers.BatchNormalization(
            momentum=momentum, epsilon=1e-3, scale=False, dtype="float32"
        )(x)
        x = layers.ReLU(dtype="float32")(x)
    return x


def _stem(x: Any, chain: _Chain) -> Any:
    """Figure 3: 299x299 to 35x35x384."""
    x = chain(x, _Conv(32, 3, 2, "valid"), _Conv(32, 3, 1, "valid"), _Conv(64, 3))
    x = _joined(_largest(x), chain(x, _Conv(96, 3, 2, "valid")))
    x = _joined(
        chain(x, _Conv(64, 1), _Conv(96, 3, 1, "valid")),
        chain(x, _Conv(64, 1), _Conv(64, (1, 7)), _Conv(64, (7, 1)), _Conv(96, 3, 1, "valid")),
    )
    return _joined(chain(x, _Conv(192, 3, 2, "valid")), _largest(x))


def _inception_a(x: Any, chain: _Chain) -> Any:
    """Figure 4: 35x35x384 to the same."""
    return _joined(
        chain(x, _Conv(96, 1)),
        chain(x, _Conv(64, 1), _Conv(96, 3)),
        chain(x, _Conv(64, 1), _Conv(96, 3), _Conv(96, 3)),
        chain(_mean(x), _Conv(96, 1)),
    )


def _reduction_a(x: Any, chain: _Chain) -> Any:
    """Figure 7 with table 1's k, l, m, n of 192, 224, 256, 384: 35x35x384 to 17x17x1024."""
    return _joined(
        chain(x, _Conv(384, 3, 2, "valid")),
        chain(x, _Conv(192, 1), _Conv(224, 3), _Conv(256, 3, 2, "valid")),
        _largest(x),
    )


def _inception_b(x: Any, chain: _Chain) -> Any:
    """Figure 5: 17x17x1024 to the same."""
    return _joined(
        chain(x, _Conv(384, 1)),
        chain(x, _Conv(192, 1), _Conv(224, (1, 7)), _Conv(256, (7, 1))),
        chain(
            x,
            *(_Conv(192, 1), _Conv(192, (7, 1)), _Conv(224, (1, 7))),
            *(_Conv(224, (7, 1)), _Conv(256, (1, 7))),
        ),
        chain(_mean(x), _Conv(128, 1)),
    )


def _reduction_b(x: Any, chain: _Chain) -> Any:
    """Figure 8: 17x17x1024 to 8x8x1536."""
    return _joined(
        chain(x, _Conv(192, 1), _Conv(192, 3, 2, "valid")),
        chain(
            x,
            *(_Conv(256, 1), _Conv(256, (1, 7)), _Conv(320, (7, 1))),
            _Conv(320, 3, 2, "valid"),
        ),
        _largest(x),
    )


def _inception_c(x: Any, chain: _Chain) -> Any:
    """Figure 6: 8x8x1536 to the same."""
    short = chain(x, _Conv(384, 1))
    long = chain(x, _Conv(384, 1), _Conv(448, (3, 1)), _Conv(512, (1, 3)))
    return _joined(
        chain(x, _Conv(256, 1)),
        *(chain(branch, _Conv(256, side)) for branch in (short, long) for side in _SIDES),
        chain(_mean(x), _Conv(256, 1)),
    )


_SIDES = ((1, 3), (3, 1))
_BLOCKS = (
    *(4 * (_inception_a,)),
    _reduction_a,
    *(7 * (_inception_b,)),
    _reduction_b,
    *(3 * (_inception_c,)),
)


def _joined(*branches: Any) -> Any:
    return layers.Concatenate(dtype="float32")(branches)


def _largest(x: Any) -> Any:
    return channels_last.MaxPooling2D(3, 2, dtype="float32")(x)


def _mean(x: Any) -> Any:
    return channels_last.AveragePooling2D(3, 1, "same", dtype="float32")(x)


def _checked(image_shape: Sequence[int], classes: int, resize: int | None) -> tuple[int, int, int]:
    shape = tuple(int(n) for n in image_shape)
    if len(shape) != 3 or min(shape) < 1:
        raise InputError(f"image_shape must be (height, width, channels). Received: {shape}")
    if resize is not None and resize < SMALLEST:
        raise InputError(
            f"Inception-V4 needs sides of {SMALLEST} and more. Received: resize={resize}"
        )
    if resize is None and min(shape[:2]) < SMALLEST:
        raise InputError(
            f"Inception-V4 needs sides of {SMALLEST} and more. Received: {shape}. "
            f"Pass resize={SMALLEST} to enlarge the images inside the network."
        )
    if classes < 2:
        raise InputError(f"A classifier needs at least 2 classes. Received: {classes}")
    return shape
