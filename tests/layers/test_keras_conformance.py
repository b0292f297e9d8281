"""Our layers by Keras' own test of layers, and by each option that their Keras layers have."""

import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import constraints, initializers, layers, regularizers

import kgan
from kgan import GeneratorBank, InputError
from kgan.layers import STACKED, SpectralConv2D, SpectralDense

try:
    from keras.src.testing import TestCase
except ImportError:
    TestCase = None

K = 3
POLICIES = ("float32", "mixed_bfloat16", "mixed_float16", "float64")
FIRST = "channels_first"


def template():
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(12, use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Reshape((2, 2, 3)),
            layers.Conv2DTranspose(2, 3, 2, "same"),
            layers.Conv2D(1, 3, padding="same", dtype=keras.config.floatx()),
        ]
    )


# Arguments, shape of the inputs and of the outputs, weights that are trained and that are not.
FULL = {
    "SpectralDense": ({"units": 5, "iterations": 2}, (6, 4), (6, 5), 2, 1),
    "SpectralConv2D": ({"filters": 4, "kernel_size": 3}, (6, 5, 5, 2), (6, 3, 3, 4), 2, 1),
    "StackedDense": ({"generators": K, "units": 5}, (6, 2, 4), (6, 2, 5), 2, 0),
    "StackedConv2D": (
        {"generators": K, "filters": 4, "kernel_size": 3}, (6, 5, 5, 2), (6, 3, 3, 4), 2, 0),
    "StackedConv2DTranspose": (
        {"generators": K, "filters": 4, "kernel_size": 3}, (6, 3, 3, 2), (6, 5, 5, 4), 2, 0),
    "StackedBatchNormalization": ({"generators": K}, (6, 2, 4), (6, 2, 4), 2, 2),
    "MinibatchDiscrimination": ({"kernels": 3, "dimensions": 2}, (6, 4), (6, 7), 1, 0),
    "MinibatchStandardDeviation": (
        {"group_size": 3, "features": 2}, (6, 5, 5, 4), (6, 5, 5, 6), 0, 0),
    "NormBound": ({"radius": 1.5}, (6, 4), (6, 4), 0, 0),
    "Whitening": ({"variance": 0.5}, (6, 4), (6, 4), 0, 3),
    "ReferenceBatch": ({"rows": 2}, (6, 4), (8, 4), 0, 2),
    "VirtualBatchNormalization": ({"rows": 2, "epsilon": 0.01}, (6, 3, 4), (6, 3, 4), 2, 0),
    "WithoutReference": ({"rows": 2}, (6, 4), (4, 4), 0, 0),
    "ReplayBuffer": ({"size": 4, "width": 3}, None, None, 0, 2),
    "GeneratorBank": ({"template": template, "generators": K}, (6, 4), (6, 4, 4, 1), 7, 3),
}  # fmt: skip
# A mixed-in class is no layer of its own.
OURS = {n for n in kgan.layers.__all__ if n not in ("STACKED", "StackedLayer")}


def of(name):
    """A layer's class, and its arguments, fresh."""
    cls = getattr(kgan.layers, name, None) or getattr(kgan, name)
    return cls, {k: v() if v is template else v for k, v in FULL[name][0].items()}


def test_every_layer_is_here():
    assert {*OURS, "GeneratorBank"} == set(FULL)


@pytest.mark.skipif(TestCase is None, reason="this Keras does not ship its test of layers")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FULL)
def test_keras_own_test_of_layers(name):
    cls, arguments = of(name)
    _, shape, outputs, trained, kept = FULL[name]
    given = shape and {
        "input_shape": shape,
        "expected_output_shape": outputs,
        "expected_num_trainable_weights": trained,
        "expected_num_non_trainable_weights": kept,
        "expected_num_losses": 0,
        "expected_num_seed_generators": 0,
    }
    TestCase().run_layer_test(cls, arguments, **(given or {}))


def made_under(policy, name):
    keras.utils.set_random_seed(0)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        cls, arguments = of(name)
        layer = cls(**arguments)
    finally:
        keras.config.set_dtype_policy(before)
    if not layer.built:
        layer.build(FULL[name][1])
    return layer


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name in FULL if FULL[name][1]])
def test_xla_computes_the_same_under_every_policy(name):
    """Outputs in training and in inference, the state that training leaves, and gradients.

    All policies in one program: each takes its time to be made.
    """
    tried = [made_under(policy, name) for policy in POLICIES]
    weights = [layer.get_weights() for layer in tried]
    x = tf.constant(np.random.default_rng(0).normal(size=FULL[name][1]), "float32")

    def run(layer):
        with tf.GradientTape() as tape:
            tape.watch(x)
            trained = in_training(layer, x)
            loss = tf.reduce_sum(tf.cast(trained, "float32") ** 2)
        variables = [w.value for w in layer.trainable_weights]
        return trained, layer(x), *tape.gradient(loss, [x, *variables])

    def run_all():
        return [run(layer) for layer in tried]

    results = []
    for function in (run_all, tf.function(run_all, jit_compile=True)):
        for layer, start in zip(tried, weights, strict=True):
            layer.set_weights(start)
        found = [[np.asarray(value) for value in values] for values in function()]
        results.append([[*a, *layer.get_weights()] for a, layer in zip(found, tried, strict=True)])
    for policy, *both in zip(POLICIES, *results, strict=True):
        half = 0.05 if "mixed" in policy else 0
        assert both[0][0].shape == FULL[name][2]
        for one, other in zip(*both, strict=True):
            assert one.dtype == other.dtype
            one, other = np.float64(one), np.float64(other)
            scale = max(np.abs(one).max(), 1)
            close = {"atol": half + 1e-5, "err_msg": policy}
            np.testing.assert_allclose(other / scale, one / scale, **close)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_a_bank_answers_each_call_under_xla(policy):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        keras.utils.set_random_seed(0)
        bank = GeneratorBank(template(), K)
    finally:
        keras.config.set_dtype_policy(before)
    z, numbers = np.float32(np.random.default_rng(0).normal(size=(6, 4))), np.arange(6) % K
    expected = bank(z)
    bank.compile(jit_compile=True)
    dense = tf.function(lambda: bank.generate(z, numbers, dense=True), jit_compile=True)
    one = tf.function(lambda: bank.generate(z[1::K], 1), jit_compile=True)
    for found in (bank.predict(z, verbose=0), bank.generate(z, numbers), dense()):
        np.testing.assert_allclose(found, expected, atol=0.02)
    np.testing.assert_allclose(one(), expected[1::K], atol=0.02)


# Options of the Keras layers that ours are made from ---------------------------------------

HALF, TENTH = initializers.Constant(0.5), regularizers.L2(0.1)
REFUSED = "refused"
OF_ANY = {
    "activity_regularizer": [TENTH],
    "trainable": [False],
    "dtype": ["float64"],
    "autocast": [False],
    "name": ["other"],
}
OF_KERNELS = {
    "activation": ["tanh"],
    "use_bias": [False],
    "kernel_initializer": [HALF],
    "bias_initializer": [HALF],
    "kernel_regularizer": [TENTH],
    "bias_regularizer": [TENTH],
    "kernel_constraint": [constraints.UnitNorm(0)],
    "bias_constraint": [constraints.NonNeg()],
    "activity_regularizer": [TENTH],
}
OF_IMAGES = {
    "filters": [3],
    "kernel_size": [2, (3, 1)],
    "strides": [2],
    "padding": ["same"],
    "data_format": [FIRST],
    "dilation_rate": [2],
    **OF_KERNELS,
}
# By Keras layer: what it must be given, inputs, and values of every option that it has.
OPTIONS = {
    layers.Dense: ({"units": 4}, (5,), {
        "units": [3],
        "lora_rank": REFUSED,
        "lora_alpha": [2.0],  # Of what is refused.
        "quantization_config": [None],  # Takes effect in `quantize`, which is refused.
        **OF_KERNELS,
    }),
    layers.Conv2D: ({"filters": 4, "kernel_size": 3}, (5, 7, 8), {"groups": [2], **OF_IMAGES}),
    layers.Conv2DTranspose: ({"filters": 4, "kernel_size": 3}, (4, 3, 6), {
        "output_padding": [1], **OF_IMAGES,
    }),
    layers.BatchNormalization: ({}, (4, 2, 6), {
        "axis": [1, 2, -2],
        "momentum": [0.5],
        "epsilon": [0.1],
        "center": [False],
        "scale": [False],
        "beta_initializer": [HALF],
        "gamma_initializer": [HALF],
        "moving_mean_initializer": [HALF],
        "moving_variance_initializer": [HALF],
        "beta_regularizer": [TENTH],
        "gamma_regularizer": [TENTH],
        "beta_constraint": [constraints.NonNeg()],
        "gamma_constraint": [constraints.UnitNorm(0)],
        "renorm": REFUSED,
        "renorm_clipping": [None],  # Of what is refused, as the next.
        "renorm_momentum": [0.5],
        "synchronized": [True],
    }),
}  # fmt: skip
SPECTRAL = {layers.Dense: SpectralDense, layers.Conv2D: SpectralConv2D}
# What an option needs beside it.
WITH = {"output_padding": {"strides": 2}}
CASES = [
    (cls, base, option, value)
    for base, (_, _, options) in OPTIONS.items()
    for cls in (STACKED[base], SPECTRAL.get(base))
    if cls is not None
    for option, values in {**OF_ANY, **options}.items()
    for value in (values if values is not REFUSED else [REFUSED])
]


@pytest.mark.parametrize("base", OPTIONS)
def test_every_option_of_keras_is_tried(base):
    parameters = inspect.signature(base.__init__).parameters.values()
    named = {p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD}
    assert named - {"self"} == set(OPTIONS[base][2])
    assert set(STACKED) == set(OPTIONS)
    of_layers = inspect.signature(layers.Layer.__init__).parameters
    assert set(of_layers) - {"self", "kwargs"} == set(OF_ANY)


def weighted(layer, shape):
    """A built layer, its weights drawn anew; variances are positive."""
    layer.build((None, *shape))
    rng = np.random.default_rng(1)
    layer.set_weights([rng.normal(0.5, 0.2, w.shape) ** 2 for w in layer.weights])
    return layer


def rows(shape):
    return tf.constant(np.random.default_rng(2).normal(size=(2 * K, *shape)), "float32")


def in_training(layer, x):
    takes = "training" in inspect.signature(layer.call).parameters
    return layer(x, training=True) if takes else layer(x)


@pytest.mark.parametrize(
    ("cls", "base", "option", "value"), CASES, ids=[f"{c[0].__name__}-{c[2]}" for c in CASES]
)
def test_an_option_does_what_it_does_in_keras(cls, base, option, value):
    required, shape, _ = OPTIONS[base]
    made = {"generators": K} if cls in STACKED.values() else {}
    if value is REFUSED:
        with pytest.raises(InputError, match=r"cannot have .*Received: "):
            cls(**made, **required, **{option: 2})
        return
    arguments = {**required, **WITH.get(option, {}), option: value}
    layer = cls(**made, **arguments)
    assert cls.from_config(layer.get_config()).get_config() == layer.get_config()
    if option.endswith("initializer"):
        layer.build((None, *shape))
        role = option.removesuffix("_initializer")
        assert (getattr(layer, role).numpy() == 0.5).all()
        return
    check = of_generators if made else of_norm_1
    check(weighted(layer, shape), lambda: base(**arguments), shape)


def of_generators(stacked, make, shape):
    """K of Keras' layer do the same with the weights and the rows of each generator."""
    singles = [make() for _ in range(K)]
    for k, single in enumerate(singles):
        single.build((None, *shape))
        single.set_weights([w[k] for w in stacked.get_weights()])
    x = rows(shape)
    outputs = in_training(stacked, x)
    for k, single in enumerate(singles):
        np.testing.assert_allclose(
            outputs[2 * k : 2 * k + 2], in_training(single, x[2 * k : 2 * k + 2]), atol=1e-5
        )
    losses = [float(sum(single.losses)) for single in singles]
    assert float(sum(stacked.losses)) == pytest.approx(sum(losses), rel=1e-5)
    for i, weight in enumerate(stacked.weights):
        for k, single in enumerate(singles):
            theirs = single.weights[i]
            np.testing.assert_allclose(weight[k], theirs, atol=1e-5)  # Statistics have moved.
            assert (weight.constraint is None) == (theirs.constraint is None)
            if theirs.constraint is not None:
                np.testing.assert_allclose(
                    weight.constraint(weight)[k], theirs.constraint(theirs), atol=1e-6
                )


def of_norm_1(spectral, make, shape):
    """Keras' layer does the same with the normalised kernel; penalties are of the kernel itself."""
    plain, raw = make(), make()
    for one in (plain, raw):
        one.build((None, *shape))
    bias = [] if spectral.bias is None else [spectral.bias.numpy()]
    plain.set_weights([spectral.normalised_kernel(), *bias])
    raw.set_weights([spectral.kernel.numpy(), *bias])
    x = rows(shape)
    np.testing.assert_allclose(spectral(x), plain(x), atol=1e-5)
    # Without a call there are the weights' alone; of an activity there is one for the call.
    activity = spectral.activity_regularizer is not None
    expected = plain.losses if activity else raw.losses
    assert float(sum(spectral.losses)) == pytest.approx(float(sum(expected)), rel=1e-5)
    for mine, theirs in zip(spectral.trainable_weights, raw.trainable_weights, strict=True):
        assert (mine.constraint is None) == (theirs.constraint is None)
        if mine.constraint is not None:
            np.testing.assert_allclose(mine.constraint(mine), theirs.constraint(theirs), atol=1e-6)


@pytest.mark.parametrize("cls", [SpectralConv2D, STACKED[layers.Conv2D]])
@pytest.mark.parametrize("width", [4, 5])
def test_channels_may_come_first(cls, width):
    """With a bias, on images as wide as there are filters, and on others."""
    made = {"generators": K} if cls is not SpectralConv2D else {}
    arguments = {**made, "filters": 4, "kernel_size": 2, "padding": "same"}
    first = weighted(cls(**arguments, data_format=FIRST), (3, 5, width))
    last = cls(**arguments, data_format="channels_last")
    last.build((None, 5, width, 3))
    last.set_weights(first.get_weights())
    x = rows((3, 5, width))
    found = tf.transpose(in_training(first, x), (0, 2, 3, 1))
    np.testing.assert_allclose(found, in_training(last, tf.transpose(x, (0, 2, 3, 1))), atol=1e-5)
