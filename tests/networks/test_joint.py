"""Discriminators of samples with their latents: sizes, inputs, and what reaches the logits."""

import keras
import numpy as np
import pytest
from keras import layers

from kgan.networks import lucic_discriminator, mlp
from kgan.networks.joint import joint_discriminator
from kgan.networks.resnet import resnet_encoder

RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(5, 2)).astype("float32")
LATENTS = RNG.normal(size=(5, 3)).astype("float32")


def point_trunk(shape, outputs, *, dtype=None):
    return mlp(shape[0], (16,), outputs, dtype=dtype)


def trainable(model):
    return sum(int(np.prod(v.shape)) for v in model.trainable_variables)


def test_weights():
    found = trainable(joint_discriminator(point_trunk, (2,), 3, features=8, units=32))
    trunk = (2 * 16 + 16) + (16 * 8 + 8)
    assert found == trunk + (3 * 8 + 8) + (16 * 32 + 32) + (32 + 1)


@pytest.mark.parametrize("dtype", [None, "mixed_bfloat16", "mixed_float16"])
@pytest.mark.parametrize(
    ("trunk", "shape"),
    [
        (point_trunk, (2,)),
        (lucic_discriminator, (8, 8, 1)),
        (lambda *args, **kwargs: resnet_encoder(*args, width=4, **kwargs), (8, 8, 1)),
    ],
)
def test_logits_are_float32(trunk, shape, dtype):
    model = joint_discriminator(trunk, shape, 3, features=8, units=16, dtype=dtype)
    assert model.input_shape == [(None, *shape), (None, 3)]
    logits = model([RNG.normal(size=(5, *shape)).astype("float32"), LATENTS]).numpy()
    assert logits.shape == (5, 1)
    assert logits.dtype == np.float32
    assert np.isfinite(logits).all()
    assert bool([x for x in model.layers if x.compute_dtype != "float32"]) == bool(dtype)


def test_logits_are_the_sum_of_both_by_hand():
    keras.utils.set_random_seed(0)
    model = joint_discriminator(point_trunk, (2,), 3, features=8, units=16, slope=0.1)
    (trunk,) = (x for x in model.layers if isinstance(x, keras.Model))
    of_latents, meeting, last = (x for x in model.layers if isinstance(x, layers.Dense))

    def leaky(x):
        return np.where(x > 0, x, 0.1 * x)

    def dense(layer, x):
        kernel, bias = layer.get_weights()
        return x @ kernel + bias

    both = [trunk(POINTS).numpy(), dense(of_latents, LATENTS)]
    hidden = leaky(dense(meeting, leaky(np.concatenate(both, axis=1))))
    np.testing.assert_allclose(model([POINTS, LATENTS]), dense(last, hidden), atol=1e-5)


def test_either_input_moves_the_logits():
    model = joint_discriminator(point_trunk, (2,), 3)
    logits = model([POINTS, LATENTS]).numpy()
    assert (model([POINTS + 1, LATENTS]).numpy() != logits).all()
    assert (model([POINTS, LATENTS + 1]).numpy() != logits).all()
