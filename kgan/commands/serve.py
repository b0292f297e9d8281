"""Serve trained models on this machine, by TensorFlow Serving's REST and gRPC interfaces.

  python -m apps.serve --models=saved_models
  curl -d '{"signature_name": "sample", "inputs": {"seeds": [[0, 0], [0, 1]]}}' \\
    http://localhost:8501/v1/models/mdgan_grid:predict

For a desk, a test or a small service: the same clients, files and answers as TensorFlow Serving's,
which is for more. The folder has a models.config, or a folder for each model.
"""

from __future__ import annotations

import importlib

from absl import flags, logging

from kgan.backend import loading
from kgan.commands import launch
from kgan.errors import BackendError
from kgan.files import local_path

FLAGS = flags.FLAGS

# Of training: here they would be passed over in silence.
del FLAGS.batch_size
del FLAGS.seed
flags.DEFINE_string("models", "saved_models", "Folder of models, or a models.config in it.")
flags.DEFINE_string("host", "127.0.0.1", "Where to listen; 0.0.0.0 for everybody who gets here.")
flags.DEFINE_integer("rest_api_port", 8501, "Port of REST; 0 for a free one.", 0, 65535)
flags.DEFINE_integer("port", 8500, "Port of gRPC; 0 for a free one.", 0, 65535)
flags.DEFINE_bool("grpc", True, "Whether gRPC is spoken.")
flags.DEFINE_integer("max_rows", 1_000, "Rows of a request.", 1)
flags.DEFINE_integer("max_body_mb", 32, "Megabytes of a request.", 1)
flags.DEFINE_integer("max_pending", 128, "Requests at once; more are refused.", 1, 1_000)
flags.DEFINE_float("timeout", 30.0, "Seconds that a request may take.", 0.001)
flags.DEFINE_float("batch_timeout_ms", 0.0, "Milliseconds that rows wait for others.", 0.0)
flags.adopt_module_key_flags(launch)


def main() -> None:
    """Load the models, and answer until a signal comes."""
    place = local_path(FLAGS.models, "models")
    logging.set_verbosity(logging.WARNING)  # TensorFlow tells of each file that it reads.
    with loading.quietly():
        limits, running = (_module(name) for name in ("limits", "running"))
    server = running.Server(
        place,
        limits.Limits(
            max_rows=FLAGS.max_rows,
            max_body=FLAGS.max_body_mb * 2**20,
            max_pending=FLAGS.max_pending,
            timeout=FLAGS.timeout,
            batch_timeout=FLAGS.batch_timeout_ms / 1_000,
        ),
        host=FLAGS.host,
        rest_api_port=FLAGS.rest_api_port,
        port=FLAGS.port,
        grpc=FLAGS.grpc,
    )
    print(server.told(), flush=True)
    server.run()
    print(f"Stopped: {server.core.metrics.answered():,} requests were answered.", flush=True)


def _module(name: str):
    try:
        return importlib.import_module(f"kgan.serving.server.{name}")
    except ModuleNotFoundError as error:
        raise BackendError(
            f"The server needs packages that are not installed ({error.name}): "
            'pip install "kgan[serve]"'
        ) from error
