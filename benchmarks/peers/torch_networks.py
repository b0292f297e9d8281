"""Networks of PyTorch's own modules, laid out as its guide to fast training on CPUs advises.

Images are NCHW in memory format channels_last, so that oneDNN's convolutions need no reordering,
and what passes between dense layers and convolutions is a view.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks.peers.recipe import Layer, Network


class Spectral(nn.Module):
    """A linear layer or convolution whose kernel is divided by its spectral norm.

    `torch.nn.utils.parametrizations.spectral_norm` iterates from the other vector; this one does as
    Miyato et al.'s algorithm 1.

    Args:
        layer: whose kernel it is.
        vector: the singular vector of the outputs to start from.
    """

    def __init__(self, layer: nn.Module, vector: np.ndarray):
        super().__init__()
        self.layer = layer
        self.register_buffer("vector", _tensor(vector))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weight = self.layer.weight
        matrix = weight.flatten(1).float()
        with torch.no_grad():
            inputs = functional.normalize(self.vector @ matrix, dim=0)
            outputs = functional.normalize(matrix @ inputs, dim=0)
            self.vector.copy_(outputs)
        sigma = torch.dot(inputs, outputs @ matrix)
        if isinstance(self.layer, nn.Linear):
            return functional.linear(x, weight / sigma, self.layer.bias)
        return functional.conv2d(x, weight / sigma, self.layer.bias, stride=2, padding=1)


class Lambda(nn.Module):
    """A function as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x)


def network(layers: Network) -> nn.Sequential:
    """The layers as a module, from their weights on."""
    made = nn.Sequential(*(_module(layer, layers[:place]) for place, layer in enumerate(layers)))
    return made.to(memory_format=torch.channels_last)


def keras_weights(module: nn.Module) -> list[np.ndarray]:
    """All trainable weights as Keras would keep them, in its order."""
    found = []
    for layer in module.modules():
        if isinstance(layer, nn.Linear):
            found.append(layer.weight.T)
        elif isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            found.append(layer.weight.permute(2, 3, 1, 0))
        elif isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            found.append(layer.weight)
        else:
            continue
        if layer.bias is not None:
            found.append(layer.bias)
    return [one.detach().numpy() for one in found]


def _module(layer: Layer, before: Network) -> nn.Module:
    options, weights = layer.options, [_tensor(w) for w in layer.weights]
    if layer.kind == "dense":
        made = nn.Linear(*weights[0].shape, bias=len(weights) > 1)
        _set(made, weights[0].T, *weights[1:])
        return Spectral(made, options["vector"]) if options else made
    if layer.kind == "conv":
        _, _, into, out = weights[0].shape
        made = nn.Conv2d(into, out, 4, 2, 1, bias=len(weights) > 1)
        _set(made, weights[0].permute(3, 2, 0, 1), *weights[1:])
        return Spectral(made, options["vector"]) if options else made
    if layer.kind == "conv_transpose":
        _, _, out, into = weights[0].shape
        made = nn.ConvTranspose2d(into, out, 4, 2, 1, bias=len(weights) > 1)
        _set(made, weights[0].permute(3, 2, 0, 1), *weights[1:])
        return made
    if layer.kind == "batch_norm":
        kind = nn.BatchNorm2d if _are_images(before) else nn.BatchNorm1d
        made = kind(len(weights[0]), options["epsilon"], 1 - options["momentum"])
        _set(made, *weights)
        return made
    if layer.kind == "leaky_relu":
        return nn.LeakyReLU(options["slope"])
    if layer.kind == "activation":
        return {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}[options["name"]]()
    if layer.kind == "reshape":
        shape = options["shape"]
        return Lambda(lambda x: x.view(-1, *shape).permute(0, 3, 1, 2))
    if layer.kind == "flatten":
        return Lambda(lambda x: x.permute(0, 2, 3, 1).flatten(1))
    scale, offset = options["scale"], options["offset"]
    return Lambda(lambda x: x * scale + offset)


def _are_images(layers: Network) -> bool:
    """Whether what comes out of these layers are images."""
    found = False
    for layer in layers:
        if layer.kind in ("conv", "conv_transpose", "reshape"):
            found = True
        elif layer.kind in ("flatten", "dense"):
            found = False
    return found


def _tensor(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.array(values))


@torch.no_grad()
def _set(module: nn.Module, weight: torch.Tensor, bias: torch.Tensor | None = None) -> None:
    module.weight.copy_(weight)
    if bias is not None:
        module.bias.copy_(bias)
