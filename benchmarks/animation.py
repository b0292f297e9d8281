"""README's animation: six methods find the grid's 25 modes, side by side.

python -m benchmarks.animation              # trains them, and writes docs/images/modes.gif
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
from PIL import Image, ImageDraw, ImageFont

import kgan
from kgan.files import replacing
from kgan.methods import catalog

METHODS = ("gan", "lsgan", "wgan_gp", "mdgan", "mgan", "invertgan")
OUTPUT = Path(__file__).parents[1] / "docs" / "images" / "modes.gif"
POINTS, EVERY = 500, 50  # Points of a frame; steps of a call.
SIDE, TOP, GAP = 216, 24, 12  # Pixels of a panel, above it, between two.
EDGE = 5.6  # Of the plane that is shown.
SHOWN_MS, LAST_MS = 160, 4000
WHITE, INK, REAL, NEAR, STRAY = range(5)
PALETTE = (255, 255, 255, 40, 46, 56, 200, 206, 214, 33, 108, 196, 226, 89, 15)


class Frame(NamedTuple):
    """What a method makes after so many steps."""

    step: int
    points: np.ndarray
    near: np.ndarray
    covered: int


def moments(steps: int) -> list[int]:
    """When to look: the more often the earlier."""
    share = np.linspace(0, 1, 26) ** 1.7
    return sorted({round(s * steps / EVERY) * EVERY for s in share})


def frames(name: str, steps: int) -> Iterator[Frame]:
    """A training of a method with its preset, in less time; the latents stay the same."""
    keras.utils.set_random_seed(0)
    model = getattr(kgan, catalog.methods()[name].cls)
    preset = kgan.presets.get(f"{name}_grid")
    share = steps / preset.steps
    noise = preset.arguments.get("instance_noise_steps")
    scaled = {"instance_noise_steps": int(noise * share)} if noise else {}
    gan = model.from_preset(f"{name}_grid", seed=0, **scaled)
    grid = kgan.data.load("grid")
    optimizers = {
        player: preset.optimizer(player, decay_steps=steps, moves=gan.moves(player))
        for player in gan.players
    }
    gan.compile(optimizers, steps_per_execution=EVERY)
    done = 0
    for step in moments(steps):
        if step > done:
            gan.fit(grid, batch_size=256, steps_per_epoch=step - done, verbose=0)
            done = step
        points = gan.sample(POINTS, seed=0)
        distances = np.linalg.norm(points[:, None] - grid.mixture.means, axis=2)
        near = distances.min(axis=1) < 3 * grid.mixture.std[0]
        covered = len(np.unique(distances.argmin(axis=1)[near]))
        yield Frame(step, points, near, covered)


def draw(titles: list[str], shown: list[Frame], means: np.ndarray) -> Image.Image:
    """Two rows of panels."""
    columns = (len(shown) + 1) // 2
    size = (columns * (SIDE + GAP) + GAP, 2 * (SIDE + TOP) + GAP)
    image = Image.new("P", size, WHITE)
    image.putpalette(PALETTE)
    pen = ImageDraw.Draw(image)
    pen.fontmode = "1"  # Without grey edges, which cost colours.
    font = ImageFont.load_default(13)
    for number, (title, frame) in enumerate(zip(titles, shown, strict=True)):
        left = GAP + (number % columns) * (SIDE + GAP)
        top = TOP + (number // columns) * (SIDE + TOP)
        pen.text((left, top - 19), title, INK, font)
        told = f"{frame.covered} of {len(means)}"
        pen.text((left + SIDE - pen.textlength(told, font), top - 19), told, INK, font)
        pen.rectangle((left, top, left + SIDE, top + SIDE), outline=REAL)
        for x, y in _pixels(means):
            pen.ellipse((left + x - 5, top + y - 5, left + x + 5, top + y + 5), fill=REAL)
        for (x, y), near in zip(_pixels(frame.points), frame.near, strict=True):
            if 0 < x < SIDE - 1 and 0 < y < SIDE - 1:
                colour = NEAR if near else STRAY
                pen.rectangle((left + x, top + y, left + x + 1, top + y + 1), fill=colour)
    return image


def _pixels(points: np.ndarray) -> list[tuple[int, int]]:
    """Where points lie in a panel; y goes up in the plane and down in a picture."""
    places = (points * (1, -1) / EDGE + 1) / 2 * SIDE
    return [(int(x), int(y)) for x, y in np.clip(places, -SIDE, 2 * SIDE).round()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=3000, help="of each method")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--output", type=Path, default=OUTPUT)
    given = parser.parse_args()
    names = given.methods.split(",")
    found = []
    for name in names:
        found.append(list(frames(name, given.steps)))
        print(name, *(f"{frame.step}:{frame.covered}" for frame in found[-1]), flush=True)
    entries = catalog.methods()
    titles = [entries[name].title for name in names]
    means = kgan.data.load("grid").mixture.means
    pictures = [draw(titles, list(shown), means) for shown in zip(*found, strict=True)]
    whole = io.BytesIO()
    pictures[0].save(
        whole,
        "GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=[*[SHOWN_MS] * (len(pictures) - 1), LAST_MS],
        loop=0,
        optimize=True,
    )
    with replacing(given.output) as temporary:
        temporary.write_bytes(whole.getvalue())
    print(given.output, f"{len(whole.getvalue()) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
