"""What a process of PyTorch's own does: it imports PyTorch when it is called, and never TensorFlow.

In one process the two were seen to crash, and their threads would wait for one another.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.peers.recipe import Recipe


def train(recipe: Recipe, **options: Any) -> Callable[[int], Any]:
    """What runs steps of a game, on all cores of this process; see `torch_peer.TorchPeer`."""
    import torch

    from benchmarks.peers.torch_peer import TorchPeer

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    return TorchPeer(recipe, **options).run


def one_step(
    recipe: Recipe, latents: Sequence[Sequence[np.ndarray]], rate: float
) -> tuple[list[float], list[np.ndarray]]:
    """One step with SGD of a given rate, for tests.

    Args:
        recipe: of the game; all its examples are the batch.
        latents: of the first move and, where it has its own, of the second, by generator.
        rate: of both players.

    Returns:
        Both losses, and the weights after as `torch_networks.keras_weights` has them: of the
        heads, the trunk and the discriminator.
    """
    import torch

    from benchmarks.peers.torch_networks import keras_weights
    from benchmarks.peers.torch_peer import TorchPeer

    peer = TorchPeer(recipe)
    peer.optimizers = {
        player: torch.optim.SGD(getattr(peer, player).parameters(), lr=rate)
        for player in peer.optimizers
    }
    peer.set_rates = lambda: None
    drawn = iter(latents)
    peer.latents = lambda: [torch.from_numpy(z) for z in next(drawn)]
    losses = peer.step(peer.as_seen(peer.examples))
    networks = (*peer.heads, peer.trunk, peer.discriminator)
    weights = [np.array(w) for network in networks for w in keras_weights(network)]
    return [float(loss) for loss in losses], weights
