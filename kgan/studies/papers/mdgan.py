"""MD-GAN's experiments (section 5.3): the grid (table 1) and images (table 2)."""

from collections.abc import Mapping, Sequence
from typing import Any

from kgan.studies.table import Row, Table, column, columns, published_rows

_SAMPLES = 10_000
# Table 1 by number of Gaussians, variance for real data, variance for samples: modes, quality.
_TABLE_1 = {
    (8, 0.25, 0.25): ("25", "79.36"),
    (8, 0.28, 0.25): ("25", "77.48"),
    (10, 0.25, 0.25): ("25", "59.56"),
    (10, 0.28, 0.25): ("25", "68.48"),
}
# Of the other methods: modes, quality; all but WGAN-GP's are VEEGAN's paper's.
_BASELINES: Sequence[tuple[str, str, Mapping[str, Any], tuple[str, str], float]] = (
    ("GAN", "gan", {}, ("3.3", "0.5"), 0.7),
    ("ALI (here BiGAN)", "bigan", {}, ("15.8", "1.6"), 0.8),
    ("Unrolled GAN", "unrolledgan", {}, ("23.6", "16"), 2.0),
    ("VEEGAN", "veegan", {}, ("24.6", "40"), 0.9),
    ("WGAN-GP", "gan", {"method": "wgan_gp"}, ("24", "12.69"), 3.0),
)
# As many samples as their notebook draws.
_AUTHORS_SAMPLES = 2_500
_STEPS = 3_000
# Table 2, Fashion-MNIST: Fréchet distances; those that are not MD-GAN's are of Lucic et al.
_TABLE_2: Sequence[tuple[str, str, Mapping[str, Any], str, float]] = (
    ("GAN", "gan", {}, "26.6", 18.0),
    ("WGAN", "gan", {"method": "wgan"}, "18.0", 74.0),
    ("WGAN-GP", "gan", {"method": "wgan_gp"}, "20.6", 120.0),
    ("DRAGAN", "gan", {"method": "dragan"}, "26.0", 25.0),
    ("BEGAN", "gan", {"method": "began"}, "33.2", 64.0),
    *(
        (
            f"MD-GAN, C={components}, varR={variance}, varF=0.25",
            "mdgan",
            {
                "preset": "mdgan_fashion_mnist_paper",
                "components": components,
                "variance_real": variance,
                "variance_fake": 0.25,
            },
            published,
            18.0,
        )
        for components, variance, published in (
            (8, 0.25, "10.47"),
            (8, 0.28, "11.79"),
            (10, 0.25, "13.74"),
            (10, 0.28, "13.03"),
        )
    ),
)

TABLES = (
    Table(
        paper="mdgan",
        kind="table",
        number=1,
        title="MD-GAN, table 1: the grid of 25 Gaussians",
        columns=(
            column("modes_covered"),
            column("high_quality", label="quality, %", decimals=2),
            column("modes_strict"),
            column("reverse_kl_nearest", decimals=4),
            column("mode_spread"),
        ),
        rows=(
            *(
                Row(
                    label=label,
                    method=method,
                    dataset="grid",
                    samples=_SAMPLES,
                    minutes=minutes,
                    flags=flags,
                    published={"modes_covered": modes, "high_quality": quality},
                )
                for label, method, flags, (modes, quality), minutes in _BASELINES
            ),
            *(
                Row(
                    label=f"MD-GAN, C={components}, varR={variance_real}, varF={variance_fake}",
                    method="mdgan",
                    dataset="grid",
                    samples=_SAMPLES,
                    minutes=1.0,
                    flags={
                        "components": components,
                        "variance_real": variance_real,
                        "variance_fake": variance_fake,
                    },
                    published={"modes_covered": modes, "high_quality": quality},
                )
                for (components, variance_real, variance_fake), (modes, quality) in _TABLE_1.items()
            ),
            Row(
                label="MD-GAN, the authors' code (C=10)",
                method="mdgan",
                dataset="grid",
                samples=_AUTHORS_SAMPLES,
                minutes=5.0,
                flags={"preset": "mdgan_grid_authors"},
                published={"modes_covered": "25", "high_quality": "59.56"},
            ),
        ),
        differences=(
            "The paper's networks, budget and data are those of VEEGAN's experiment; ours are "
            "larger networks with a budget of their own, the same for all rows.",
            "The paper took the rows of the others but WGAN-GP from VEEGAN's paper.",
            "The paper's values are means of 5 runs, without their spread and without the number "
            "of samples. A mode counts from one sample on: 10,000 are more lenient than the 2,500 "
            "that the authors' code draws, which its row here has.",
            "The last row is the authors' published code, networks and budget included; its line "
            "of the paper is that of C=10 and variances of 0.25.",
        ),
    ),
    Table(
        paper="mdgan",
        kind="table",
        number=2,
        title="MD-GAN, table 2: Fashion-MNIST",
        columns=columns("frechet_distance", "classifier_score", "classes_covered", "mode_spread"),
        rows=published_rows("fashion_mnist", "frechet_distance", _TABLE_2, steps=_STEPS),
        differences=(
            "The paper's distances are in Inception's features, where real images have 2.6; ours "
            "are in those of the data set's own classifier.",
            "All rows have the same steps, 3,000 unless the command gives --steps: a fifth of "
            "Lucic et al.'s, whose budget the paper names. So this is how far a method gets soon.",
            "The rows that are not MD-GAN's are the best of a large search (Lucic et al.); ours "
            "are of the presets.",
            "The paper's table has MNIST, CIFAR-10 and CelebA too.",
        ),
    ),
)
