"""A model of each method in the registry, as small as its preset of points can be."""

import contextlib

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from benchmarks import golden
from kgan.methods import registry
from kgan.networks import sngan_resnet_discriminator, sngan_resnet_generator

# Of a preset's arguments those that it has.
SMALL = {
    **golden.SHORT,
    "generators": 3,
    "discriminators": 2,
    "samples_per_generator": 4,
    "discriminator_steps": 2,
    "critic_steps": 2,
    "unrolled_steps": 1,
}
IMAGES = (8, 8, 1)
# Networks of a method that has no preset of points.
NETWORKS = {
    "sngan_resnet": lambda: (
        sngan_resnet_generator(IMAGES, 4, width=4),
        sngan_resnet_discriminator(IMAGES, width=4),
    )
}


def tiny(name, **changes):
    """A method's model, always of the same weights."""
    keras.utils.set_random_seed(0)
    method = registry.methods()[name]
    preset = method.presets.get("ring") or next(iter(method.presets.values()))
    known = {**preset.arguments, **preset.network_arguments}
    if name == "dmganpl":
        known["critic_steps"] = 5
    given = {**{k: v for k, v in SMALL.items() if k in known}, **changes}
    if "classifier" in known:
        looks = [keras.Input(preset.example_shape), keras.layers.Dense(4)]
        given["classifier"] = keras.Sequential(looks)
    if name in NETWORKS:
        one_move = {"discriminator_steps": 1}  # Deep networks take long to compile.
        return method.model(*NETWORKS[name](), **{**preset.arguments, **given, **one_move})
    return method.named_presets()[f"{name}_ring"].build(**given)


def tiny_of_images(name):
    """Its model of images, of the preset for any set where there is one."""
    if f"{name}_images" not in registry.presets():
        return tiny(name)
    preset = registry.presets()[f"{name}_images"]
    known = {**preset.arguments, **preset.network_arguments}
    given = {k: v for k, v in SMALL.items() if k in known}
    if "classifier" in known:
        looks = [keras.Input(IMAGES), keras.layers.Flatten(), keras.layers.Dense(4)]
        given["classifier"] = keras.Sequential(looks)
    return preset.build(IMAGES, **given)


def examples(model, rows):
    """A batch in the generator's range."""
    low, high = model.value_range
    numbers = np.random.default_rng(0).uniform(size=(rows, *model.sample_shape))
    return (low + (high - low) * numbers).astype("float32")


def requests(endpoint, rows):
    """What an endpoint can be asked for so many rows: the first generator where one is chosen."""
    rng = np.random.default_rng(1)
    found = []
    for spec in endpoint.inputs:
        values = rng.normal(size=(rows, *spec.shape[1:])) * 3
        if spec.name in ("generator", "truncation"):
            values = np.full(rows, 0 if spec.name == "generator" else 1.5)
        found.append(tf.cast(values, spec.dtype))
    return found


@contextlib.contextmanager
def precision(policy):
    """All that Keras makes meanwhile is of a policy; float64 is its default type as well."""
    before = keras.config.dtype_policy()
    with golden.float64() if policy == "float64" else contextlib.nullcontext():
        keras.config.set_dtype_policy(policy)
        try:
            yield
        finally:
            keras.config.set_dtype_policy(before)


@keras.saving.register_keras_serializable("kgan_tests")
class Watching(layers.Layer):
    """Passes on what it is shown, and keeps it where that is no graph."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seen = []

    def call(self, x):
        if hasattr(x, "numpy"):
            self.seen.append(x.numpy())
        return x
