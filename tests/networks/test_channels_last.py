"""Images are `(height, width, channels)`, whatever keras.json says."""

import ast
import functools
import inspect
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import kgan
from kgan import presets
from kgan.networks import channels_last

ROOT = Path(kgan.__file__).parent
# What may have either: Keras' layers that a user gives, made anew, and where it is pinned.
OF_EITHER = {ROOT / "layers" / "stacked.py", ROOT / "layers" / "spectral.py"}
PINNED = ROOT / "networks" / "channels_last.py"


@pytest.fixture
def channels_first():
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    yield
    keras.config.set_image_data_format(before)


def takes_data_format(function):
    return "data_format" in inspect.signature(function).parameters


def test_no_layer_of_images_is_left_to_the_configuration():
    found = set()
    for path in {*ROOT.rglob("*.py")} - OF_EITHER - {PINNED}:
        tree = ast.parse(path.read_text())
        given = {
            id(node.func)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and "data_format" in {k.arg for k in node.keywords}
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and id(node) not in given:
                place = ast.unparse(node.value).removeprefix("keras.")
                home = {"layers": keras.layers, "ops": keras.ops, "ops.image": keras.ops.image}
                used = getattr(home.get(place), node.attr, None)
                if callable(used) and takes_data_format(used):
                    found.add((path.name, f"{place}.{node.attr}"))
    assert found == set()


def test_those_of_the_networks_are_pinned(channels_first):
    made = [f for f in vars(channels_last).values() if isinstance(f, functools.partial)]
    assert len(made) >= 10
    assert {f.keywords["data_format"] for f in made} == {"channels_last"}


@pytest.mark.parametrize("name", ["mgan_images", "sngan_resnet_cifar10", "began_images"])
def test_games_of_images_train(name, channels_first):
    model = presets.get(name).build((8, 8, 3), preset=name)
    images = np.random.default_rng(0).uniform(-1, 1, (20, 8, 8, 3)).astype("float32")
    model.compile()
    logs = model.train_step(tf.constant(images))
    assert np.isfinite(logs).all()
    assert model.sample(3, seed=0).shape == (3, 8, 8, 3)
