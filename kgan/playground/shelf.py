"""The trained models of some folders: those of `kgan zoo` and `save_to_preset`, and runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kgan.errors import DataError, InputError, KganError
from kgan.files import local_path
from kgan.methods import catalog
from kgan.runs import Run
from kgan.zoo import card


@dataclasses.dataclass(frozen=True)
class Shelved:
    """A trained model that lies in a folder; it has not been loaded.

    Attributes:
        name: of the folder, with as many of those above as tell it from others.
        folder: a run's directory, or one with a card.
        method: in words, such as "MGAN".
        data: arguments of `kgan.data.load` for what it was trained on, `name` among them; None
            where nothing tells it.
        about: method, data and steps in a few words.
    """

    name: str
    folder: Path
    method: str
    data: Mapping[str, Any] | None
    about: str

    def load(self) -> Any:
        """The model, an `AdversarialModel`; loads TensorFlow.

        Raises:
            KganError: its files are missing, broken or not those that the card tells of.
        """
        if Run.is_at(self.folder):
            return Run(self.folder).model()
        import kgan  # Looking for models needs no TensorFlow.

        return kgan.AdversarialModel.from_preset(self.folder)


def find(folders: Iterable[str | Path]) -> dict[str, Shelved]:
    """All trained models of some folders, by name.

    Args:
        folders: a run's directory, one with a card, or one that holds such folders.

    Raises:
        InputError: a folder that is not there, or none that holds a finished model.
    """
    places = [local_path(folder, "models") for folder in folders]
    for place in places:
        if not place.is_dir():
            raise InputError(f"There is no folder of models {place}: check the path.")
    there = list(dict.fromkeys(folder.resolve() for place in places for folder in _models(place)))
    if not there:
        raise InputError(
            f"There is no trained model in {', '.join(map(str, places)) or 'no folder'}: train one "
            "by `kgan mdgan --dataset=grid`, which ends in a folder of `runs`, or name the folder "
            "of others' models."
        )
    names = _names(there)
    return {name: _described(name, folder) for name, folder in zip(names, there, strict=True)}


def _models(place: Path) -> Iterator[Path]:
    """`place` if it is a model's folder, else those in it that are."""
    if _is_model(place):
        yield place
    else:
        yield from filter(_is_model, sorted(place.iterdir()))


def _is_model(folder: Path) -> bool:
    if (folder / card.FILE).is_file():
        return True
    try:
        return Run.is_at(folder) and Run(folder).finished
    except KganError:  # Another version's, or something else that has a config.json.
        return False


def _names(folders: list[Path]) -> list[str]:
    """The shortest ends of paths that tell them apart."""
    names = [folder.name for folder in folders]
    depth = 1
    while len(set(names)) < len(names):
        depth += 1
        names = [str(Path(*folder.parts[-depth:])) for folder in folders]
    return names


def _described(name: str, folder: Path) -> Shelved:
    method, data, steps = _of_run(folder) if Run.is_at(folder) else _of_card(folder)
    known = catalog.methods().get(method)
    title = known.title if known else method
    on = f" on {data['name']}" if data else ""
    trained = f", {steps:,} steps" if steps else ""
    return Shelved(name, folder, title, data, f"{title}{on}{trained}")


def _of_run(folder: Path) -> tuple[str, Mapping[str, Any] | None, int]:
    run = Run(folder)
    method = str(run.description.get("method", "a model"))
    try:
        config = run.config
    except KganError:
        return method, None, 0
    options = {"data_dir": config.data_dir} if config.data_dir else {}
    return method, {"name": config.dataset, **options, **config.data_options}, config.steps or 0


def _of_card(folder: Path) -> tuple[str, Mapping[str, Any] | None, int]:
    try:
        told = card.read(folder)
    except DataError:  # Said when it is opened.
        return "a model whose card cannot be read", None, 0
    data, steps = told.get("data"), told.get("steps")
    named = isinstance(data, Mapping) and isinstance(data.get("name"), str)
    found = {"name": data["name"], **data.get("options", {})} if named and data else None
    return str(told.get("method", told["class"])), found, steps if isinstance(steps, int) else 0
