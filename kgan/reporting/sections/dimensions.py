"""The section of the page that tells what the dimensions of a discriminator's embedding rank."""

from dataclasses import dataclass

import numpy as np

from kgan.reporting.figures.pictures import Picture, tiled
from kgan.reporting.sections.player import value_range
from kgan.runs.run import Run


@dataclass(frozen=True)
class DimensionSection:
    """What the page shows of them.

    Attributes:
        picture: a row for each dimension.
        step: of the picture.
        drawn: how many samples were ranked.
        width: of the embedding.
        rows: how many dimensions are shown.
        columns: samples of each.
        different: how many samples are shown that are not one.
    """

    picture: Picture
    step: str
    drawn: str
    width: int
    rows: int
    columns: int
    different: int


def build_dimensions(run: Run) -> DimensionSection | None:
    """The section of a run; None for points, and where the discriminator does not embed."""
    found = run.dimensions
    if found is None:
        return None
    rows, columns = found.ranked.shape
    images = found.images.reshape(-1, *found.images.shape[2:])
    title = "A row for each dimension, its highest values first"
    return DimensionSection(
        picture=tiled(title, images, value_range(run), columns, wide=True),
        step=f"{found.step:,}",
        drawn=f"{found.drawn:,}",
        width=found.width,
        rows=rows,
        columns=columns,
        different=len(np.unique(found.ranked)),
    )
