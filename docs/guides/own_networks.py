# %% [markdown]
# # A generator and a discriminator of your own
#
# Any Keras model from latents `(n, latent_dim)` to samples is a generator, any from samples to one
# number a discriminator. That number is a logit: the discriminator ends in a layer **without a
# sigmoid**, which the losses have in them. With two of them modes get lost, and kgan warns.

# %%
import keras
import matplotlib.pyplot as plt
from keras import layers

import kgan

keras.utils.set_random_seed(0)  # Of the weights.
ring = kgan.data.load("ring")  # Eight Gaussians; an array (n, 2) of yours does as well.


def generator():
    return keras.Sequential(
        [keras.Input((8,)), layers.Dense(64, "relu"), layers.Dense(64, "relu"), layers.Dense(2)]
    )


def discriminator(outputs=1):
    hidden = [layers.Dense(64, "relu"), layers.Dense(64, "relu")]
    return keras.Sequential([keras.Input((2,)), *hidden, layers.Dense(outputs)])


# %% [markdown]
# ## Train
#
# The model is a `keras.Model`: `compile`, `fit`, callbacks, `save`. `kgan.CollapseWatch` measures
# at each epoch's end and warns of mode collapse.

# %%
gan = kgan.GAN(generator(), discriminator(), latent_distribution="normal", seed=0)
gan.compile(kgan.Adam(1e-3, beta_1=0.5), steps_per_execution=50)
watch = kgan.CollapseWatch(ring)
history = gan.fit(
    ring, batch_size=128, epochs=10, steps_per_epoch=200, callbacks=[watch], verbose=0
)
print("modes covered after each epoch:", [int(n) for n in history.history["modes_covered"]])
print("warned of:", [event.what for event in watch.events] or "nothing")

# %%
points = gan.sample(1000, seed=1)  # (1000, 2)


def show(samples):
    """Samples over real data."""
    _, axes = plt.subplots(1, len(samples), figsize=(2.6 * len(samples), 2.8), squeeze=False)
    for axis, (title, drawn) in zip(axes[0], samples.items(), strict=True):
        axis.scatter(*ring.examples[:1000].T, s=4, color="lightgrey")
        axis.scatter(*drawn.T, s=4, color="tab:blue")
        axis.set(title=title, aspect="equal", xticks=[], yticks=[], xlim=(-3, 3), ylim=(-3, 3))


show({"the GAN": points})

# %% [markdown]
# ## Measure, beside real data
#
# `scores["real"]` has what real points get in the place of generated ones: with finitely many
# samples nothing gets more. [Measure any generator](measure.ipynb) says what the scores are.

# %%
scores = kgan.metrics.evaluate(gan, ring, samples=1000)
for key in ("modes_covered", "modes_strict", "high_quality", "wasserstein"):
    print(f"{key:15}{scores[key]:8.3f}   real data {scores['real'][key]:6.3f}")

# %% [markdown]
# ## Another game, the same networks
#
# Every method takes them in the same way. Losses, penalties and plug-in terms are arguments
# ([parts that go together](../parts.md)); an embedder of MD-GAN has as many outputs as it has
# components, less one. What each method wants is in [its page](../methods.md).

# %%
games = {
    "hinge, R1": kgan.GAN(generator(), discriminator(), loss="hinge", penalties=["r1:0.1"]),
    "MD-GAN": kgan.MDGAN(generator(), discriminator(outputs=7), components=8),
    "unrolled, 2 steps": kgan.UnrolledGAN(generator(), discriminator(), unrolled_steps=2),
}
for game in games.values():
    game.compile(kgan.Adam(1e-3, beta_1=0.5), steps_per_execution=50)
    game.fit(ring, batch_size=128, steps_per_epoch=1000, verbose=0)
show({name: game.sample(1000, seed=1) for name, game in games.items()})

# %% [markdown]
# ## Keep it
#
# `.keras` has both networks and their optimizers, so that training goes on from there. `export`
# writes a SavedModel for TensorFlow Serving: [serve and call a model](serve.ipynb).

# %%
gan.save("mine.keras")
again = keras.saving.load_model("mine.keras")
print((again.sample(1000, seed=1) == points).all())
folder = gan.export("served/1")

# %% [markdown]
# ## What Keras' arguments and callbacks do
#
# What Keras says, for every player, or they are refused with a sentence that says what to do:
# [the tables](../keras.md). A learning rate for each player, for example:

# %%
gan.compile({"generator": kgan.Adam(2e-4), "discriminator": kgan.Adam(4e-4)})
print({player: float(adam.learning_rate) for player, adam in gan.optimizers.items()})

# %% [markdown]
# ## Go on
#
# - A game that kgan has not: [write a method](../new_method.md), about thirty lines.
# - Ten of your generators at once: [many generators](many_generators.ipynb).
# - A whole run with checkpoints, exact resume and a report, of your model and data:
#   [runs from Python](../runs.md).
# - Only measure it: `python -m apps.evaluate --generator=mine.keras --dataset=ring`.
