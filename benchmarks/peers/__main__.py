"""kgan's train step beside plain Keras and tuned PyTorch, and beside what the machine can do.

  python -m benchmarks.peers                                # all games, some minutes each
  python -m benchmarks.peers --games=points --repeats=15    # or images, mgan_banks, mimgan_banks
  python -m benchmarks.peers --output=docs/results/peers.md

All play the same game with the same networks, optimizers and batches (tests/benchmarks/
test_same_games.py), each in a process of its own; the processes take turns, and wait while it is
another's. PyTorch is timed where it is installed (pip install kgan[peers]). Wants an idle machine.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks import processes, timing
from benchmarks.peers import games, rivals, roofline
from benchmarks.peers.games import Game
from benchmarks.peers.recipe import Recipe
from kgan import presets

ON_IMAGES = ("kgan", "Keras", "PyTorch", "kgan, bfloat16", "PyTorch, bfloat16")
ON_POINTS = ("kgan", "Keras", "PyTorch", "PyTorch, compiled")
BANKS = ("kgan", "Keras", "PyTorch")
GENERATORS = (1, 4, 10, 32)
# By group: the games, and who is timed.
GROUPS: Mapping[str, tuple[Sequence[Game], Sequence[str]]] = {
    "images": ([Game(f"{m}_fashion_mnist") for m in ("gan", "mdgan", "mgan")], ON_IMAGES),
    "points": ([Game(f"{m}_{d}") for m in ("mdgan", "mgan") for d in ("ring", "grid")], ON_POINTS),
    **{
        f"{method}_banks": (
            [Game(f"{method}_{d}", k) for d in ("ring", "fashion_mnist") for k in GENERATORS],
            BANKS,
        )
        for method in ("mgan", "mimgan")
    },
}
# What PyTorch is not written for here.
_KERAS_ALONE = ("mimgan",)
# Steps of a turn.
STEPS = {True: 5, False: 250}
HEADER = (
    "| game | rival | ms a step | quartiles | kgan is times as fast | GFLOP/s | of the peak "
    "| first turn, s | peak MB |\n"
    "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
)


def compare(
    game: Game, names: Sequence[str], *, steps: int, repeats: int, limit: float
) -> tuple[dict[str, processes.Cost], Recipe | None]:
    """Costs by rival, and the game's recipe, where PyTorch can play it."""
    recipe = None
    if game.method not in _KERAS_ALONE:
        examples = game.dataset().examples
        recipe = games.recipe(game.build(), game.preset, examples)
    known = rivals.builders(game, recipe if has_torch() else None, steps)
    chosen = {name: known[name] for name in names if name in known}
    return processes.compare(chosen, steps=steps, repeats=repeats, limit=limit), recipe


def has_torch() -> bool:
    return importlib.util.find_spec("torch") is not None


def rows(
    game: Game,
    costs: Mapping[str, processes.Cost],
    recipe: Recipe | None,
    machine: roofline.Machine,
) -> Iterator[str]:
    """A line for each rival; times are medians, ratios medians of those in the same round."""
    flops = None if recipe is None else roofline.step_flops(recipe)
    ours = costs["kgan"].timing
    for name, cost in costs.items():
        cells = [title(game) if name == "kgan" else "", name]
        if cost.timing is None or ours is None:
            yield f"| {' | '.join([*cells, cost.problem])} |  |  |  |  |  |  |"
            continue
        low, median, high = cost.timing.quartiles
        cells += [f"{median:.2f}", f"{low:.2f} to {high:.2f}", ""]
        if cost.timing is not ours:
            slow, ratio, fast = ours.speedup(cost.timing)
            cells[-1] = f"**{ratio:.2f}** ({slow:.2f} to {fast:.2f})"
        cells += ["", ""]
        if flops is not None:
            rate = flops / median / 1e6
            peak = machine.bfloat16 if "bfloat16" in name else machine.float32
            cells[-2:] = [f"{rate:.0f}", f"{rate / peak:.0%}"]
        cells += [f"{cost.graph_seconds:.1f}", f"{cost.peak_mb:.0f}"]
        yield f"| {' | '.join(cells)} |"


def title(game: Game) -> str:
    if game.generators is None:
        return f"`{game.preset_name}`"
    return f"`{game.preset_name}`, K = {game.generators}"


def roof(recipe: Recipe, game: Game, machine: roofline.Machine) -> str:
    """The least that a step can take: its products at the peak, then its optimizers' memory."""
    flops, moved = roofline.step_flops(recipe), roofline.optimizer_bytes(recipe)
    products, memory = flops / machine.float32 / 1e6, moved / machine.memory / 1e6
    return (
        f"| {title(game)} | {flops / 1e9:.3g} | {products:.2f} | {moved / 1e6:.3g} | {memory:.2f} |"
    )


ROOF = (
    "| game | GFLOP a step | at the float32 peak, ms | MB of Adam and average "
    "| at the memory's rate, ms |\n"
    "| --- | ---: | ---: | ---: | ---: |"
)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = timing.parser("peers", __doc__)
    known = ", ".join(GROUPS)
    parser.add_argument("--games", default=",".join(GROUPS), help=f"{known}, or presets' names")
    parser.add_argument("--rivals", help="names of rivals, with semicolons between; kgan first")
    parser.add_argument("--generators", default=",".join(map(str, GENERATORS)), help="all K")
    parser.add_argument("--repeats", type=int, default=9, help="rounds to time")
    parser.add_argument("--steps", type=int, help="steps of a turn")
    parser.add_argument("--limit", type=float, default=120.0, help="seconds to build a graph in")
    parser.add_argument("--output", type=Path, help="a Markdown file to write")
    given = parser.parse_args(arguments)
    unknown = {name for name in given.games.split(",") if name not in {*GROUPS, *presets.names()}}
    if unknown:
        parser.error(f"--games are {known}, or presets' names. Received: {', '.join(unknown)}")
    if given.rivals and "kgan" not in given.rivals.split(";"):
        parser.error(f"--rivals must name kgan, beside which all are told. Got: {given.rivals}")
    return given


def chosen(given: argparse.Namespace) -> Iterator[tuple[Game, Sequence[str]]]:
    """The games that the command line asks for, each with its rivals."""
    some = set(map(int, given.generators.split(",")))
    for name in given.games.split(","):
        found, names = GROUPS.get(name) or one(Game(name))
        for game in found:
            if game.generators is None or game.generators in some:
                yield game, given.rivals.split(";") if given.rivals else names


def one(game: Game) -> tuple[Sequence[Game], Sequence[str]]:
    return [game], ON_IMAGES if game.is_images else ON_POINTS


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare as the command line says; print the table, and write it where --output says."""
    given = parse(arguments)
    machine = processes.once(roofline.machine)
    lines, roofs = [HEADER], [ROOF]
    print(HEADER, flush=True)
    for game, names in chosen(given):
        steps = given.steps or STEPS[game.is_images]
        costs, recipe = compare(game, names, steps=steps, repeats=given.repeats, limit=given.limit)
        lines += rows(game, costs, recipe, machine)
        print("\n".join(lines[-len(costs) :]), flush=True)
        if recipe is not None:
            roofs.append(roof(recipe, game, machine))
    paragraphs = [what(given, machine), "\n".join(lines), "\n".join(roofs), *timing.conditions()]
    print("\n\n".join(["", paragraphs[0], *paragraphs[2:]]))
    if given.output:
        timing.write(given.output, "The train step beside plain Keras and PyTorch", paragraphs)


def what(given: argparse.Namespace, machine: roofline.Machine) -> str:
    """What the tables' numbers are."""
    images, points = (given.steps or STEPS[kind] for kind in (True, False))
    return (
        f"Medians of {given.repeats} rounds of {images} steps (images) or {points} (points), each "
        "rival in a process of its own, in turns; ratios are of the same round, with quartiles. "
        f"{rivals.cores()} threads each. The machine: {machine.float32:.0f} GFLOP/s float32 and "
        f"{machine.bfloat16:.0f} bfloat16 in a product of 2048x2048 matrices, "
        f"{machine.memory:.1f} GB/s of memory. First turn: what it took longer than the others. "
        "Peak: of the whole process."
    )


if __name__ == "__main__":
    main()
