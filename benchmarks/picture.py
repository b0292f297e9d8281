"""The README's picture: a run's samples over time beside the embeddings of real data.

python -m benchmarks.picture runs/mdgan-grid-seed0 docs/images/mdgan_grid.png 1000,3000,5000,10000
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from kgan import reporting


def panel(figure, dpi: int = 72) -> Image.Image:
    """A figure as a picture."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


def picture(run: Path, steps: list[int]) -> Image.Image:
    """One column a step: samples above, embeddings of real data below."""
    real = np.load(run / "samples" / "real.npz")
    columns = []
    for step in steps:
        shot = np.load(run / "samples" / f"step_{step:09d}.npz")
        above = reporting.points_figure(
            shot["samples"], real["samples"], real["means"], real["std"], title=f"step {step:,}"
        )
        below = reporting.embedding_figure(shot["embeddings"], shot["labels"])
        columns.append([panel(above), panel(below)])
    width, height = columns[0][0].size
    sheet = Image.new("RGB", (width * len(columns), 2 * height), "white")
    for x, column in enumerate(columns):
        for y, image in enumerate(column):
            sheet.paste(image, (x * width, y * height))
    return sheet


if __name__ == "__main__":
    picture(Path(sys.argv[1]), [int(s) for s in sys.argv[3].split(",")]).save(
        sys.argv[2], optimize=True
    )
