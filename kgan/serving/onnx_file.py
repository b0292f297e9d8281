"""Any generator in an ONNX file, of PyTorch for example, as a source of samples."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kgan.errors import DataError, InputError
from kgan.files import local_path
from kgan.serving.latents import LatentGenerator
from kgan.serving.outside import first_line
from kgan.signatures import checked

_FLOATS = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16}


class OnnxGenerator(LatentGenerator):
    """A model of ONNX from latents to samples, run by ONNX Runtime on the CPU.

    Latents are those that a kgan model draws from the same seed. Images `(n, channels, height,
    width)` are taken for ones with their channels last.

    Args:
        path: of the file. It has one input, `(batch, ...)` floats of known shape but for the batch;
            of several outputs the one that has the examples' shape holds the samples.
        example_shape: of one example.
        latents: `"normal"` (N(0, 1)) or `"uniform"` (U[-1, 1]).
        value_range: (low, high) of images, None of points.

    Raises:
        InputError: ONNX Runtime is not installed, inputs that are not latents of one known shape,
            or another distribution.
        DataError: there is no such file, or it cannot be read.
    """

    @checked
    def __init__(
        self,
        path: str | Path,
        *,
        example_shape: Sequence[int],
        latents: str = "normal",
        value_range: tuple[float, float] | None = None,
    ):
        path = local_path(path, "path")
        self._session = _session(path)
        inputs = self._session.get_inputs()
        shapes = [tuple(each.shape) for each in inputs]
        known = len(inputs) == 1 and len(shapes[0]) > 1 and inputs[0].type in _FLOATS
        # A size that may be any has a name there, None, or -1.
        if not known or not all(map(_is_size, shapes[0][1:])):
            told = ", ".join(f"{one.type} {list(one.shape)}" for one in inputs) or "none"
            raise InputError(
                "A generator must have one input, float latents of a known shape. Received: "
                f"{path} with {told}"
            )
        self._input, self._dtype = inputs[0].name, _FLOATS[inputs[0].type]
        batch = shapes[0][0] if _is_size(shapes[0][0]) else None
        super().__init__(
            str(path),
            (batch, *shapes[0][1:]),
            example_shape=example_shape,
            latents=latents,
            value_range=value_range,
        )

    def _call(self, latents: np.ndarray) -> np.ndarray:
        try:
            outputs = self._session.run(None, {self._input: latents.astype(self._dtype)})
        except Exception as error:  # ONNX Runtime's errors have no base of their own.
            raise InputError(
                f"{self.name} cannot be called with latents of the shape {latents.shape} "
                f"({first_line(error)}): give a generator of latents alone."
            ) from error
        return self._samples(outputs)


def _session(path: Path) -> Any:
    try:
        onnxruntime: Any = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise InputError(
            "ONNX Runtime runs models of ONNX and is not installed: pip install onnxruntime."
        ) from error
    if not path.is_file():
        raise DataError(f"There is no file {path}: give a model of ONNX.")
    try:
        return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    except Exception as error:  # As above.
        raise DataError(
            f"ONNX Runtime cannot read the model {path} ({first_line(error)}): give a sound .onnx "
            "file."
        ) from error


def _is_size(size: Any) -> bool:
    return isinstance(size, int) and size > 0
