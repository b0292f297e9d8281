"""Walks the tables of docs/keras.md: each row is one of Keras, and what it says is so."""

import csv
import inspect
import re
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import callbacks, layers
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import kgan
from kgan.data import Dataset
from kgan.layers.clip import Clip

PAGE = (Path(__file__).parents[2] / "docs" / "keras.md").read_text()
POINTS = np.random.default_rng(0).normal(size=(16, 2)).astype("float32")
DATASET = Dataset(name="normal", split="test", examples=POINTS)
RATES = {"discriminator": 0.1, "generator": 0.2}
LOSSES = ["discriminator_loss", "generator_loss"]


def table(heading):
    """By its name, `works` or `refused` of each row under a heading."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `([^`]+)` \| (works|refused) \|", section, flags=re.MULTILINE))


def arguments(function):
    parameters = inspect.signature(function).parameters.values()
    return {p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD} - {"self"}


OTHERS = "Networks and optimizers"
SECTIONS = {
    "compile": arguments(keras.Model.compile),
    "fit": arguments(keras.Model.fit),
    "evaluate": arguments(keras.Model.evaluate),
    "Callbacks": {
        name for name, value in vars(callbacks).items() if inspect.isclass(value)
    },
}  # fmt: skip


def networks(**kwargs):
    keras.utils.set_random_seed(0)
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    return generator, keras.Sequential([keras.Input((2,)), layers.Dense(1, **kwargs)])


def game(optimizer=None, model=None, **kwargs):
    model = model or kgan.GAN(*networks())
    rates = {player: keras.optimizers.SGD(rate) for player, rate in RATES.items()}
    model.compile(optimizer or rates, **{"run_eagerly": True, **kwargs})
    return model


def adam(**kwargs):
    return game(keras.optimizers.Adam(0.01), **kwargs)


def fit(model, *given, x=POINTS, **kwargs):
    """Two steps an epoch, in the data's order."""
    options = {"batch_size": 8, "shuffle": False, "verbose": 0, "callbacks": list(given)}
    return model.fit(x, **{**options, **kwargs}).history


def evaluate(model, x=POINTS, **kwargs):
    return model.evaluate(x, **{"batch_size": 8, "verbose": 0, **kwargs})


def state(model):
    optimizers = [v for one in model.optimizers.values() for v in one.variables]
    return [v.numpy() for v in [*model.variables, *optimizers]]


def same(one, other):
    pairs = zip(one, other, strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def seen(model, monkeypatch):
    """What the discriminator's turns have as real examples and labels, from now on."""
    found, loss = [], model.discriminator_loss

    def recording(turn):
        found.append((turn.real.numpy(), turn.labels))
        return loss(turn)

    monkeypatch.setattr(model, "discriminator_loss", recording)
    return found


class Calls(keras.callbacks.Callback):
    """Counts what happens, and keeps the weights of each epoch."""

    def __init__(self):
        super().__init__()
        self.train_batches = self.test_batches = self.epochs = self.ends = 0
        self.names, self.weights = set(), []

    def on_train_batch_end(self, batch, logs=None):
        self.train_batches += 1
        self.names |= set(logs)

    def on_test_batch_end(self, batch, logs=None):
        self.test_batches += 1

    def on_epoch_end(self, epoch, logs=None):
        self.epochs += 1
        self.weights.append(self.model.get_weights())
        logs["score"] = -epoch  # Best in the first epoch.

    def on_train_end(self, logs=None):
        self.ends += 1


CHECKS = {}


def row(heading, name):
    """Registers what checks a row."""

    def register(check):
        CHECKS[heading, name] = check
        return check

    return register


# compile


@row("compile", "optimizer")
def compile_optimizer(**_):
    assert [float(o.learning_rate) for o in game().optimizers.values()] == pytest.approx([0.1, 0.2])
    one = keras.optimizers.SGD(0.3)
    copies = game(one).optimizers.values()
    assert [float(o.learning_rate) for o in copies] == pytest.approx([0.3, 0.3])
    assert one not in copies
    assert {type(o) for o in game("rmsprop").optimizers.values()} == {keras.optimizers.RMSprop}
    assert {type(o) for o in game(model=kgan.GAN(*networks())).optimizers.values()} == {
        keras.optimizers.SGD
    }
    with pytest.raises(kgan.InputError, match=r"dictionary by player.*d_optimizer, g_optimizer"):
        game(d_optimizer="adam", g_optimizer="adam")


for refused in ("loss", "loss_weights", "metrics", "weighted_metrics"):
    CHECKS["compile", refused] = lambda refused=refused, **_: game(**{refused: ["mse"]})


@row("compile", "run_eagerly")
def compile_run_eagerly(**_):
    for eager in (True, False):
        assert game(run_eagerly=eager).run_eagerly == eager


@row("compile", "steps_per_execution")
def compile_steps_per_execution(**_):
    calls, model = Calls(), game(steps_per_execution=2)
    fit(model, calls)
    assert calls.train_batches == 1
    assert model.steps_taken == 2
    model.train_on_batch(POINTS[:8])
    assert model.steps_taken == 3
    for wrong in ("auto", 0, 1.5, True):
        with pytest.raises(kgan.InputError, match=f"steps_per_execution.*Received: {wrong!r}"):
            game(steps_per_execution=wrong)


def test_a_batch_alone_is_traced_once():
    model = game(run_eagerly=False, steps_per_execution=4)
    for step in range(3):
        model.train_on_batch(POINTS[:8])
        assert model.steps_taken == step + 1
    assert model.train_function._run.experimental_get_tracing_count() == 1


def test_evaluation_on_two_replicas(two_replicas):
    with two_replicas.scope():
        two = game("sgd", run_eagerly=False)
    one = game("sgd", run_eagerly=False)
    odd = Dataset(name="odd", split="test", examples=POINTS[:15])
    np.testing.assert_allclose(evaluate(two, DATASET), evaluate(one, DATASET), rtol=1e-5)
    assert len(evaluate(two, odd, batch_size=64)) == 2


@row("compile", "jit_compile")
def compile_jit_compile(**_):
    assert game(run_eagerly=False, jit_compile=True).jit_compile is True
    assert game(jit_compile="auto").jit_compile is False


@row("compile", "auto_scale_loss")
def compile_auto_scale_loss(**_):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        models = [game(auto_scale_loss=scale) for scale in (True, False)]
    finally:
        keras.config.set_dtype_policy("float32")
    scaled = keras.optimizers.LossScaleOptimizer
    for model, expected in zip(models, (True, False), strict=True):
        assert all(isinstance(o, scaled) == expected for o in model.optimizers.values())
        assert model.get_compile_config()["auto_scale_loss"] == expected


# fit


class Sequence(keras.utils.PyDataset):
    def __len__(self):
        return 2

    def __getitem__(self, i):
        return (POINTS[8 * i : 8 * i + 8],)


@row("fit", "x")
def fit_x(**_):
    batches = tf.data.Dataset.from_tensor_slices(POINTS).batch(8)
    for x in (POINTS, DATASET, batches, Sequence()):
        model, options = game(), {} if x is POINTS or x is DATASET else {"batch_size": None}
        assert sorted(fit(model, x=x, **options)) == LOSSES
        assert model.steps_taken == 2
    with pytest.raises(kgan.InputError, match="2 steps per epoch with steps_per_execution=4"):
        fit(game(steps_per_execution=4), x=Sequence(), batch_size=None)


@row("fit", "y")
def fit_y(monkeypatch, **_):
    model = game()
    found = seen(model, monkeypatch)
    fit(model, y=np.arange(16))
    np.testing.assert_array_equal(np.concatenate([labels for _, labels in found]), np.arange(16))


@row("fit", "batch_size")
def fit_batch_size(**_):
    for x in (POINTS, DATASET):
        model = game()
        fit(model, x=x, batch_size=4)
        assert model.steps_taken == 4


@row("fit", "epochs")
def fit_epochs(**_):
    model = game()
    assert len(fit(model, epochs=3)["generator_loss"]) == 3
    assert model.steps_taken == 6


@row("fit", "verbose")
def fit_verbose(capsys, **_):
    fit(game(), verbose=2)
    assert "generator_loss" in capsys.readouterr().out
    fit(game(), verbose=0)
    assert not capsys.readouterr().out


@row("fit", "callbacks")
def fit_callbacks(**_):
    calls = Calls()
    fit(game(), calls, epochs=2)
    assert calls.epochs == 2
    assert calls.train_batches == 4
    assert set(LOSSES) <= calls.names


@row("fit", "validation_split")
def fit_validation_split(**_):
    model = game()
    assert {"val_generator_loss"} < set(fit(model, validation_split=0.5))
    assert model.steps_taken == 1


@row("fit", "validation_data")
def fit_validation_data(**_):
    models = [game() for _ in range(3)]
    given = (POINTS, (POINTS, np.arange(16)), DATASET)
    found = [fit(m, validation_data=data) for m, data in zip(models, given, strict=True)]
    assert sorted(found[0]) == [*LOSSES, *(f"val_{name}" for name in LOSSES)]
    assert found[0] == found[1] == found[2]
    last = evaluate(models[0], return_dict=True)
    assert {f"val_{k}": [v] for k, v in last.items()} == {
        k: v for k, v in found[0].items() if k.startswith("val_")
    }
    graph = game(run_eagerly=False)  # As most fits are.
    np.testing.assert_allclose(
        fit(graph, validation_data=DATASET)["val_generator_loss"],
        found[0]["val_generator_loss"],
        rtol=1e-5,
    )


@row("fit", "shuffle")
def fit_shuffle(monkeypatch, **_):
    for shuffle in (False, True):
        model = game()
        found = seen(model, monkeypatch)
        fit(model, shuffle=shuffle)
        order = np.concatenate([real for real, _ in found])
        assert np.array_equal(order, POINTS) != shuffle


@row("fit", "class_weight")
def fit_class_weight(**_):
    fit(game(), y=np.zeros(16), class_weight={0: 0.5})


@row("fit", "sample_weight")
def fit_sample_weight(**_):
    model, weights = game(), np.zeros(16)
    triples = tf.data.Dataset.from_tensor_slices((POINTS, POINTS, weights)).batch(8)
    for eager in (True, False):
        with pytest.raises(kgan.InputError, match="sample_weight"):
            fit(game(run_eagerly=eager), x=triples, batch_size=None)
    with pytest.raises(kgan.InputError, match="sample_weight"):
        model.train_on_batch(POINTS, sample_weight=weights)
    assert model.steps_taken == 0
    fit(model, sample_weight=weights)


@row("fit", "initial_epoch")
def fit_initial_epoch(**_):
    model = game()
    fit(model, epochs=3, initial_epoch=2)
    assert model.steps_taken == 2


@row("fit", "steps_per_epoch")
def fit_steps_per_epoch(**_):
    model = game()
    fit(model, x=DATASET, steps_per_epoch=5)
    assert model.steps_taken == 5


def evaluations(**options):
    calls = Calls()
    fit(game(), calls, validation_data=POINTS, **options)
    return calls.test_batches


@row("fit", "validation_steps")
def fit_validation_steps(**_):
    assert evaluations(validation_steps=1) == 1


@row("fit", "validation_batch_size")
def fit_validation_batch_size(**_):
    assert evaluations(validation_batch_size=4) == 4
    calls = Calls()
    fit(game(), calls, x=DATASET, validation_data=DATASET, validation_batch_size=4)
    assert calls.test_batches == 4


@row("fit", "validation_freq")
def fit_validation_freq(**_):
    assert evaluations(epochs=4, validation_freq=2) == 2 * 2


# evaluate


@row("evaluate", "x")
def evaluate_x(**_):
    batches = tf.data.Dataset.from_tensor_slices(POINTS).batch(8)
    expected = evaluate(game())
    for x in (DATASET, batches, Sequence()):
        options = {"batch_size": None} if x in (batches,) or isinstance(x, Sequence) else {}
        assert evaluate(game(), x, **options) == expected
    bank = kgan.GeneratorBank(networks()[0], 2)
    discriminator = keras.Sequential([keras.Input((2,)), layers.Dense(3)])
    mixture = game(model=kgan.MGAN(bank, discriminator))
    by_name = evaluate(mixture, return_dict=True)
    assert list(by_name) == mixture.metrics_names
    assert mixture.metrics_names[:2] == LOSSES  # Not by the alphabet.
    assert evaluate(mixture) == list(by_name.values())
    assert mixture.train_on_batch(POINTS)[0] == pytest.approx(by_name[LOSSES[0]], rel=0.5)


@row("evaluate", "y")
def evaluate_y(**_):
    assert evaluate(game(), y=np.arange(16)) == evaluate(game())


@row("evaluate", "batch_size")
def evaluate_batch_size(**_):
    calls = Calls()
    evaluate(game(), batch_size=4, callbacks=[calls])
    evaluate(game(), DATASET, batch_size=4, callbacks=[calls])
    assert calls.test_batches == 8


@row("evaluate", "verbose")
def evaluate_verbose(capsys, **_):
    evaluate(game(), verbose=2)
    assert "generator_loss" in capsys.readouterr().out


@row("evaluate", "sample_weight")
def evaluate_sample_weight(**_):
    evaluate(game(), sample_weight=np.ones(16))


@row("evaluate", "steps")
def evaluate_steps(**_):
    calls = Calls()
    evaluate(game(), steps=1, callbacks=[calls])
    assert calls.test_batches == 1


@row("evaluate", "callbacks")
def evaluate_callbacks(**_):
    calls = Calls()
    evaluate(game(), callbacks=[calls])
    assert calls.test_batches == 2


@row("evaluate", "return_dict")
def evaluate_return_dict(**_):
    assert list(evaluate(game(), return_dict=True)) == LOSSES


# Callbacks


@row("Callbacks", "BackupAndRestore")
def callback_backup_and_restore(tmp_path, **_):
    whole, cut, resumed = adam(), adam(), adam()
    fit(whole, epochs=3)
    options = {"backup_dir": str(tmp_path), "delete_checkpoint": False}
    fit(cut, callbacks.BackupAndRestore(**options), epochs=2)
    fit(resumed, callbacks.BackupAndRestore(**options), epochs=3)
    assert same(state(whole), state(resumed))


@row("Callbacks", "CSVLogger")
def callback_csv_logger(tmp_path, **_):
    fit(game(), callbacks.CSVLogger(tmp_path / "log.csv"), epochs=2)
    rows = list(csv.DictReader((tmp_path / "log.csv").open()))
    assert len(rows) == 2
    assert all({"epoch", *LOSSES} <= set(row) for row in rows)


@row("Callbacks", "Callback")
def callback_callback(**_):
    found = []

    class Own(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            found.append([float(o.learning_rate) for o in self.model.optimizers.values()])
            with pytest.raises(kgan.InputError, match=r"differ.*model.optimizers\[player\]"):
                self.model.optimizer.learning_rate = 1.0

    fit(game(), Own())
    assert found == [pytest.approx(list(RATES.values()))]
    one = adam()
    one.optimizer.learning_rate = 0.5
    assert [float(o.learning_rate) for o in one.optimizers.values()] == [0.5, 0.5]
    assert float(one.optimizer.learning_rate) == 0.5


@row("Callbacks", "CallbackList")
def callback_callback_list(**_):
    model, calls = game(), Calls()
    fit(model, callbacks=callbacks.CallbackList([calls], add_history=True, model=model))
    assert calls.ends == 1


@row("Callbacks", "EarlyStopping")
def callback_early_stopping(**_):
    model, calls = game(model=kgan.GAN(*networks(), ema_decay=0.5)), Calls()
    stop = callbacks.EarlyStopping("score", mode="max", patience=2, restore_best_weights=True)
    fit(model, calls, stop, epochs=9)
    assert len(calls.weights) == 3
    assert same(model.get_weights(), calls.weights[0])
    assert model.steps_taken == 2
    with pytest.warns(UserWarning, match="val_loss` which is not available"):
        fit(game(), callbacks.EarlyStopping())


@row("Callbacks", "History")
def callback_history(**_):
    assert sorted(fit(game())) == LOSSES


@row("Callbacks", "LambdaCallback")
def callback_lambda_callback(**_):
    found = []
    fit(game(), callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: found.append(logs)))
    assert [sorted(logs) for logs in found] == [LOSSES]


def rates(model):
    return {player: float(o.learning_rate) for player, o in model.optimizers.items()}


@row("Callbacks", "LearningRateScheduler")
def callback_learning_rate_scheduler(**_):
    model = game()
    found = fit(model, callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2), epochs=2)
    assert rates(model) == pytest.approx({k: v / 4 for k, v in RATES.items()})
    for player, rate in RATES.items():
        logged = found[f"learning_rate_{player}_sgd"]
        assert logged == pytest.approx([rate / 2, rate / 4])
    fit(model, callbacks.LearningRateScheduler(lambda epoch: 0.01))
    assert rates(model) == pytest.approx(dict.fromkeys(RATES, 0.01))
    decay = keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
    with pytest.raises(TypeError, match="its learning rate is not settable"):
        fit(game(keras.optimizers.SGD(decay)), callbacks.LearningRateScheduler(lambda epoch: 0.1))


@row("Callbacks", "ModelCheckpoint")
def callback_model_checkpoint(tmp_path, **_):
    model = adam()
    whole, weights = tmp_path / "{epoch}.keras", tmp_path / "{epoch}.weights.h5"
    fit(
        model,
        callbacks.ModelCheckpoint(whole),
        callbacks.ModelCheckpoint(weights, save_weights_only=True),
    )
    assert same(state(keras.models.load_model(tmp_path / "1.keras")), state(model))
    again = adam()
    again.load_weights(tmp_path / "1.weights.h5")
    assert same(state(again), state(model))
    with pytest.raises(kgan.InputError, match=r"a .keras file.*1\.h5"):
        fit(model, callbacks.ModelCheckpoint(str(tmp_path / "{epoch}.h5")))
    assert not (tmp_path / "1.h5").exists()


@row("Callbacks", "OrbaxCheckpoint")
def callback_orbax_checkpoint(**_):
    tree = adam().get_state_tree()["optimizer_variables"]
    assert sorted(tree) == ["discriminator_adam", "generator_adam"]


@row("Callbacks", "ProgbarLogger")
def callback_progbar_logger(capsys, **_):
    fit(game(), verbose=1)
    assert all(name in capsys.readouterr().out for name in LOSSES[:1])


@row("Callbacks", "ReduceLROnPlateau")
def callback_reduce_lr_on_plateau(**_):
    model = game()
    never = {"mode": "min", "patience": 1, "min_delta": 1e9, "factor": 0.1}
    fit(model, callbacks.ReduceLROnPlateau("generator_loss", **never), epochs=2)
    assert rates(model) == pytest.approx({k: v / 10 for k, v in RATES.items()})


@row("Callbacks", "RemoteMonitor")
def callback_remote_monitor(monkeypatch, **_):
    sent = []
    requests = inspect.getmodule(callbacks.RemoteMonitor).requests
    monkeypatch.setattr(requests, "post", lambda url, data, headers: sent.append(data["data"]))
    fit(game(), callbacks.RemoteMonitor())
    assert all(name in sent[0] for name in LOSSES)


def averaging(**kwargs):
    """A game whose optimizers keep half of a weight in its average."""
    return game(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5), **kwargs)


@row("Callbacks", "SwapEMAWeights")
def callback_swap_ema_weights(**_):
    model, found = averaging(), []
    own = callbacks.LambdaCallback(
        on_test_begin=lambda logs: found.append([v.numpy() for v in model.trainable_variables]),
        on_epoch_end=lambda epoch, logs: found.append(
            [v.numpy() for v in model.trainable_variables]
        ),
    )
    fit(model, callbacks.SwapEMAWeights(), own, validation_data=POINTS)
    tested, trained = found
    for player in model.players.values():
        owned = {id(v) for v in player.variables}
        for i in [i for i, v in enumerate(model.trainable_variables) if id(v) in owned]:
            assert not np.array_equal(tested[i], trained[i])
            final = model.trainable_variables[i].numpy()  # What `fit` leaves is the average.
            np.testing.assert_allclose(tested[i], final, atol=1e-6)


@row("Callbacks", "TensorBoard")
def callback_tensor_board(tmp_path, **_):
    board = callbacks.TensorBoard(tmp_path, histogram_freq=1, write_steps_per_second=True)
    fit(game(), board, validation_data=POINTS)
    events = EventAccumulator(str(tmp_path / "train"))
    tags = events.Reload().Tags()
    named = [*events.Tags()["tensors"], *tags["scalars"]]
    expected = {f"epoch_{name}" for name in LOSSES} | {"epoch_steps_per_second"}
    assert expected | {f"epoch_learning_rate_{player}_sgd" for player in RATES} <= set(named)
    weights = [name for name in named if name.endswith("/histogram") or "kernel" in name]
    assert len({name.split("/")[0] for name in weights}) == len(RATES)


@row("Callbacks", "TerminateOnNaN")
def callback_terminate_on_nan(**_):
    model, calls = game(keras.optimizers.SGD(1e30)), Calls()
    history = fit(model, calls, callbacks.TerminateOnNaN(), epochs=9)
    assert calls.ends == calls.epochs == 1
    assert not np.isfinite(history["discriminator_loss"][0])
    for given in ([], [callbacks.TerminateOnNaN(raise_error=True)]):
        with pytest.raises(kgan.NonFiniteLossError, match=r"discriminator_loss became .* at step"):
            fit(game(keras.optimizers.SGD(1e30)), *given, epochs=9)


# Networks and optimizers


def regularized(name):
    models = [game(model=kgan.GAN(*networks(**given))) for given in ({}, {name: "l2"})]
    return [m.train_on_batch(POINTS)[0] for m in models]


@row(OTHERS, "kernel_regularizer")
def other_kernel_regularizer(**_):  # More in test_layer_losses.py.
    plain, found = regularized("kernel_regularizer")
    assert found > plain


@row(OTHERS, "activity_regularizer")
def other_activity_regularizer(**_):
    plain, found = regularized("activity_regularizer")
    assert found > plain


@row(OTHERS, "kernel_constraint")
def other_kernel_constraint(**_):
    given = networks(kernel_constraint=keras.constraints.NonNeg())
    (_, *own), kernel = [v.constraint for v in given[1].weights], given[1].weights[0]
    for clip in (None, 0.05, None):
        model = game(model=kgan.GAN(*given, weight_clip=clip))
        kernel.assign([[-9.0], [9.0]])
        fit(model)
        low, high = kernel.numpy().ravel()
        assert low >= 0
        assert (high <= np.float32(0.05)) == (clip is not None)
    assert isinstance(kernel.constraint, keras.constraints.NonNeg)
    assert [v.constraint for v in given[1].weights[1:]] == own
    # A user's own Clip is no game's.
    given = networks(kernel_constraint=Clip(0.01))
    kgan.GAN(*given, weight_clip=0.5)
    kgan.MDGAN(*given)
    assert given[1].weights[0].constraint.bound == 0.01


@row(OTHERS, "use_ema")
def other_use_ema(**_):
    model, taken = averaging(), []
    weights = callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: taken.append(
            [v.numpy() for v in model.trainable_variables]
        )
    )
    fit(model, weights)
    for first, second, last in zip(*taken, model.trainable_variables, strict=True):
        np.testing.assert_allclose(last, (first + second) / 2, atol=1e-6)
    bank = kgan.GeneratorBank(networks()[0], 2)
    features = keras.Sequential([keras.Input((2,)), layers.Dense(3)])
    prior = kgan.DMGANPL(bank, features, critic_steps=1)
    fit(averaging(model=prior))  # The last player's variables are not the model's first.
    logits = np.exp(prior.prior.logits.numpy())
    np.testing.assert_allclose(prior.mixture_weights, logits / logits.sum(), rtol=1e-6)


@row(OTHERS, "LossScaleOptimizer")
def other_loss_scale_optimizer(**_):
    model = game(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1)))
    one, other = (o.inner_optimizer for o in model.optimizers.values())
    assert one is not other
    fit(model, callbacks.LearningRateScheduler(lambda epoch: 0.01))
    assert rates(model) == pytest.approx(dict.fromkeys(RATES, 0.01))


@row(OTHERS, "strategy.scope")
def other_scope(**_):
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    outside = networks()
    with strategy.scope():
        with pytest.raises(kgan.InputError, match=r"within the scope.*kernel of elsewhere"):
            kgan.GAN(*outside).compile()
        model = kgan.GAN(*networks())
    with pytest.raises(kgan.InputError, match="iteration of elsewhere"):
        game(model=model)
    game("sgd", model=model)  # Made within it, wherever compile is called.
    other = tf.distribute.OneDeviceStrategy("CPU:0")
    with other.scope(), pytest.raises(kgan.InputError, match="within the scope of OneDevice"):
        model.compile()


@row(OTHERS, "save")
def other_save(tmp_path, **_):
    for suffix in (".h5", ".hdf5"):
        with pytest.raises(kgan.InputError, match=r"a .keras file.*old format"):
            game().save(tmp_path / f"m{suffix}")
    with pytest.raises(kgan.InputError, match=r"save to a .keras file"):
        keras.saving.save_model(game(), tmp_path / "m.h5")


@row(OTHERS, "save_weights")
def other_save_weights(tmp_path, **_):
    model, again = adam(), adam()
    fit(model)
    model.save_weights(tmp_path / "m.weights.h5")
    again.load_weights(tmp_path / "m.weights.h5")
    assert same(state(again), state(model))


ROWS = [(heading, name) for heading in [*SECTIONS, OTHERS] for name in table(heading)]
# What Keras can do with several optimizers since 3.15, which Python 3.10 does not have.
SINCE_3_15 = {"LearningRateScheduler", "ReduceLROnPlateau", "SwapEMAWeights", "TensorBoard"}
SINCE_3_15 |= {"TerminateOnNaN"}


@pytest.mark.parametrize("heading", SECTIONS)
def test_the_table_has_what_keras_has(heading):
    missing = SECTIONS[heading] - set(table(heading))
    assert not missing, f"docs/keras.md has no row for {sorted(missing)}"


@pytest.mark.parametrize(("heading", "name"), ROWS)
def test_a_row_is_true(heading, name, monkeypatch, tmp_path, capsys):
    if name in SINCE_3_15 and tuple(map(int, keras.__version__.split(".")[:2])) < (3, 15):
        pytest.skip("Keras 3.15 and newer")
    check = CHECKS[heading, name]
    given = {"monkeypatch": monkeypatch, "tmp_path": tmp_path, "capsys": capsys}
    if table(heading)[name] == "refused":
        with pytest.raises(kgan.InputError, match=name):
            check(**given)
    else:
        check(**given)


def test_files_of_version_0_1_are_read(tmp_path):
    """Which have the last player's optimizer as `optimizer`, the others in `optimizers`."""
    model, again = adam(), adam()
    fit(model)
    path = tmp_path / "old.weights.h5"
    model.save_weights(path)
    with h5py.File(path, "a") as file:
        del file["optimizer/vars"]
        file.move("optimizers/adam_1/vars", "optimizer/vars")
        del file["optimizers/adam_1"]
    with pytest.warns(UserWarning, match="Skipping variable loading"):
        again.load_weights(path)
    assert same(state(again), state(model))


def test_a_checkpoint_of_tensorflow_has_every_optimizer(tmp_path):
    model, again = adam(), adam()
    fit(model)
    path = tf.train.Checkpoint(model=model).write(str(tmp_path / "checkpoint"))
    tf.train.Checkpoint(model=again).read(path).assert_existing_objects_matched()
    assert same(state(again), state(model))
