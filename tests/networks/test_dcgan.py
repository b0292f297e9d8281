"""The networks of MGAN's tables 4 to 7: sizes, layers, batch norms, initial weights."""

import itertools

import keras
import numpy as np
import pytest
from keras import layers

from kgan.errors import InputError
from kgan.networks import dcgan_discriminator, dcgan_generator


def trainable(model):
    return sum(int(np.prod(v.shape)) for v in model.trainable_variables)


def generator_weights(start, maps, channels):
    """Kernels, biases and batch norms' scales, of a table's generator."""
    units = start * start * maps[0]
    total = 100 * units + units + units
    for before, after in itertools.pairwise(maps):
        total += 5 * 5 * before * after + after + after
    return total + 5 * 5 * maps[-1] * channels + channels


def discriminator_weights(start, maps, channels, outputs):
    """Kernels, biases, and batch norms' scales and centres."""
    total = 0
    for before, after in itertools.pairwise((channels, *maps)):
        total += 5 * 5 * before * after + after + 2 * after
    return total + start * start * maps[-1] * outputs + outputs


TABLES = [
    ((28, 28, 1), 7, (256, 128)),
    ((32, 32, 3), 4, (512, 256, 128)),  # Tables 4 and 7.
    ((48, 48, 3), 3, (1024, 512, 256, 128)),  # Table 5.
    ((96, 96, 3), 3, (2048, 1024, 512, 256, 128)),  # Table 6.
]


@pytest.mark.usefixtures("weightless")
@pytest.mark.parametrize(("shape", "start", "maps"), TABLES)
def test_generators_of_the_tables(shape, start, maps):
    model = dcgan_generator(shape)
    assert model.input_shape == (None, 100)
    assert model.output_shape == (None, *shape)
    found = [x.filters for x in model.layers if isinstance(x, layers.Conv2DTranspose)]
    assert found == [*maps[1:], shape[2]]
    assert [x.target_shape for x in model.layers if isinstance(x, layers.Reshape)] == [
        (start, start, maps[0])
    ]
    assert trainable(model) == generator_weights(start, maps, shape[2])


@pytest.mark.usefixtures("weightless")
@pytest.mark.parametrize(("shape", "start", "maps"), TABLES)
def test_discriminators_of_the_tables(shape, start, maps):
    model = dcgan_discriminator(shape, 11)
    assert model.input_shape == (None, *shape)
    assert model.output_shape == (None, 11)
    assert [x.filters for x in model.layers if isinstance(x, layers.Conv2D)] == [*maps[::-1]]
    assert trainable(model) == discriminator_weights(start, maps[::-1], shape[2], 11)


def test_weights_of_table_4_in_numbers():
    # 100 * 8192 + 2 * 8192; 25 * 512 * 256 + 2 * 256; 25 * 256 * 128 + 2 * 128; 25 * 128 * 3 + 3.
    assert trainable(dcgan_generator((32, 32, 3))) == 835_584 + 3_277_312 + 819_456 + 9_603
    # 25 * 3 * 128 + 3 * 128; 25 * 128 * 256 + 3 * 256; 25 * 256 * 512 + 3 * 512; 8192 * 11 + 11.
    assert trainable(dcgan_discriminator((32, 32, 3), 11)) == 9_984 + 819_968 + 3_278_336 + 90_123


def test_width():
    generator = dcgan_generator((32, 16, 2), 7, width=6)
    maps = [x.filters for x in generator.layers if isinstance(x, layers.Conv2DTranspose)]
    assert maps == [12, 6, 2]
    assert generator.layers[1].units == 4 * 2 * 24
    discriminator = dcgan_discriminator((32, 16, 2), width=6)
    maps = [x.filters for x in discriminator.layers if isinstance(x, layers.Conv2D)]
    assert maps == [6, 12, 24]


def kinds(model):
    return [type(x).__name__ for x in model.layers[1:]]


def test_order_of_layers():
    norm = ["BatchNormalization", "ReLU"]
    generator = dcgan_generator((16, 16, 3), width=2)
    assert kinds(generator) == [
        *("Dense", *norm, "Reshape", "Conv2DTranspose", *norm),
        *("Conv2DTranspose", "Activation"),
    ]
    assert generator.layers[-1].activation is keras.activations.tanh
    leaky = ["Conv2D", "BatchNormalization", "LeakyReLU"]
    discriminator = dcgan_discriminator((16, 16, 3), width=2)
    assert kinds(discriminator) == [*leaky, *leaky, "Flatten", "Dense"]
    assert discriminator.layers[-1].activation is keras.activations.linear
    assert {x.negative_slope for x in discriminator.layers if isinstance(x, layers.LeakyReLU)} == {
        0.2
    }
    for model in (generator, discriminator):
        for layer in model.layers:
            if isinstance(layer, (layers.Conv2D, layers.Conv2DTranspose)):
                assert (layer.kernel_size, layer.strides, layer.padding, layer.use_bias) == (
                    *((5, 5), (2, 2), "same", True),
                )


def norms(model):
    return [x for x in model.layers if isinstance(x, layers.BatchNormalization)]


def test_batch_norms():
    generator = dcgan_generator((32, 32, 3), width=2)
    discriminator = dcgan_discriminator((32, 32, 3), width=2)
    for layer in norms(generator) + norms(discriminator):
        assert (layer.momentum, layer.epsilon) == (0.9, 1e-5)
        assert (layer.scale, layer.synchronized) == (True, True)
    # The first is over all units of the dense layer, not over its feature maps.
    assert [x.gamma.shape for x in norms(generator)] == [(4 * 4 * 8,), (4,), (2,)]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [False, False, False]),
        ({"first_center": True}, [True, False, False]),  # The author's code.
        ({"centers": True}, [True, True, True]),  # DCGAN.
    ],
)
def test_centers(options, expected):
    generator = dcgan_generator((32, 32, 3), width=2, **options)
    assert [x.center for x in norms(generator)] == expected
    assert [x.center for x in norms(dcgan_discriminator((32, 32, 3), width=2))] == [True] * 3


@pytest.mark.parametrize(("options", "stddev"), [({}, 0.01), ({"stddev": 0.02}, 0.02)])
def test_initial_weights(options, stddev):
    keras.utils.set_random_seed(0)
    generator = dcgan_generator((16, 16, 3), width=32, **options)
    discriminator = dcgan_discriminator((16, 16, 3), 9, width=32, **options)
    for model in (generator, discriminator):
        kernels = [v for v in model.trainable_variables if v.path.endswith("kernel")]
        assert len(kernels) == 3
        for kernel in kernels:
            expected = (
                0.01 if kernel.path.startswith("dense") and model is discriminator else stddev
            )
            assert kernel.numpy().std() == pytest.approx(expected, rel=0.08)
        for bias in (v for v in model.trainable_variables if v.path.endswith("bias")):
            assert not bias.numpy().any()
    first, second = (dcgan_generator((8, 8, 1), width=2).get_weights()[0] for _ in range(2))
    assert (first != second).all()


@pytest.mark.parametrize("dtype", [None, "mixed_bfloat16", "mixed_float16"])
def test_outputs_are_float32_of_the_stated_shapes(dtype):
    generator = dcgan_generator((12, 24, 3), 5, width=8, dtype=dtype)
    latents = np.random.default_rng(0).uniform(-1, 1, (16, 5)).astype("float32")
    # In training mode: batch norm makes up for the small weights.
    images = generator(latents, training=True).numpy()
    assert images.shape == (16, 12, 24, 3)
    assert images.dtype == np.float32
    assert np.abs(images).max() <= 1
    assert images.min() < -0.01
    assert images.max() > 0.01
    logits = dcgan_discriminator((12, 24, 3), 7, width=8, dtype=dtype)(images).numpy()
    assert logits.shape == (16, 7)
    assert logits.dtype == np.float32
    half = [x for x in generator.layers if x.compute_dtype != "float32"]
    assert bool(half) == (dtype is not None)
    assert all(v.dtype == "float32" for v in generator.variables)


def test_mixed_policy_changes_little():
    latents = np.random.default_rng(1).uniform(-1, 1, (16, 5)).astype("float32")
    exact = dcgan_generator((12, 12, 1), 5, width=8, stddev=0.1)
    rough = dcgan_generator((12, 12, 1), 5, width=8, dtype="mixed_bfloat16")
    rough.set_weights(exact.get_weights())
    expected = exact(latents, training=True).numpy()
    assert expected.std() > 0.1
    np.testing.assert_allclose(rough(latents, training=True).numpy(), expected, atol=0.1)
    assert np.abs(expected - rough(latents, training=True).numpy()).max() > 0


@pytest.mark.parametrize(
    "shape",
    [(30, 30, 1), (36, 36, 3), (32, 28, 1), (29, 29, 1), (4, 4, 1), (28, 28), (28, 28, 0)],
)
@pytest.mark.parametrize("builder", [dcgan_generator, dcgan_discriminator])
def test_bad_shapes(builder, shape):
    with pytest.raises(InputError, match=r"at most 7 pixels.*Received: \("):
        builder(shape)


def test_a_discriminator_without_batch_norm():
    plain = dcgan_discriminator((8, 8, 1), 3, width=4, batch_norm=False)
    assert not any(isinstance(x, layers.BatchNormalization) for x in plain.layers)
    normalised = dcgan_discriminator((8, 8, 1), 3, width=4)
    assert sum(isinstance(x, layers.BatchNormalization) for x in normalised.layers) == 1
    assert plain.output_shape == normalised.output_shape == (None, 3)
