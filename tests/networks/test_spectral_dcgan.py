"""DCGAN as MaEM-GAN's authors have it: sizes, norms, initial weights."""

import math

import numpy as np
import pytest
from keras import layers

from kgan.errors import InputError
from kgan.layers import SpectralConv2D, SpectralDense
from kgan.networks import spectral_dcgan_critic, spectral_dcgan_generator


def trainable(model):
    return sum(math.prod(v.shape) for v in model.trainable_variables)


def test_weights_of_the_code_on_cifar10():
    """No biases: 4x4 kernels, 64 latents, and scales and offsets of batch norm."""
    generator, critic = (
        spectral_dcgan_generator((32, 32, 3)),
        spectral_dcgan_critic((32, 32, 3), 32),
    )
    kernels = 64 * 512 * 16 + 16 * (512 * 256 + 256 * 128 + 128 * 3)
    assert trainable(generator) == kernels + 2 * (512 + 256 + 128)
    assert trainable(critic) == 16 * (3 * 128 + 128 * 256 + 256 * 512) + 512 * 16 * 32
    assert generator.output_shape == (None, 32, 32, 3)
    assert critic.output_shape == (None, 32)
    scales = [x.gamma.numpy() for x in generator.layers if isinstance(x, layers.BatchNormalization)]
    assert np.concatenate(scales).mean() == pytest.approx(1, abs=0.01)
    assert np.concatenate(scales).std() == pytest.approx(0.02, rel=0.1)
    own = [x for x in critic.layers if x.weights]
    assert {type(x) for x in own} == {SpectralConv2D, SpectralDense}
    assert own[0].kernel.numpy().std() == pytest.approx(0.02, rel=0.05)
    head = own[-1].kernel.numpy()
    np.testing.assert_allclose(head.T @ head, np.eye(32), atol=1e-4)


@pytest.mark.parametrize(("shape", "start"), [((28, 28, 1), 7), ((64, 32, 3), 4), ((8, 12, 3), 3)])
def test_other_sizes(shape, start):
    generator = spectral_dcgan_generator(shape, 5, width=4)
    assert generator(np.zeros((2, 5))).shape == (2, *shape)
    (first,) = [x.target_shape for x in generator.layers if isinstance(x, layers.Reshape)]
    assert max(first[:2]) == max(start, first[1]) and first[2] >= 4
    assert spectral_dcgan_critic(shape, 6, width=4)(np.zeros((2, *shape))).shape == (2, 6)
    with pytest.raises(InputError, match="image_shape"):
        spectral_dcgan_critic((30, 30, 1))
