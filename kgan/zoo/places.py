"""Where trained models are looked for: a folder of yours, the checkout's, an address."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from kgan.data.storage import cache_folder
from kgan.errors import DataError
from kgan.files import local_path
from kgan.zoo import card

FOLDER = "saved_models"
MODEL = "model.keras"
_CHECKOUT = Path(__file__).parents[2]


def folder_name(preset: str) -> str:
    """The name of a model's folder: a preset's without what would be a folder in it."""
    return preset.replace("/", "_")


def folders() -> Iterator[Path]:
    """Folders of this machine that may hold models: that of `KGAN_MODELS`, then the checkout's."""
    if given := os.environ.get("KGAN_MODELS"):
        yield local_path(given, "KGAN_MODELS")
    if (_CHECKOUT / "setup.cfg").is_file():  # Beside an installed kgan lies anything.
        yield _CHECKOUT / FOLDER


def at_hand(preset: str) -> Path | None:
    """The folder of a preset's trained model on this machine; None where nothing is fetched yet."""
    there = (folder / folder_name(preset) for folder in folders())
    return next((folder for folder in there if (folder / card.FILE).is_file()), None)


def find(preset: str, command: str) -> Path:
    """The folder of a preset's trained model, which is fetched where `KGAN_MODELS_URL` says so.

    Args:
        preset: its name.
        command: that trains it, for the error.

    Raises:
        DataError: there is none, or it cannot be fetched whole.
    """
    if (folder := at_hand(preset)) is not None:
        return folder
    address = os.environ.get("KGAN_MODELS_URL")
    if not address:
        looked = " and ".join(map(str, folders())) or "no folder, as KGAN_MODELS names none"
        raise DataError(
            f"There are no trained weights of {preset!r} in {looked}: make them by `{command}` and "
            "then `kgan zoo --run=...` of its directory, or set KGAN_MODELS to a folder or "
            "KGAN_MODELS_URL to an address that has them."
        )
    return _fetched(f"{address.rstrip('/')}/{folder_name(preset)}", preset)


def _fetched(address: str, preset: str) -> Path:
    """The folder in kgan's cache, with the card and the model of an address."""
    of_address = hashlib.sha256(address.encode()).hexdigest()[:12]
    folder = cache_folder() / "models" / of_address / folder_name(preset)
    _get(f"{address}/{card.FILE}", folder)
    _get(f"{address}/{MODEL}", folder, card.read(folder)["files"].get(MODEL, {}).get("sha256"))
    return folder


def _get(address: str, folder: Path, sha256: str | None = None) -> None:
    """Fetch a file, unless it is there, with that hash if one is given."""
    import keras  # Looking for what is at hand needs no TensorFlow.

    name = address.rpartition("/")[2]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        keras.utils.get_file(
            name,
            address,
            file_hash=sha256,
            hash_algorithm="sha256",
            cache_dir=folder.parent,
            cache_subdir=folder.name,
        )
    except Exception as error:  # Keras raises its very base class.
        for path in (folder / name, folder / card.FILE):  # What is wrong may be the card.
            path.unlink(missing_ok=True)
        reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise DataError(
            f"{address} cannot be fetched ({reason}): set KGAN_MODELS_URL to an address that has "
            "the model's folder, or KGAN_MODELS to a folder that has it."
        ) from error
