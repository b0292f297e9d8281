"""Packs: what a discriminator of several samples sees, and which games have none."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tiny_methods import Watching, examples, tiny

import kgan
from kgan import presets
from kgan.data import Dataset
from kgan.game import packing
from kgan.methods import catalog, registry
from kgan.networks import mlp
from kgan.runs.live import LiveMeasurement

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(12, 2)).astype("float32")
METHODS = registry.methods()
ALONE = [name for name, method in METHODS.items() if method.model.no_packs]


@pytest.mark.parametrize("shape", [(12, 2), (12, 3, 4, 2)])
@pytest.mark.parametrize(("pack", "stride"), [(1, 1), (2, 1), (3, 1), (2, 3), (3, 2)])
def test_a_pack_is_of_neighbours_or_of_one_generators(shape, pack, stride):
    rows = RNG.normal(size=shape)
    found = np.asarray(packing.packed(tf.constant(rows), pack, stride))
    assert found.shape == (12 // pack, *packing.shape(shape[1:], pack))
    for row in range(12 // pack):
        turn, generator = divmod(row, stride)
        members = [rows[(turn * pack + i) * stride + generator] for i in range(pack)]
        np.testing.assert_array_equal(found[row], np.concatenate(members, axis=-1))


def test_rows_that_make_no_pack_are_left_out():
    found = packing.packed(tf.constant(POINTS[:11]), 2, 3)
    np.testing.assert_array_equal(found, packing.packed(tf.constant(POINTS[:6]), 2, 3))
    # Two replicas with half of the rows each see together what one sees.
    halves = [packing.packed(tf.constant(half), 3) for half in (POINTS[:6], POINTS[6:])]
    np.testing.assert_array_equal(packing.packed(tf.constant(POINTS), 3), np.concatenate(halves))


def linear(**kwargs):
    """A generator and a critic of packs of two, both linear."""
    keras.utils.set_random_seed(1)
    watching, head = Watching(), layers.Dense(1, use_bias=False)
    critic = keras.Sequential([keras.Input((4,)), watching, head])
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    return kgan.GAN(generator, critic, loss="wasserstein", pack=2, **kwargs), watching


def test_the_critic_sees_packs_and_the_generator_learns_from_every_sample_of_them():
    model, watching = linear(penalty="r2")
    model.compile(
        {"discriminator": keras.optimizers.SGD(0.0), "generator": keras.optimizers.SGD(1.0)}
    )
    watching.seen.clear()
    before = model.generator.layers[-1].get_weights()[1]
    model.train_step(tf.constant(POINTS))
    real, fake, again, last = watching.seen
    np.testing.assert_array_equal(real, POINTS.reshape(6, 4))
    for seen in (fake, again, last):  # The critic's, the penalty's, the generator's pass.
        np.testing.assert_array_equal(seen, fake)
        assert seen.shape == (6, 4)
    slopes = model.discriminator.layers[-1].get_weights()[0][:, 0]
    moved = model.generator.layers[-1].get_weights()[1] - before
    np.testing.assert_allclose(moved, slopes[:2] + slopes[2:], rtol=1e-5)


def test_a_packs_value_is_asked_for_by_packs():
    model, _ = linear()
    assert model.seen_shape == (4,)
    assert model.endpoints()["discriminate"].inputs[0].shape == (None, 4)
    found = model.discriminate(model.packed(POINTS))["value"]
    kernel = model.discriminator.layers[-1].get_weights()[0][:, 0]
    np.testing.assert_allclose(found, POINTS.reshape(6, 4) @ kernel, rtol=1e-4)
    measured = LiveMeasurement(model, POINTS, None)()
    assert 0 <= measured.values["separation"] <= 1


def test_batches_are_whole_packs():
    model, _ = linear()
    model.compile()
    data = Dataset("cloud", "train", np.tile(POINTS, (4, 1)))
    for call in (lambda: model.fit(data, batch_size=9), lambda: model.fit(POINTS, batch_size=9)):
        with pytest.raises(kgan.InputError, match=r"multiple of 2: packs of 2 .*batch_size=9"):
            call()
    with pytest.raises(kgan.InputError, match=r"at least 2 examples, for a pack\. Received: 1"):
        model.fit(POINTS[:1], batch_size=2, verbose=0)
    model.fit(POINTS[:11], batch_size=8, verbose=0)  # Of the last three examples a pack is left.
    assert np.isfinite(model.evaluate(data, batch_size=9)).all()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "name", ["gan", "sngan", "mdgan", "mgan", "madgan", "d2gan", "realness", "unrolledgan"]
)
def test_methods_train_with_packs_and_are_saved(name, tmp_path):
    changes = {"samples_per_generator": None} if name in ("mgan", "madgan") else {}
    model = tiny(name, pack=3, **changes)
    assert model.discriminator.input_shape == (None, 6)
    model.compile(steps_per_execution=1)
    before = [v.numpy() for v in model.trainable_variables]
    model.train_step(tf.constant(examples(model, 36)))
    for variable, old in zip(model.trainable_variables, before, strict=True):
        assert len(variable.shape) < 2 or (variable.numpy() != old).any(), variable.path
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    packs = model.packed(examples(model, 6))
    for one, other in zip(
        model.discriminate(packs).values(), loaded.discriminate(packs).values(), strict=True
    ):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", ["gan_images", "sngan_cifar10", "mdgan_images", "mgan_stl10"])
def test_presets_build_their_discriminator_for_packs(name):
    model = presets.build(name, example_shape=presets.get(name).example_shape or (8, 8, 1), pack=2)
    height, width, channels = model.sample_shape
    assert model.discriminator.input_shape == (None, height, width, 2 * channels)
    assert (
        model.discriminator.output_shape
        == presets.build(name, example_shape=model.sample_shape).discriminator.output_shape
    )


@pytest.mark.parametrize("name", ALONE)
def test_who_sees_samples_one_by_one_takes_no_packs(name):
    assert set(ALONE) == {
        *(
            "mimgan",
            "invertgan",
            "maemgan",
            "began",
            "magan",
            "bigan",
            "veegan",
            "dmganpl",
            "adagan",
        ),
    }
    cls = METHODS[name].model.__name__
    with pytest.raises(kgan.InputError, match=rf"{cls} takes no packs: its .* Received: pack=2"):
        presets.build(f"{name}_ring", pack=2)
    assert "pack" not in [option.name for option in catalog.methods()[name].options]


def test_bad_packs():
    for pack in (0, 1.5, "2"):
        with pytest.raises(kgan.InputError, match="pack"):
            presets.build("gan_ring", pack=pack)
    with pytest.raises(kgan.InputError, match=r"of single samples\. Received: a GAN with pack=2"):
        kgan.GAN(mlp(3, (4,), 2), mlp(4, (4,), 2), pack=2, regularizer=kgan.ManifoldEntropy())
    with pytest.raises(kgan.InputError, match=r"With pack=2 .* inputs of the shape \(None, 4\)"):
        kgan.GAN(mlp(3, (4,), 2), mlp(2, (4,), 1), pack=2)
    bank = kgan.GeneratorBank(mlp(3, (4,), 2), 2)
    with pytest.raises(kgan.InputError, match=r"whole packs of 2\. Received: 3 samples of each"):
        kgan.MGAN(bank, mlp(4, (4,), 3), pack=2, samples_per_generator=3)
    model = kgan.MGAN(bank, mlp(4, (4,), 3), pack=2, total_samples=9)
    assert model.samples_per_generator == 6
