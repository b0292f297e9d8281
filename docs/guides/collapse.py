# %% [markdown]
# # Is this mode collapse?
#
# Find what you see in the first column. Each line has a section below with a run that shows it, on
# points in the plane, and another run that does not: seconds each, on two cores. On images the
# same things happen, and take longer.
#
# | what you see | look at | change first |
# | --- | --- | --- |
# | all samples are alike | `modes_covered`, `diversity` | the discriminator's learning rate, up; then packs, or another method |
# | alike within a class | `mode_spread` | a method with an inverse; a rate that goes to 0 in time |
# | good until epoch 20, then worse | the curves of both over epochs | a rate that goes to 0; the best epoch kept |
# | one part is always the same: one eye shape under the mask | the same scores of that part alone | make the part as large to both networks as the rest |
# | 400 images | how near samples are to training images, held out ones beside | augmentation, or noise on what the discriminator sees |
# | other things that look like it | | [not mode collapse](#not-mode-collapse) |

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np

import kgan

ring = kgan.data.load("ring")  # Eight Gaussians: modes that can be counted.


def train(method=kgan.GAN, *, data=ring, steps=2000, rates=(1e-3, 1e-3), decay=False, **arguments):
    """A game of small networks; `rates` are the generator's and the discriminator's."""
    keras.utils.set_random_seed(0)
    width, outputs = data.example_shape[0] * arguments.get("pack", 1), 1
    if method is kgan.MDGAN:
        outputs = 7  # Embeddings, for 8 components.
    generator = kgan.networks.mlp(8, [64, 64], data.example_shape[0])
    discriminator = kgan.networks.mlp(width, [64, 64], outputs, input_scale=0.5)
    gan = method(generator, discriminator, latent_distribution="normal", seed=0, **arguments)
    optimizers = {}
    for player, rate in zip(("generator", "discriminator"), rates, strict=True):
        schedule = keras.optimizers.schedules.CosineDecay(rate, steps) if decay else rate
        optimizers[player] = kgan.Adam(schedule, beta_1=0.5)
    gan.compile(optimizers, steps_per_execution=50)
    watch = kgan.CollapseWatch(ring)
    epochs = 20  # Measured at the end of each.
    history = gan.fit(
        data,
        batch_size=min(128, len(data)),
        epochs=epochs,
        steps_per_epoch=steps // epochs,
        callbacks=[watch] if data is ring else [],
        verbose=0,
    )
    return gan, history.history, watch.events


def show(gans, real=ring.examples[:1000]):
    """Samples over real data, and the scores of 2,000 samples."""
    _, axes = plt.subplots(1, len(gans), figsize=(2.4 * len(gans), 2.6), squeeze=False)
    for axis, (title, (gan, *_)) in zip(axes[0], gans.items(), strict=True):
        axis.scatter(*real.T, s=4, color="lightgrey")
        axis.scatter(*gan.sample(1000, seed=1).T, s=3, color="tab:blue")
        axis.set(title=title, aspect="equal", xticks=[], yticks=[], xlim=(-3, 3), ylim=(-3, 3))
        scores = kgan.metrics.evaluate(gan, ring, samples=2000, metrics=["modes", "mode_spread"])
        spread = scores["mode_spread"]
        print(
            f"{title:24}{scores['modes_covered']} of 8 modes, "
            f"{scores['high_quality']:4.0%} within 3 std (real data 99%), "
            f"spread within modes {'none' if spread is None else f'{spread:.2f}'} (1)"
        )


# %% [markdown]
# ## All samples are alike
#
# The generator learns faster than the discriminator: it moves to wherever the discriminator is
# wrong just now, and the discriminator comes too late to say that everything else is empty.

# %%
alike = train(rates=(2e-3, 5e-4))
show({"rates 2e-3, 5e-4": alike})
print("the watch:", *(f"{event.what}, {event.when};" for event in alike[2]))

# %% [markdown]
# Look at `modes_covered` where modes can be counted (`classes_covered` of images with a
# classifier), and at `diversity`, how far samples lie apart beside real data, where nothing can be
# counted. `kgan.CollapseWatch(data)` in `fit`, and every run of an application, measures both as it
# trains, and warns.
#
# Change **the rates first**: as fast a discriminator, or two of its moves for one of the generator's
# (`discriminator_steps=2`). What helps at the very rates that collapsed: a discriminator that sees
# several samples at once (`pack=4`, PacGAN), one whose slope is bounded (`penalties=["r1:0.1"]`),
# or a method made for it (MD-GAN).

# %%
show(
    {
        "equal rates, 1e-3": train(),
        "pack=4": train(rates=(2e-3, 5e-4), pack=4),
        "R1 penalty": train(rates=(2e-3, 5e-4), penalties=["r1:0.1"]),
        "MD-GAN": train(kgan.MDGAN, rates=(2e-3, 5e-4)),
    }
)

# %% [markdown]
# ## Alike within a class
#
# Every class is there, and within a class all samples are nearly one. Counting modes does not see
# it, and neither does the share of good samples, which is then *above* what real data have room
# for. `mode_spread` does: the standard deviation within a mode (or class, in the features of a
# classifier) over the data's. 1 is right, 0 is one point a mode, below 0.7 terminal and report say
# "tighter than the data".

# %%
tight = train(rates=(3e-3, 1.5e-3), steps=4000)

keras.utils.set_random_seed(0)
inverse = kgan.InvertGAN.from_preset("invertgan_ring", seed=0)
inverse.compile(kgan.Adam(1e-3, beta_1=0.5), steps_per_execution=50)
inverse.fit(ring, batch_size=256, steps_per_epoch=4000, verbose=0)
show({"GAN": tight, "InvertGAN": (inverse,)})

# %% [markdown]
# A discriminator that sees one sample at a time cannot tell narrow from wide, as long as each
# sample is a good one. A method with an inverse can: latents that all give one point cannot be found
# again ([InvertGAN](../methods/invertgan.md)). So can, less surely, a discriminator that sees several
# samples at once: `pack=4`, or `kgan.layers.MinibatchStandardDeviation` in one of yours. And training
# that ends in time, which is the next section.
#
# ## Good until epoch 20
#
# A least-squares GAN on a grid of 25 modes, 40 epochs, measured after each. With a constant rate
# modes get narrower and narrower, and come and go; with one that goes to 0 by epoch 20 it stays
# where it was good.

# %%
grid = kgan.data.load("grid")
histories = {}
decaying = keras.optimizers.schedules.CosineDecay(1e-3, 20 * 150)
for title, rate in {"constant rate": 1e-3, "to 0 by epoch 20": decaying}.items():
    keras.utils.set_random_seed(1)
    gan = kgan.GAN.from_preset("lsgan_grid", seed=1)
    gan.compile(kgan.Adam(rate, beta_1=0.5), steps_per_execution=50)
    watch = kgan.CollapseWatch(grid)
    fit = gan.fit(
        grid, batch_size=256, epochs=40, steps_per_epoch=150, callbacks=[watch], verbose=0
    )
    histories[title] = fit.history

figure, axes = plt.subplots(1, 3, figsize=(9.6, 2.4))
for axis, key, title in zip(
    axes,
    ("modes_covered", "mode_spread", "generator_loss"),
    ("modes covered, of 25", "spread within modes (data: 1)", "the generator's loss"),
    strict=True,
):
    for name, history in histories.items():
        axis.plot(range(1, len(history[key]) + 1), history[key], label=name)
    axis.set(title=title, xlabel="epoch")
axes[0].set_ylim(0, 26)
axes[1].axhline(1, color="grey", linewidth=0.5)
axes[2].legend()

# %% [markdown]
# The losses do not show it: they are of two players against each other, and the generator's even
# falls while its modes get narrower.
#
# What to do:
#
# - Keep the best epoch, which the watch's columns tell: `keras.callbacks.ModelCheckpoint("best.keras",
#   monitor="modes_covered", mode="max", save_best_only=True)` after the watch in `callbacks`. A run
#   of an application keeps checkpoints, and `run.samples(step)` shows each.
# - Let the rate go to 0 (`CosineDecay`; on the command line `--decay=cosine`), so that training ends
#   instead of wandering on.
# - Average the generator's weights (`ema_decay=0.995`), where samples change from epoch to epoch
#   without getting better.
#
# ## One eye shape under the mask
#
# Samples differ, but one part of them is always the same: the eyes of all faces, the patch that a
# network fills in. The part is a small share of what the discriminator sees, so it hardly pays.
#
# Here a sample has four numbers: two for where it lies on a ring, and two, a tenth as large, for
# its "eyes", which lie on a ring of eight of their own.

# %%
rng = np.random.default_rng(0)
modes = ring.mixture.means


def ring_of(n):
    return modes[rng.integers(0, 8, n)] + 0.14 * rng.standard_normal((n, 2))


faces = kgan.data.from_array(np.hstack([ring_of(50_000), 0.1 * ring_of(50_000)]))


def part(magnified):
    """A GAN to whose networks the part may be as large as the rest."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    shrink, grow = layers.Rescaling([1.0, 1.0, 0.1, 0.1]), layers.Rescaling([1.0, 1.0, 10.0, 10.0])
    hidden = [layers.Dense(64, "relu") for _ in range(4)]
    generator = [keras.Input((8,)), *hidden[:2], layers.Dense(4)] + [shrink] * magnified
    discriminator = [keras.Input((4,))] + [grow] * magnified + [*hidden[2:], layers.Dense(1)]
    gan = kgan.GAN(
        keras.Sequential(generator),
        keras.Sequential(discriminator),
        latent_distribution="normal",
        seed=0,
    )
    gan.compile(kgan.Adam(1e-3, beta_1=0.5), steps_per_execution=50)
    gan.fit(faces, batch_size=128, steps_per_epoch=3000, verbose=0)
    return gan


figure, axes = plt.subplots(1, 4, figsize=(9.6, 2.6))
for at, magnified in enumerate((False, True)):
    samples = part(magnified).sample(2000, seed=1)
    for axis, name, points in zip(
        axes[2 * at :],
        ("whole", "part"),
        (samples[:, :2], 10 * samples[:, 2:]),
        strict=False,
    ):
        axis.scatter(*ring.examples[:1000].T, s=4, color="lightgrey")
        axis.scatter(*points[:1000].T, s=3, color="tab:blue")
        title = f"{name}, magnified" if magnified else name
        axis.set(title=title, aspect="equal", xticks=[], yticks=[], xlim=(-3, 3), ylim=(-3, 3))
        found = kgan.metrics.mode_counts(points, modes, 0.141)
        covered = int((found.near > 0.01 * len(points)).sum())
        print(f"{title:18}{covered} of 8 modes")

# %% [markdown]
# Look at the part **alone**: cut it out of samples and of real data, and measure these. Change how
# large it is to both networks (here by `Rescaling` layers), or crop the images to it. Where a generator fills in a part of a given image, the noise that it is given must
# matter: `kgan.ModeSeeking` (`terms=[kgan.ModeSeeking(1.0)]`) pays it for samples that differ where
# latents do, and a loss on the pixels (L1, L2) pays it for one average answer.
#
# ## 400 images
#
# With few examples the discriminator learns each by heart, and the generator with it. Here there
# are 40 points.

# %%
few = kgan.data.from_array(ring.examples[:40])
unseen = ring.examples[1000:1040]


def nearest(points, others):
    """The mean distance to the nearest of others."""
    return np.linalg.norm(points[:, None] - others[None], axis=-1).min(axis=1).mean()


by_heart = train(data=few, steps=5000)
noisy = train(data=few, steps=5000, instance_noise=0.3, instance_noise_steps=10**9)
show({"40 examples": by_heart, "noise for D": noisy}, real=few.examples)
new = ring.examples[2000:4000]
print(f"new real data: {nearest(new, few.examples):.3f} from the nearest of the 40")
for title, (gan, *_) in {"40 examples": by_heart, "noise for D": noisy}.items():
    samples = gan.sample(2000, seed=1)
    real, held = (
        float(np.mean(np.asarray(gan.discriminate(x)["probability"])))
        for x in (few.examples, unseen)
    )
    print(
        f"{title}: {nearest(samples, few.examples):.3f}; the discriminator takes the 40 for real "
        f"with {real:.3f}, others with {held:.3f}"
    )

# %% [markdown]
# Samples that are nearer to the training examples than new real data are repeat them. Look at the
# report's "does it repeat the training data?", and at what the discriminator says of held-out
# examples beside those it trains on: a difference is learning by heart.
#
# Change what it sees. On images: `augment=["translation", "color", "cutout"]`, which changes real and
# generated images alike, adaptively with `augment_target=0.6`; on points noise
# (`instance_noise`), as here. Then fewer steps, and a smaller discriminator.
#
# ## Not mode collapse
#
# - `gan.sample(64, seed=0)` twice is the same twice: leave the seed out.
# - **A discriminator that ends in a sigmoid**: losses have it in them, and with two modes get lost.
#   kgan warns; take the activation away.
# - Images all grey or saturated: their range is not the generator's. kgan refuses it; elsewhere
#   look at `tanh` and [-1, 1].
# - It has just begun: after a few hundred steps all samples are alike in every run.
# - Batch norm in the discriminator tells real and generated batches by their means, and the
#   generator learns nothing: leave it out, or take spectral norm (`discriminator_norm="spectral"`).
# - A loss that is not finite is not collapse: kgan stops and says at which step.
#
# ## The watch
#
# Every application measures a few samples at each row of its log (every 500 steps on points, every
# 125 or so on images) and warns when the measurements tell of collapse: what, how much, and the step
# where it began. `--nowatch_collapse` switches it off.
#
# ```
# python -m apps.gan --dataset=grid --steps=6000 --learning_rate=0.002 --discriminator_rate=0.25 --noevaluate --noexport
#
# Collapse watch: only 1 of 25 modes covered, since step 500.
# Collapse watch: samples lie 0.23 times as far apart as real data (best before: 0.50), since step 4,000.
# ```
#
# Each event is told once, lost modes again when they have become twice as many, and a note follows
# when it is over. The same is in `metrics.csv` and TensorBoard (the measurements, and
# `since_<kind>`: the step where an event began that goes on, else 0) and in `report.html`: a table of
# the events, and marks on the curves. In `fit` it is the callback `kgan.CollapseWatch(data)`;
# History and later callbacks have its numbers. All are of fixed latents, in inference mode:
# training has the same bits with and without it.
#
# | column | what it is |
# | --- | --- |
# | `modes_covered`, `modes_strict`, `high_quality`, `modes` | of 2,500 points of a known mixture; `modes` has a sign for each mode, `x` covered, `.` not, `-` of weight 0 |
# | `mode_spread` | the standard deviation within a mode over the data's: of the 2,500 points along the modes' principal axes, of 256 images in the classifier's features, within classes; 1 for real data |
# | `classes_covered`, `modes` | of 256 images of at most 25 classes, by the classifier that the run is measured with in the end; with `--noevaluate` by MIM-GAN's own alone |
# | `diversity` | mean distance between all pairs of 256 samples (images: of their pixels) over that of 256 real examples: 0 when all samples are one, about 1 for real data |
# | `generator_overlap` | of a mixture of generators, 0 to 1: `1 - I(generator; mode) / H(generator)`, for images by what the model's own head takes them for |
# | `separation` | of the discriminator's outputs for 256 real and 256 generated samples: twice the area under the ROC curve less 1, without its sign; 0 alike, 1 completely apart |
# | `clusters_used`, `vertex_distance` | of MD-GAN: how many vertices the embeddings of 256 samples lie at (the perplexity of their histogram), and how far from them; `real_clusters_used`, `real_vertex_distance` of 256 real examples |
#
# Three measurements in a row make an event, three end it, and it begins at the first of them. Levels
# are judged from the eighth measurement on, since all runs begin with poor samples.
#
# | kind | bad is |
# | --- | --- |
# | `modes_lost` | a mode that was covered in three measurements in a row and is not in three in a row |
# | `modes_missing` | fewer than half of the modes covered |
# | `diversity` | below 0.6 of its best level so far (of at most 1; levels are medians of three), or below 0.1 |
# | `mode_spread` | below 0.5: modes that are covered, each by a part of what it should be |
# | `overlap` | more than 0.4 above the least level so far, or above 0.9 |
# | `separation` | above 0.99 |
# | `loss` | `discriminator_loss` below 0.1 where it is a cross-entropy (2 log 2 = 1.39 without a clue) |
#
# The last two are about a discriminator that has nothing left to teach. With batch norm its outputs
# in inference mode need not be those it trains with, so `separation` can be low while the loss is
# near 0; a Wasserstein critic may be completely separated and still teach. Of 25 runs that ended with
# a mode lost 24 were being warned of, of 95 that kept all one: [all of them](../results/watch.md).
