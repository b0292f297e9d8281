# %% [markdown]
# # Many generators
#
# A mixture of K generators gives each a part of the data: what one of them leaves out another one
# makes. It is the shortest way to data whose modes lie far apart, and to samples that come with a
# cluster's number. Three methods of kgan train one: [MGAN](../methods/mgan.md),
# [MIM-GAN](../methods/mimgan.md) and [MAD-GAN](../methods/madgan.md), and
# [DMGAN-PL](../methods/dmganpl.md) learns besides how often each generator is taken.
#
# A `kgan.GeneratorBank` makes K generators of one, as a single network: a step is one pass and one
# gradient whatever K is.

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np

import kgan

keras.utils.set_random_seed(0)
ring = kgan.data.load("ring")
template = kgan.networks.mlp(8, [64, 64], 2)  # Any functional or sequential Keras model.


def train(generators, private_layers=1, steps=2000):
    """MGAN: a classifier beside the discriminator tells the generators apart."""
    bank = kgan.GeneratorBank(template, generators=generators, private_layers=private_layers)
    discriminator = kgan.networks.mlp(2, [64, 64], 1 + generators)
    gan = kgan.MGAN(bank, discriminator, latent_distribution="normal", seed=0)
    gan.compile(kgan.Adam(1e-3, beta_1=0.5), steps_per_execution=50)
    gan.fit(ring, batch_size=128, steps_per_epoch=steps, verbose=0)
    return gan


def show(gans):
    """Samples over real data, a colour for each generator."""
    _, axes = plt.subplots(1, len(gans), figsize=(2.6 * len(gans), 2.8), squeeze=False)
    for axis, (title, gan) in zip(axes[0], gans.items(), strict=True):
        points, generators = gan.sample_with_generators(1000, seed=0)
        axis.scatter(*ring.examples[:1000].T, s=4, color="lightgrey")
        axis.scatter(*points.T, s=4, c=generators, cmap="tab10", vmin=0, vmax=9)
        axis.set(title=title, aspect="equal", xticks=[], yticks=[], xlim=(-3, 3), ylim=(-3, 3))


# %% [markdown]
# ## How many?
#
# As many as the data have modes gives each a mode of its own; that tells the method what others
# must find out, so say so where methods are compared. With fewer each takes several modes, with
# more several share one.

# %%
few, eight = train(3), train(8)
show({"3 generators": few, "8 generators": eight})
for gan in (few, eight):
    scores = kgan.metrics.evaluate(gan, ring, samples=2000)
    print(
        f"{scores['generators']} generators: {scores['modes_covered']} of 8 modes, "
        f"overlap {scores['generator_overlap'] or 0:.2f}"
    )

# %% [markdown]
# `generator_overlap` is 0 where no two generators make the same mode, and 1 where all make the
# same.
#
# ## What they share
#
# The first `private_layers` layers with a kernel are each generator's own, with the batch norms
# after them; the others are shared (MGAN's choice is 1). Layers that a bank does not know, and your
# own, are shared from the first on that follows these; `first_shared="name"` names the first shared
# layer instead. Own layers hold stacked weights `(K, ...)`: dense ones are one batched product,
# convolutions a loop inside the graph, batch norms one reduction. What that costs beside
# plain Keras is [measured](../results/peers.md).

# %%
for private_layers in (1, 2, 3):
    bank = kgan.GeneratorBank(template, generators=8, private_layers=private_layers)
    print(f"private_layers={private_layers}: {bank.count_params():,} weights")
print(f"one generator: {template.count_params():,} weights")

# %% [markdown]
# ## One of them, and how often each
#
# In training each generator makes as many samples, in turns (row `r` is generator `r % K`'s), and
# expectations weigh them by the mixture weights. `set_mixture_weights` takes the generators so
# often from then on, in training, in sampling and in what is exported. 0 switches one off.

# %%
of_one = eight.sample(1000, seed=0, generator=2)  # (1000, 2)
alone = eight.generator.generator(2)  # An ordinary Keras model.
print(np.allclose(alone(eight.sample_latents(1000, seed=0)), of_one, atol=1e-5))

eight.set_mixture_weights([0.4, 0.4, 0.2, 0, 0, 0, 0, 0])
_, generators = eight.sample_with_generators(1000, seed=1)
print(np.bincount(generators, minlength=8))

# %% [markdown]
# ## On images
#
# ```
# python -m apps.mgan --dataset=fashion_mnist                         # ten generators
# python -m apps.mgan --dataset=folder --data_dir=photos --image_size=64 --generators=5
# python -m apps.bench --bench=ring --methods=gan,mgan,mimgan,madgan  # beside each other, over seeds
# ```
#
# The report has a row of samples for each generator, and which classes each makes. Of a
# mixture that is served one generator can be asked for: [serve and call a model](serve.ipynb).
#
# ## When not
#
# - Modes of very unequal weights: equal shares of few generators do not fit them
#   ([rare modes](../results/bench_rare_ring.md)).
# - No clusters in the data: one generator covers them with less to tune ([which method?](../choosing.md)).
