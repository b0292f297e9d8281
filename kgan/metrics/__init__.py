"""Measurements of samples: functions of arrays, and `evaluate` for all of them at once.

`kgan.metrics.tfgan` adapts TF-GAN's metrics; it is not imported here, as it needs TensorFlow.
"""

from kgan.metrics.balance import Balance, class_balance, mode_balance
from kgan.metrics.divergences import (
    histogram_wasserstein,
    reverse_kl,
    reverse_kl_nearest,
    symmetric_kl,
)
from kgan.metrics.embedding_rank import EmbeddingRank, embedding_rank, embeddings_of
from kgan.metrics.evaluation import Evaluator, evaluate
from kgan.metrics.features import FeatureNetwork
from kgan.metrics.frechet import FeatureStatistics, frechet_distance
from kgan.metrics.generators import (
    distinct_generators,
    effective_generators,
    generator_class_table,
    generator_overlap,
    generator_samples,
    generator_table,
    own_mode_generators,
)
from kgan.metrics.histograms import HistogramGrid
from kgan.metrics.i_variance import i_variance
from kgan.metrics.inversion import inversion_scores
from kgan.metrics.latents import gaussian_floor, latent_scores
from kgan.metrics.memorisation import Nearest, Nearness, nearest_neighbours, nearness
from kgan.metrics.mode_coverage import ModeCoverage
from kgan.metrics.modes import ModeCounts, mode_counts, mode_radius, strict_shares
from kgan.metrics.points import mixture_counts, near_modes
from kgan.metrics.prd import PRDCurve, prd, prd_of_distributions
from kgan.metrics.precision_recall import (
    DensityCoverage,
    PrecisionRecall,
    density_coverage,
    precision_recall,
)
from kgan.metrics.repeats import Repeated, RepeatedScore, over_seeds
from kgan.metrics.scores import class_histogram, classes_covered, classifier_score, mode_score
from kgan.metrics.transport import earth_mover_distance

__all__ = [
    "Balance",
    "DensityCoverage",
    "EmbeddingRank",
    "Evaluator",
    "FeatureNetwork",
    "FeatureStatistics",
    "HistogramGrid",
    "ModeCounts",
    "ModeCoverage",
    "Nearest",
    "Nearness",
    "PRDCurve",
    "PrecisionRecall",
    "Repeated",
    "RepeatedScore",
    "class_balance",
    "class_histogram",
    "classes_covered",
    "classifier_score",
    "density_coverage",
    "distinct_generators",
    "earth_mover_distance",
    "effective_generators",
    "embedding_rank",
    "embeddings_of",
    "evaluate",
    "frechet_distance",
    "gaussian_floor",
    "generator_class_table",
    "generator_overlap",
    "generator_samples",
    "generator_table",
    "histogram_wasserstein",
    "i_variance",
    "inversion_scores",
    "latent_scores",
    "mixture_counts",
    "mode_balance",
    "mode_counts",
    "mode_radius",
    "mode_score",
    "near_modes",
    "nearest_neighbours",
    "nearness",
    "over_seeds",
    "own_mode_generators",
    "prd",
    "prd_of_distributions",
    "precision_recall",
    "reverse_kl",
    "reverse_kl_nearest",
    "strict_shares",
    "symmetric_kl",
]
