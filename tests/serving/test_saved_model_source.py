"""SavedModels as sources of samples: kgan's own, and others', whose signatures tell how."""

import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

import kgan
from kgan import metrics, networks
from kgan.backend import engine
from kgan.errors import DataError, InputError
from kgan.serving import open_saved_model

INT, FLOAT = tf.int32, tf.float32


def spec(name, shape, dtype=FLOAT):
    return tf.TensorSpec(shape, dtype, name=name)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Writes a SavedModel of functions with their inputs; returns its folder."""

    def save(**signatures):
        module = tf.Module()
        for name, (function, *inputs) in signatures.items():
            setattr(module, f"f_{name}", tf.function(function, input_signature=inputs))
        folder = tmp_path_factory.mktemp("saved")
        functions = {name: getattr(module, f"f_{name}") for name in signatures}
        tf.saved_model.save(module, str(folder), signatures=functions)
        return folder

    return save


def points(folder, **kwargs):
    return open_saved_model(folder, example_shape=(2,), **kwargs)


def first_two(z):
    return {"made": tf.reshape(z, (tf.shape(z)[0], -1))[:, :2]}


@pytest.mark.parametrize(
    ("shape", "latents"), [((None, 5), "normal"), ((None, 2, 2), "uniform"), ((64, 5), "normal")]
)
def test_latents(saved, shape, latents):
    source = points(saved(draw=(first_two, spec("z", shape))), latents=latents)
    drawn = np.asarray(engine.noise((1_203, *shape[1:]), latents, (4, 0)))
    found = source.sample(1_203, seed=4)
    np.testing.assert_array_equal(found, drawn.reshape(1_203, -1)[:, :2])


def test_a_count_and_a_seed(saved):
    def draw(how_many, seed, training):
        # Which batch a sample is of, and whether it is training, show in it.
        noise = tf.random.stateless_uniform((how_many[0], 2), seed)
        return {"samples": noise + tf.cast(training, FLOAT), "others": noise}

    inputs = (spec("how_many", (1,), INT), spec("seed", (2,), INT))
    source = points(saved(mine=(draw, *inputs, spec("training", (), tf.bool))))
    found = source.sample(700, seed=9)
    expected = [tf.random.stateless_uniform((n, 2), (9, i)) for i, n in enumerate((500, 200))]
    np.testing.assert_array_equal(found, np.concatenate(expected))


@pytest.mark.parametrize("shape", [(), (1,), (3,)])
def test_seeds_of_other_shapes(saved, shape):
    def draw(n, my_seed):
        words = tf.reshape(tf.cast(my_seed, tf.int64), (-1,))
        pair = tf.stack([tf.reduce_sum(words), words[0]])
        return tf.random.stateless_uniform((n, 2), pair)

    source = points(saved(mine=(draw, spec("n", (), tf.int64), spec("my_seed", shape, INT))))
    found = source.sample(600, 1)
    np.testing.assert_array_equal(found, source.sample(600, 1))
    assert len(np.unique(found[:, 0])) > 590  # No batch is another's.
    assert not np.array_equal(found, source.sample(600, 2))


@pytest.mark.parametrize("shape", [(None, 2), (64, 2), (None, 3)])
def test_seeds_of_each_sample(saved, shape):
    def draw(seeds):
        return {"made": tf.cast(seeds[:, :2], FLOAT)}

    source = points(saved(draw=(draw, spec("seeds", shape, INT))))
    found = source.sample(1_203, seed=9)
    if shape[1] == 2:
        np.testing.assert_array_equal(found, [(9, i) for i in range(1_203)])
    assert len(np.unique(found, axis=0)) == 1_203
    np.testing.assert_array_equal(source.sample(1_203, seed=9), found)


def test_a_count_without_a_seed_is_warned_of(saved, caplog):
    folder = saved(mine=(lambda n: tf.random.normal((n, 2)), spec("n", (), INT)))
    assert points(folder).sample(30).shape == (30, 2)
    assert "takes no seed: its samples cannot be drawn again" in caplog.text


def test_whole_numbers_are_bytes(saved):
    def draw(n):
        return tf.cast(tf.random.uniform((n, 8, 8, 1), 0, 256, INT), tf.uint8)

    folder = saved(mine=(draw, spec("n", (), INT)))
    source = open_saved_model(folder, example_shape=(8, 8, 1))
    assert source.value_range == (0, 255)
    assert source.sample(50).dtype == np.float32
    with pytest.raises(InputError, match="said to lie in 0 to 1"):
        open_saved_model(folder, example_shape=(8, 8, 1), value_range=(0, 1)).sample(50)


def test_what_cannot_be_told(saved):
    words = (lambda text: {"out": text}, spec("text", (None,), tf.string))
    labelled = (lambda z, label: first_two(z), spec("z", (None, 3)), spec("label", (None,), INT))
    folder = saved(words=words, labelled=labelled)
    with pytest.raises(InputError, match="labelled has an input label int32") as raised:
        points(folder)
    message = str(raised.value)
    assert "words(text string (None,)) -> out string (None,)" in message
    assert "labelled(label int32 (None,), z float32 (None, 3)) -> made float32" in message
    with pytest.raises(
        InputError, match=r"has no signature 'mine'\. Received: a SavedModel with la"
    ):
        points(folder, signature="mine")
    pair = saved(one=(first_two, spec("z", (None, 3))), two=(first_two, spec("z", (None, 4))))
    with pytest.raises(InputError, match="several signatures might"):
        points(pair)
    assert points(pair, signature="two").sample(3).shape == (3, 2)
    with pytest.raises(InputError, match=r"has not one output of the shape \(n, 28, 28, 1\)"):
        open_saved_model(pair, example_shape=(28, 28, 1), signature="one")
    alike = saved(mine=(lambda z: {"a": z, "b": z}, spec("z", (None, 2))))
    with pytest.raises(InputError, match="has not one output"):
        points(alike)


def test_an_input_that_is_no_count(saved):
    folder = saved(mine=(lambda label: tf.fill((3, 2), 1.0), spec("label", (), INT)))
    with pytest.raises(InputError, match=r"asked for 10 samples\. Received: 3"):
        points(folder).sample(10)


def test_no_saved_model(tmp_path):
    with pytest.raises(DataError, match=r"There is no SavedModel at .* it has no saved_model\.pb"):
        points(tmp_path)
    (tmp_path / "saved_model.pb").write_bytes(b"nothing")
    with pytest.raises(DataError, match="cannot be read"):
        points(tmp_path)


@pytest.fixture(scope="module")
def gan(tmp_path_factory):
    """A MaEM-GAN of points, and the folder of its versions."""
    keras.utils.set_random_seed(0)
    model = kgan.MaEMGAN(networks.mlp(3, [8], 2), networks.mlp(2, [8], 5))
    folder = tmp_path_factory.mktemp("served")
    model.export(folder / "2")
    shutil.copytree(folder / "2", folder / "10")
    return model, folder


def test_our_own(gan):
    model, folder = gan
    source = points(folder)
    assert source.name.endswith("/10")
    np.testing.assert_allclose(source.sample(300, 5), model.sample(300, 5), atol=1e-6)
    found, expected = (metrics.evaluate(x, "ring", samples=400) for x in (source, model))
    for key in ("embedding_first_share", "embedding_effective_rank"):
        assert found[key] == pytest.approx(expected[key], rel=1e-4)


def test_our_own_by_latents(gan):
    model, folder = gan
    source = points(folder, signature="serving_default")
    np.testing.assert_allclose(source.sample(600, 5), model.sample(600, 5), atol=1e-6)


def test_our_own_by_seeds(gan):
    model, folder = gan
    found = points(folder, signature="sample").sample(600, 5)
    assert len(np.unique(found[:, 0])) > 590
    seeds = np.array([[5, 0], [5, 599]])
    expected = model(engine.row_noise((3,), model.latent_distribution, seeds))
    np.testing.assert_allclose(found[[0, -1]], expected, atol=1e-6)


def test_a_mixture_tells_its_generators_and_images_their_range(tmp_path):
    keras.utils.set_random_seed(0)
    bank = kgan.GeneratorBank(networks.lucic_generator((8, 8, 1), 4), 3, private_layers=1)
    critic = networks.lucic_discriminator((8, 8, 1), 4)
    model = kgan.MGAN(bank, critic, value_range=(-1, 1))
    source = open_saved_model(model.export(tmp_path / "1"), example_shape=(8, 8, 1))
    assert (source.num_generators, source.value_range) == (3, (-1, 1))
    samples, generators = source.sample_with_generators(20, seed=2)
    latents = model.sample_latents(20, 2)
    np.testing.assert_array_equal(generators, model.generators_of(engine.row_seeds(latents)))
    np.testing.assert_allclose(samples, model(latents), atol=1e-4)


def test_kgans_own_say_what_they_make(tmp_path):
    model = kgan.MGAN.from_preset("mgan_ring", generators=3)
    model.export(tmp_path / "1")
    source = open_saved_model(tmp_path, signature="sample", generator=2)
    alone = [model.sample(1, seed=3, generator=2)[0]]
    np.testing.assert_allclose(source.sample(5, seed=3)[:1], alone, rtol=1e-5)
    with pytest.raises(InputError, match=r"generator must be one of 0\.\.2"):
        open_saved_model(tmp_path, signature="sample", generator=3).sample(2)
    kgan.GAN.from_preset("gan_ring").export(tmp_path / "gan")
    with pytest.raises(InputError, match="takes no generator's number"):
        open_saved_model(tmp_path / "gan", generator=1)
