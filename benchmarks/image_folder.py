"""Reading a folder of small JPEG files, beside Keras' `image_dataset_from_directory`.

Both make square images of the same files, of the largest centre square of each, in turns, and
each all that its user would wait for: files are looked for, read and decoded into one array. kgan
smooths where it shrinks (antialiasing), Keras does not.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from PIL import Image

from benchmarks import timing
from kgan.data.folder import load_folder

CLASSES = 10


def write_folder(folder: Path, count: int, size: tuple[int, int]) -> None:
    """Write `count` JPEG files of smooth noise, (width, height), for training, and one for test."""
    rng = np.random.default_rng(0)
    for number in range(count + 1):
        part = "train" if number < count else "test"
        path = folder / part / f"class{number % CLASSES}" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        coarse = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8))
        fine = np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), np.int16)
        fine = fine + rng.integers(-12, 13, fine.shape)
        Image.fromarray(fine.clip(0, 255).astype(np.uint8)).save(path, quality=90)


def read_ours(folder: Path, image_size: int) -> np.ndarray:
    """`(n, image_size, image_size, 3)` uint8."""
    return load_folder("folder", folder, "train", image_size=image_size).examples


def read_keras(folder: Path, image_size: int) -> np.ndarray:
    """`(n, image_size, image_size, 3)` uint8."""
    batches = keras.utils.image_dataset_from_directory(
        folder / "train",
        image_size=(image_size, image_size),
        crop_to_aspect_ratio=True,
        batch_size=256,
        shuffle=False,
        verbose=False,
    )
    return np.concatenate([images.numpy().astype(np.uint8) for images, _ in batches])


def compare(
    count: int, size: tuple[int, int], image_size: int, repeats: int
) -> dict[str, timing.Timing]:
    """Time both; a step is the whole folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_folder(folder, count, size)
        rivals = {"kgan": read_ours, "Keras": read_keras}
        return timing.interleaved(
            {name: lambda _, read=read: read(folder, image_size) for name, read in rivals.items()},
            steps=1,
            repeats=repeats,
            warm_up=1,
        )


def main(argv: Sequence[str] | None = None) -> None:
    parser = timing.parser("image_folder", __doc__)
    parser.add_argument("--count", type=int, default=10_000, help="Files.")
    parser.add_argument("--sizes", default="64x64,128x96,256x192", help="Of the files, in pixels.")
    parser.add_argument("--image_size", type=int, default=64, help="Side of the images made.")
    parser.add_argument("--repeats", type=int, default=7, help="Rounds; the medians are printed.")
    given = parser.parse_args(argv)
    print(f"Reading {given.count:,} JPEG files as {given.image_size}x{given.image_size}:\n")
    print("| files | kgan, s | Keras, s | kgan is times as fast |")
    print("| --- | ---: | ---: | ---: |")
    for size in given.sizes.split(","):
        width, height = map(int, size.split("x"))
        timings = compare(given.count, (width, height), given.image_size, given.repeats)
        ours, theirs = timings["kgan"], timings["Keras"]
        low, ratio, high = ours.speedup(theirs)
        seconds = [f"{np.median(rival.wall) / 1e3:.2f}" for rival in (ours, theirs)]
        print(f"| {size} | {' | '.join(seconds)} | {ratio:.2f} ({low:.2f} to {high:.2f}) |")
    print("\n" + "\n".join(timing.conditions()))


if __name__ == "__main__":
    main()
