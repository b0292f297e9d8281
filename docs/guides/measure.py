# %% [markdown]
# # Measure any generator
#
# Whatever draws samples can be measured: a model of kgan, a Keras file, a SavedModel, a PyTorch
# module, an array from disk. Each score stands beside that of as many real examples: what a perfect
# generator gets.

# %%
import keras
import numpy as np

import kgan

grid = kgan.data.load("grid")
gan = kgan.MDGAN.from_preset("mdgan_grid", load_weights=True)


def show(scores, keys=("modes_covered", "high_quality", "mode_spread", "wasserstein")):
    """The scores beside those of real data."""
    for key in keys:
        print(f"{key:15}{scores[key]:8.3f}   real data {scores['real'][key]:6.3f}")


show(kgan.metrics.evaluate(gan, grid, samples=5000))

# %% [markdown]
# ## A generator of anyone's
#
# A source is a function of `(n, seed)` that gives an array, or anything with a `sample` like that.
# This one stands for a PyTorch module; with the real one the body is the comment
# ([more](../evaluate.md#pytorch), from a shell and with ONNX).

# %%
means = grid.mixture.means


def theirs(n, seed):
    """Samples (n, 2) as NumPy."""
    # with torch.no_grad():
    #     latents = torch.randn(n, 64, generator=torch.Generator().manual_seed(seed))
    #     return module(latents).cpu().numpy()
    rng = np.random.default_rng(seed)
    return means[rng.integers(0, 20, n)] + 0.02 * rng.standard_normal((n, 2))  # 20 of 25, tight


show(kgan.metrics.evaluate(theirs, grid, samples=5000))

# %% [markdown]
# More samples within 3 standard deviations than real data have (`high_quality`) is no success:
# these modes are too tight, which `mode_spread` tells (1 is the data's, 0 one point a mode). And
# samples that lie on disk (from a shell: [`--sample_files`](../evaluate.md#samples-in-files)):

# %%
saved = np.asarray(gan.sample(5000, seed=7))
show(kgan.metrics.evaluate(lambda n, seed: saved[:n], grid, samples=5000))

# %% [markdown]
# ## How much of it is noise
#
# Two sets of samples of one generator differ. `Evaluator` measures with several seeds; whether two
# generators differ is asked seed by seed.

# %%
evaluator = kgan.metrics.Evaluator(grid, samples=2000)
other = kgan.GAN.from_preset("gan_grid", load_weights=True)
ours = [evaluator.scores(gan, seed) for seed in range(5)]
gans = [evaluator.scores(other, seed) for seed in range(5)]
found = kgan.metrics.over_seeds(ours)["wasserstein"]
print(f"MD-GAN {found.generated.mean:.3f} ± {found.generated.std:.3f}", end=", ")
print(f"real data {found.real.mean:.3f} ± {found.real.std:.3f}")

by_seed = [dict(enumerate(scores["wasserstein"] for scores in each)) for each in (ours, gans)]
difference = kgan.metrics.paired_difference(*by_seed)
print(f"MD-GAN less GAN: {difference.mean:.3f}, from {difference.low:.3f} to {difference.high:.3f}")

# %% [markdown]
# That is the noise of the evaluation. Trainings differ by more: `python -m apps.bench --seeds=5`
# trains anew for each.
#
# ## Single measures
#
# Functions of arrays, without a data set of kgan: the [API](../evaluate.md#metrics) has all. Of
# images their arguments are features of a network.

# %%
rng = np.random.default_rng(0)
real, fake = rng.standard_normal((500, 8)), 0.5 * rng.standard_normal((500, 8))
print(kgan.metrics.precision_recall(fake, real))
statistics = [kgan.metrics.FeatureStatistics.from_features(each) for each in (real, fake)]
print(f"Fréchet distance {kgan.metrics.frechet_distance(*statistics):.2f}")

# %% [markdown]
# ## Images
#
# Images are seen through a network: the data set's own classifier, trained and cached before, or
# `feature_network=`. It must be the same for all that are compared, so its name is a part of the
# result. From Keras files and SavedModels, on the command line:
#
# ```
# python -m apps.evaluate --generator=mine.keras --dataset=fashion_mnist --value_range=-1,1
# python -m apps.evaluate --generator=theirs.onnx --dataset=fashion_mnist --value_range=-1,1
# python -m apps.evaluate --saved_model=theirs --signature=draw --dataset=cifar10 --value_range=-1,1
# python -m apps.evaluate --run=runs/mdgan-fashion_mnist-seed0 --metrics=frechet_distance,prd --seeds=3
# ```
#
# The latents' shape is read off the generator's input; `--latents` says whether they are N(0, 1),
# the default, or U[-1, 1]. Images in another range than is said are refused and not measured:

# %%
latents = keras.Input((16,))
images = keras.layers.Reshape((28, 28, 1))(keras.layers.Dense(784, "tanh")(latents))
keras.Model(latents, images).save("foreign.keras")
foreign = kgan.serving.KerasGenerator(
    kgan.serving.load_keras_file("foreign.keras"),
    "foreign.keras",
    example_shape=(28, 28, 1),
    value_range=(0, 1),
)
try:
    foreign.sample(4, seed=0)
except kgan.InputError as error:
    print(error)

# %% [markdown]
# ## Go on
#
# - [Scores](../evaluate.md): what each key means, what is kept, and SavedModels of whatever origin.
# - What real data get with how many samples: [ring](../results/floor_ring.md),
#   [grid](../results/floor_grid.md), [Fashion-MNIST](../results/floor_fashion_mnist.md).
# - Two runs beside each other: `python -m apps.compare runs/a runs/b`
#   ([reports](../reports.md)).
