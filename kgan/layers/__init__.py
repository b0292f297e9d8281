"""Layers that Keras lacks."""

from kgan.layers.embeddings import NormBound, Whitening
from kgan.layers.minibatch import MinibatchDiscrimination, MinibatchStandardDeviation
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
from kgan.layers.virtual_batch import (
    ReferenceBatch,
    VirtualBatchNormalization,
    WithoutReference,
)

__all__ = [
    "STACKED",
    "MinibatchDiscrimination",
    "MinibatchStandardDeviation",
    "NormBound",
    "ReferenceBatch",
    "ReplayBuffer",
    "SpectralConv2D",
    "SpectralDense",
    "StackedBatchNormalization",
    "StackedConv2D",
    "StackedConv2DTranspose",
    "StackedDense",
    "StackedLayer",
    "VirtualBatchNormalization",
    "Whitening",
    "WithoutReference",
]
