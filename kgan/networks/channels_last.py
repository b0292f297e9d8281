"""Keras' layers of images with channels last, whatever `keras.config.image_data_format()` says.

Images are `(batch, height, width, channels)` throughout kgan.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from keras import layers

from kgan.layers import spectral


def _pinned(layer: Callable[..., Any]) -> Callable[..., Any]:
    return functools.partial(layer, data_format="channels_last")


AveragePooling2D = _pinned(layers.AveragePooling2D)
Conv2D = _pinned(layers.Conv2D)
Conv2DTranspose = _pinned(layers.Conv2DTranspose)
Cropping2D = _pinned(layers.Cropping2D)
DepthwiseConv2D = _pinned(layers.DepthwiseConv2D)
Flatten = _pinned(layers.Flatten)
GlobalAveragePooling2D = _pinned(layers.GlobalAveragePooling2D)
MaxPooling2D = _pinned(layers.MaxPooling2D)
Resizing = _pinned(layers.Resizing)
SpectralConv2D = _pinned(spectral.SpectralConv2D)
UpSampling2D = _pinned(layers.UpSampling2D)
ZeroPadding2D = _pinned(layers.ZeroPadding2D)
