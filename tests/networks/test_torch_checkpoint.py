"""PyTorch's files are read without PyTorch, and nothing in them is run."""

import collections
import io
import os
import pickle
import sys
import types
import zipfile

import numpy as np
import pytest

from kgan.errors import DataError
from kgan.networks.torch_checkpoint import read_tensors

NUMBERS = np.arange(12, dtype="<f4")
COUNT = np.array([7], "<i8")


class Tensor:
    """Pickled as PyTorch does it."""

    def __init__(self, storage, offset, shape, strides):
        self.parts = (storage, offset, shape, strides, False, collections.OrderedDict())

    def __reduce__(self):
        return sys.modules["torch._utils"]._rebuild_tensor_v2, self.parts


class Storage:
    def __init__(self, kind, key, values):
        self.told = ("storage", kind, key, "cpu", len(values), None)


class Pickler(pickle.Pickler):
    def persistent_id(self, obj):
        return obj.told if isinstance(obj, Storage) else None


@pytest.fixture
def torch(monkeypatch):
    """Names for pickles to ask for."""
    found, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    for name in ("FloatStorage", "LongStorage", "DoubleStorage"):
        setattr(found, name, type(name, (), {"__module__": "torch"}))

    def _rebuild_tensor_v2(*_):
        raise AssertionError("never called")

    _rebuild_tensor_v2.__module__ = "torch._utils"
    _rebuild_tensor_v2.__qualname__ = "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2
    found._utils = utils
    monkeypatch.setitem(sys.modules, "torch", found)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)
    return found


def written(path, state, contents, magic=0x1950A86A20F9469CFC6C):
    file = io.BytesIO()
    sizes = {"protocol_version": 1001, "little_endian": True, "type_sizes": {"int": 4}}
    for part in (magic, 1001, sizes, state, list(contents)):
        Pickler(file, 2).dump(part)
    for values in contents.values():
        file.write(len(values).to_bytes(8, "little") + values.tobytes())
    path.write_bytes(file.getvalue())
    return path


@pytest.fixture
def state(torch):
    floats = Storage(torch.FloatStorage, "11", NUMBERS)
    found = collections.OrderedDict(
        whole=Tensor(floats, 0, (3, 4), (4, 1)),
        turned=Tensor(floats, 1, (2, 3), (1, 4)),
        count=Tensor(Storage(torch.LongStorage, "12", COUNT), 0, (), ()),
    )
    found._metadata = collections.OrderedDict(version=1)
    return found


CONTENTS = {"11": NUMBERS, "12": COUNT}


def test_tensors(state, tmp_path):
    found = read_tensors(written(tmp_path / "w.pth", state, CONTENTS))
    assert list(found) == ["whole", "turned", "count"]
    np.testing.assert_array_equal(found["whole"], NUMBERS.reshape(3, 4))
    np.testing.assert_array_equal(found["turned"], NUMBERS.reshape(3, 4)[:, 1:3].T)
    assert found["count"].item() == 7
    assert [x.dtype for x in found.values()] == ["float32", "float32", "int64"]


class Called:
    def __init__(self, function, *arguments):
        self.how = function, arguments

    def __reduce__(self):
        return self.how


@pytest.mark.parametrize("function", [os.mkdir, eval, getattr, pickle.loads])
@pytest.mark.parametrize("place", ["instead", "inside", "sizes"])
def test_nothing_is_run(state, tmp_path, function, place):
    made = tmp_path / "made"
    bad = Called(function, str(made))
    path = tmp_path / "bad.pth"
    if place == "sizes":
        path.write_bytes(pickle.dumps(bad, 2))
    else:
        written(path, bad if place == "instead" else {**state, "bad": bad}, CONTENTS)
    with pytest.raises(DataError, match=r"bad.pth is no checkpoint .*asks for \w+\.\w+, which"):
        read_tensors(path)
    assert not made.exists()


def test_what_is_no_such_file(state, torch, tmp_path):
    path = tmp_path / "w.pth"
    with pytest.raises(DataError, match="cannot be read"):
        read_tensors(path)

    def refused(message):
        with pytest.raises(DataError, match=message):
            read_tensors(path)

    whole = written(path, state, CONTENTS).read_bytes()
    for end in (0, 9, 60, 300, len(whole) - 1):
        path.write_bytes(whole[:end])
        refused("no checkpoint")
    path.write_bytes(whole + b"\0")
    refused("goes on")
    written(path, state, CONTENTS, magic=1)
    refused("another format")
    written(path, [1], {})
    refused("no dictionary of tensors")
    written(path, state, {"11": NUMBERS[:5], "12": COUNT})
    refused("another length")
    doubles = Storage(torch.DoubleStorage, "11", NUMBERS)
    written(path, {"x": Tensor(doubles, 0, (1,), (1,))}, {"11": NUMBERS})
    refused("DoubleStorage")
    floats = Storage(torch.FloatStorage, "11", NUMBERS)
    for beyond in ((0, (13,), (1,)), (-1, (2,), (1,)), (0, (2,), (-1,)), (11, (2, 1), (1, 1))):
        written(path, {"x": Tensor(floats, *beyond)}, {"11": NUMBERS})
        refused("no such shape|beyond its storage")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"")
    refused("no checkpoint")
