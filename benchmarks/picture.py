"""A page's picture: a run's samples over time, by generator where there are several, above the
embeddings of real data where there are some.

python -m benchmarks.picture runs/mgan-ring-seed0 docs/images/mgan_ring.png 0,2500,5000,25000
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from kgan import reporting
from kgan.files import replacing


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
        title, modes = f"step {step:,}", (real["means"], real["std"])
        if "generators" in shot:
            generators = shot["generators"]
            points = reporting.generator_points_figure(
                shot["samples"],
                generators,
                int(generators.max()) + 1,
                real["samples"],
                *modes,
                title=title,
            )
        else:
            points = reporting.points_figure(shot["samples"], real["samples"], *modes, title=title)
        columns.append([panel(points)])
        if "embeddings" in shot:
            columns[-1].append(
                panel(reporting.embedding_figure(shot["embeddings"], shot["labels"]))
            )
    width, height = columns[0][0].size
    sheet = Image.new("RGB", (width * len(columns), height * len(columns[0])), "white")
    for x, column in enumerate(columns):
        for y, image in enumerate(column):
            sheet.paste(image, (x * width, y * height))
    return sheet


if __name__ == "__main__":
    sheet = picture(Path(sys.argv[1]), [int(s) for s in sys.argv[3].split(",")])
    with replacing(sys.argv[2]) as temporary:
        sheet.save(temporary, optimize=True)
