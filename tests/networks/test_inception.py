"""Inception-V4: sizes of the published network, feature maps, small images."""

from collections import Counter

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from kgan.errors import InputError
from kgan.networks import inception, inception_v4


@pytest.fixture(scope="module")
def published():
    return inception_v4((299, 299, 3), 1000)


@pytest.fixture(scope="module")
def small():
    """For images of 28 pixels: one block of each kind, built under a mixed policy."""
    kinds = ("inception_a", "reduction_a", "inception_b", "reduction_b", "inception_c")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inception, "_BLOCKS", tuple(getattr(inception, f"_{x}") for x in kinds))
        keras.config.set_dtype_policy("mixed_bfloat16")
        try:
            return inception_v4((28, 28, 1), 10, resize=75)
        finally:
            keras.config.set_dtype_policy("float32")


def of(model, kind):
    return [layer for layer in model.layers if isinstance(layer, kind)]


def kernels():
    """Weights of all kernels, worked out from the figures, with the logits' biases."""
    stem = (
        9 * (3 * 32 + 32 * 32 + 32 * 64)
        + 9 * 64 * 96
        + (160 * 64 + 9 * 64 * 96)
        + (160 * 64 + 2 * 7 * 64 * 64 + 9 * 64 * 96)
        + 9 * 192 * 192
    )
    block_a = 384 * (96 + 64 + 64 + 96) + 9 * (64 * 96 + 64 * 96 + 96 * 96)
    reduction_a = 9 * 384 * 384 + 384 * 192 + 9 * (192 * 224 + 224 * 256)
    block_b = 1024 * (384 + 192 + 192 + 128) + 7 * (
        (192 * 224 + 224 * 256) + (192 * 192 + 192 * 224 + 224 * 224 + 224 * 256)
    )
    reduction_b = 1024 * (192 + 256) + 9 * (192 * 192 + 320 * 320) + 7 * (256 * 256 + 256 * 320)
    block_c = 1536 * (256 + 384 + 384 + 256) + 3 * (
        2 * 384 * 256 + (384 * 448 + 448 * 512) + 2 * 512 * 256
    )
    blocks = 4 * block_a + reduction_a + 7 * block_b + reduction_b + 3 * block_c
    return stem + blocks + 1537 * 1000


def convolution_outputs():
    """Channels of all convolutions, each of which has a batch norm, from the figures."""
    stem = 32 + 32 + 64 + 96 + (64 + 96) + (64 + 64 + 64 + 96) + 192
    block_a, reduction_a = 96 + (64 + 96) + (64 + 96 + 96) + 96, 384 + (192 + 224 + 256)
    block_b = 384 + (192 + 224 + 256) + (192 + 192 + 224 + 224 + 256) + 128
    reduction_b = (192 + 192) + (256 + 256 + 320 + 320)
    block_c = 256 + (384 + 256 + 256) + (384 + 448 + 512 + 256 + 256) + 256
    return stem + 4 * block_a + reduction_a + 7 * block_b + reduction_b + 3 * block_c


def trainable(model):
    return sum(int(np.prod(v.shape)) for v in model.trainable_variables)


def test_weights(published):
    centers = convolution_outputs()
    assert trainable(published) == kernels() + centers
    # PyTorch's ports (pretrained-models, timm), whose batch norms have a scale too.
    assert trainable(published) + centers == 42_679_816
    assert published.count_params() == trainable(published) + 2 * centers  # Moving statistics.


def test_feature_maps(published):
    joined = [x.output.shape[1:] for x in of(published, layers.Concatenate)]
    assert joined == [
        *((73, 73, 160), (71, 71, 192), (35, 35, 384)),  # Stem.
        *(4 * [(35, 35, 384)]),
        *(8 * [(17, 17, 1024)]),  # Reduction A and blocks B.
        *(4 * [(8, 8, 1536)]),  # Reduction B and blocks C.
    ]
    assert published.output_shape == (None, 1000)


def test_logits(published):
    images = np.random.default_rng(0).random((2, 299, 299, 3)).astype("float32")
    logits = published(images).numpy()
    assert logits.shape == (2, 1000)
    assert np.isfinite(logits).all()
    assert np.abs(logits[0] - logits[1]).max() > 1e-3


def test_convolutions(published):
    found = Counter((x.kernel_size, x.strides[0], x.padding) for x in of(published, layers.Conv2D))
    assert found == {
        # Stem's two and three branches, then those of A, reduction A, B, reduction B, C.
        ((1, 1), 1, "same"): 2 + 4 * 4 + 1 + 7 * 4 + 2 + 3 * 4,
        ((3, 3), 1, "same"): 1 + 4 * 3 + 1,
        ((3, 3), 1, "valid"): 1 + 2,
        ((3, 3), 2, "valid"): 3 + 2 + 2,
        ((1, 7), 1, "same"): 1 + 7 * 3 + 1,
        ((7, 1), 1, "same"): 1 + 7 * 3 + 1,
        ((1, 3), 1, "same"): 3 * 3,
        ((3, 1), 1, "same"): 3 * 3,
    }
    assert {x.padding for x in of(published, layers.MaxPooling2D)} == {"valid"}
    assert len(of(published, layers.MaxPooling2D)) == 4
    assert {(x.strides[0], x.padding) for x in of(published, layers.AveragePooling2D)} == {
        (1, "same")
    }
    assert len(of(published, layers.AveragePooling2D)) == 4 + 7 + 3


def test_batch_norm_and_relu_follow_every_convolution(published):
    for layer in of(published, layers.Conv2D):
        assert not layer.use_bias
        norm = layer.output._keras_history.operation._outbound_nodes[0].operation
        assert isinstance(norm, layers.BatchNormalization)
        assert (norm.center, norm.scale, norm.epsilon, norm.momentum) == (True, False, 1e-3, 0.9)
        assert isinstance(norm._outbound_nodes[0].operation, layers.ReLU)


def test_initial_weights(published):
    for layer in of(published, layers.Conv2D)[1::7]:
        fan_in = np.prod(layer.kernel.shape[:3])
        assert layer.kernel.numpy().std() == pytest.approx(np.sqrt(2 / fan_in), rel=0.05)


def test_small_images(small):
    images = tf.constant(np.random.default_rng(0).random((3, 28, 28, 1)), "float32")
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = small(images)
        loss = tf.reduce_sum(logits[:, 0])
    assert logits.shape == (3, 10)
    assert logits.dtype == tf.float32
    assert np.ptp(logits.numpy(), axis=0).max() > 1e-3
    # A generator's samples are classified too: every pixel has its gradient.
    assert (tape.gradient(loss, images).numpy() != 0).mean() > 0.99
    assert of(small, layers.Concatenate)[-1].output.shape == (None, 1, 1, 1536)
    assert {layer.compute_dtype for layer in small.layers[1:]} == {"float32"}


def test_images_are_enlarged_and_rescaled(small):
    (rescaling,) = of(small, layers.Rescaling)
    first = keras.Model(small.input, rescaling.output)
    ramp = np.broadcast_to(np.linspace(0, 1, 28, dtype="float32")[:, None, None], (1, 28, 28, 1))
    enlarged = first(ramp).numpy()
    assert enlarged.shape == (1, 75, 75, 1)
    assert enlarged.min() == -1
    assert enlarged.max() == 1
    # Bilinear with half-pixel centres.
    place = np.clip((np.arange(75) + 0.5) * 28 / 75 - 0.5, 0, 27) / 27
    np.testing.assert_allclose(enlarged[0, :, 5, 0], 2 * place - 1, atol=1e-5)


def test_features(published, small):
    for model in (published, small):
        features = model.get_layer("features")
        assert features.output.shape == (None, 1536)
        assert isinstance(features, layers.GlobalAveragePooling2D)
        dropout, logits = model.layers[-2:]
        assert isinstance(dropout, layers.Dropout)
        assert dropout.rate == pytest.approx(0.2)  # Kept: 0.8.
        assert logits.activation is keras.activations.linear


def test_seed_and_momentum(monkeypatch):
    monkeypatch.setattr(inception, "_BLOCKS", ())  # The stem alone: quick.
    one, same, other = (inception_v4((75, 80, 2), 2, seed=seed, momentum=0.5) for seed in (1, 1, 2))
    for first, second in zip(one.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_array_equal(first, second)
    assert (one.get_weights()[0] != other.get_weights()[0]).all()
    assert {x.momentum for x in of(one, layers.BatchNormalization)} == {0.5}


def test_smallest_side():
    def last_map(side):
        """Sides after every convolution or pooling without padding, in the figures' order."""
        for kernel, stride in ((3, 2), (3, 1), (3, 2), (3, 1), (3, 2), (3, 2), (3, 2)):
            side = (side - kernel) // stride + 1
        return side

    assert (last_map(299), last_map(75), last_map(74)) == (8, 1, 0)
    assert inception.SMALLEST == 75


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (((74, 299, 3), 10), {}, r"75 and more. Received: \(74, 299, 3\). Pass resize=75"),
        (((28, 28, 1), 10), {"resize": 74}, "75 and more. Received: resize=74"),
        (((299, 299), 10), {}, "Received"),
        (((299, 299, 0), 10), {"resize": 75}, "Received"),
        (((299, 299, 3), 1), {}, "2 classes. Received: 1"),
    ],
)
def test_bad_arguments(arguments, options, message):
    with pytest.raises(InputError, match=message):
        inception_v4(*arguments, **options)
