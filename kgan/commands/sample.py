"""Samples of a server, a SavedModel or a run, as a picture or an array.

  python -m apps.sample --url=http://localhost:8501 --model=mgan_ring --count=64 --output=grid.png
  python -m apps.sample --saved_model=saved_models/mgan_ring --generator=3 --output=points.npy
  python -m apps.sample --run=runs/mdgan-grid-seed0 --seed=7 --output=points.png

A .png has images in a square, or points; a .npy has the numbers. A server and a SavedModel give
the same samples for the same seed.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
from absl import flags

from kgan.backend import loading
from kgan.commands import launch
from kgan.errors import DataError, InputError
from kgan.files import local_path, replacing
from kgan.runs import Run
from kgan.serving.client import Client

FLAGS = flags.FLAGS

# Of training: here it would be passed over in silence.
del FLAGS.batch_size
flags.DEFINE_string(
    "url", None, "A server, such as http://localhost:8501 or grpc://localhost:8500."
)
flags.DEFINE_string("model", None, "Name of the server's model.")
flags.DEFINE_string("saved_model", None, "Directory of a SavedModel, or of its versions.")
flags.DEFINE_string("run", None, "Directory of a finished run.")
flags.DEFINE_integer("count", 64, "How many.", lower_bound=1)
flags.DEFINE_integer("generator", None, "Of a mixture, the one to take.", lower_bound=0)
flags.DEFINE_string("output", "samples.png", "File to write, .png or .npy.")
flags.DEFINE_float("timeout", 60.0, "Seconds to wait for a server.")
flags.adopt_module_key_flags(launch)

_SOURCES = ("url", "saved_model", "run")


def main() -> None:
    """Draw as the flags say, and write the file."""
    given = launch.given(_SOURCES)
    if len(given) != 1 or (FLAGS.model is not None) != (FLAGS.url is not None):
        told = ", ".join(f"--{name}" for name in launch.given([*_SOURCES, "model"])) or "none"
        raise InputError(
            f"Name one of --url with --model, --saved_model and --run. Received: {told}"
        )
    if Path(FLAGS.output).suffix not in (".png", ".npy"):
        raise InputError(f"--output must be a .png or .npy file. Received: {FLAGS.output}")
    path = local_path(FLAGS.output, "output")
    if not path.parent.is_dir():
        raise InputError(f"--output must lie in a folder that is there. Received: {path}")
    samples, value_range = _drawn()
    _write(path, samples, value_range)
    print(f"{path}: {len(samples):,} samples of shape {samples.shape[1:]}")


def _drawn() -> tuple[np.ndarray, tuple[float, float]]:
    """The samples, and the range of images."""
    if FLAGS.url is not None:
        return _of_server()
    with loading.quietly():
        loading.load()
    if FLAGS.run is not None:
        model = Run(FLAGS.run).model()
        chosen = {} if FLAGS.generator is None else {"generator": FLAGS.generator}
        if chosen and not hasattr(model, "num_generators"):
            raise InputError(f"A model of one generator has no --generator={FLAGS.generator}.")
        samples = model.sample(FLAGS.count, seed=FLAGS.seed, **chosen)
        return samples, model.value_range or (0.0, 1.0)
    return _of_saved_model(local_path(FLAGS.saved_model, "saved_model"))


def _of_server() -> tuple[np.ndarray, tuple[float, float]]:
    client = Client(FLAGS.url, timeout=FLAGS.timeout)
    asked: dict[str, Any] = {"model": FLAGS.model, "seed": FLAGS.seed}
    asked["generator"] = FLAGS.generator
    if FLAGS.output.endswith(".png") and "sample_png" in client.signatures(FLAGS.model):
        pixels = np.stack([np.asarray(i) for i in client.sample_images(FLAGS.count, **asked)])
        images = pixels.reshape(*pixels.shape[:3], -1) / np.float32(255)
        return images, (0.0, 1.0)
    return client.sample(FLAGS.count, **asked), (0.0, 1.0)


def _of_saved_model(folder: Path) -> tuple[np.ndarray, tuple[float, float]]:
    open_saved_model = importlib.import_module("kgan.serving").open_saved_model
    source = open_saved_model(folder, signature="sample", generator=FLAGS.generator)
    return source.sample(FLAGS.count, seed=FLAGS.seed), source.value_range or (0.0, 1.0)


def _write(path: Path, samples: np.ndarray, value_range: tuple[float, float]) -> None:
    if path.suffix == ".npy":
        with replacing(path) as temporary, temporary.open("wb") as file:
            np.save(file, samples)
        return
    if samples.ndim == 2 and samples.shape[1] != 2:
        raise DataError(
            f"A picture is of images or of points in a plane. Received: samples of shape "
            f"{samples.shape[1:]}; give --output a .npy file."
        )
    pictures = importlib.import_module("kgan.reporting.figures.sample_files")
    with replacing(path) as temporary:
        temporary.write_bytes(pictures.picture(samples, value_range))
