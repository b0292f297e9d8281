"""Figures of samples, losses and embeddings, and the pages that tell and compare runs.

Everything is drawn with Matplotlib's object-oriented interface: figures are returned, never shown,
and no global state is touched.
"""

from kgan.reporting.comparison import write_comparison
from kgan.reporting.curves import curve_figure, loss_figure
from kgan.reporting.embeddings import embedding_figure, project
from kgan.reporting.generator_figures import (
    generator_panels_figure,
    generator_points_figure,
    generator_table_figure,
)
from kgan.reporting.images import image_grid, save_image_grid, tile_images
from kgan.reporting.inverse_figures import inverse_figure
from kgan.reporting.points import assign_modes, points_figure
from kgan.reporting.report import write_report
from kgan.reporting.shares import class_histogram_figure, mode_shares_figure

__all__ = [
    "assign_modes",
    "class_histogram_figure",
    "curve_figure",
    "embedding_figure",
    "generator_panels_figure",
    "generator_points_figure",
    "generator_table_figure",
    "image_grid",
    "inverse_figure",
    "loss_figure",
    "mode_shares_figure",
    "points_figure",
    "project",
    "save_image_grid",
    "tile_images",
    "write_comparison",
    "write_report",
]
