"""Which models a folder has: `models.config` as TensorFlow Serving reads it, or its subfolders."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf import text_format

from kgan.errors import DataError, InputError

CONFIG = "models.config"
_CONTAINER = "/models"  # The models' folder as the server's container sees it.
_PROTO = "saved_model.pb"


class Found(NamedTuple):
    """A model, and the folders of the versions to serve."""

    name: str
    versions: dict[int, Path]


def find(place: Path) -> list[Found]:
    """The models of a folder, or of the models.config that is named.

    Without a models.config each subfolder with numbered versions is a model by its name, or the
    folder itself is. What a models.config calls `/models/...` is the folder that it lies in.

    Raises:
        DataError: there is none, or it cannot be read.
        InputError: a path that leaves the folder.
    """
    root = place.parent if place.is_file() else place
    config = place if place.is_file() else place / CONFIG
    if not root.is_dir():
        raise DataError(f"There is no folder of models at {place}.")
    if config.is_file():
        return _configured(config, root)
    if numbers := _numbers(root):
        return [_model(root.resolve().name, root, [max(numbers)], root)]
    folders = (path for path in sorted(root.iterdir()) if path.is_dir())
    found = [(path, numbers) for path in folders if (numbers := _numbers(path))]
    for path, _ in found:
        _check_inside(path, root, path.name)
    if not found:
        raise DataError(
            f"{place} has no models: neither a {CONFIG} nor folders of numbered SavedModels, such "
            f"as {place / 'mine' / '1' / _PROTO}."
        )
    return [_model(path.name, path, [max(numbers)], root) for path, numbers in found]


def _configured(config: Path, root: Path) -> list[Found]:
    from tensorflow_serving.config import model_server_config_pb2

    told = model_server_config_pb2.ModelServerConfig()
    try:
        text_format.Parse(config.read_text(encoding="utf-8"), told)
    except (OSError, ValueError, text_format.ParseError) as error:
        raise DataError(f"{config} cannot be read ({_line(error)}).") from error
    models = told.model_config_list.config
    names = [model.name for model in models]
    if not names or len(set(names)) < len(names) or not all(names):
        raise DataError(f"{config} must list models, each by a name of its own. It has: {names}")
    return [_of_config(model, config, root) for model in models]


def _of_config(model: Any, config: Path, root: Path) -> Found:
    if model.model_platform not in ("", "tensorflow"):
        raise DataError(
            f"{config}: only TensorFlow's models are served. Received: model_platform "
            f"{model.model_platform!r} of {model.name}"
        )
    base = Path(model.base_path)
    if base.is_relative_to(_CONTAINER) and not base.is_relative_to(root.resolve()):
        base = base.relative_to(_CONTAINER)
    base = root / base
    _check_inside(base, root, model.name)
    numbers, policy = _numbers(base), model.model_version_policy
    kind = policy.WhichOneof("policy_choice")
    if kind == "specific":
        missing = set(policy.specific.versions) - set(numbers)
        if missing:
            raise DataError(f"{base} has no version {min(missing)}, which {config} asks for.")
        numbers = list(policy.specific.versions)
    elif kind != "all":
        numbers = numbers[-max(policy.latest.num_versions, 1) :]
    return _model(model.name, base, numbers, root)


def _model(name: str, base: Path, numbers: list[int], root: Path) -> Found:
    if not numbers:
        raise DataError(f"{name} has no version: there is no {base}/1/{_PROTO} or the like.")
    folders = {number: _folder(base, number) for number in numbers}
    for folder in folders.values():
        _check_inside(folder, root, name)
        _check_inside(folder / _PROTO, root, name)
    return Found(name, folders)


def _check_inside(path: Path, root: Path, name: str) -> None:
    if not path.resolve().is_relative_to(root.resolve()):
        raise InputError(
            f"{name} lies at {path}, which leaves the models' folder {root}: copy it there."
        )


def _numbers(base: Path) -> list[int]:
    """Of the versions of a model, in their order."""
    there = (path.parent.name for path in base.glob(f"*/{_PROTO}"))
    return sorted({int(name) for name in there if name.isascii() and name.isdigit()})


def _folder(base: Path, number: int) -> Path:
    """A version's: the server reads 001 as 1."""
    names = (path for path in base.iterdir() if path.name.isascii() and path.name.isdigit())
    return next(path for path in sorted(names) if int(path.name) == number)


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
