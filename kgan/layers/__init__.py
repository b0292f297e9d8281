"""Layers that Keras lacks."""

from kgan.layers.stacked import (
    STACKED,
    StackedBatchNormalization,
    StackedConv2D,
    StackedConv2DTranspose,
    StackedDense,
    StackedLayer,
)

__all__ = [
    "STACKED",
    "StackedBatchNormalization",
    "StackedConv2D",
    "StackedConv2DTranspose",
    "StackedDense",
    "StackedLayer",
]
