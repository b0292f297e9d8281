"""The range of a generator's samples, by its last activation."""

import keras
import pytest
from keras import layers, ops

import kgan
from kgan import presets
from kgan.game import ranges


def images(*last):
    return keras.Sequential([keras.Input((3,)), layers.Dense(16), *last])


@pytest.mark.parametrize(
    ("last", "found"),
    [
        ([layers.Dense(16, "sigmoid"), layers.Reshape((4, 4, 1))], (0, 1)),
        ([layers.Reshape((4, 4, 1)), layers.Activation("tanh")], (-1, 1)),
        ([layers.Reshape((4, 4, 1)), layers.Conv2D(1, 3, padding="same")], None),
        ([layers.Dense(16, "tanh"), layers.Dense(16), layers.Reshape((4, 4, 1))], None),
        ([images(layers.Dense(16, "tanh")), layers.Reshape((4, 4, 1))], None),
    ],
)
def test_what_the_last_activation_tells(last, found):
    if isinstance(last[0], keras.Sequential):  # A network within, of other latents.
        last = [layers.Dense(3), *last]
        found = (-1, 1)
    assert ranges.output_range(images(*last)) == found


def test_operations_banks_and_subclasses():
    inputs = keras.Input((3,))
    raised = ops.sigmoid(layers.Dense(4)(inputs))
    model = keras.Model(inputs, ops.reshape(raised, (-1, 2, 2, 1)))
    assert ranges.output_range(model) == (0, 1)
    bank = kgan.GeneratorBank(images(layers.Dense(2, "tanh")), generators=3)
    assert ranges.output_range(bank) == (-1, 1)

    class Own(keras.Model):
        def call(self, x):
            return x

    assert ranges.output_range(Own()) is None


def test_a_range_that_is_given_holds_and_one_is_needed_where_none_is_told():
    assert ranges.resolve(None, (-1.0, 1.0), (4, 4, 1)) == (-1.0, 1.0)
    assert ranges.resolve((0, 2), None, (4, 4, 1)) == (0.0, 2.0)
    assert ranges.resolve(None, None, (2,)) == ranges.resolve(None, (-1.0, 1.0), (2,)) == (0, 1)
    with pytest.warns(UserWarning, match=r"is \(0, 1\), and .* last activation gives -1\.\.1"):
        assert ranges.resolve((0, 1), (-1.0, 1.0), (4, 4, 1)) == (0.0, 1.0)
    with pytest.raises(kgan.InputError, match=r"neither a sigmoid nor a tanh.*give \(0, 1\)"):
        ranges.resolve(None, None, (4, 4, 1))
    with pytest.raises(kgan.InputError, match="low < high"):
        ranges.resolve((1, 1), None, (4, 4, 1))


def test_presets_say_what_their_generators_end_in():
    for name in ("mgan_cifar10", "gan_mnist", "sngan_resnet_cifar10", "invertgan_cifar10"):
        preset = presets.get(name)
        arguments = {**preset.arguments, **preset.network_arguments}
        networks = preset.networks(preset.example_shape, None, arguments)
        found = ranges.output_range(networks["generator"])
        assert tuple(preset.arguments.get("value_range", found)) == found
