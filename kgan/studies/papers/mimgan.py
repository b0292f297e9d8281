"""MIM-GAN's experiment on digits: table 1."""

from collections.abc import Mapping, Sequence
from typing import Any

from kgan.studies.table import Table, column, columns, published_rows

_STEPS = 3_000
# Table 1: the score of MNIST's own classifier.
_TABLE_1: Sequence[tuple[str, str, Mapping[str, Any], str, float]] = (
    ("WGAN", "gan", {"method": "wgan"}, "6.006", 74.0),
    ("MGAN", "mgan", {}, "6.618", 40.0),
    ("SN-GAN", "gan", {"method": "sngan"}, "6.514", 20.0),
    ("DMGAN-PL", "dmganpl", {}, "6.622", 320.0),
    ("RaGAN", "gan", {"method": "ragan"}, "6.417", 19.0),
    ("MIM-GAN", "mimgan", {}, "7.958", 60.0),
)

TABLES = (
    Table(
        paper="mimgan",
        kind="table",
        number=1,
        title="MIM-GAN, table 1: classifier scores",
        columns=(
            column("classifier_score", decimals=3),
            *columns("classes_covered", "frechet_distance", "generator_overlap"),
        ),
        rows=published_rows("fashion_mnist", "classifier_score", _TABLE_1, steps=_STEPS),
        differences=(
            "The paper's scores are of MNIST by a classifier of its own, after 200 epochs for all "
            "models (section 5): 156,250 steps at batches of 64 from 50,000 images. Ours are of "
            "Fashion-MNIST after 3,000 steps, unless the command gives --steps, by a classifier "
            "that no method played against, though it has MIM-GAN's own classifier's architecture "
            "and data. Compare the order of the rows, not the numbers.",
            "MIM-GAN uses the labels, by its classifier; no other row does.",
            "The paper has latents N(0, I) for all rows, rates of 1e-4 for RaGAN, 5e-5 for WGAN "
            "and 2e-4 for the others, and Inception-V4 for MIM-GAN's classifier; ours are the "
            "presets'. MGAN and RaGAN have batch norm in the discriminator here, the others none. "
            "A step sees 12 samples of each of ten generators, of one generator 64.",
            "The mixtures have ten generators, as in the paper's figure 5.",
        ),
    ),
)
