"""MD-GAN's synthetic experiment (section 5.3): table 1."""

from apps.tables.table import Column, Row, Table

_SAMPLES = 10_000
# Table 1 by number of Gaussians, variance for real data, variance for samples: modes, quality.
_TABLE_1 = {
    (8, 0.25, 0.25): ("25", "79.36"),
    (8, 0.28, 0.25): ("25", "77.48"),
    (10, 0.25, 0.25): ("25", "59.56"),
    (10, 0.28, 0.25): ("25", "68.48"),
}

TABLES = (
    Table(
        paper="mdgan",
        kind="table",
        number=1,
        title="MD-GAN, table 1: the grid of 25 Gaussians",
        columns=(
            Column("modes_covered", "modes", decimals=1),
            Column("high_quality", "quality, %", decimals=2, percent=True),
            Column("modes_strict", "modes with 1% of the samples", decimals=1),
            Column("reverse_kl_nearest", "reverse KL, nearest mode", decimals=4),
        ),
        rows=(
            Row(
                label="GAN",
                method="gan",
                dataset="grid",
                samples=_SAMPLES,
                minutes=0.7,
                published={"modes_covered": "3.3", "high_quality": "0.5"},
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
        ),
        differences=(
            "The paper's networks, budget and data are those of VEEGAN's experiment; ours are "
            "larger networks with a budget of their own, the same for all rows.",
            "The paper took the row of the GAN from VEEGAN's paper.",
            "The paper's values are means of 5 runs, without their spread and without the number "
            "of samples.",
        ),
    ),
)
