"""card.md: what a trained model is, how it was made, what it does well and badly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kgan.metrics import words
from kgan.metrics.formatting import NOTHING, duration, number
from kgan.reporting.sections.scores import format_setting, settings
from kgan.runs.artefacts.snapshot import SNAPSHOT_SEED

PICTURE, BY_GENERATOR = "samples.png", "generators.png"
_NAMED = 0.1
"""Share of a generator's samples from which a mode or a class is named."""
_USE = {
    "points": "Tests, teaching, and figures of what mode collapse is: the data are two numbers.",
    "images": (
        "Research on mode collapse, tries of the library and of its endpoints, and a start for "
        "training on other images. Samples are made up: they are no evidence of anything, and no "
        "data to train a classifier on without a look at what is missing in them."
    ),
}

Card = Mapping[str, Any]


def model_card(card: Card) -> str:
    """The page of a model.

    Args:
        card: of a model, as card.json has it.
    """
    parts = [
        f"# {card['name']}",
        _head(card),
        _pictures(card),
        "## Use",
        _use(card),
        *(["## What the server takes and gives", _served(card)] if "signatures" in card else []),
        "## Scores",
        _scores(card),
        *(["## Generators", _generators(card)] if card.get("generators", 1) > 1 else []),
        *(["## What was compressed", _compressed(card)] if "compressed" in card else []),
        "## What it does badly",
        _listed(card["weaknesses"]) or "None of the rules found anything (`kgan.metrics`).",
        "One seed was trained, and none was chosen among several: another one differs.",
        "## How it was made",
        _made(card),
        "## What differs from the paper",
        _listed(card["differs"]) or "Nothing that the paper or its authors' code states.",
        "## Intended use",
        _USE["images" if len(card["sample_shape"]) == 3 else "points"],
        f"Licence of the data: {card['data']['licence']}. Of the weights: Apache-2.0, as kgan.",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def index(cards: Sequence[Card], size: int) -> str:
    """The page that lists all models.

    Args:
        cards: of all.
        size: of all files, in bytes.
    """
    rows = [
        [
            f"[{card['name']}]({card['name']}/card.md)",
            f"`kgan.{card['class']}`",
            card["data"]["name"],
            number(card["steps"]),
            _stored(card),
            _headline(card),
            f"{_bytes(card) / 1e6:.2f}",
        ]
        for card in cards
    ]
    head = ["model", "class", "data", "steps", "stored as", "beside real data", "MB"]
    return "\n".join(
        [
            "# Trained models",
            "",
            "Made by `kgan zoo`, which writes this page too. How they are used and served: "
            "[docs/zoo.md](../docs/zoo.md).",
            "",
            _table(head, rows),
            "",
            f"{len(rows)} models, {size / 1e6:.1f} MB in all. Each is of one seed.",
            "",
        ]
    )


def _head(card: Card) -> str:
    paper = card["source"] if not card["link"] else f"[{card['source']}]({card['link']})"
    code = f", [code](https://github.com/{card['code']})" if card["code"] else ""
    made = f"{number(card['steps'])} steps, seed {card['training']['seed']}"
    method = f"**{card['title']}** ({card['idea']}; {paper}{code})"
    return f"{method} trained on **{card['data']['name']}** for {made}."


def _pictures(card: Card) -> str:
    points = len(card["sample_shape"]) == 1
    of = f"The first {'2,500' if points else '64'} samples of seed {SNAPSHOT_SEED}, none chosen"
    of += ", over real ones" if points else ""
    told = f"![{of}]({PICTURE})\n\n<sub>{of}.</sub>"
    if card.get("generators", 1) > 1:
        told += f"\n\n![By generator]({BY_GENERATOR})\n\n<sub>The generators, each by itself.</sub>"
    return told


def _use(card: Card) -> str:
    shape = ", ".join(map(str, card["sample_shape"]))
    named = f'kgan.{card["class"]}.from_preset("{card["name"]}", load_weights=True)'
    return (
        "```python\n"
        "import kgan\n\n"
        f"gan = {named}\n"
        f"samples = gan.sample(64, seed=0)  # (64, {shape})\n"
        "```\n\n"
        f"Latents: `({card['latent_dim']},)`, {card['latents']}. `1/` is for TensorFlow Serving, "
        "`model.keras` for `keras.models.load_model` after `import kgan`."
    )


def _served(card: Card) -> str:
    """The signatures of the SavedModel, and what their numbers are."""

    def listed(tensors: Mapping[str, Any]) -> str:
        return ", ".join(
            f"`{name} ({', '.join(['n', *map(str, tensor['shape'][1:])])}"
            f"{',' if len(tensor['shape']) < 2 else ''})` {tensor['dtype']}"
            for name, tensor in tensors.items()
        )

    signatures = card["signatures"]
    rows = [
        [f"`{name}`", listed(one["inputs"]), listed(one["outputs"])]
        for name, one in signatures.items()
    ]
    names = {name for one in signatures.values() for side in one.values() for name in side}
    meant = _meant(card)
    return (
        _table(["signature", "takes", "gives"], rows)
        + "\n\n"
        + "\n".join(f"- `{name}`: {meant[name]}." for name in meant if name in names)
        + "\n\n[How they are asked](../../docs/serving.md)."
    )


def _meant(card: Card) -> dict[str, str]:
    """By name of an input or output, its range and what it says."""
    classes = card["data"].get("class_names")
    samples = "points, in the data's own units"
    if "value_range" in card:
        low, high = card["value_range"]
        samples = f"images in {low:g} to {high:g}"
        samples += f", of the classes {', '.join(classes)}" if classes else ""
    last = card.get("generators", 1) - 1
    return {
        "seeds": "whole numbers, at most 1,000 rows; the row (s, 0) gives `gan.sample(1, seed=s)`",
        "latents": "from N(0, 1)" if card["latents"] == "normal" else "from -1 to 1, uniform",
        "generator": f"0 to {last}, the one that makes the row; given as -1: drawn by its weight",
        "truncation": "over 0, the bound of the latents; 0 for none",
        "samples": samples,
        "image_bytes": "PNG files",
        "probability": "0 to 1, how real the row looks",
        "logits": "the same, before the sigmoid",
        "value": "the critic's, which is higher for what looks real",
        "generator_probabilities": "which generator the row may be of",
        "class_probabilities": "which class or cluster the row may be of",
        "embedding": "the discriminator's",
        "cluster": "the nearest vertex",
        "distance": "to the nearest vertex",
    }


def _scores(card: Card) -> str:
    found, plain = card["scores"], card.get("plain_gan")
    real, before = words.of_real_data(found), card.get("scores_before")
    head = ["score", "this model", "real data"]
    head += [plain["name"]] if plain else []
    head += ["as trained"] if before else []
    rows = []
    for key in words.shown(found):
        score = words.find(key, found)
        row = [score.title(found), score.text(found)]
        row.append(score.text(real) if key in real else NOTHING)
        row += [score.text(plain["scores"])] if plain else []
        row += [score.text(before)] if before else []
        most = score.cap or found["samples"]
        counted = real.get(score.counted) or real.get("samples") or found["samples"]
        counts = (min(found["samples"], most), min(counted, most))
        rows.append([*row, " / ".join(map(number, counts)), words.BETTER[score.better]])
    note = f"Of {number(found['samples'])} samples, seed {found['seed']}"
    note += ", of the weights as they are stored here."
    return _table([*head, "samples / real", ""], rows) + f"\n\n{note}"


def _stored(card: Card) -> str:
    rank = f", rank {card['compressed']['rank']}" if "compressed" in card else ""
    return f"{card['stored_as']}{rank}"


def _compressed(card: Card) -> str:
    """How the weights that are stored differ from those that were trained."""
    told = card["compressed"]
    layers = " and ".join(
        f"`{one['layer']}` of the {one['network']} ({' x '.join(map(number, one['shape']))})"
        for one in told["layers"]
    )
    counts = ", ".join(f"{name} {number(n)}" for name, n in told["weights"].items())
    sentences = [
        f"{layers}: each is two layers, of rank {told['rank']} in the generator and "
        f"{told['rank_of_others']} elsewhere, which keep what moves the network's "
        "outputs most (`kgan.game.low_rank`). Nothing was trained for it.",
        f"Weights: {counts}; as trained {number(sum(card['weights'].values()))} in all, here "
        f"{number(sum(told['weights'].values()))}.",
    ]
    if told["ema_decay"] is not None:
        sentences.append(
            f"The generator is the moving average of its weights (`ema_decay` {told['ema_decay']}),"
            " which samples were taken from; there is no other."
        )
    if said := told.get("discriminate"):
        agree = ", ".join(f"`{name}` {value:.3f}" for name, value in said.items())
        sentences.append(
            "The discriminator's correlation with the one that was trained, over test data and "
            f"samples: {agree}."
        )
    return _listed(sentences)


def _generators(card: Card) -> str:
    found = card["scores"]
    counts = found.get("generator_modes") or found.get("generator_classes")
    samples = found.get("generator_samples")
    if not counts or not samples:
        return "Not told apart by the evaluation."
    kind = "mode" if "generator_modes" in found else "class"
    names = card["data"].get("class_names") or [f"{kind} {i}" for i in range(len(counts[0]))]
    rows = []
    for index, (row, made) in enumerate(zip(counts, samples, strict=True)):
        shares = sorted(zip(row, names, strict=True), key=lambda one: -one[0])
        told = [f"{name} {n / made:.0%}" for n, name in shares if made and n / made >= _NAMED]
        rows.append([str(index), f"{made / sum(samples):.1%}", ", ".join(told) or NOTHING])
    return _table(["generator", "share of the samples", f"by {kind}"], rows)


def _made(card: Card) -> str:
    training = card["training"]
    given = card["not_of_the_preset"]
    rows = [
        ["command", f"`{training['command']}`"],
        ["seed", str(training["seed"])],
        ["steps", number(card["steps"])],
        ["batch, learning rate", f"{training['batch_size']}, {training['learning_rate']:g}"],
        ["preset", format_setting(card["preset"])],
        ["not the preset's", ", ".join(given) or "nothing"],
        ["weights", ", ".join(f"{name} {number(n)}" for name, n in card["weights"].items())],
        ["stored as", _stored(card)],
        ["training time", f"{duration(training['seconds'])}, {training['machine']}"],
        ["revision", f"`{training['git_revision']}`"],
        ["versions", ", ".join(f"{name} {text}" for name, text in settings(training["versions"]))],
    ]
    return _table(["", ""], rows)


def _headline(card: Card) -> str:
    """The score that says most of the kind of data, beside real data's."""
    found = card["scores"]
    real = words.of_real_data(found)
    key = next(k for k in ("frechet_distance", "modes_covered", *words.shown(found)) if k in found)
    score = words.find(key, found)
    return f"{score.name}: {score.text(found)} ({score.text(real)})"


def _bytes(card: Card) -> int:
    return sum(file["bytes"] for file in card["files"].values())


def _listed(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
