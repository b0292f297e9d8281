"""A trained model as files whose bytes depend on its weights alone, in fewer bits if asked."""

from __future__ import annotations

import io
import json
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from kgan.errors import RunError
from kgan.files import replacing_folder
from kgan.serving.export import PROTO, export
from kgan.serving.rounding import LEAST, STORED_AS
from kgan.zoo import card

_WEIGHTS = "model.weights.h5"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # The first that a zip file can tell.
_SHARED = re.compile(r'"shared_object_id": (\d+)')


def store_model(model: Any, path: Path) -> None:
    """Write a `.keras` file: the same weights give the same bytes.

    Keras writes the time into it, and where objects lay in memory. Large weights that float16 holds
    as they are, as `kgan.serving.rounding.round_weights` leaves them, are stored so, packed.

    Args:
        model: an `AdversarialModel`; of one that is compiled the optimizers are stored too.
        path: of the file.
    """
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, "model.keras")
        model.save(written)
        with zipfile.ZipFile(written) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    about = json.loads(parts["metadata.json"])
    about.pop("date_saved", None)
    parts["metadata.json"] = json.dumps(about).encode()
    parts["config.json"] = _renumbered(parts["config.json"].decode()).encode()
    parts[_WEIGHTS] = _packed(parts[_WEIGHTS])
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)


def store_saved_model(model: Any, folder: Path, stored_as: str = STORED_AS[0]) -> None:
    """Write a SavedModel: `kgan.serving.export`, without what differs from time to time.

    Args:
        model: an `AdversarialModel`.
        folder: of the version.
        stored_as: as of `export`; endpoints compute in float32 all the same.
    """
    export(model, folder, stored_as=stored_as)
    (folder / "fingerprint.pb").unlink(missing_ok=True)  # It has a random number; none needs it.
    graph = saved_model_pb2.SavedModel()
    graph.ParseFromString((folder / PROTO).read_bytes())
    (folder / PROTO).write_bytes(graph.SerializeToString(deterministic=True))


def signatures(folder: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """What a SavedModel can be asked: by name the types and shapes of its inputs and outputs.

    Args:
        folder: of the version.
    """
    proto = saved_model_pb2.SavedModel()
    proto.ParseFromString((folder / PROTO).read_bytes())

    def told(info: Any) -> dict[str, Any]:
        sizes = [None if dim.size < 0 else dim.size for dim in info.tensor_shape.dim]
        return {"dtype": tf.as_dtype(info.dtype).name, "shape": sizes}

    return {
        name: {
            side: {key: told(info) for key, info in sorted(getattr(one, side).items())}
            for side in ("inputs", "outputs")
        }
        for name, one in sorted(proto.meta_graphs[0].signature_def.items())
        if not name.startswith("__")
    }


@contextmanager
def replacing_model(folder: Path) -> Iterator[Path]:
    """A new folder that takes the place of a model's, or of an empty one, when the block ends well.

    Raises:
        RunError: it cannot be written, or what is there is no model's folder.
    """

    def check(there: Path) -> None:
        if not (there / card.FILE).is_file():
            raise RunError(
                f"{folder} is not empty and holds no trained model of kgan, and is left as it is: "
                "name another folder."
            )

    with replacing_folder(folder, check) as written:
        yield written


def facts(model: Any) -> dict[str, Any]:
    """What a card says of any model."""
    found: dict[str, Any] = {
        "class": type(model).__name__,
        "preset": model.preset,
        "steps": model.steps_taken,
        "sample_shape": list(model.sample_shape),
        "latent_dim": model.latent_dim,
        "latents": model.latent_distribution,
    }
    if len(model.sample_shape) == 3:
        found["value_range"] = list(model.value_range)
    if hasattr(model, "num_generators"):
        found["generators"] = model.num_generators
    return found


def _renumbered(config: str) -> str:
    """Objects that a configuration has several times, numbered in their order."""
    numbers: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        return f'"shared_object_id": {numbers.setdefault(match[1], len(numbers))}'

    return _SHARED.sub(number, config)


def _packed(weights: bytes) -> bytes:
    """An HDF5 file of weights whose large arrays are of float16 where that holds their numbers."""
    made = io.BytesIO()
    with h5py.File(io.BytesIO(weights)) as source, h5py.File(made, "w") as target:

        def copy(name: str, item: Any) -> None:
            if isinstance(item, h5py.Group):
                there: Any = target.require_group(name)
            else:
                there = _dataset(target, name, item[()])
            for key, value in item.attrs.items():
                there.attrs[key] = value

        for key, value in source.attrs.items():
            target.attrs[key] = value
        source.visititems(copy)
    return made.getvalue()


def _dataset(target: h5py.File, name: str, values: Any) -> h5py.Dataset:
    values = np.asarray(values)
    if values.dtype == np.float32 and values.size >= LEAST:
        with np.errstate(over="ignore"):
            rounded = values.astype(np.float16)
        if np.array_equal(rounded, values):
            whole = {"chunks": rounded.shape, "compression": "gzip", "compression_opts": 9}
            return target.create_dataset(name, data=rounded, shuffle=True, **whole)
    return target.create_dataset(name, data=values)
