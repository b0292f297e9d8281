"""models.config: which models TensorFlow Serving serves. Free of TensorFlow."""

from __future__ import annotations

from collections.abc import Iterable

FILE = "models.config"
BASE = "/models"
"""Where the folder of all models is, as the server sees it."""
_MODEL = """\
  config {{
    name: "{name}"
    base_path: "{base}/{name}"
    model_platform: "tensorflow"
  }}
"""


def models_config(names: Iterable[str]) -> str:
    """The file's contents for the folders `names` in `/models`."""
    models = "".join(_MODEL.format(name=name, base=BASE) for name in names)
    return f"model_config_list {{\n{models}}}\n"
