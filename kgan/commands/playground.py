"""A page to play with trained models, and to watch small games find and lose modes.

  python -m apps.playground --models=saved_models
  python -m apps.playground --models=saved_models,runs --port=8080

Opens at http://127.0.0.1:7860 until Ctrl-C. Everything stays on this machine: the page needs no
network, and other machines reach it with --host alone. The extra `playground` has what it needs.
"""

from __future__ import annotations

import importlib
import socket

from absl import flags, logging

from kgan.commands import launch
from kgan.errors import BackendError, InputError
from kgan.zoo import places

FLAGS = flags.FLAGS

# Of training: here they would be passed over in silence.
del FLAGS.batch_size
del FLAGS.seed
flags.DEFINE_list(
    "models",
    [places.FOLDER],
    "Folders of trained models: runs, those of `kgan zoo`, or folders of such folders.",
)
flags.DEFINE_string("host", "127.0.0.1", "Address to listen at; 0.0.0.0 lets other machines in.")
flags.DEFINE_integer("port", 7860, "Port; 0 for a free one.", lower_bound=0, upper_bound=65535)
flags.adopt_module_key_flags(launch)

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def main() -> None:
    """Serve the page until Ctrl-C."""
    try:
        server = importlib.import_module("kgan.playground.server")
        uvicorn = importlib.import_module("uvicorn")
    except ModuleNotFoundError as error:
        raise BackendError(
            f'The page needs {error.name}, which is missing: pip install "kgan[playground]"'
        ) from error
    found = importlib.import_module("kgan.playground.shelf").find(FLAGS.models)
    desk = importlib.import_module("kgan.playground.desk").Desk(found)
    listening = _listen(FLAGS.host, FLAGS.port)
    host, port = listening.getsockname()[:2]
    if FLAGS.host in _LOOPBACK:
        app = server.application(desk)
    else:
        app = server.application(desk, ["*"])
        logging.warning("Whoever reaches %s can use this page, and this machine's time.", host)
    shown = f"[{host}]" if ":" in host else host
    logging.info("%d models; open http://%s:%d (Ctrl-C ends)", len(found), shown, port)
    config = uvicorn.Config(app, log_level="warning", lifespan="off")
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        logging.info("Ended.")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            f"--host={host} --port={port} cannot be listened at ({reason}): give another port."
        ) from error
