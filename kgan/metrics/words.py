"""The scores that an evaluation can hold, each declared once with the words for it.

Reports, comparisons, tables, the leaderboard, TensorBoard and the terminal read them here; nothing
else spells a score's label or says which direction is good. TensorFlow is not needed.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

from kgan.metrics.formatting import number

COMPARED = 10_000
"""Rows of each set, at most, between which distances are taken: 10,000 by 10,000."""

BETTER: Mapping[str, str] = {
    "": "",
    "higher": "higher is better",
    "lower": "lower is better",
    "real": "nearest to real data is best",
}
"""What a score's direction says in words."""

MODE_SPREAD = "mode_spread"
TIGHT, WIDE = 0.7, 1.3
"""Spreads within modes, over the data's, below and above which samples are said to be too tight or
too wide."""

# What an evaluation is of, besides totals: no scores.
_ABOUT = {"seed", "steps", "samples", "test_samples", "real_samples"}


@dataclasses.dataclass(frozen=True)
class Score:
    """A number that a measure gives, in words.

    Attributes:
        key: of evaluation.json; that of an inverse is there under `inverse`, without `inverse_`.
        label: in words; what explains them stands in parentheses at the end.
        heading: of a column, short; by default the label without what is in parentheses.
        better: which direction is good, a key of `BETTER`. "real" where a wrong distribution can
            be beyond real data on both sides; "" where none is good in itself.
        unit: "%" for a fraction that is written in percent; others are only told.
        decimals: in a table.
        total: key of what it is counted out of.
        cap: how many examples it looks at, at most; None for all.
        counted: key that says of how many examples the score of real data is, under `real`.
        of_network: whether its name says in which network's features images are compared.
        by_model: whether real data have another value with every model.
        averaged: whether a mean over seeds tells anything.
        shown: whether it has a line of its own among the scores; totals and costs have none.
        version: raised when the same samples get another value: results of another version expire.
        source: where the score comes from.
    """

    key: str
    label: str
    heading: str = ""
    better: str = ""
    unit: str = ""
    decimals: int = 3
    total: str = ""
    cap: int | None = None
    counted: str = "samples"
    of_network: bool = False
    by_model: bool = False
    averaged: bool = True
    shown: bool = True
    version: int = 1
    source: str = ""

    @property
    def name(self) -> str:
        """The label without what is in parentheses."""
        return self.label.split(" (", maxsplit=1)[0]

    @property
    def note(self) -> str:
        """What is in parentheses."""
        return self.label.removeprefix(self.name)[2:-1]

    @property
    def percent(self) -> bool:
        """Whether it is a fraction that is written in percent."""
        return self.unit == "%"

    @property
    def description(self) -> str:
        """All that is to be said of it, in a line; of a fraction as the number that it is."""
        unit = f"in {self.unit}" if self.unit and not self.percent else ""
        return "; ".join(filter(None, (self.label, BETTER[self.better], unit, self.source)))

    def title(self, evaluation: Mapping[str, Any]) -> str:
        """The label, with the feature network where the score depends on it most."""
        network = evaluation.get("feature_network") if self.of_network else None
        return f"{self.label} ({network})" if network else self.label

    def text(self, evaluation: Mapping[str, Any]) -> str:
        """What an evaluation has of it: a count with its total, a share in percent."""
        value = evaluation.get(self.key)
        if not isinstance(value, Real) or not math.isfinite(float(value)):
            return number(value)
        if self.percent:
            return f"{float(value):.1%}"
        total = evaluation.get(self.total)
        return f"{number(round(float(value), 2))} of {number(total)}" if total else number(value)

    def short_text(self, evaluation: Mapping[str, Any]) -> str:
        """The same with three digits, which is what the noise of 10,000 samples leaves."""
        value = evaluation.get(self.key)
        if self.percent or evaluation.get(self.total) or not isinstance(value, Real):
            return self.text(evaluation)
        found = float(value)
        whole = not math.isfinite(found) or found == int(found)
        return self.text(evaluation) if whole or abs(found) >= 1000 else f"{found:.3g}"


_NEIGHBOURS: dict[str, Any] = {"cap": COMPARED, "source": "Kynkäänniemi et al. 2019"}
_DENSITY: dict[str, Any] = {"cap": COMPARED, "source": "Naeem et al. 2020"}
_PRD: dict[str, Any] = {"better": "higher", "cap": COMPARED, "source": "Sajjadi et al. 2018"}
_INCEPTION: dict[str, Any] = {"better": "real", "decimals": 2, "counted": "test_samples"}
_COVERED: dict[str, Any] = {"better": "higher", "decimals": 1, "total": "modes_total"}
_QUALITY: dict[str, Any] = {"better": "real", "decimals": 1, "unit": "%"}
_NATS: dict[str, Any] = {"unit": "nats"}
_MGAN: dict[str, Any] = {"better": "lower", "source": "Hoang et al. 2018, section 5.1"}
_GENERATORS: dict[str, Any] = {"decimals": 1, "total": "generators"}
_EMBEDDING: dict[str, Any] = {"decimals": 1, "counted": "test_samples", "by_model": True}
_INVERSE: dict[str, Any] = {"better": "lower", "counted": "real_samples"}
_FRECHET: dict[str, Any] = {"better": "lower", "decimals": 2, "source": "Heusel et al. 2017"}
_I_VARIANCE: dict[str, Any] = {"better": "real", "decimals": 4, "source": "Liu et al. 2022, code"}
# Since version 2 bins are of the training images, and the test images stand beside the samples.
_BINS: dict[str, Any] = {"cap": COMPARED, "counted": "test_samples", "version": 2}
_BINS |= {"source": "Richardson and Weiss 2018"}
_SALIMANS = "Salimans et al. 2016"
_NEAR = "InvertGAN, section 5.1"

# In the order in which they are shown.
_DECLARED = (
    Score("frechet_distance", "Fréchet distance", of_network=True, **_FRECHET),
    # Samples in the middle of the data have a higher precision and density than real data, samples
    # that spread too far a higher recall, and prototypes of the classes a higher classifier score.
    Score("precision", "Precision (3 neighbours)", "precision", "real", **_NEIGHBOURS),
    Score("recall", "Recall (3 neighbours)", "recall", "real", **_NEIGHBOURS),
    Score("density", "Density (5 neighbours)", "density", "real", **_DENSITY),
    Score("coverage", "Coverage (5 neighbours)", "coverage", "higher", **_DENSITY),
    Score("f_8", "F8, recall of the PRD curve", "F8 (recall)", **_PRD),
    Score("f_1_8", "F1/8, precision of the PRD curve", "F1/8 (precision)", **_PRD),
    # About 5% of the bins differ by chance.
    Score(
        "bins_different",
        "Bins whose share is not the data's (NDB)",
        "NDB",
        "real",
        decimals=1,
        total="bins",
        **_BINS,
    ),
    Score(
        "bins_divergence",
        "Jensen-Shannon divergence of the bins' shares",
        "JSD of bins",
        "lower",
        **_NATS,
        **_BINS,
    ),
    Score("feature_spread", "Spread in features", "spread in features", "real", decimals=4),
    Score(
        "classifier_score", "Classifier score", "classifier score", **_INCEPTION, source=_SALIMANS
    ),
    Score("inception_variance", "I-Variance of predictions", "I-Variance", **_I_VARIANCE),
    Score("mode_score", "Mode score", "mode score", **_INCEPTION, source="Xu et al. 2018"),
    Score("classes_covered", "Classes covered", "classes", "higher", "", 1, counted="test_samples"),
    Score("modes_covered", "Modes covered", "modes", **_COVERED, source="Srivastava et al. 2017"),
    Score(
        "modes_strict",
        "Modes covered strictly (1% of samples, by weight)",
        "modes with 1% of the samples",
        **_COVERED,
    ),
    Score(
        "high_quality",
        "High quality (within 3 std of a mode)",
        "within 3 std",
        **_QUALITY,
        source="Srivastava et al. 2017",
    ),
    Score(
        MODE_SPREAD,
        "Spread within modes or classes (std over the data's)",
        "spread within modes",
        "real",
        decimals=2,
    ),
    Score(
        "plane_modes_covered",
        "Modes covered, seen in their plane",
        "modes of the projection",
        **_COVERED,
    ),
    Score("plane_high_quality", "High quality, seen in their plane", **_QUALITY),
    Score("space_modes_covered", "Modes covered, by distance alone", **_COVERED),
    Score("space_high_quality", "High quality, by distance alone", **_QUALITY),
    # Real points lie around the plane, not in it.
    Score("off_plane", "Distance from the modes' plane", "distance from the plane", "real"),
    Score(
        "reverse_kl_nearest",
        "Reverse KL, every sample to its nearest mode",
        "reverse KL, nearest mode",
        "lower",
        **_NATS,
    ),
    Score("balance_chi_square", "Imbalance of the modes or classes (chi-square)", better="lower"),
    # Above a few per cent it tells nothing, so no direction.
    Score("balance_p_value", "Its p-value", averaged=False),
    Score("wasserstein", "Wasserstein distance", "Wasserstein", **_MGAN),
    Score("symmetric_kl", "Symmetric KL", "symmetric KL", **_NATS, **_MGAN),
    # Without a direction: samples far from all modes are left out of it, so it can fall below the
    # real data's while the samples get worse.
    Score(
        "reverse_kl",
        "InvertGAN's reverse KL (can be below 0)",
        "reverse KL",
        source=_NEAR,
        **_NATS,
    ),
    # Generators that share modes or lie idle may be right: what is good depends on the method.
    Score(
        "own_mode_generators",
        "Generators on modes of their own",
        "generators on modes of their own",
        **_GENERATORS,
        version=2,
    ),
    Score("distinct_generators", "Distinct generators (by what they make)", **_GENERATORS),
    Score(
        "effective_generators",
        "Effective generators (by their shares of the samples)",
        **_GENERATORS,
    ),
    Score("generator_overlap", "Overlap of the generators (0 to 1)", "overlap of generators"),
    # Neither few dimensions nor many are good in themselves.
    Score(
        "embedding_effective_rank",
        "Effective rank of the discriminator's embedding",
        "effective rank of the embedding",
        total="embedding_dimensions",
        source="Roy and Vetterli 2007",
        **_EMBEDDING,
    ),
    Score(
        "embedding_first_share",
        "Share of the embedding's energy in its first component",
        "energy of the embedding's first component",
        unit="%",
        **_EMBEDDING,
    ),
    # Where a discriminator puts embeddings is its own business: real data's share is beside it.
    Score(
        "clusters_used",
        "Clusters of the embedding that are used (perplexity)",
        "clusters used",
        total="clusters",
        source="MD-GAN, section 3.3",
        **_EMBEDDING,
    ),
    Score(
        "cluster_purity",
        "Purity of the embedding's clusters (share of their commonest mode or class)",
        "purity of clusters",
        unit="%",
        **_EMBEDDING,
    ),
    Score(
        "vertex_distance",
        "Distance of embeddings from their cluster's centre",
        "distance from the cluster's centre",
        **{**_EMBEDDING, "decimals": 2},
    ),
    # Unbiased, so that it can be below 0.
    Score(
        "kernel_distance",
        "KID, unbiased (can be below 0)",
        "KID",
        "lower",
        decimals=4,
        cap=COMPARED,
        of_network=True,
        source="Binkowski et al. 2018",
    ),
    Score("tfgan_frechet_distance", "Fréchet distance by TF-GAN", **_FRECHET),
    Score("tfgan_classifier_score", "Classifier score by TF-GAN", **_INCEPTION, source=_SALIMANS),
    Score("inverse_data_error", "Reconstruction error (mean |x - G(F(x))|)", **_INVERSE),
    Score("inverse_data_rmse", "Reconstruction error per value (RMSE)", **_INVERSE),
    Score("inverse_latent_error", "Latent error (mean |z - F(G(z))|)", **_INVERSE),
    Score("inverse_latent_mean", "Mean of the latents", **_INVERSE),
    Score("inverse_latent_covariance_error", "Covariance of the latents off I", **_INVERSE),
    Score("inverse_latent_ks", "Worst marginal of the latents (KS)", **_INVERSE),
    Score("inverse_latent_radius_ks", "Radius of the latents (KS)", **_INVERSE),
    # Not shown among the scores: what these are counted out of, counts that figures show, costs.
    Score("modes_total", "Modes", shown=False),
    Score("bins", "Bins of the real data", shown=False),
    Score("generators", "Generators", shown=False),
    Score("embedding_dimensions", "Dimensions of the embedding", shown=False),
    Score("clusters", "Clusters of the embedding", shown=False),
    Score("mode_counts", "Samples near each mode", shown=False),
    Score("class_histogram", "Samples of each class", shown=False),
    Score("generator_samples", "Samples of each generator", shown=False),
    Score("generator_modes", "Samples of each generator near each mode", shown=False),
    Score("generator_classes", "Samples of each generator by class", shown=False),
    Score("inverse", "Inverse", shown=False),
    Score("active_units", "Active units of each layer", shown=False),
    Score("wall_seconds", "Training time (s)", shown=False),
    Score("steps_per_second", "Steps per second", "steps/s", decimals=1, shown=False),
    Score("peak_rss_mb", "Peak memory (MB)", shown=False),
)
SCORES: dict[str, Score] = {score.key: score for score in _DECLARED}
"""By key; `add_measure` adds those of measures that are not kgan's own."""

STACKED_REVERSE_KL = Score("reverse_kl", "Reverse KL over modes", "reverse KL", "lower", **_NATS)
"""Of images, whose classes are the modes."""
_OF_EMBEDDED_POINTS = Score(
    "high_quality",
    "High quality (as near a mode as 98.9% of real data)",
    "near a mode",
    **_QUALITY,
)


def find(key: str, evaluation: Mapping[str, Any] | None = None) -> Score:
    """A score by its key, in words that fit what was evaluated; unknown ones have their own name.

    Args:
        key: of evaluation.json, or of `numbers`.
        evaluation: whose score it is; the words of some are different for images and for points of
            more than two dimensions.
    """
    told = evaluation or {}
    if key == "reverse_kl" and "feature_network" in told:
        return STACKED_REVERSE_KL
    if key == "high_quality" and "off_plane" in told:
        return _OF_EMBEDDED_POINTS
    return SCORES.get(key) or Score(key, spelled(key))


_FORMER = {"i_variance": "feature_spread"}


def of_today(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """An evaluation under the keys that its scores have today, those of real data too."""
    found = {_FORMER.get(key, key): value for key, value in evaluation.items()}
    for part in ("real", "measures"):
        if isinstance(found.get(part), Mapping):
            found[part] = {_FORMER.get(key, key): value for key, value in found[part].items()}
    return found


def versions() -> dict[str, int]:
    """Versions by key, without those that are the first: what an evaluation of today records."""
    return {key: score.version for key, score in SCORES.items() if score.version != 1}


def spelled(key: str) -> str:
    """A key as words: "modes_covered" is "Modes covered"."""
    text = key.replace("_", " ")
    return text[:1].upper() + text[1:]


def shown(evaluation: Mapping[str, Any]) -> list[str]:
    """Keys of an evaluation's scores: those with words here first, then others as they come.

    A score is a number, or None where there were too few samples for it.
    """
    known = [key for key, score in SCORES.items() if score.shown and key in evaluation]
    others = (key for key in evaluation if key not in SCORES and key not in _ABOUT)
    return known + [key for key in others if evaluation[key] is None or is_number(evaluation[key])]


def is_number(value: object) -> bool:
    """Whether a value of an evaluation is one; NaN is."""
    return isinstance(value, Real) and not isinstance(value, bool)


def of_real_data(evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """The scores of real data beside an evaluation's, with what modes are counted out of."""
    real = evaluation.get("real")
    told = real if isinstance(real, Mapping) else {}
    return {"modes_total": evaluation.get("modes_total"), **told}


def remark(key: str, evaluation: Mapping[str, Any]) -> str:
    """What is wrong with a score, in words, where its number alone may not tell; or ""."""
    value = evaluation.get(key)
    if key != MODE_SPREAD or not isinstance(value, Real):
        return ""
    if float(value) < TIGHT:
        return "samples are too tight within their modes"
    return "samples are too wide within their modes" if float(value) > WIDE else ""
