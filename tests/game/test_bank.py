"""A bank of K generators, against K generators."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import kgan
from kgan import GeneratorBank, InputError, networks

GENERATORS, ROWS = 3, 4
TEMPLATES = {
    "mlp": lambda: networks.mlp(5, [8, 6], 2, output_scale=2.0),
    "lucic": lambda: networks.lucic_generator((8, 8, 1), 5),
    "dcgan": lambda: networks.dcgan_generator((16, 16, 3), 5, width=8),
}


def make(template="mlp", private_layers=None, **kwargs):
    keras.utils.set_random_seed(0)
    return GeneratorBank(TEMPLATES[template](), GENERATORS, private_layers=private_layers, **kwargs)


def latents(rows=ROWS * GENERATORS, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, 5)).astype("float32")


@pytest.mark.parametrize("private_layers", [None, 0, 1, 2])
@pytest.mark.parametrize("template", TEMPLATES)
def test_rows_go_to_the_generators_in_turns(template, private_layers):
    bank, z = make(template, private_layers), latents()
    samples = bank(z).numpy()
    for k in range(GENERATORS):
        alone = bank.generator(k)(z[k::GENERATORS])
        np.testing.assert_allclose(samples[k::GENERATORS], alone, atol=1e-5)
    same = np.allclose(bank.generator(0)(z), bank.generator(1)(z), atol=1e-6)
    assert same == (private_layers == 0)


@pytest.mark.parametrize("template", TEMPLATES)
def test_gradients_are_those_of_separate_networks(template):
    bank, z = make(template), latents()
    singles = [bank.generator(k) for k in range(GENERATORS)]
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.sin(3 * bank(z, training=True)))
    variables = bank.trainable_variables
    gradients = tape.gradient(loss, [v.value for v in variables])
    for k, single in enumerate(singles):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.sin(3 * single(z[k::GENERATORS], training=True)))
        expected = tape.gradient(loss, [v.value for v in single.trainable_variables])
        # Biases before a batch norm have gradients of 0 up to the rounding of much larger terms.
        scale = max(np.abs(wanted).max() for wanted in expected)
        for variable, found, wanted in zip(variables, gradients, expected, strict=True):
            np.testing.assert_allclose(
                found[k] / scale, wanted / scale, atol=1e-5, err_msg=variable.path
            )
    # The statistics of the batch norms too.
    for k, single in enumerate(singles):
        for mine, theirs in zip(bank.network.weights, single.weights, strict=True):
            np.testing.assert_allclose(mine.numpy()[k], theirs.numpy(), atol=1e-5)


def test_shared_layers_see_all_samples_and_are_counted_once():
    template = TEMPLATES["lucic"]()
    shared = make("lucic", 1)
    first = 5 * 1024 + 3 * 1024  # The kernel and bias; gamma and beta.
    whole = sum(int(np.prod(v.shape)) for v in template.trainable_variables)
    count = sum(int(np.prod(v.shape)) for v in shared.trainable_variables)
    assert count == whole + (GENERATORS - 1) * first
    norms = [w.shape for w in shared.weights if w.path.endswith("moving_mean")]
    assert norms == [(GENERATORS, 1024), (128 * 4,), (64,)]


def test_generate_takes_the_named_generators():
    bank, z = make("lucic"), latents(10)
    singles = [bank.generator(k)(z).numpy() for k in range(GENERATORS)]
    np.testing.assert_allclose(bank.generate(z, 2), singles[2], atol=1e-6)
    chosen = np.array([2, 0, 0, 2, 2, 0, 2, 0, 2, 2], np.int32)  # None of generator 1.
    expected = np.stack([singles[k][i] for i, k in enumerate(chosen)])
    np.testing.assert_allclose(bank.generate(z, chosen), expected, atol=1e-6)
    graph = tf.function(
        bank.generate,
        input_signature=[tf.TensorSpec((None, 5)), tf.TensorSpec((None,), tf.int32)],
    )
    np.testing.assert_allclose(graph(z, chosen), expected, atol=1e-4)
    # And training goes on with all of them.
    assert bank(latents(), training=True).shape == (GENERATORS * ROWS, 8, 8, 1)


def test_generators_are_drawn_by_their_weights():
    weights = [0.2, 0.7, 0.1]
    bank = make(mixture_weights=weights)
    np.testing.assert_allclose(bank.mixture_weights, weights, atol=1e-7)
    drawn = bank.draw_generators(20_000, (1, 2)).numpy()
    counts = np.bincount(drawn, minlength=GENERATORS)
    # Within 4 standard deviations of a binomial count.
    assert (np.abs(counts - 20_000 * np.array(weights)) < 4 * np.sqrt(20_000 * 0.25)).all()
    np.testing.assert_array_equal(drawn, bank.draw_generators(20_000, (1, 2)))
    assert (drawn != bank.draw_generators(20_000, (1, 3)).numpy()).any()
    only = make(mixture_weights=[0.0, 1.0, 0.0]).draw_generators(1_000, (1, 2)).numpy()
    assert (only == 1).all()


def test_weights_come_and_go():
    bank, other = make(), networks.mlp(5, [8, 6], 2, output_scale=2.0)
    z = latents()
    before = [bank.generator(k)(z).numpy() for k in range(GENERATORS)]
    bank.set_generator(1, other)
    np.testing.assert_allclose(bank.generator(1)(z), other(z), atol=1e-6)
    for k in (0, 2):
        np.testing.assert_array_equal(bank.generator(k)(z), before[k])


def test_a_saved_bank_is_the_same(tmp_path):
    bank = make("lucic", 1, mixture_weights=[0.5, 0.25, 0.25])
    bank(latents(), training=True)
    bank.save(tmp_path / "bank.keras")
    loaded = keras.models.load_model(tmp_path / "bank.keras")
    np.testing.assert_array_equal(loaded(latents()), bank(latents()))
    assert loaded.get_config() == bank.get_config()
    assert loaded.private_layers == 1


def test_a_sequential_template_and_half_precision():
    keras.utils.set_random_seed(0)
    template = keras.Sequential(
        [
            keras.Input((5,)),
            layers.Dense(4, activation="relu", dtype="mixed_bfloat16"),
            layers.BatchNormalization(dtype="mixed_bfloat16"),
            layers.Dense(2, dtype="float32"),
        ]
    )
    bank = GeneratorBank(template, GENERATORS)
    assert bank.network.layers[0].compute_dtype == "bfloat16"
    assert bank.network.layers[0].kernel.dtype == "float32"
    assert bank(latents(), training=True).dtype == "float32"


def test_graphs_of_many_generators_are_built_fast():
    import time

    bank = GeneratorBank(networks.lucic_generator((8, 8, 1), 5), 32)
    z = latents(64)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(bank(z, training=True)))
        return tape.gradient(loss, [v.value for v in bank.trainable_variables])

    start = time.perf_counter()
    operations = len(step.get_concrete_function().graph.get_operations())
    assert time.perf_counter() - start < 30
    assert operations < 3_000  # It does not grow with K.


@pytest.mark.parametrize("private_layers", [None, 1])
def test_active_units(private_layers):
    """Two ReLU layers of 8 and 6; units are switched off by their biases."""
    bank, z = make("mlp", private_layers), latents(60)
    own, shared = bank.network.layers[1:3]
    bias = np.full((GENERATORS, 8), 50.0)
    bias[0, :4] = -50.0  # Half of one generator's first layer.
    own.set_weights([own.get_weights()[0], bias])
    bias = np.full(shared.bias.shape, 1e4)
    bias[..., :2] = -1e4
    shared.set_weights([shared.get_weights()[0], bias])
    found = bank.active_units(z)
    assert list(found.values()) == pytest.approx([1 - 4 / 24, 1 - 2 / 6])
    # A unit that is positive for one generator's samples alone: of its own 100%, of all 33%.
    kernel, bias = own.get_weights()
    own.set_weights([np.zeros_like(kernel), np.where(np.arange(3)[:, None] == 1, 1.0, -1.0)
                     * np.ones((3, 8))])  # fmt: skip
    assert next(iter(bank.active_units(z).values())) == pytest.approx(1 / 3)


def test_active_units_of_leaky_layers():
    """Units that are positive, as of plain ReLU."""
    bank, z = make("lucic"), latents(60)
    found = bank.active_units(z)
    assert list(found) == [x.name for x in bank.network.layers if isinstance(x, layers.LeakyReLU)]
    assert found and all(0 < share <= 1 for share in found.values())
    assert "leaky_re_lu" not in make("mlp").active_units(z)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"generators": 0}, "generators must be at least 1. Received: generators=0"),
        ({"generators": -2}, "generators must be at least 1. Received: generators=-2"),
        ({"private_layers": -1}, "private_layers must be at least 0"),
        ({"private_layers": 99}, "private_layers must be at most 3, the template's layers with a"),
        ({"first_shared": "head"}, "one of the template's layers, .*Received: first_shared='head'"),
        ({"private_layers": 1, "first_shared": "x"}, "in place of private_layers"),
        ({"mixture_weights": [0.5, 0.6, 0.1]}, "3 numbers of at least 0 with sum 1"),
        ({"mixture_weights": [1.5, -0.5, 0.0]}, "3 numbers of at least 0 with sum 1"),
        ({"mixture_weights": [0.5, 0.5]}, "3 numbers of at least 0 with sum 1"),
        ({"mixture_weights": [float("nan"), 0.5, 0.5]}, "must be a sequence of numbers"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(InputError, match=message):
        GeneratorBank(TEMPLATES["mlp"](), **{"generators": GENERATORS, **arguments})


@keras.saving.register_keras_serializable("kgan_tests")
class Scaled(layers.Layer):
    """Someone's own layer with weights."""

    def build(self, shape):
        self.factor = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, x):
        return self.factor * x


ORDINARY = {
    "layer norm": (layers.LayerNormalization, ()),
    "group norm": (lambda: layers.GroupNormalization(2), ()),
    "prelu": (layers.PReLU, ()),
    "separable": (lambda: layers.SeparableConv2D(2, 2), (2, 2, 2)),
    "nested": (lambda: keras.Sequential([keras.Input((8,)), layers.Dense(8)]), ()),
    "own layer": (Scaled, ()),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_layers_that_cannot_be_stacked_are_shared(name):
    """After the own layers; before them they are named, as the first that may be shared."""
    maker, shape = ORDINARY[name]
    other = maker()
    reshaped = [layers.Reshape(shape)] if shape else []
    template = keras.Sequential(
        [keras.Input((5,)), layers.Dense(8), layers.BatchNormalization(), *reshaped, other,
         layers.Flatten(), layers.Dense(2)]
    )  # fmt: skip
    z = latents()
    for options in ({"private_layers": 1}, {"first_shared": other.name}):
        bank = GeneratorBank(template, GENERATORS, **options)
        stacked = [layer.name for layer in bank.network.layers if hasattr(layer, "generators")]
        assert stacked == [layer.name for layer in template.layers[:2]]
        samples = bank(z).numpy()
        for k in range(GENERATORS):
            alone = bank.generator(k)(z[k::GENERATORS])
            np.testing.assert_allclose(samples[k::GENERATORS], alone, atol=1e-5)
    told = rf"Received: {other.name} of {type(other).__name__}; share .* first_shared='{other.name}"
    for options in ({}, {"private_layers": 2}):
        with pytest.raises(InputError, match=told):
            GeneratorBank(template, GENERATORS, **options)


def test_generators_that_share_all_are_warned_of():
    with pytest.warns(UserWarning, match="all 3 are one and the same. Give `private_layers` of 1"):
        make(private_layers=0)


@pytest.mark.parametrize(
    "template",
    [
        keras.Sequential([layers.Dense(8), layers.Dense(2)]),  # Its layers have no weights yet.
        layers.Dense(2),
        keras.Model(*[[keras.Input((5,)), keras.Input((2,))]] * 2),
    ],
)
def test_a_template_has_one_input_and_one_output(template):
    with pytest.raises(InputError, match=r"of one input and one output, which begins with"):
        GeneratorBank(template, 2)


def test_rows_are_a_multiple_of_the_generators():
    bank, z = make(), latents(99)
    with pytest.raises(InputError, match=r"of its 3 generators\. Received: 5 rows; give a multi"):
        bank(z[:5])
    with pytest.raises(InputError, match="Received: 98 rows"):
        bank.predict(z[:98])
    for size in (None, 10):
        predicted = bank.predict(z, batch_size=size, verbose=0)
        np.testing.assert_allclose(predicted, bank(z), atol=1e-6)


def test_mixture_weights_are_set_later():
    bank = make()
    bank.set_mixture_weights([0.0, 0.25, 0.75])
    np.testing.assert_array_equal(bank.mixture_weights, np.float32([0.0, 0.25, 0.75]))
    assert (bank.draw_generators(1_000, (1, 2)).numpy() > 0).all()
    with pytest.raises(InputError, match="3 numbers of at least 0 with sum 1"):
        bank.set_mixture_weights([0.5, 0.6, 0.1])
    bank.set_mixture_weights(None)
    np.testing.assert_allclose(bank.mixture_weights, 1 / 3)


def test_no_such_generator():
    bank = make()
    for k in (-1, 3):
        with pytest.raises(InputError, match=rf"0\.\.2. Received: {k}"):
            bank.generator(k)
        with pytest.raises(InputError, match=rf"0\.\.2. Received: {k}"):
            bank.set_generator(k, bank.generator(0))
    with pytest.raises(InputError, match=r"needs a GeneratorBank\. Received: a Functional"):
        kgan.MGAN(TEMPLATES["mlp"](), networks.mlp(2, [4], 2))
