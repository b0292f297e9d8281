"""Generators of other libraries as sources of samples: ONNX files, and functions of anyone's."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import kgan
from kgan.backend import engine
from kgan.errors import DataError, InputError
from kgan.serving import FunctionGenerator, OnnxGenerator

RING = kgan.data.load("ring", points=400)


def onnx_file(path, outputs, *, latents=("n", 3), kind=TensorProto.FLOAT):
    """Latents times ones, plus (2, 0, ...): a width for each output's channels, rows and columns.

    Args:
        path: of the file.
        outputs: by name the shape of an example.
        latents: shape of the input.
        kind: of its numbers.
    """
    nodes, constants, made = [], [], []
    for name, shape in outputs.items():
        weights = np.ones((latents[-1], int(np.prod(shape))), np.float32) / 100
        offset = np.zeros(weights.shape[1], np.float32)
        offset[0] = 2
        constants += [
            numpy_helper.from_array(weights, f"{name}_weights"),
            numpy_helper.from_array(offset, f"{name}_offset"),
            numpy_helper.from_array(np.array([-1, *shape]), f"{name}_shape"),
        ]
        nodes += [
            helper.make_node("MatMul", ["z", f"{name}_weights"], [f"{name}_product"]),
            helper.make_node("Add", [f"{name}_product", f"{name}_offset"], [f"{name}_flat"]),
            helper.make_node("Reshape", [f"{name}_flat", f"{name}_shape"], [name]),
        ]
        made.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *shape]))
    given = helper.make_tensor_value_info("z", kind, latents)
    graph = helper.make_graph(nodes, "g", [given], made, initializer=constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, path)
    return path


@pytest.mark.parametrize("batch", ["n", 8])
def test_latents_go_through_an_onnx_file(tmp_path, batch):
    path = onnx_file(tmp_path / "g.onnx", {"x": (2,), "extra": (5,)}, latents=(batch, 3))
    source = OnnxGenerator(path, example_shape=(2,))
    sums = np.asarray(engine.noise((20, 3), "normal", (4, 0))).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(source.sample(20, seed=4), sums / 100 + (2, 0), rtol=1e-5)
    scores = kgan.metrics.evaluate(source, RING, samples=300)
    assert (scores["modes_covered"], scores["real"]["modes_covered"]) == (1, 8)


def test_channels_may_come_first(tmp_path):
    path = onnx_file(tmp_path / "g.onnx", {"x": (3, 4, 5)})
    images = OnnxGenerator(path, example_shape=(4, 5, 3), value_range=(-1, 3)).sample(6)
    assert images.shape == (6, 4, 5, 3) and (images[:, 0, 0, 0] > 1).all()
    drawn = FunctionGenerator(
        lambda n, seed: np.moveaxis(images, -1, 1)[:n],
        "f",
        example_shape=(4, 5, 3),
        value_range=(-1, 3),
    )
    np.testing.assert_array_equal(drawn.sample(6), images)


class Tensor:
    """What PyTorch's tensors do: with a gradient they are no arrays."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")

    def detach(self):
        return self

    def cpu(self):
        return self.array


def test_a_function_may_give_tensors():
    source = FunctionGenerator(lambda n, seed: Tensor(RING.examples[:n]), "f", example_shape=(2,))
    found = source.sample(50, seed=1)
    np.testing.assert_array_equal(found, RING.examples[:50])


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda n: n, r"f cannot be called with \(9, 0\) \(TypeError: .*a number of samples and"),
        (lambda n, seed: ["a"] * n, r"must give an array of numbers. Received: <U1 of shape \(9,"),
    ],
)
def test_functions_that_are_none(function, message):
    with pytest.raises(InputError, match=message):
        FunctionGenerator(function, "f", example_shape=(2,)).sample(9)


def test_files_that_are_no_generators(tmp_path, monkeypatch):
    (tmp_path / "junk.onnx").write_bytes(b"junk")
    for name, message in {"none": "There is no file", "junk": "ONNX Runtime cannot read"}.items():
        with pytest.raises(DataError, match=message):
            OnnxGenerator(tmp_path / f"{name}.onnx", example_shape=(2,))
    path = onnx_file(tmp_path / "open.onnx", {"x": (2,)}, latents=("n", "d", 3))
    with pytest.raises(InputError, match=r"one input, float latents of a known shape"):
        OnnxGenerator(path, example_shape=(2,))
    path = onnx_file(tmp_path / "g.onnx", {"x": (4,), "y": (3,)})
    with pytest.raises(InputError, match=r"One output of .*shape \(2,\)\. Received: .*\(4,\), \(3"):
        OnnxGenerator(path, example_shape=(2,)).sample(3)
    with pytest.raises(InputError, match="latents must be one of"):
        OnnxGenerator(path, example_shape=(2,), latents="odd")
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(InputError, match="pip install onnxruntime"):
        OnnxGenerator(path, example_shape=(2,))
