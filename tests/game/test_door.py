"""What comes to a game by any door: what is refused before a step, and what a step waits for."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import kgan
from kgan.data import Dataset

POINTS = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
BROKEN = np.where(np.arange(128).reshape(64, 2) % 32 == 9, np.nan, POINTS)  # In each batch of 16.
GREY = np.random.default_rng(0).uniform(size=(32, 4, 4, 1)).astype("float32")


def networks(outputs=1):
    keras.utils.set_random_seed(1)
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(8, "relu"), layers.Dense(2)])
    rest = [layers.Dense(8, "relu"), layers.Dense(outputs)]
    return generator, keras.Sequential([keras.Input((2,)), *rest])


def gan(**arguments):
    compiled = {
        k: arguments.pop(k) for k in ("run_eagerly", "steps_per_execution") & arguments.keys()
    }
    model = kgan.GAN(*networks(), **arguments)
    model.compile(**compiled)
    return model


def painter(last="sigmoid", cls=kgan.GAN):
    keras.utils.set_random_seed(1)
    generator = [keras.Input((3,)), layers.Dense(16, last), layers.Reshape((4, 4, 1))]
    critic = [keras.Input((None, None, 1)), layers.GlobalAveragePooling2D(), layers.Dense(2)]
    model = cls(keras.Sequential(generator), keras.Sequential(critic))
    model.compile()
    return model


class Batches(keras.utils.PyDataset):
    def __init__(self, examples):
        super().__init__()
        self.examples = examples

    def __len__(self):
        return 4

    def __getitem__(self, index):
        return self.examples[index * 16 : index * 16 + 16]


DOORS = {
    "array": lambda x: x,
    "tensor": tf.constant,
    "tf.data": lambda x: tf.data.Dataset.from_tensor_slices(x).batch(16),
    "static": lambda x: tf.data.Dataset.from_tensor_slices(x).batch(16, drop_remainder=True),
    "PyDataset": Batches,
    "generator": lambda x: ((x[i : i + 16],) for i in range(0, len(x), 16)),
}
each_door = pytest.mark.parametrize("door", DOORS)


def state(model):
    optimizers = [v for optimizer in model.optimizers.values() for v in optimizer.variables]
    return [v.numpy() for v in [*model.variables, *optimizers]]


@pytest.mark.filterwarnings("ignore")
@each_door
def test_what_a_batch_may_not_be(door):
    model = gan()
    before = state(model)
    for examples, message in (
        (BROKEN, r"NaN or infinite values in \d of"),
        (POINTS.astype("int32"), "must be floats. Received: int32; give"),
        (POINTS[:, :1], r"generator's samples, \(n, 2\). Received: the shape"),
    ):
        for run in (model.fit, model.evaluate):
            with pytest.raises(kgan.InputError, match=message):
                run(DOORS[door](examples), verbose=0)
    for a, b in zip(before, state(model), strict=True):
        np.testing.assert_array_equal(a, b)  # No step has run.
    model.fit(DOORS[door](POINTS), batch_size=16 if "arr" in door else None, verbose=0)
    assert np.isfinite(model.sample(5)).all()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("cls", [kgan.GAN, kgan.MDGAN, kgan.MaEMGAN])
def test_images_of_another_range_or_size(cls):
    model = painter(cls=cls)
    bytes_ = (255 * GREY).astype("uint8")
    for door in ("array", "tf.data"):
        for images, message in (
            (255 * GREY, r"must lie in 0\.\.1.*from_array\(x, value_range=\(0, 255\)\)"),
            (2 * GREY - 1, r"must lie in 0\.\.1.*from_array\(x, value_range=\(-1, 1\)\)"),
            (bytes_, r"must be floats in 0\.\.1. Received: uint8; give kgan.data.from_array\(x\)"),
            (np.zeros((32, 6, 6, 1), "float32"), r"\(n, 4, 4, 1\). Received: the shape"),
        ):
            with pytest.raises(kgan.InputError, match=message):
                model.fit(DOORS[door](images), verbose=0)
    # What the messages say mends it, for a generator of any range.
    model.fit(kgan.data.from_array(bytes_), batch_size=16, verbose=0)
    assert model.value_range == (0, 1)
    other = painter("tanh")
    assert other.value_range == (-1, 1)
    other.fit(kgan.data.from_array(GREY, value_range=(0, 1)), batch_size=16, verbose=0)


def test_every_epoch_begins_with_a_look():
    examples = POINTS.copy()

    class Break(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                examples[:] = np.inf

    data = tf.data.Dataset.from_generator(
        lambda: iter(examples.reshape(4, 16, 2)), output_signature=tf.TensorSpec((None, 2))
    )
    model = gan()
    with pytest.raises(kgan.InputError, match="examples of batch 1 must be finite"):
        model.fit(data, epochs=3, steps_per_epoch=None, verbose=0, callbacks=[Break()])
    assert model.steps_taken == 4
    assert np.isfinite(model.sample(3)).all()


@pytest.mark.parametrize(
    ("x", "what"),
    [(None, "nothing"), ("ring", "a str"), ((POINTS, POINTS), "a tuple"), ([], "a list")],
)
def test_what_is_no_data_at_all(x, what):
    with pytest.raises(kgan.InputError, match=rf"^x must be .*Received: {what}; give"):
        gan().fit(x)


def test_a_last_batch_of_fewer_rows_than_generators_has_a_sample_of_each():
    generator, discriminator = networks(1 + 8)
    model = kgan.MGAN(kgan.GeneratorBank(generator, 8, private_layers=1), discriminator)
    model.compile()
    model.fit(POINTS[:35], batch_size=32, epochs=2, verbose=0)
    assert np.isfinite(model.evaluate(POINTS[:35], batch_size=32, verbose=0)).all()


def covariance(**compiled):
    generator, discriminator = networks()
    inverse = keras.Sequential([keras.Input((2,)), layers.Dense(3)])
    model = kgan.InvertGAN(generator, inverse, discriminator)
    model.compile(**compiled)
    return model


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("eager", [False, True])
def test_a_last_batch_that_is_too_small_is_refused_before_its_step(eager):
    for make, few, least in (
        (lambda: covariance(run_eagerly=eager), 1, 2),
        (lambda: gan(discriminator_steps=5, run_eagerly=eager), 3, 5),
    ):
        given = POINTS[: 20 + few]
        message = rf"at least {least} examples, .*Received: {few};"
        model = make()
        with pytest.raises(kgan.InputError, match=f"^The last batch of {20 + few}.*{message}"):
            model.fit(given, batch_size=10, verbose=0)
        assert model.steps_taken == 0
        batches = tf.data.Dataset.from_tensor_slices(given).batch(10)
        with pytest.raises(kgan.InputError, match=message):
            model.fit(batches, verbose=0)
        assert model.steps_taken == 2
        assert all(np.isfinite(v).all() for v in state(model))
    with pytest.raises(kgan.InputError, match="covariance of the latents"):
        covariance().evaluate(POINTS[:11], batch_size=10)


@pytest.mark.parametrize("options", [{}, {"run_eagerly": True}, {"steps_per_execution": 4}])
def test_nothing_runs_where_the_data_end(options):
    """Ten batches an epoch, of data that do not know their length."""
    ended, known = gan(ema_decay=0.9, **options), gan(ema_decay=0.9, **options)
    batches = tf.data.Dataset.from_tensor_slices(POINTS[:60]).batch(6)
    with pytest.warns(UserWarning, match="ran out of data"):
        ended.fit(batches.filter(lambda x: True), epochs=3, verbose=0)
    step = known.make_train_function()
    for _ in range(3):
        step.run(iter(batches), 10)
    assert [int(o.iterations) for o in ended.optimizers.values()] == [30, 30]
    for a, b in zip(state(ended), state(known), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_pydataset_knows_its_length():
    with pytest.raises(kgan.InputError, match="Received: 4 steps per epoch with steps_per_exec"):
        gan(steps_per_execution=3).fit(Batches(POINTS))


def test_backup_and_restore_goes_on_as_if_nothing_had_happened(tmp_path):
    data = Dataset("cloud", "train", POINTS)
    how = {"batch_size": 10, "steps_per_epoch": 4, "epochs": 4, "verbose": 0}

    class Kill(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    def backup():
        return keras.callbacks.BackupAndRestore(tmp_path / "backup")

    whole, cut, resumed = gan(), gan(), gan()
    whole.fit(data, **how)
    with pytest.raises(KeyboardInterrupt):
        cut.fit(data, callbacks=[backup(), Kill()], **how)
    resumed.fit(data, callbacks=[backup()], **how)
    for a, b in zip(state(whole), state(resumed), strict=True):
        np.testing.assert_array_equal(a, b)


class Poison(keras.callbacks.Callback):
    """A NaN in a weight that ReLU hides from every loss."""

    def on_train_batch_end(self, batch, logs=None):
        if self.model.steps_taken == 6:
            kernel = self.model.generator.layers[0].kernel
            kernel.assign(np.where(np.arange(24).reshape(3, 8) == 5, np.nan, kernel))


@pytest.mark.filterwarnings("ignore")
def test_weights_that_are_not_finite_end_the_training_and_are_not_written(tmp_path):
    model = gan()
    kept = keras.callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras")
    with pytest.raises(kgan.NonFiniteLossError, match=r"by step 8, the first .*dense.*/kernel"):
        model.fit(POINTS, batch_size=16, epochs=3, verbose=0, callbacks=[Poison(), kept])
    # Of the second epoch, where it went wrong, there is none.
    assert [path.name for path in tmp_path.iterdir()] == ["1.keras"]
    before = (tmp_path / "1.keras").read_bytes()
    for write in (
        lambda: model.save(tmp_path / "1.keras"),
        lambda: model.save_weights(tmp_path / "1.weights.h5"),
        lambda: model.export(tmp_path / "1"),
        lambda: model.sample(3),
    ):
        with pytest.raises(kgan.NonFiniteLossError, match=r"finite.*Received: .*; go back to"):
            write()
    assert [path.name for path in tmp_path.iterdir()] == ["1.keras"]
    assert (tmp_path / "1.keras").read_bytes() == before


def test_drawing():
    model = gan()
    assert (model.sample(4) != model.sample(4)).any()
    assert (model.sample(4, seed=None) != model.sample(4, seed=None)).any()
    np.testing.assert_array_equal(model.sample(4, seed=3), model.sample(4, seed=np.int64(3)))
    keras.utils.set_random_seed(5)
    first = model.sample(4)
    keras.utils.set_random_seed(5)
    np.testing.assert_array_equal(first, model.sample(4))
    for wrong in ({"num_samples": 3.0}, {"num_samples": True}, {"num_samples": 0}):
        with pytest.raises(kgan.InputError, match=r"num_samples must be a whole number"):
            model.sample(**wrong)
    for seed in ((0, 2**63), [0.5, 1], 1.5, "a", (1, 2, 3), 2**64):
        with pytest.raises(kgan.InputError, match=r"seed must be None"):
            model.sample(3, seed=seed)
    for run in (lambda n: model.sample(3, batch_size=n), lambda n: model.fit(POINTS, batch_size=n)):
        for size in (0, -1, 2.5):
            with pytest.raises(kgan.InputError, match=r"batch_size must be a whole number"):
                run(size)
    with pytest.raises(kgan.InputError, match=r"batch_size must be"):
        model.evaluate(POINTS, batch_size=0)
