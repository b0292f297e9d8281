"""K layers as one, against K Keras layers."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import constraints, layers, regularizers

from kgan import InputError
from kgan.layers import (
    STACKED,
    SpectralConv2D,
    SpectralDense,
    StackedBatchNormalization,
    StackedConv2D,
    StackedDense,
)

GENERATORS, ROWS = 3, 4
FIRST = "channels_first"
BATCH_NORM = {"momentum": 0.7, "epsilon": 1e-2}
# Each option of a Keras layer that changes what it computes.
MAKERS = {
    "dense": (lambda: layers.Dense(5, activation="relu"), (6,)),
    "dense without bias": (lambda: layers.Dense(5, use_bias=False), (6,)),
    "dense on rows": (lambda: layers.Dense(5, activation="tanh"), (4, 6)),
    "dense on images": (lambda: layers.Dense(5, use_bias=False), (2, 4, 6)),
    "convolution": (lambda: layers.Conv2D(4, 3, 2, "same", activation="tanh"), (8, 6, 2)),
    "dilation": (lambda: layers.Conv2D(4, 3, dilation_rate=(2, 1)), (8, 6, 2)),
    "groups": (lambda: layers.Conv2D(4, (3, 2), groups=2), (5, 4, 2)),
    "transposed": (lambda: layers.Conv2DTranspose(4, 5, 2, "same"), (4, 3, 2)),
    "no bias": (lambda: layers.Conv2DTranspose(4, 4, 2, "valid", use_bias=False), (4, 3, 2)),
    "output padding": (
        lambda: layers.Conv2DTranspose(4, 3, 2, "same", output_padding=1), (4, 3, 2)),
    "transposed dilation": (lambda: layers.Conv2DTranspose(4, 3, dilation_rate=2), (4, 3, 2)),
    # Not as wide as there are filters: there Keras 3.15 adds the bias along the wrong axis.
    "channels first": (lambda: layers.Conv2D(4, 3, data_format=FIRST), (2, 8, 7)),
    "transposed channels first": (
        lambda: layers.Conv2DTranspose(4, 4, 2, data_format=FIRST), (2, 4, 3)),
    "batch norm": (lambda: layers.BatchNormalization(**BATCH_NORM), (3,)),
    "batch norm of images": (lambda: layers.BatchNormalization(**BATCH_NORM), (4, 2, 3)),
    "not centered": (lambda: layers.BatchNormalization(center=False), (4, 2, 3)),
    "not scaled": (lambda: layers.BatchNormalization(scale=False), (3,)),
    "axis 1": (lambda: layers.BatchNormalization(axis=1, **BATCH_NORM), (3, 4, 2)),
    "axis -2": (lambda: layers.BatchNormalization(axis=-2, **BATCH_NORM), (3, 4)),
    "frozen batch norm": (lambda: layers.BatchNormalization(trainable=False), (3,)),
}  # fmt: skip


def batch(shape, seed=0):
    rows = np.random.default_rng(seed).normal(size=(GENERATORS * ROWS, *shape))
    # Of another spread for each generator.
    return (rows * np.linspace(1, 3, len(rows)).reshape(-1, *[1] * len(shape))).astype("float32")


def pair(make, shape):
    """A stacked layer, and K layers with its weights."""
    template = make()
    config = {**template.get_config(), "generators": GENERATORS}
    stacked = STACKED[type(template)].from_config(config)
    stacked.build((None, *shape))
    rng = np.random.default_rng(1)
    stacked.set_weights([rng.normal(0.5, 0.2, w.shape) ** 2 for w in stacked.weights])
    singles = []
    for k in range(GENERATORS):
        single = make()
        single.build((None, *shape))
        single.set_weights([w[k] for w in stacked.get_weights()])
        singles.append(single)
    return stacked, singles


def called(layer, x):
    """Outputs in training, and gradients in the inputs and the trainable weights."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs = layer(x, training=True)
        loss = tf.reduce_sum(tf.sin(outputs))
    return outputs, *tape.gradient(loss, [x, *(w.value for w in layer.trainable_weights)])


@pytest.mark.parametrize("name", MAKERS)
def test_it_computes_what_k_layers_do(name):
    make, shape = MAKERS[name]
    stacked, singles = pair(make, shape)
    x = tf.constant(batch(shape))
    outputs, gradient_x, *gradients = called(stacked, x)
    parts = [slice(k * ROWS, (k + 1) * ROWS) for k in range(GENERATORS)]
    for k, (single, rows) in enumerate(zip(singles, parts, strict=True)):
        expected, of_x, *of_weights = called(single, x[rows])
        np.testing.assert_allclose(outputs[rows], expected, atol=1e-5)
        np.testing.assert_allclose(gradient_x[rows], of_x, atol=1e-5)
        for found, wanted in zip(gradients, of_weights, strict=True):
            np.testing.assert_allclose(found[k], wanted, atol=1e-4)
    # Statistics of the batch have moved alike, and are used; one that is selected takes all rows.
    for mine, *theirs in zip(stacked.weights, *(s.weights for s in singles), strict=True):
        np.testing.assert_allclose(mine, np.stack(theirs), atol=1e-5)
    inferred = stacked(x)
    assert inferred.shape == stacked.compute_output_shape(x.shape)
    stacked.selected = 2
    np.testing.assert_allclose(stacked(x), singles[2](x), atol=1e-5)
    for single, rows in zip(singles, parts, strict=True):
        np.testing.assert_allclose(inferred[rows], single(x[rows]), atol=1e-5)


@keras.saving.register_keras_serializable("kgan_tests")
class Norm(regularizers.Regularizer):
    """No sum over numbers: of a stack it is another value than of its parts."""

    def __call__(self, x):
        return keras.ops.sqrt(keras.ops.sum(keras.ops.square(x)))

    def get_config(self):
        return {}


PARTS = {
    layers.Dense: ({"units": 5}, (6,), "kernel", "bias"),
    layers.Conv2D: ({"filters": 4, "kernel_size": 3}, (4, 4, 2), "kernel", "bias"),
    layers.Conv2DTranspose: ({"filters": 4, "kernel_size": 3}, (4, 4, 2), "kernel", "bias"),
    layers.BatchNormalization: ({}, (3,), "gamma", "beta"),
}


@pytest.mark.parametrize("cls", STACKED)
def test_constraints_and_regularizers_are_of_each(cls):
    arguments, shape, first, second = PARTS[cls]
    stacked, singles = pair(
        lambda: cls(
            **arguments,
            **{f"{first}_constraint": constraints.UnitNorm(axis=0)},
            **{f"{second}_constraint": constraints.MaxNorm(0.5, axis=0)},
            **{f"{first}_regularizer": Norm(), f"{second}_regularizer": regularizers.L2(0.3)},
            activity_regularizer=Norm(),
        ),
        shape,
    )
    x = batch(shape)
    stacked(x)
    for k, single in enumerate(singles):
        single(x[k * ROWS : (k + 1) * ROWS])
    expected = sum(float(loss) for single in singles for loss in single.losses)
    assert sum(map(float, stacked.losses)) == pytest.approx(expected, rel=1e-5)
    for i, variable in enumerate(stacked.trainable_weights):
        found = variable.constraint(variable)
        for k, single in enumerate(singles):
            wanted = single.trainable_weights[i]
            np.testing.assert_allclose(found[k], wanted.constraint(wanted), atol=1e-6)
    config = stacked.get_config()
    assert type(stacked).from_config(config).get_config() == config
    stacked.selected = 1
    stacked(x[:ROWS])
    singles[1](x[:ROWS])
    assert float(stacked.losses[0]) == pytest.approx(float(singles[1].losses[0]), rel=1e-5)


@pytest.mark.parametrize("seed", [None, 7, keras.random.SeedGenerator(7)])
def test_initial_weights_are_drawn_for_each(seed):
    layer = StackedDense(
        generators=GENERATORS,
        units=200,
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.02, seed=seed),
    )
    layer.build((None, 50))
    kernels = layer.kernel.numpy()
    assert kernels.shape == (GENERATORS, 50, 200)
    for k in range(GENERATORS):
        assert kernels[k].std() == pytest.approx(0.02, rel=0.05)
        for other in range(k):
            assert abs(np.corrcoef(kernels[k].ravel(), kernels[other].ravel())[0, 1]) < 0.05


def test_fan_is_that_of_one_generator():
    layer = StackedDense(generators=50, units=30)  # Glorot: uniform within sqrt(6 / (20 + 30)).
    layer.build((None, 20))
    assert np.abs(layer.kernel.numpy()).max() == pytest.approx(np.sqrt(6 / 50), rel=0.01)


K = {"generators": GENERATORS}
REFUSED = {
    "no generator": (lambda: StackedDense(generators=0, units=3), "at least 1. Received: gen"),
    "renorm": (lambda: StackedBatchNormalization(**K, renorm=True), "Received: renorm=True for"),
    "axis of rows": (
        lambda: StackedBatchNormalization(**K, axis=0)(batch((3,))), "Received: axis=0, the batch"),
    "mask": (
        lambda: StackedBatchNormalization(**K)(batch((4, 3)), mask=np.ones((12, 4), bool)),
        "takes no mask"),
    "lora": (lambda: StackedConv2D(**K, filters=2, kernel_size=3, lora_rank=2), "a rank of 2"),
    "lora later": (lambda: StackedDense(**K, units=3).enable_lora(4), "a rank of 4"),
    "spectral lora": (lambda: SpectralDense(3, lora_rank=2), "SpectralDense cannot have LoRA"),
    "spectral lora later": (lambda: SpectralConv2D(3, 2).enable_lora(4), "a rank of 4"),
    "integers": (
        lambda: StackedDense(**K, units=3, dtype="int8_from_float32"), "the quantization int8"),
    "spectral integers": (lambda: SpectralDense(3, dtype="float8_from_float32"), "float8"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_it_does_not_compute_is_refused(name):
    make, message = REFUSED[name]
    with pytest.raises(InputError, match=message):
        make()
