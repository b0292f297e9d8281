"""What every method must do, from its METHOD alone: its preset of points, trained a few steps."""

import json

import keras
import numpy as np
import pytest
from tiny_methods import requests

from benchmarks import golden
from kgan import AdversarialModel, presets
from kgan.data import Dataset
from kgan.methods import registry

METHODS = [name for name, method in registry.methods().items() if "ring" in method.presets]
POINTS = np.random.default_rng(0).normal(size=(256, 2)).astype("float32")


def classifier():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(8)])


def compiled(name):
    """The model of the preset for the ring. Without a graph, as `test_golden.py` has each's."""
    keras.utils.set_random_seed(0)
    preset = presets.get(f"{name}_ring")
    changes = {k: v for k, v in golden.SHORT.items() if k in preset.arguments}
    if "classifier" in preset.network_arguments:
        changes["classifier"] = classifier()
    model = AdversarialModel.from_preset(f"{name}_ring", **changes)
    model.compile(steps_per_execution=1, run_eagerly=True)
    return model


def fit(model, steps):
    data = Dataset(name="cloud", split="train", examples=POINTS, labels=np.arange(256) % 8)
    model.fit(data, batch_size=32, steps_per_epoch=steps, verbose=0)


def state(model):
    optimizers = [v for optimizer in model.optimizers.values() for v in optimizer.variables]
    return [v.numpy() for v in [*model.variables, *optimizers]]


def rows_are_alone(model):
    """What is served for a row does not depend on the rows beside it."""
    for name, endpoint in model.endpoints().items():
        rows = requests(endpoint, 5)
        together = endpoint.function(*rows)
        for output, values in together.items():
            for i in (0, 4):
                alone = endpoint.function(*(row[i : i + 1] for row in rows))[output][0]
                np.testing.assert_allclose(alone, values[i], rtol=1e-3, atol=1e-4, err_msg=name)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", METHODS)
def test_a_method(name, tmp_path):
    model = compiled(name)
    before = [v.numpy() for v in model.trainable_variables]
    fit(model, 2)
    assert type(model) is registry.methods()[name].model
    owned = [v for player in model.players.values() for v in player.variables]
    assert sorted(map(id, owned)) == sorted(map(id, model.trainable_variables))
    for variable, old in zip(model.trainable_variables, before, strict=True):
        # A critic's last bias changes no difference of its values: biases may stand still.
        assert len(variable.shape) < 2 or (variable.numpy() != old).any(), variable.path
    samples = model.sample(7, seed=1)
    assert samples.shape == (7, 2)
    assert np.isfinite(samples).all()
    told = model.discriminate(samples)
    assert {"probability", "value", "error"} & told.keys()
    assert all(value.shape[0] == 7 and np.isfinite(value).all() for value in told.values())
    rows_are_alone(model)

    # Saved and loaded, it trains on as if it had never been saved, under the same arguments.
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    loaded.run_eagerly = True
    assert list(loaded.get_config()) == list(model.get_config())
    plain = {k: v for k, v in model.get_config().items() if not isinstance(v, dict)}
    assert {k: loaded.get_config()[k] for k in plain} == json.loads(json.dumps(plain))
    for one in (model, loaded):
        fit(one, 1)
    for a, b in zip(state(model), state(loaded), strict=True):
        np.testing.assert_array_equal(a, b)
