"""kgan, plain Keras and PyTorch play the same game: the same losses and the same weights after."""

import concurrent.futures
import dataclasses
import importlib.util
import multiprocessing

import keras
import numpy as np
import pytest

from benchmarks.peers import games, keras_peer, torch_worker
from benchmarks.peers.games import Game

TINY = (8, 8, 1)
GAMES = {
    "gan": Game("gan_fashion_mnist", shape=TINY),
    "mdgan": Game("mdgan_fashion_mnist", shape=TINY),
    "mgan": Game("mgan_fashion_mnist", generators=3, shape=TINY),
    "mdgan_points": Game("mdgan_grid"),
    "mgan_points": Game("mgan_ring", generators=3),
    "mimgan_points": Game("mimgan_ring", generators=3),
}
BATCH, SAMPLES, RATE = 16, 8, 0.05


class Twins:
    """A game of kgan's and what others get of it: weights, real examples, latents, no noise."""

    def __init__(self, game):
        keras.utils.set_random_seed(0)
        changes = {"instance_noise": 0.0}
        if game.generators:
            changes["samples_per_generator"] = SAMPLES
        self.preset = dataclasses.replace(game.preset, batch_size=BATCH)
        self.ours = game.build(**changes)
        self.ours.compile(keras.optimizers.SGD(RATE))
        rng = np.random.default_rng(0)
        shape = (BATCH, *self.ours.sample_shape)
        images = len(shape) == 4
        self.real = (rng.uniform(size=shape) if images else rng.normal(size=shape)).astype("f4")
        count = getattr(self.ours, "num_generators", 1)
        rows = SAMPLES * count if game.generators else BATCH
        # Of the discriminator's move, and of the generator's where it has its own.
        self.latents = rng.uniform(-1, 1, (2, rows, self.ours.latent_dim)).astype("f4")
        self.count = count
        # Weights so small that all samples are alike, as papers have them, compare nothing.
        for network in (self.ours.generator, self.ours.discriminator):
            for variable in network.trainable_variables:
                if len(variable.shape) > 1 and not images:
                    variable.assign(3 * variable)

    def own_latents(self, move):
        """By generator."""
        return [self.latents[move][k :: self.count] for k in range(self.count)]

    def step(self):
        """Both losses."""
        drawn = iter(self.latents)
        self.ours.draw_latents = lambda batch, seed: keras.ops.array(next(drawn))
        return np.asarray(self.ours.train_step(keras.ops.array(self.real)))[:2]

    def weights(self):
        """Trainable ones: of each head, the trunk and the discriminator."""
        heads, trunk = games.split(self.ours)
        networks = [*heads, *([trunk] if trunk else []), self.ours.discriminator]
        return [np.asarray(w) for network in networks for w in network.trainable_weights]


def same(before, ours, theirs, losses, their_losses):
    np.testing.assert_allclose(losses, their_losses, rtol=1e-4, atol=1e-4)
    assert len(ours) == len(theirs)
    largest = max(np.abs(a - b).max() for a, b in zip(before, ours, strict=True))
    assert largest > 1e-3
    for first, a, b in zip(before, ours, theirs, strict=True):
        moved = np.abs(a - first).max()
        np.testing.assert_allclose(a, b, atol=1e-6 + 1e-2 * moved, rtol=1e-4)
        assert np.abs(a - b).max() < 1e-4


@pytest.mark.parametrize("name", GAMES)
def test_plain_keras_plays_the_same_game(name):
    twins = Twins(GAMES[name])
    before = twins.weights()
    theirs = keras_peer.peer(twins.ours, twins.preset)
    theirs.compile(keras.optimizers.SGD(RATE), keras.optimizers.SGD(RATE))
    moves = iter((0, 1))
    theirs.draw_latents = lambda: [keras.ops.array(z) for z in twins.own_latents(next(moves))]
    losses = twins.step()
    logs = theirs.train_step(keras.ops.array(twins.real))
    weights = [*theirs.generator_weights, *theirs.discriminator.trainable_weights]
    same(
        before,
        twins.weights(),
        [np.asarray(w) for w in weights],
        losses,
        [float(v) for v in logs.values()],
    )


@pytest.fixture(scope="module")
def pytorch():
    """A process of PyTorch's own: beside TensorFlow in one process it was seen to crash."""
    if importlib.util.find_spec("torch") is None:
        pytest.skip("PyTorch is not there: pip install kgan[peers]")
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, spawn) as process:
        yield lambda *args: process.submit(torch_worker.one_step, *args).result(timeout=600)


@pytest.mark.parametrize("name", [name for name in GAMES if "mimgan" not in name])
def test_pytorch_plays_the_same_game(name, pytorch):
    twins = Twins(GAMES[name])
    before = twins.weights()
    recipe = games.recipe(twins.ours, twins.preset, twins.real)
    losses = twins.step()
    their_losses, weights = pytorch(recipe, [twins.own_latents(move) for move in (0, 1)], RATE)
    same(before, twins.weights(), weights, losses, their_losses)


def test_a_recipe_has_the_presets_numbers():
    game = Game("mdgan_grid")
    found = games.recipe(game.build(), game.preset, np.zeros((1, 2)))
    assert found.rates == {"discriminator": 5e-4, "generator": 1e-3}
    assert (found.decay_steps, found.betas, found.epsilon) == (10_000, (0.5, 0.999), 1e-7)
    assert (found.batch, found.samples, found.fresh_noise) == (256, 256, True)
    assert (found.instance_noise, found.ema_decay) == (0.3, None)
