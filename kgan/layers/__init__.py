"""Layers that Keras lacks."""

from kgan.layers.embeddings import NormBound, Whitening
from kgan.layers.replay_buffer import ReplayBuffer
from kgan.layers.spectral import SpectralConv2D, SpectralDense
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
    "NormBound",
    "ReplayBuffer",
    "SpectralConv2D",
    "SpectralDense",
    "StackedBatchNormalization",
    "StackedConv2D",
    "StackedConv2DTranspose",
    "StackedDense",
    "StackedLayer",
    "Whitening",
]
