"""GAN, MD-GAN and MGAN in PyTorch, tuned for a CPU.

Fused Adam, images in channels_last, one generated batch for both moves where the algorithm has one
draw of noise, no gradients of weights that do not move, denormals flushed to zero as TensorFlow
does, and on request `torch.compile` and bfloat16 by autocast. MGAN has its authors' structure
(https://github.com/qhoangdl/MGAN, models.py): K heads, their outputs concatenated, one trunk and
one backward pass for all.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from benchmarks.peers.recipe import Recipe
from benchmarks.peers.torch_networks import network

Outputs = torch.Tensor


class TorchPeer:
    """A game, ready to train.

    Args:
        recipe: the game.
        compiled: whether to run networks and losses through `torch.compile`.
        bfloat16: whether the networks compute in bfloat16, by autocast.
    """

    def __init__(self, recipe: Recipe, *, compiled: bool = False, bfloat16: bool = False):
        torch.set_flush_denormal(True)
        self.recipe = recipe
        self.heads = nn.ModuleList(network(head) for head in recipe.heads)
        self.trunk = network(recipe.trunk)
        self.discriminator = network(recipe.discriminator)
        self.generator = nn.ModuleList([self.heads, self.trunk])
        self.average = None
        if recipe.ema_decay is not None:
            self.average = [p.detach().clone() for p in self.generator.parameters()]
        self.optimizers = {
            player: torch.optim.Adam(
                getattr(self, player).parameters(),
                lr=torch.tensor(recipe.rates[player]),
                betas=recipe.betas,
                eps=recipe.epsilon,
                fused=True,
            )
            for player in ("discriminator", "generator")
        }
        self.of_discriminator, self.of_generator = LOSSES[recipe.method](recipe)
        self.bfloat16 = bfloat16
        self.steps = 0
        self.examples = torch.from_numpy(recipe.examples)
        wrap: Callable[[Any], Any] = torch.compile if compiled else lambda function: function
        self.generate = wrap(self.generate)
        self.discriminator_loss = wrap(self.discriminator_loss)
        self.generator_loss = wrap(self.generator_loss)
        self.played_loss = wrap(self.played_loss)

    # What a step is made of ---------------------------------------------------------------

    def generate(self, latents: Sequence[torch.Tensor]) -> torch.Tensor:
        """Samples of all generators, those of the first one first."""
        parts = [head(z) for head, z in zip(self.heads, latents, strict=True)]
        return self.trunk(torch.cat(parts) if len(parts) > 1 else parts[0])

    def discriminator_loss(self, real: Outputs, fake: Outputs, noise: torch.Tensor) -> Outputs:
        """Of real and generated samples, which pass separately: batch norm tells them apart."""
        return self.of_discriminator(
            self.discriminator(self.seen(real, noise)).float(),
            self.discriminator(self.seen(fake, noise)).float(),
        )

    def generator_loss(self, fake: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        """Of samples that are made already."""
        return self.of_generator(self.discriminator(self.seen(fake, noise)).float())

    def played_loss(self, latents: Sequence[torch.Tensor], noise: torch.Tensor) -> torch.Tensor:
        """Of samples that are made from latents of this move's own."""
        return self.of_generator(
            self.discriminator(self.seen(self.generate(latents), noise)).float()
        )

    def seen(self, batch: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        """What the discriminator sees: `noise` is the noise's standard deviation."""
        if not self.recipe.instance_noise:
            return batch
        return batch + noise * torch.randn_like(batch)

    # The step -----------------------------------------------------------------------------

    def step(self, real: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """One move of each player; returns the discriminator's loss and the generator's."""
        recipe = self.recipe
        noise = self.noise()
        self.set_rates()
        with self.precision():
            with torch.set_grad_enabled(not recipe.fresh_noise):
                fake = self.generate(self.latents())
            loss_d = self.discriminator_loss(real, fake.detach(), noise)
        self.move("discriminator", loss_d)
        with fixed(self.discriminator), self.precision():
            if recipe.fresh_noise:
                loss_g = self.played_loss(self.latents(), noise)
            else:
                loss_g = self.generator_loss(fake, noise)
            self.move("generator", loss_g)
        self.update_average()
        self.steps += 1
        return loss_d.detach(), loss_g.detach()

    def run(self, steps: int) -> list[float]:
        """Train for so many steps; returns the mean losses."""
        losses = torch.zeros(2)
        for _ in range(steps):
            losses += torch.stack(self.step(self.real()))
        return (losses / steps).tolist()

    def real(self) -> torch.Tensor:
        """A batch of examples, images as NCHW in channels_last."""
        chosen = torch.randint(len(self.examples), (self.recipe.batch,))
        return self.as_seen(self.examples[chosen])

    @staticmethod
    def as_seen(batch: torch.Tensor) -> torch.Tensor:
        """Examples as the networks take them."""
        if batch.dtype == torch.uint8:
            batch = batch.float().div_(255)
        return batch.permute(0, 3, 1, 2) if batch.dim() == 4 else batch

    def latents(self) -> list[torch.Tensor]:
        """`(samples, latent_dim)` for each generator."""
        shape = len(self.heads), self.recipe.samples, self.recipe.latent_dim
        drawn = torch.randn(shape) if self.recipe.normal else torch.rand(shape).mul_(2).sub_(1)
        return list(drawn.unbind())

    def noise(self) -> torch.Tensor:
        """Standard deviation of the instance noise now."""
        left = max(1 - self.steps / self.recipe.instance_noise_steps, 0.0)
        return torch.tensor(self.recipe.instance_noise * left)

    def precision(self) -> contextlib.AbstractContextManager[Any]:
        return torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16)

    def set_rates(self) -> None:
        """The learning rates of this step."""
        if self.recipe.decay_steps is None:
            return
        share = 0.5 * (1 + math.cos(math.pi * min(self.steps / self.recipe.decay_steps, 1.0)))
        for player, optimizer in self.optimizers.items():
            optimizer.param_groups[0]["lr"].fill_(self.recipe.rates[player] * share)

    def move(self, player: str, loss: torch.Tensor) -> None:
        """One step of a player's optimizer."""
        loss.backward()
        self.optimizers[player].step()
        self.optimizers[player].zero_grad(set_to_none=True)

    @torch.no_grad()
    def update_average(self) -> None:
        """Move the average of the generator's weights towards them."""
        if self.average is None:
            return
        decay = min(self.recipe.ema_decay, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(self.average, list(self.generator.parameters()), 1 - decay)


@contextlib.contextmanager
def fixed(module: nn.Module) -> Iterator[None]:
    """No gradients of the module's weights meanwhile."""
    module.requires_grad_(False)
    yield
    module.requires_grad_(True)


# Losses ---------------------------------------------------------------------------------


def _gan(recipe: Recipe) -> tuple[Callable[..., Any], Callable[..., Any]]:
    return _cross_entropy, lambda fake: functional.softplus(-fake).mean()


def _cross_entropy(real: Outputs, fake: Outputs) -> Outputs:
    return functional.softplus(-real).mean() + functional.softplus(fake).mean()


def _mdgan(recipe: Recipe) -> tuple[Callable[..., Any], Callable[..., Any]]:
    vertices = torch.from_numpy(recipe.loss["vertices"])
    variance, epsilon = recipe.loss["variance"], recipe.loss["epsilon"]
    bound, saturating = recipe.loss["bound"], recipe.loss["saturating"]

    def log_likelihood(embeddings: Outputs) -> Outputs:
        if bound is not None:
            squares = embeddings.square().sum(1, keepdim=True)
            embeddings = embeddings * (bound / torch.sqrt(bound**2 + squares))
        squares = (embeddings[:, None] - vertices).square().sum(-1)
        return -squares.amin(1) / (2 * variance)

    def log_unlikelihood(log: Outputs) -> Outputs:
        return torch.log(epsilon - torch.expm1(log))

    def of_discriminator(real: Outputs, fake: Outputs) -> Outputs:
        return -log_likelihood(real).mean() - log_unlikelihood(log_likelihood(fake)).mean()

    def of_generator(fake: Outputs) -> Outputs:
        log = log_likelihood(fake)
        return log_unlikelihood(log).mean() if saturating else -log.mean()

    return of_discriminator, of_generator


def _mgan(recipe: Recipe) -> tuple[Callable[..., Any], Callable[..., Any]]:
    numbers = torch.arange(len(recipe.heads)).repeat_interleave(recipe.samples)
    diversity = recipe.loss["diversity"]

    def of_discriminator(real: Outputs, fake: Outputs) -> Outputs:
        told = functional.cross_entropy(fake[:, 1:], numbers)
        return _cross_entropy(real[:, 0], fake[:, 0]) + told

    def of_generator(fake: Outputs) -> Outputs:
        told = functional.cross_entropy(fake[:, 1:], numbers)
        return functional.softplus(-fake[:, 0]).mean() + diversity * told

    return of_discriminator, of_generator


LOSSES = {"gan": _gan, "mdgan": _mdgan, "mgan": _mgan}
"""By method: what makes of a recipe the losses of the discriminator's outputs."""
