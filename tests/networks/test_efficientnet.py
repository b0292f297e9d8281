"""EfficientNet-Lite0: a block by hand, sizes, pixels, and PyTorch's own network."""

import keras
import numpy as np
import pytest

from kgan.errors import DataError, InputError
from kgan.networks import efficientnet, efficientnet_lite0
from kgan.networks.efficientnet import load_torch_weights
from kgan.networks.torch_checkpoint import read_tensors

BLOCK = efficientnet._Stage(1, 3, 1, 6, 4)


def block(stage, side):
    inputs = keras.Input((side, side, 4))
    generator = keras.random.SeedGenerator(0)
    return keras.Model(inputs, efficientnet._block(inputs, stage, "blocks_0", generator))


def torch_weights(kernel, out):
    """Of a block from 4 channels, by 24, in PyTorch's order and under its names."""
    rng = np.random.default_rng(0)
    shapes = {"expand": (24, 4, 1, 1), "depthwise": (24, 1, kernel, kernel)}
    shapes["project"] = (out, 24, 1, 1)
    found = {}
    for number, (name, shape) in enumerate(shapes.items()):
        found[f"_{name}_conv.weight"] = rng.standard_normal(shape)
        for what in ("weight", "bias", "running_mean", "running_var"):
            values = rng.standard_normal(shape[0])
            found[f"_bn{number}.{what}"] = np.square(values) if "var" in what else values
        found[f"_bn{number}.num_batches_tracked"] = np.array(9)
    return {f"_blocks.0.{name}": value.astype("float32") for name, value in found.items()}


def by_hand(x, weights, kernel, strides):
    def of(name):
        return weights[f"_blocks.0.{name}"].astype(float)

    def normed(x, name):
        scale = of(f"{name}.weight") / np.sqrt(of(f"{name}.running_var") + 1e-3)
        return (x - of(f"{name}.running_mean")) * scale + of(f"{name}.bias")

    x = np.clip(normed(x @ of("_expand_conv.weight")[:, :, 0, 0].T, "_bn0"), 0, 6)
    count = -(-x.shape[1] // strides)
    missing = (count - 1) * strides + kernel - x.shape[1]
    ends = (missing // 2, missing - missing // 2)
    padded = np.pad(x, ((0, 0), ends, ends, (0, 0)))
    filters = of("_depthwise_conv.weight")[:, 0].transpose(1, 2, 0)
    y = np.empty((len(x), count, count, x.shape[3]))
    for i, j in np.ndindex(count, count):
        top, left = i * strides, j * strides
        seen = padded[:, top : top + kernel, left : left + kernel]
        y[:, i, j] = (seen * filters).sum(axis=(1, 2))
    y = np.clip(normed(y, "_bn1"), 0, 6)
    return normed(y @ of("_project_conv.weight")[:, :, 0, 0].T, "_bn2")


@pytest.mark.parametrize(("kernel", "strides", "filters"), [(3, 1, 4), (5, 2, 7)])
def test_a_block_is_what_it_is_by_hand(kernel, strides, filters):
    model = block(efficientnet._Stage(1, kernel, strides, 6, filters), 6)
    weights = torch_weights(kernel, filters)
    load_torch_weights(model, weights)
    x = np.random.default_rng(1).standard_normal((2, 6, 6, 4)).astype("float32")
    expected = by_hand(x, weights, kernel, strides)
    if filters == 4:
        expected = expected + x
    np.testing.assert_allclose(model(x), expected, rtol=1e-4, atol=1e-4)


def test_weights_that_do_not_fit_are_refused():
    model, weights = block(BLOCK, 6), torch_weights(3, 4)
    before = model.get_weights()
    name = "_blocks.0._expand_conv.weight"
    with pytest.raises(DataError, match=r"expand_conv_weight .*\(1, 1, 4, 24\).* has nothing"):
        load_torch_weights(model, {k: v for k, v in weights.items() if k != name})
    with pytest.raises(DataError, match=r"has the shape \(1, 1, 24, 4\)"):
        load_torch_weights(model, {**weights, name: weights[name].transpose(1, 0, 2, 3)})
    with pytest.raises(DataError, match="more is left over"):
        load_torch_weights(model, {**weights, "_more": weights[name]})
    for mine, old in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, old)


def test_weights_and_widths(weightless):
    model = efficientnet_lite0((224, 224, 3))
    trainable = sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    assert trainable == 4_652_008  # As PyTorch's ports have.
    assert model.count_params() == trainable + 42_016
    assert model.get_layer("features").output.shape == (None, 1280)
    depthwise = [layer for layer in model.layers if "depthwise" in layer.name]
    assert len(depthwise) == 16
    assert [layer.output.shape[1] for layer in depthwise] == [112] + [56] * 2 + [28] * 2 + [
        14
    ] * 6 + [7] * 5
    assert sum(isinstance(layer, keras.layers.Add) for layer in model.layers) == 9
    for shape, classes, message in (
        ((8, 8, 2), 2, "1 or 3 channels"),
        ((8, 8), 2, "height, width"),
        ((8, 8, 1), 1, "at least 2 classes"),
    ):
        with pytest.raises(InputError, match=message):
            efficientnet_lite0(shape, classes)


@pytest.mark.parametrize(("side", "channels"), [(8, 1), (224, 3), (448, 3)])
def test_pixels(side, channels):
    images = keras.Input((side, side, channels))
    prepare = keras.Model(images, efficientnet._prepared(images))
    image = np.zeros((1, side, side, channels), "float32")
    image[:, :, side // 2 :] = 1
    found = prepare(image).numpy()
    assert found.shape == (1, 224, 224, 3)
    np.testing.assert_array_equal(found[..., :1], found[..., 1:2])
    np.testing.assert_allclose(found[0, :, 0], -127 / 128, atol=1e-6)
    np.testing.assert_allclose(found[0, :, -1], 1, atol=1e-6)
    if side == 448:  # Every pixel counts: half of each edge pixel's surroundings.
        assert (np.diff(found[0, 0, :, 0]) > 1e-3).sum() > 1


def test_pytorchs_own_network_gives_the_same(tmp_path):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    ported = pytest.importorskip(
        "efficientnet_lite_pytorch", reason="PyTorch's EfficientNet-Lite is not installed"
    )
    torch.manual_seed(0)
    theirs = ported.EfficientNet.from_name("efficientnet-lite0").eval()
    for name, values in theirs.state_dict().items():
        if "running" in name:
            values.uniform_(0.5, 1.5)
    path = tmp_path / "weights.pth"
    torch.save(theirs.state_dict(), path, _use_new_zipfile_serialization=False)
    tensors = read_tensors(path)
    for name, values in theirs.state_dict().items():
        np.testing.assert_array_equal(tensors[name], values.numpy())
    ours = efficientnet_lite0((224, 224, 3))
    load_torch_weights(ours, tensors)
    images = np.random.default_rng(0).random((2, 224, 224, 3), dtype="float32")
    seen = torch.tensor(((255 * images - 127) / 128).transpose(0, 3, 1, 2).copy())
    with torch.no_grad():
        features, logits = theirs.extract_features(seen).mean((2, 3)), theirs(seen)
    both = keras.Model(ours.input, [ours.get_layer("features").output, ours.output])
    for mine, other in zip(both.predict_on_batch(images), (features, logits), strict=True):
        np.testing.assert_allclose(mine, other.numpy(), rtol=1e-3, atol=1e-4)
