"""The folders of trained models, with their cards: one of a run, and the pages of all."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kgan import data
from kgan.commands.jobs import measured
from kgan.data.catalog import LICENCES, STACKED
from kgan.errors import InputError, RunError
from kgan.files import replacing
from kgan.game.low_rank import low_rank
from kgan.methods import catalog
from kgan.methods.provenance import provenance
from kgan.metrics.weaknesses import weaknesses
from kgan.reporting.figures import sample_files
from kgan.reporting.pages import card as card_page
from kgan.runs import Run
from kgan.runs.artefacts.real_data import RealData, choose_real
from kgan.runs.artefacts.snapshot import take_snapshot
from kgan.runs.model_file import load_model
from kgan.serving.rounding import STORED_AS, round_weights
from kgan.studies.differences import beside
from kgan.zoo import card, places, server, storing

_PAGE, _INDEX = "card.md", "README.md"
_PLAIN = "gan"
_EXAMPLES = 10_000  # Of the training set, by which layers are factored.
_SEEN = 1_000  # Of test data, and of samples, on which discriminators are compared.
_OUTPUT_DIR = re.compile(r" --output_dir=\S+")  # Where a run lay tells nobody anything.
_UNKNOWN_LICENCE = "the owner's; ask before you give the model away"


def make(
    run: Run,
    output: Path,
    *,
    name: str | None = None,
    stored_as: str = STORED_AS[0],
    rank: int | None = None,
    rank_of_others: int | None = None,
) -> Path:
    """Write the folder of a run's model.

    Args:
        run: a finished one of a method by its name.
        output: the folder of all models.
        name: of the model's folder.
        stored_as: how large weights are stored, see `kgan.serving.rounding`.
        rank: of large dense layers, see `kgan.game.low_rank`; None: as they were trained.
        rank_of_others: of those of other networks than the generator; None for `rank`.

    Returns:
        The folder; `write_pages` writes the card's page into it.

    Raises:
        InputError: a rank that no layer can have, or weights that cannot be stored so.
        RunError: a run that has not finished, or is of a model of a user's own; a folder that is
            something else.
        DataError: its data are missing.
    """
    if rank is None and rank_of_others is not None:
        raise InputError(
            "rank_of_others goes with a rank. Received: rank_of_others="
            f"{rank_of_others} and no rank; give both."
        )
    model = run.model()
    if run.description["method"] not in catalog.methods():
        raise RunError(
            f"{run.path} is no run of a method by its name: write its model by "
            "`run.model().save_to_preset(folder)`."
        )
    folder = output / places.folder_name(name or _name(run))
    with storing.replacing_model(folder) as written:
        test, train = (_data(run, split, model) for split in ("test", "train"))
        smaller, compressed = (
            (model, None) if rank is None else _compressed(model, train, rank, rank_of_others)
        )
        round_weights(smaller, stored_as)
        storing.store_model(smaller, written / places.MODEL)
        stored = load_model(written / places.MODEL)
        storing.store_saved_model(stored, written / "1", stored_as)
        told = {
            **storing.facts(stored),
            "signatures": storing.signatures(written / "1"),
            **_about(run, train, folder.name, stored_as),
        }
        if compressed is not None:
            told["compressed"] = compressed | _agreement(model, stored, test)
        told["scores"] = measured(run.config, stored, test, run.config.feature_network)
        if run.scores and (compressed is not None or stored_as != STORED_AS[0]):
            told["scores_before"] = run.scores
        _draw(stored, train, written)
        card.write(written, told)
    return folder


def write_saved_models(output: Path) -> None:
    """Write the SavedModels of all models in a folder anew, as this kgan exports them."""
    for path in sorted(output.glob(f"*/{card.FILE}")):
        folder, told = path.parent, card.read(path.parent)
        model = load_model(folder / places.MODEL)
        storing.store_saved_model(model, folder / "1", told["stored_as"])
        told["signatures"] = storing.signatures(folder / "1")
        card.write(folder, told)


def write_pages(output: Path) -> None:
    """Write of all models in a folder the cards' pages, the list, and models.config.

    Only what differs is written. A card says how the plain GAN on the same data does, where that
    is among the models.
    """
    found = {path.parent: card.read(path.parent) for path in sorted(output.glob(f"*/{card.FILE}"))}
    whole = {folder: told for folder, told in found.items() if "scores" in told}
    for folder, told in whole.items():
        told.pop("plain_gan", None)
        plain = _plain(told, whole.values())
        scores = None if plain is None else plain["scores"]
        told["weaknesses"] = weaknesses(told["scores"], scores)
        if plain is not None:
            told["plain_gan"] = {"name": plain["name"], "scores": scores}
        _write(folder / _PAGE, card_page.model_card(told))
        card.write(folder, told)
    cards = [card.read(folder) for folder in whole]
    files = [path for folder in whole for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    _write(output / _INDEX, card_page.index(cards, size))
    _write(output / server.FILE, server.models_config(folder.name for folder in whole))


def _name(run: Run) -> str:
    """A preset's name, of one for any image set with the data's in its place."""
    config = run.config
    own = config.preset_name
    return f"{config.method}_{config.dataset}" if own.endswith("_images") else own


def _data(run: Run, split: str, model: Any) -> data.Dataset:
    config = run.config
    found = data.load(config.dataset, split=split, data_dir=config.data_dir, **config.data_options)
    return found.with_value_range(model.value_range) if found.is_images else found


def _about(run: Run, train: data.Dataset, name: str, stored_as: str) -> dict[str, Any]:
    """What a card says besides the scores."""
    config, told = run.config, run.description
    entry = catalog.methods()[config.method]
    of_data: dict[str, Any] = {"name": config.dataset, "options": dict(config.data_options)}
    of_data |= {"examples": len(train), "licence": _licence(config.dataset)}
    if train.class_names and train.is_images:
        of_data["class_names"] = list(train.class_names)
    kept = ("command", "git_revision", "machine", "conditions", "versions")
    budget = ("seed", "batch_size", "learning_rate")
    differing = [one for one in provenance(config.preset_name) if one.differs]
    return {
        "name": name,
        "method": config.method,
        **{key: getattr(entry, key) for key in ("title", "idea", "source", "link", "code")},
        "data": of_data,
        "training": {
            **{key: getattr(config, key) for key in budget},
            "seconds": run.seconds(),
            **{key: told.get(key) for key in kept},
            "command": _OUTPUT_DIR.sub("", told.get("command", "")),
        },
        "not_of_the_preset": told["model"].get("provenance", {}).get("given", []),
        "differs": [f"{beside(one)}{one.why and f': {one.why}'}." for one in differing],
        "weights": told["model"]["weights"],
        "stored_as": stored_as,
    }


def _compressed(
    model: Any, train: data.Dataset, rank: int, rank_of_others: int | None
) -> tuple[Any, dict[str, Any]]:
    """A model whose large dense layers are of a rank, and what a card says of it."""
    chosen = np.random.default_rng(0).permutation(len(train))[:_EXAMPLES]
    new, factored = low_rank(model, rank, train.floats(chosen), rank_of_others=rank_of_others)
    told = {
        "rank": rank,
        "rank_of_others": rank if rank_of_others is None else rank_of_others,
        "layers": [one._asdict() for one in factored],
    }
    weights = {
        name: int(sum(math.prod(v.shape) for v in player.variables))
        for name, player in new.players.items()
    }
    return new, {**told, "weights": weights, "ema_decay": model.ema_decay}


def _agreement(before: Any, after: Any, test: data.Dataset) -> dict[str, Any]:
    """How what the discriminator says of test data and of samples goes with what it said before."""
    if after.pack > 1:
        return {}
    examples = np.concatenate([test.floats(slice(_SEEN)), after.sample(_SEEN, seed=0)])
    both = ([np.asarray(x) for x in m.discriminate(examples).values()] for m in (before, after))
    pairs = zip(after.discriminate(examples[:1]), *both, strict=True)
    said = {
        name: float(np.corrcoef(first.ravel(), second.ravel())[0, 1])
        for name, first, second in pairs
        if first.dtype.kind == "f" and first.std() and second.std()
    }
    return {"discriminate": said}


def _licence(dataset: str) -> str:
    return LICENCES.get(STACKED.get(dataset, dataset), _UNKNOWN_LICENCE)


def _draw(model: Any, train: data.Dataset, folder: Path) -> None:
    count = sample_files.IMAGES if train.is_images else sample_files.POINTS
    chosen = np.sort(np.random.default_rng(0).permutation(len(train))[:count])
    real: RealData = choose_real(train, chosen)
    snapshot = take_snapshot(model, train, model.steps_taken, count, chosen[:2])
    value_range = model.value_range or (0.0, 1.0)
    pictures = {card_page.PICTURE: sample_files.samples_png(snapshot, real, value_range)}
    generators = getattr(model, "num_generators", 1)
    if generators > 1:
        drawn = sample_files.generators_png(snapshot, real, value_range, generators)
        pictures[card_page.BY_GENERATOR] = drawn
    for name, png in pictures.items():
        (folder / name).write_bytes(png)


def _plain(told: Mapping[str, Any], cards: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The card of the plain GAN on the same data; None for its own, and where there is none."""
    if told["method"] == _PLAIN:
        return None
    same = ("name", "options")
    of_data = {key: told["data"][key] for key in same}
    return next(
        (
            other
            for other in cards
            if other["method"] == _PLAIN and {k: other["data"][k] for k in same} == of_data
        ),
        None,
    )


def _write(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
