"""What every method of the registry must do, with small networks on points."""

import csv
import functools
import inspect
import subprocess
import sys
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import kgan
from kgan.data import Dataset
from kgan.methods import registry

POINTS = np.random.default_rng(0).normal(size=(48, 2)).astype("float32")
DATASET = Dataset(name="normal", split="train", examples=POINTS)
LATENT_DIM = 3


def networks(outputs, *, dropout=0.0, last_bias=True):
    """Fresh networks, always of the same weights; every weight has a gradient.

    `last_bias=False` is for games of differences, which no constant on all values can change.
    """
    keras.utils.set_random_seed(1)
    generator = keras.Sequential(
        [
            keras.Input((LATENT_DIM,)),
            layers.Dense(8, use_bias=False),  # The mean that batch norm subtracts needs no bias.
            layers.BatchNormalization(synchronized=True),
            layers.LeakyReLU(0.2),
            layers.Dropout(dropout),
            layers.Dense(2),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(8),
            layers.LeakyReLU(0.2),
            layers.Dropout(dropout),
            layers.Dense(outputs, use_bias=last_bias),
        ]
    )
    return generator, discriminator


def gan(loss="non_saturating", *, dropout=0.0, outputs=1, **kwargs):
    """Where the game is one of differences, or of hinges that all bend, no last bias counts."""
    counts = loss not in ("wasserstein", "relativistic_average", "relativistic_pairing", "hinge")
    given = networks(outputs, dropout=dropout, last_bias=counts)
    return kgan.GAN(*given, loss=loss, **kwargs)


def realnessgan(*, dropout=0.0, **kwargs):
    return kgan.RealnessGAN(*networks(5, dropout=dropout), **kwargs)


def began(*, dropout=0.0, **kwargs):
    model = kgan.BEGAN(*networks(2, dropout=dropout), **kwargs)
    model.balance.assign(0.5)
    return model


def magan(*, dropout=0.0, **kwargs):
    """Beyond the steps of the autoencoder alone, all generated samples below the margin."""
    model = kgan.MAGAN(*networks(2, dropout=dropout), **kwargs)
    model.pretraining_left.assign(0.0)
    model.margin.assign(100.0)
    return model


def maemgan(*, dropout=0.0, **kwargs):
    # The buffers fill, and the losses with them: hardly, so that a player lowers its own.
    return kgan.MaEMGAN(*networks(4, dropout=dropout), entropy=1e-4, **kwargs)


def mdgan(likelihood="max", loss="saturating", *, dropout=0.0, **kwargs):
    # Vertices of norm 1: with four of them and variance 0.25 the sum has four hills.
    shape = {"likelihood": likelihood, "vertex_scale": "unit_norm", "loss": loss}
    return kgan.MDGAN(*networks(3, dropout=dropout), **shape, **kwargs)


GENERATORS = 3


def mixture(cls, outputs, *further, private_layers=None, dropout=0.0, last_bias=True, **kwargs):
    """A game of a bank of generators."""
    generator, discriminator = networks(outputs, dropout=dropout, last_bias=last_bias)
    bank = kgan.GeneratorBank(generator, GENERATORS, private_layers=private_layers)
    return cls(bank, discriminator, *(make() for make in further), **kwargs)


def classifier():
    return keras.Sequential([keras.Input((2,)), layers.Dense(4)])


def d2gan(*, dropout=0.0, **kwargs):
    generator, first = networks(1, dropout=dropout)
    return kgan.D2GAN(generator, first, networks(1, dropout=dropout)[1], **kwargs)


def gman(*, dropout=0.0, **kwargs):
    generator, discriminator = networks(1, dropout=dropout)
    return kgan.GMAN(generator, kgan.DiscriminatorBank(discriminator, 2), **kwargs)


def mixgan(*, dropout=0.0, **kwargs):
    generator, discriminator = networks(1, dropout=dropout)
    bank = kgan.GeneratorBank(generator, GENERATORS)
    return kgan.MIXGAN(bank, kgan.DiscriminatorBank(discriminator, 2), **kwargs)


def dfm(*, dropout=0.0, **kwargs):
    return kgan.DFM(*networks(1, dropout=dropout), **kwargs)


def inverse():
    """Samples to latents."""
    return keras.Sequential(
        [keras.Input((2,)), layers.Dense(8), layers.LeakyReLU(0.2), layers.Dense(LATENT_DIM)]
    )


def pairs(dropout):
    """A discriminator of samples and latents."""
    inputs = keras.Input((2,)), keras.Input((LATENT_DIM,))
    x = layers.LeakyReLU(0.2)(layers.Dense(8)(layers.Concatenate()(inputs)))
    return keras.Model(inputs, layers.Dense(1)(layers.Dropout(dropout)(x)))


def invertgan(*, dropout=0.0, **kwargs):
    generator, discriminator = networks(1, dropout=dropout)
    return kgan.InvertGAN(generator, inverse(), discriminator, gaussian_loss="p_norm", **kwargs)


def joint(cls, *, dropout=0.0, **kwargs):
    generator, _ = networks(1, dropout=dropout)
    return cls(generator, inverse(), pairs(dropout), **kwargs)


def unrolledgan(*, dropout=0.0, **kwargs):
    return kgan.UnrolledGAN(*networks(1, dropout=dropout), unrolled_steps=2, **kwargs)


MAKERS = {
    kgan.GAN: gan,
    kgan.MDGAN: mdgan,
    kgan.MGAN: functools.partial(mixture, kgan.MGAN, 1 + GENERATORS, private_layers=1),
    kgan.MIMGAN: functools.partial(mixture, kgan.MIMGAN, 1, classifier),
    kgan.MADGAN: functools.partial(mixture, kgan.MADGAN, 1 + GENERATORS),
    kgan.DMGANPL: functools.partial(mixture, kgan.DMGANPL, 6, critic_steps=1, last_bias=False),
    kgan.InvertGAN: invertgan,
    kgan.VEEGAN: functools.partial(joint, kgan.VEEGAN),
    kgan.BiGAN: functools.partial(joint, kgan.BiGAN),
    kgan.UnrolledGAN: unrolledgan,
    kgan.MaEMGAN: maemgan,
    kgan.RealnessGAN: realnessgan,
    kgan.BEGAN: began,
    kgan.MAGAN: magan,
    kgan.D2GAN: d2gan,
    kgan.GMAN: gman,
    kgan.MIXGAN: mixgan,
    kgan.AdaGAN: functools.partial(mixture, kgan.AdaGAN, 1),
    kgan.DFM: dfm,
}
# So that a step of these networks bites, and does not overshoot.
TUNED = {"weight_clip": 0.82, "penalty_weight": 1.0}


def of_registry(method):
    """What makes a small model of a method: its class, with what its preset of points says."""
    if method.model is not kgan.GAN:
        return MAKERS[method.model]
    preset = method.presets["ring"]
    given = {k: preset.arguments[k] for k in ("loss", "penalty") if k in preset.arguments}
    given |= {k: v for k, v in TUNED.items() if k in preset.arguments}
    several = preset.network_arguments["outputs"] > 1
    return functools.partial(gan, **given, outputs=3 if several else 1)


# `test_every_call.py` has the methods of images alone too.
METHODS = {k: of_registry(m) for k, m in registry.methods().items() if "ring" in m.presets}
METHODS |= {
    "gan-minimax": functools.partial(gan, "minimax"),
    "mdgan-max-non_saturating": functools.partial(mdgan, "max", "non_saturating"),
    "mdgan-sum-saturating": functools.partial(mdgan, "sum", "saturating"),
    "mdgan-sum-non_saturating": functools.partial(mdgan, "sum", "non_saturating"),
}
# Games whose state is of several kinds: `test_every_method.py` saves and trains all methods,
# without dropout and averages.
STATES = ["gan", "mdgan", "mgan", "dmganpl", "invertgan", "maemgan", "unrolledgan", "began"]
# One of each class, where an option of the losses cannot matter.
CLASSES = ["gan", "mdgan"]


@pytest.fixture(params=METHODS)
def make(request):
    return METHODS[request.param]


@pytest.fixture(params=CLASSES)
def make_class(request):
    return METHODS[request.param]


def fit(model, steps, data=DATASET, batch_size=8, **kwargs):
    return model.fit(data, batch_size=batch_size, steps_per_epoch=steps, verbose=0, **kwargs)


def state(model):
    """All that training changes, in order."""
    optimizers = [v for o in model.optimizers.values() for v in o.variables]
    return [v.numpy() for v in [*model.variables, *optimizers]]


def is_still(variable):
    """Whether it is the bias of DMGAN-PL's critic, whose game is one of differences."""
    return variable.path == "head/bias"


def assert_same_bits(one, other):
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def moved(before, after):
    return [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]


# Shapes, gradients, owners -----------------------------------------------------------------


def test_shapes(make):
    model = make()
    assert model.latent_dim == LATENT_DIM
    assert model.sample_shape == (2,)
    samples = model.sample(7)
    assert samples.shape == (7, 2)
    assert samples.dtype == np.float32
    assert model(np.zeros((5, LATENT_DIM), "float32")).shape == (5, 2)
    for output in model.discriminate(POINTS[:6]).values():
        assert output.shape[0] == 6
        assert np.isfinite(output).all()
    found = model.discriminate(POINTS)
    scalars = {"probability", "value", "error"} & set(found)
    assert scalars
    assert all(found[scalar].shape == (48,) for scalar in scalars)
    if "probability" in scalars:
        assert ((found["probability"] >= 0) & (found["probability"] <= 1)).numpy().all()


def test_gradients_reach_every_weight(make):
    model = make()
    model.compile(keras.optimizers.SGD(0.1))
    before = [v.numpy() for v in model.trainable_variables]
    logs = model.train_step(tf.constant(POINTS))
    assert logs.shape == (len(model.log_names),)
    for variable, old in zip(model.trainable_variables, before, strict=True):
        assert is_still(variable) or (variable.numpy() != old).any(), variable.path


def test_regularizers_count_in_every_players_loss(make):
    model = make()
    model.compile()
    plain = model.test_step(tf.constant(POINTS)).numpy()
    penalty = keras.regularizers.L2(0.3)
    for variable in model.trainable_variables:
        variable.regularizer = penalty
    found = model.test_step(tf.constant(POINTS)).numpy()
    for name, player in model.players.items():
        at = model.log_names.index(f"{name}_loss")
        expected = sum(float(penalty(v)) for v in player.variables)
        assert found[at] - plain[at] == pytest.approx(expected, rel=1e-3)


def test_a_move_changes_the_movers_weights_alone(make):
    for still in ("generator", "discriminator"):
        model = make()
        rates = {name: 0.0 if name == still else 0.1 for name in model.players}
        model.compile({name: keras.optimizers.SGD(rate) for name, rate in rates.items()})
        before = {name: [v.numpy() for v in p.variables] for name, p in model.players.items()}
        model.train_step(tf.constant(POINTS))
        for name, player in model.players.items():
            after = [v.numpy() for v in player.variables]
            assert any(moved(before[name], after)) == (name != still)


def test_each_player_lowers_its_own_loss(make):
    for mover in ("generator", "discriminator"):
        model = make()
        rates = {name: 0.02 if name == mover else 0.0 for name in model.players}
        model.compile({name: keras.optimizers.SGD(rate) for name, rate in rates.items()})
        losses = []
        for _ in range(4):
            model.step.assign(0)  # The same noise again.
            logs = model.train_step(tf.constant(POINTS))
            losses.append(float(logs[model.log_names.index(f"{mover}_loss")]))
        assert (np.diff(losses) < 0).all(), mover


# Those whose discriminator's outputs are no logits, and may be bounded.
BOUNDED = {name for name in METHODS if name.startswith("mdgan")} | {
    *("began", "dmganpl", "lsgan", "magan")
}


def test_a_discriminator_that_ends_in_a_sigmoid_is_warned_of(monkeypatch):
    dense, warned = layers.Dense, {}
    outputs = {1, 2, 3, 4, 5}

    def ending(units, *args, **kwargs):
        last = units in outputs and not args and "activation" not in kwargs
        return dense(units, *args, **kwargs, **({"activation": "sigmoid"} if last else {}))

    monkeypatch.setattr(layers, "Dense", ending)
    for name, method in METHODS.items():
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            method()
        warned[name] = any("ends in a sigmoid" in str(one.message) for one in found)
    assert warned == {name: name not in BOUNDED for name in METHODS}
    with pytest.warns(UserWarning, match="ends in a softmax"):
        kgan.GAN(networks(1)[0], keras.Sequential([keras.Input((2,)), dense(3), layers.Softmax()]))
    inputs = keras.Input((2,))
    inner = keras.Model(inputs, layers.Activation("hard_sigmoid")(dense(1)(inputs)))
    with pytest.warns(UserWarning, match="ends in a hard_sigmoid"):
        kgan.GAN(networks(1)[0], keras.Sequential([keras.Input((2,)), inner]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kgan.GAN(networks(1)[0], networks(1)[1], loss="least_squares")


def test_what_is_no_network_of_one_output_is_refused():
    generator, discriminator = networks(1)
    inputs = keras.Input((2,))
    two = keras.Model(inputs, [layers.Dense(1)(inputs), layers.Dense(3)(inputs)])
    bank = kgan.GeneratorBank(generator, 3)
    for cls, first, second in ((kgan.GAN, generator, two), (kgan.MGAN, bank, two)):
        with pytest.raises(kgan.InputError, match=r"one tensor.*2 outputs; join them"):
            cls(first, second)
    for cls, given in (
        (kgan.GAN, (None, discriminator)),
        (kgan.GAN, (generator, None)),
        (kgan.VEEGAN, (generator, inverse(), None)),
        (kgan.VEEGAN, (None, inverse(), pairs(0.0))),
        (kgan.BiGAN, (generator, None, pairs(0.0))),
        (kgan.MDGAN, (generator, "discriminator")),
    ):
        with pytest.raises(kgan.InputError, match=r"Received: (None|'discriminator')"):
            cls(*given)
    assert kgan.MGAN(bank, networks(4)[1])(np.zeros((0, LATENT_DIM))).shape == (0, 2)


def test_every_variable_has_one_owner(make_class):
    model = make_class()
    owned = [v for player in model.players.values() for v in player.variables]
    assert sorted(map(id, owned)) == sorted(map(id, model.trainable_variables))
    model.extra = layers.Dense(1)
    model.extra.build((None, 2))
    with pytest.raises(kgan.InputError, match=r"exactly one player.*dense.*with owners \[\]"):
        model.compile()
    shared = keras.Sequential([keras.Input((2,)), layers.Dense(2, name="shared")])
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(2), shared])
    twice = type(make_class())(generator, keras.Sequential([shared, layers.Dense(1)]))
    with pytest.raises(kgan.InputError, match=r"shared/kernel with owners \['disc.*', 'gen.*'\]"):
        twice.compile()


# Fitting -----------------------------------------------------------------------------------


def test_fit_takes_arrays_tf_data_and_data_sets(make_class):
    model = make_class()
    model.compile()
    pairs = tf.data.Dataset.from_tensor_slices((POINTS, np.arange(48))).batch(8)
    for steps, data, batch_size in ((6, POINTS, 8), (3, pairs.take(3), None), (6, DATASET, 8)):
        before = model.steps_taken
        history = model.fit(data, batch_size=batch_size, epochs=1, verbose=0).history
        assert model.steps_taken == before + steps
        assert sorted(history) == sorted(model.log_names)
        assert np.isfinite(list(history.values())).all()


def test_a_data_set_of_other_shape_is_refused(make_class):
    model = make_class()
    model.compile()
    images = Dataset(name="grey", split="train", examples=np.zeros((9, 4, 4, 1), np.uint8))
    with pytest.raises(kgan.InputError, match=r"samples, \(2,\). Received: grey of shape \(4, 4, "):
        model.fit(images, batch_size=3, verbose=0)


@pytest.mark.parametrize("value_range", [(0.0, 1.0), (-1.0, 1.0)])
def test_images_come_in_the_range_of_the_generators(value_range):
    images = np.arange(256, dtype=np.uint8).reshape(16, 4, 4, 1)
    generator = keras.Sequential(
        [keras.Input((3,)), layers.Dense(16), layers.Reshape((4, 4, 1))],
    )
    discriminator = keras.Sequential([keras.Input((4, 4, 1)), layers.Flatten(), layers.Dense(1)])
    model = kgan.GAN(generator, discriminator, value_range=value_range)
    batch = next(iter(model.stream(Dataset(name="i", split="train", examples=images), 16)))
    assert (batch.numpy().min(), batch.numpy().max()) == pytest.approx(value_range)
    assert model.get_config()["value_range"] == list(value_range)


def test_two_fits_are_one_of_twice_the_epochs(make_class):
    once, twice = make_class(dropout=0.2), make_class(dropout=0.2)
    for model in (once, twice):
        model.compile()
    fit(once, 3, epochs=2)
    fit(twice, 3)
    fit(twice, 3)
    assert_same_bits(state(once), state(twice))


def test_many_steps_a_call_are_the_same_steps(make_class):
    models = make_class(dropout=0.2, ema_decay=0.9), make_class(dropout=0.2, ema_decay=0.9)
    histories = []
    for model, count in zip(models, (1, 3), strict=True):
        model.compile(steps_per_execution=count)
        histories.append(fit(model, 6).history)
    assert histories[0] == histories[1]
    assert_same_bits(*map(state, models))
    assert models[0].steps_taken == 6


def test_an_epoch_must_be_whole_executions(make_class):
    model = make_class()
    model.compile(steps_per_execution=4)
    expected = "steps per epoch with steps_per_execution=4"
    with pytest.raises(kgan.InputError, match=f"6 {expected}"):
        model.fit(POINTS, batch_size=8, verbose=0)
    with pytest.raises(kgan.InputError, match=f"2 {expected}"):  # Keras' default batch of 32.
        model.fit(POINTS, verbose=0)
    with pytest.raises(kgan.InputError, match=f"3 {expected}"):
        model.fit(POINTS, batch_size=8, validation_split=0.5, verbose=0)
    with pytest.raises(kgan.InputError, match=f"6 {expected}"):
        model.fit(tf.data.Dataset.from_tensor_slices(POINTS).batch(8), verbose=0)
    with pytest.raises(kgan.InputError, match=f"5 {expected}"):
        fit(model, 5)
    assert model.steps_taken == 0
    model.fit(DATASET, batch_size=8, verbose=0)  # Six batches: one whole execution.
    assert model.steps_taken == 4


def test_eager_steps_are_the_graphs_steps(make_class):
    models = make_class(), make_class()
    for model, eager in zip(models, (False, True), strict=True):
        model.compile(keras.optimizers.SGD(0.1), run_eagerly=eager, steps_per_execution=2)
        fit(model, 2)
    for a, b in zip(*map(state, models), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


@pytest.mark.parametrize("method", [*CLASSES, "mgan", "invertgan", "maemgan"])
def test_a_nan_is_named_with_its_step(method):
    model = METHODS[method]()
    model.compile(steps_per_execution=3, run_eagerly=method not in CLASSES)
    fit(model, 3)
    broken = np.tile(POINTS, (2, 1))
    broken[8 * 4 + 1] = np.nan  # The fifth batch: step 8 of the model.
    data = tf.data.Dataset.from_tensor_slices(broken).batch(8).take(6)
    with pytest.raises(kgan.NonFiniteLossError, match=r"^discriminator_loss became nan at step 8"):
        model.fit(data, verbose=0)


# Evaluation --------------------------------------------------------------------------------


def test_evaluation_counts_every_batch_whatever_an_execution_is(make_class):
    model = make_class()
    results = []
    for count in (1, 2, 25):  # Three batches: a whole one and a half; and a part of one.
        model.compile(steps_per_execution=count)
        results.append(model.evaluate(POINTS, batch_size=16, verbose=0, return_dict=True))
    assert results[0] == results[1] == results[2]
    # Batches differ in data and in noise: the mean is not the last one's.
    last = model.test_step(tf.constant(POINTS[32:]), 2).numpy()
    assert results[0]["discriminator_loss"] != pytest.approx(float(last[0]), rel=1e-3)
    steps = [model.test_step(tf.constant(POINTS[16 * i : 16 * i + 16]), i) for i in range(3)]
    expected = dict(zip(model.log_names, np.mean(steps, axis=0), strict=True))
    assert results[0] == pytest.approx(expected, rel=1e-5)


def test_validation_data_is_evaluated(make_class):
    model = make_class()
    model.compile(run_eagerly=True)
    history = fit(model, 2, epochs=2, validation_data=POINTS[:16]).history
    assert {f"val_{name}" for name in model.log_names} < set(history)
    assert history["val_generator_loss"][0] != history["val_generator_loss"][1]
    expected = model.evaluate(POINTS[:16], verbose=0, return_dict=True)
    assert history["val_generator_loss"][1] == expected["generator_loss"]


# Callbacks and files -----------------------------------------------------------------------


def test_keras_callbacks(make_class, tmp_path):
    model = make_class()
    model.compile(run_eagerly=True)
    callbacks = [
        keras.callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras"),
        keras.callbacks.CSVLogger(tmp_path / "log.csv"),
    ]
    history = fit(model, 2, epochs=2, callbacks=callbacks)
    with (tmp_path / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["generator_loss"]) for row in rows] == history.history["generator_loss"]
    assert len(rows) == 2
    first, second = (keras.models.load_model(tmp_path / f"{i}.keras") for i in (1, 2))
    assert (first.steps_taken, second.steps_taken) == (2, 4)
    np.testing.assert_array_equal(second.sample(5, seed=0), model.sample(5, seed=0))
    assert (first.sample(5, seed=0) != model.sample(5, seed=0)).any()


def everything(make, **compiled):
    """A model with all state that there can be, trained three steps."""
    noise = {"instance_noise": 0.3, "instance_noise_steps": 5}
    model = make(dropout=0.3, ema_decay=0.9, seed=7, fresh_noise=True, **noise)
    schedule = keras.optimizers.schedules.CosineDecay(1e-2, 20)
    model.compile(keras.optimizers.Adam(schedule, beta_1=0.5), steps_per_execution=3, **compiled)
    fit(model, 3)
    return model


@pytest.mark.parametrize("method", STATES)
def test_neither_evaluation_nor_saving_changes_what_is_trained(method, tmp_path):
    """In a graph where the class may matter; what the state is does not depend on it."""
    eagerly = method not in CLASSES
    model = everything(METHODS[method], run_eagerly=eagerly)
    before = state(model)
    results = [model.evaluate(POINTS, batch_size=16, verbose=0, return_dict=True) for _ in "ab"]
    assert results[0] == results[1]
    assert sorted(results[0]) == sorted(model.log_names)
    assert_same_bits(before, state(model))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    loaded.run_eagerly = eagerly
    assert type(loaded) is type(model)
    for key, value in model.get_config().items():
        if key not in ("generator", "discriminator", "inverse"):
            assert loaded.get_config()[key] == value
    assert loaded.steps_per_execution == 3
    assert len(model.random_state) == 3  # Dropout's, also in the averaged generator.
    assert any(np.any(v.numpy()) for v in loaded.random_state)
    # Two moments of each weight, iterations and the rate, or its schedule.
    assert len(state(model)) > 3 * len(model.trainable_variables)
    assert_same_bits(state(model), state(loaded))
    np.testing.assert_array_equal(model.sample(5, seed=0), loaded.sample(5, seed=0))
    moving = [v for v in model.trainable_variables if not is_still(v)]
    before = [v.numpy() for v in moving]
    histories = [fit(one, 3).history for one in (model, loaded)]
    assert histories[0] == histories[1]
    assert_same_bits(state(model), state(loaded))
    assert all(moved(before, [v.numpy() for v in moving]))
    np.testing.assert_array_equal(model.sample(5, seed=0), loaded.sample(5, seed=0))


FRESH = """
import sys
import numpy as np
import tensorflow as tf
import kgan
import keras
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})  # As here.
for path in sys.argv[1:]:
    model = keras.models.load_model(path + ".keras")
    with np.load(path + ".npz") as file:
        points = file["points"]
    before = model.sample(5, seed=0)
    data = kgan.data.Dataset(name="normal", split="train", examples=points)
    model.fit(data, batch_size=8, steps_per_epoch=3, verbose=0)
    variables = [*model.variables, *(v for o in model.optimizers.values() for v in o.variables)]
    np.savez(path + "-after.npz", before, model.sample(5, seed=0), *(v.numpy() for v in variables))
"""


def test_a_fresh_process_needs_nothing_but_the_import(tmp_path):
    models = {name: everything(METHODS[name]) for name in CLASSES}
    samples = {}
    for name, model in models.items():
        model.save(tmp_path / f"{name}.keras")
        np.savez(tmp_path / f"{name}.npz", points=POINTS)
        samples[name] = model.sample(5, seed=0)
        fit(model, 3)
    paths = [str(tmp_path / name) for name in models]
    subprocess.run([sys.executable, "-c", FRESH, *paths], check=True, timeout=300)
    for name, model in models.items():
        with np.load(tmp_path / f"{name}-after.npz") as file:
            found = [file[key] for key in file.files]
        np.testing.assert_array_equal(found[0], samples[name])
        np.testing.assert_array_equal(found[1], model.sample(5, seed=0))
        assert_same_bits(found[2:], state(model))


def test_half_precision_survives_saving(make_class, tmp_path):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = make_class()
    finally:
        keras.config.set_dtype_policy(before)
    model.compile()
    fit(model, 2)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.generator.layers[0].compute_dtype == "float16"
    assert_same_bits(state(model), state(loaded))
    fit(model, 2)
    fit(loaded, 2)
    assert_same_bits(state(model), state(loaded))


COMMON = {
    "latent_distribution": "normal",
    "latent_dim": LATENT_DIM,
    "instance_noise": 0.5,
    "instance_noise_steps": 7,
    "value_range": [-1.0, 1.0],
    "seed": 3,
    "ema_decay": 0.5,
    "fresh_noise": True,
    "discriminator_steps": 2,
}
OPTIONS = {
    kgan.GAN: {
        "loss": "minimax",
        "penalties": ["one_sided:3.0"],
        "one_sided_smoothing": 0.1,
        "weight_clip": 0.5,
        "preset": "gan_grid",
    },
    kgan.RealnessGAN: {
        "objective": 3,
        "flee": False,
        "skew": 0.5,
        "preset": "realness_grid",
    },
    kgan.BEGAN: {
        "diversity_ratio": 0.5,
        "balance_rate": 0.25,
        "power": 2,
        "preset": "began_grid",
    },
    kgan.MDGAN: {
        "components": 4,
        "variance_real": 0.2,
        "variance_fake": 0.2,
        "vertex_log_odds": 1.5,
        "likelihood": "sum",
        "vertex_scale": "unit_norm",
        "loss": "non_saturating",
        "epsilon": 1e-3,
        "real_epsilon": 1e-4,
        "embedding_bound": 2.0,
        "whiten": 0.25,
        "balance": 0.5,
        "preset": "mdgan_grid",
    },
}


@pytest.mark.parametrize("cls", OPTIONS)
def test_every_option_is_saved(cls):
    options = {**COMMON, **OPTIONS[cls]}
    bases = (cls, kgan.TwoPlayerModel, kgan.AdversarialModel)
    signatures = [inspect.signature(c).parameters for c in bases]
    arguments = {name: p.default for one in signatures for name, p in one.items()}
    for name in ("generator", "discriminator", "players", "phases", "regularizer", "kwargs"):
        arguments.pop(name)
    for name in ("penalty", "penalty_weight"):  # The other way to say `penalties`.
        arguments.pop(name, None)
    for name in [n for n in arguments if n.startswith("augment")] + ["pack", "terms"]:
        del arguments[name]  # tests/game/test_parts.py saves them.
    for name in ("discriminator_metrics", "generator_metrics", "generator_networks"):
        arguments.pop(name, None)  # The class says them.
    assert set(options) == set(arguments)
    assert all(options[name] != default for name, default in arguments.items())
    outputs = {kgan.GAN: 1, kgan.MDGAN: 3, kgan.RealnessGAN: 5, kgan.BEGAN: 2}[cls]
    model = cls(*networks(outputs), **options)
    model.compile(steps_per_execution=3, jit_compile=True)
    loaded = cls.from_config(model.get_config())
    loaded.compile_from_config(model.get_compile_config())
    for one in (model, loaded):
        assert {k: v for k, v in one.get_config().items() if k in options} == options
        assert (one.steps_per_execution, one.jit_compile) == (3, True)
        assert one.optimizers["generator"].get_config()["name"] == "generator_adam"


def test_a_model_may_be_saved_before_it_is_compiled(make_class, tmp_path):
    model = make_class()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert not loaded.compiled
    np.testing.assert_array_equal(model.sample(5, seed=0), loaded.sample(5, seed=0))


# Compiling ---------------------------------------------------------------------------------


def test_every_player_gets_its_own_copy_of_one_optimizer(make_class):
    model = make_class()
    for one in ("sgd", keras.optimizers.SGD(0.25)):
        model.compile(one)
        found = list(model.optimizers.values())
        assert found[0] is not found[1]
        assert all(isinstance(o, keras.optimizers.SGD) for o in found)
    assert [float(o.learning_rate) for o in found] == [0.25, 0.25]
    model.compile()
    assert [float(o.learning_rate) for o in model.optimizers.values()] == pytest.approx([1e-4] * 2)


def test_bad_optimizers(make_class):
    model, one = make_class(), keras.optimizers.SGD()
    with pytest.raises(kgan.InputError, match=r"each of \['disc.*', 'gen.*'\]. Received: \['gen"):
        model.compile({"generator": one})
    with pytest.raises(kgan.InputError, match="one object for several"):
        model.compile({"generator": one, "discriminator": one})
    with pytest.raises(kgan.InputError, match=r"at least 1\. Received: 0"):
        model.compile(steps_per_execution=0)


# Sampling ----------------------------------------------------------------------------------


def test_samples_are_a_function_of_the_seed(make_class):
    model = make_class(dropout=0.5)
    first = model.sample(6, seed=3)
    np.testing.assert_array_equal(first, model.sample(6, seed=3))
    np.testing.assert_array_equal(first, model.sample(6, seed=np.int64(3)))
    np.testing.assert_allclose(first, model.sample(6, seed=3, batch_size=4), atol=1e-6)
    assert (first != model.sample(6, seed=4)).all()
    assert len(np.unique(first, axis=0)) == 6
    with pytest.raises(kgan.InputError, match=r"at least 1\. Received: 0"):
        model.sample(0)


@pytest.mark.parametrize(
    ("distribution", "std", "largest"), [("uniform", 1 / np.sqrt(3), 1), ("normal", 1, 6)]
)
def test_latents(distribution, std, largest):
    model = gan("minimax", latent_distribution=distribution)
    latents = model.sample_latents(20_000, 5).numpy()
    assert latents.shape == (20_000, LATENT_DIM)
    assert latents.mean() == pytest.approx(0, abs=0.02)
    assert latents.std() == pytest.approx(std, rel=0.02)
    assert 0.99 < np.abs(latents).max() <= largest


@pytest.mark.parametrize(
    "arguments",
    [
        {"latent_distribution": "cauchy"},
        {"ema_decay": 1.0},
        {"ema_decay": 0.0},
        {"instance_noise": -0.1},
        {"instance_noise_steps": 0},
        {"loss": "hinged"},
    ],
)
def test_bad_arguments(make_class, arguments):
    with pytest.raises(kgan.InputError, match="Received: "):
        type(make_class())(*networks(3), **arguments)


# Moving average and instance noise ---------------------------------------------------------


class Weights(keras.callbacks.Callback):
    """The generator's weights after each step, from before the first."""

    def on_train_begin(self, logs=None):
        self.seen = [self.model.generator.get_weights()]

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(self.model.generator.get_weights())


def test_samples_come_from_the_moving_average(make_class):
    model, weights = make_class(ema_decay=0.25), Weights()
    model.compile(keras.optimizers.SGD(0.2), run_eagerly=True)
    fit(model, 6, callbacks=[weights])
    trained = [any(w is v for v in model.generator.trainable_variables) for w in
               model.generator.weights]  # fmt: skip
    assert trained == [True, True, True, False, False, True, True]
    average = [np.float64(w) for w in weights.seen[0]]
    for step, now in enumerate(weights.seen[1:]):
        decay = min(0.25, (1 + step) / (10 + step))  # 0.1, 0.18, 0.25 ...
        for i, value in enumerate(now):
            # Batch norm's own averages are taken as they are.
            average[i] = decay * average[i] + (1 - decay) * value if trained[i] else value
    for found, expected in zip(model.ema_generator.get_weights(), average, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)
    latents = model.sample_latents(5, 2)
    from_average = model.ema_generator(latents, training=False).numpy()
    np.testing.assert_array_equal(model.sample(5, seed=2), from_average)
    assert np.abs(from_average - model.generator(latents, training=False)).max() > 1e-3
    assert not {id(v) for v in model.ema_generator.weights} & {
        id(v) for v in model.trainable_variables
    }


def test_without_an_average_samples_come_from_the_generator(make_class):
    model = make_class()
    latents = model.sample_latents(5, 2)
    np.testing.assert_array_equal(model.sample(5, seed=2), model.generator(latents, training=False))


def noises(model, steps):
    """What is added to the real and the generated batch in each of the first steps."""
    found = []
    loss = model.discriminator_loss

    def recording(turn):
        found.append([(turn.seen(x) - x).numpy() for x in (turn.real, turn.fake)])
        return loss(turn)

    model.discriminator_loss = recording
    model.compile(keras.optimizers.SGD(0.0))
    for _ in range(steps):
        model.train_step(tf.zeros((4096, 2)))
    return np.array(found)


def test_instance_noise_falls_to_0_linearly(make_class):
    found = noises(make_class(instance_noise=0.5, instance_noise_steps=4), 6)
    assert found.shape == (6, 2, 4096, 2)
    for step, expected in enumerate([0.5, 0.375, 0.25, 0.125, 0, 0]):
        for batch in found[step]:
            assert batch.std() == pytest.approx(expected, rel=0.03, abs=1e-7)
            assert batch.mean() == pytest.approx(0, abs=0.02)
    # Draws are independent between real and generated batches, and between steps.
    flat = found[:4].reshape(8, -1)
    assert np.abs(np.corrcoef(flat) - np.eye(8)).max() < 0.05


def test_instance_noise_is_a_function_of_seed_and_step(make_class):
    options = {"instance_noise": 0.5, "instance_noise_steps": 4}
    first, again, other = (noises(make_class(**options, seed=s), 2) for s in (1, 1, 2))
    np.testing.assert_allclose(first, again, atol=1e-7)
    assert (np.abs(first - other) > 1e-6).mean() > 0.99


@keras.saving.register_keras_serializable("kgan_tests")
class Recorder(layers.Layer):
    """Lets everything through, and keeps it."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seen = []

    def call(self, x):
        if tf.is_tensor(x) and hasattr(x, "numpy"):
            self.seen.append(x.numpy())
        return x


def test_the_discriminator_sees_all_samples_through_instance_noise(make_class):
    generator, discriminator = networks(3)
    recorder = Recorder()
    options = {"instance_noise": 0.5, "instance_noise_steps": 4}
    model = type(make_class())(generator, keras.Sequential([recorder, discriminator]), **options)
    generator.layers[-1].set_weights([np.zeros((8, 2)), np.zeros(2)])  # All samples are 0.
    model.compile(keras.optimizers.SGD(0.0))
    recorder.seen.clear()
    model.train_step(tf.zeros((4096, 2)))
    # The discriminator looks at real and generated samples, the generator at its own.
    assert [x.std() for x in recorder.seen] == pytest.approx([0.5] * 3, rel=0.05)
    recorder.seen.clear()
    model.test_step(tf.zeros((16, 2)))
    assert len(recorder.seen) == 3
    assert not np.any(recorder.seen)


def test_no_instance_noise_by_default(make_class):
    assert not noises(make_class(), 1).any()


# Networks of any kind ----------------------------------------------------------------------


@keras.saving.register_keras_serializable("kgan_tests")
class Subclassed(keras.Model):
    """A network as a Keras user may write one: no build, no compute_output_shape."""

    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.width = width
        self.hidden = layers.Dense(6, activation="tanh")
        self.out = layers.Dense(width)

    def call(self, x, training=False):
        return self.out(self.hidden(x))

    def get_config(self):
        return {**super().get_config(), "width": self.width}


def sequential(width):
    """Without an Input: it learns its shape from the data."""
    return keras.Sequential([layers.Dense(6, activation="tanh"), layers.Dense(width)])


@pytest.mark.parametrize("network", [Subclassed, sequential])
@pytest.mark.parametrize("cls", [kgan.GAN, kgan.MDGAN])
def test_networks_of_any_kind(cls, network, tmp_path):
    width = 3 if cls is kgan.MDGAN else 1
    with pytest.raises(kgan.InputError, match="latent_dim must be given"):
        cls(network(2), network(width))
    model = cls(network(2), network(width), latent_dim=4, ema_decay=0.9)
    model.compile()
    assert len(model.trainable_variables) == 8
    before = [v.numpy() for v in model.trainable_variables]
    fit(model, 2)
    assert all(moved(before, [v.numpy() for v in model.trainable_variables]))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert_same_bits(state(model), state(loaded))
    np.testing.assert_array_equal(model.sample(5, seed=0), loaded.sample(5, seed=0))


def test_a_frozen_layer_stays_as_it_is(make_class):
    model = make_class()
    model.generator.layers[0].trainable = False
    kernel = model.generator.layers[0].kernel.numpy()
    model.compile(keras.optimizers.SGD(0.1))
    model.train_step(tf.constant(POINTS))
    np.testing.assert_array_equal(model.generator.layers[0].kernel, kernel)
