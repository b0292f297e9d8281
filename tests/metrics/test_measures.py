"""Chosen measures: by name, by key, all of them; and which sources they are for."""

import json
import math

import numpy as np
import pytest

from kgan import data, metrics
from kgan.errors import InputError
from kgan.metrics import tfgan
from kgan.metrics.examples import ImageExamples, PointExamples
from kgan.metrics.measure import Trial
from kgan.metrics.measures import IMAGE_MEASURES, POINT_MEASURES


def spread(count, seed):
    """Points all over the ring, about as far apart as its modes."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-2, 2, (count, 2)).astype("float32")


@pytest.fixture(scope="module")
def ring():
    return data.load("ring", points=100)


def test_a_name_or_a_key_chooses_its_measure_alone(ring):
    whole = metrics.evaluate(spread, ring, samples=300, seed=2)
    some = metrics.evaluate(spread, ring, samples=300, seed=2, metrics=["wasserstein", "modes"])
    keys = {"modes_total", "modes_covered", "modes_strict", "high_quality", "mode_counts"}
    assert some.keys() == {"samples", "seed", "real", "wasserstein"} | keys
    assert some["real"].keys() == {"samples", "wasserstein"} | keys
    for key in (*keys, "wasserstein"):
        assert (some[key], some["real"][key]) == (whole[key], whole["real"][key])
    by_key = metrics.evaluate(spread, ring, samples=300, seed=2, metrics=["reverse_kl_nearest"])
    assert by_key["reverse_kl"] == whole["reverse_kl"]


def test_points_as_features(ring):
    names = ["frechet_distance", "precision_recall", "density_coverage", "prd", "feature_spread"]
    found = metrics.evaluate(spread, ring, samples=400, seed=1, metrics=names)
    assert json.loads(json.dumps(found)) == found
    points = spread(400, 1)
    assert found["feature_spread"] == metrics.feature_spread(points)
    # The mixture's own: mean 0, and variance 2^2 / 2 + 0.02 along both axes; uniform points have
    # 4^2 / 12. The Fréchet distance of two Gaussians of covariances a I and b I is 2 (√a - √b)^2.
    gap = 2 * (np.sqrt(2.02) - np.sqrt(16 / 12)) ** 2
    assert found["frechet_distance"] == pytest.approx(gap, abs=0.06)
    # Most points are between the modes: few lie in real neighbourhoods, real ones in theirs do.
    assert found["precision"] < 0.4 < 0.8 < found["recall"]
    assert found["density"] < 0.4
    assert found["f_1_8"] < 0.8 < found["real"]["f_1_8"]
    real = found["real"]
    assert real["frechet_distance"] < 0.05 < found["frechet_distance"]
    assert min(real["precision"], real["recall"], real["coverage"]) > 0.85


def test_all_leaves_out_what_does_not_apply(ring):
    found = metrics.evaluate(spread, ring, samples=100, metrics=["all"])
    given = {key for key in found if key not in ("samples", "seed", "real")}
    # Without a source of that kind, and without more dimensions than the plane's.
    sourced = ("generators", "inverse", "embedding_rank", "clusters", "projections")
    assert given == {
        key for name, m in POINT_MEASURES.items() if name not in sourced for key in m.keys
    }


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            ["fid"],
            r"no such metric for these data\. Received: fid; known are modes \(modes_total, ",
        ),
        (["modes", "classes"], "Received: classes; known are"),
        ([], "Received: none; known are"),
        (["inverse"], "'inverse' needs a model with an inverse of its generator. Received: func"),
        (["generators"], "'generators' needs a mixture of generators"),
        (["embedding_effective_rank"], "'embedding_rank' needs a discriminator that embeds"),
    ],
)
def test_bad_choices(ring, names, message):
    with pytest.raises(InputError, match=message):
        metrics.evaluate(spread, ring, samples=50, metrics=names)


def test_no_two_measures_give_the_same_key():
    for measures in (POINT_MEASURES, IMAGE_MEASURES):
        keys = [key for measure in measures.values() for key in measure.keys]
        assert len(keys) == len(set(keys))
        assert all(name == measure.name for name, measure in measures.items())


def test_one_evaluator_for_many_seeds_and_sources(ring):
    evaluator = metrics.Evaluator(ring, samples=200)
    for seed in (0, 3):
        assert evaluator.scores(spread, seed) == metrics.evaluate(
            spread, ring, samples=200, seed=seed
        )
    with pytest.raises(InputError, match="seed >= 0"):
        evaluator.scores(spread, -1)


def test_tfgan_agrees_on_images(archive, halves):
    test = data.load("npz", data_dir=archive, split="test")
    names = [
        "frechet_distance",
        "tfgan_frechet_distance",
        "classifier_score",
        "tfgan_classifier_score",
    ]

    def dark_half(count, seed):
        return test.floats(test.labels == 0)[:count]

    found = metrics.evaluate(
        dark_half, test, samples=60, feature_network=halves, data_dir=archive, metrics=names
    )
    for scores in (found, found["real"]):
        for name in ("frechet_distance", "classifier_score"):
            # In float32, and of covariances divided by n or n - 1.
            assert scores[f"tfgan_{name}"] == pytest.approx(scores[name], rel=0.03, abs=1e-4)
    assert found["frechet_distance"] > 10 * found["real"]["frechet_distance"]


def test_without_tfgan_its_measures_say_so(archive, halves, monkeypatch):
    monkeypatch.setattr(tfgan.importlib.util, "find_spec", lambda name: None)

    def noise(count, seed):
        return np.random.default_rng(seed).random((count, 8, 8, 1), "float32")

    options = {"samples": 20, "feature_network": halves, "data_dir": archive}
    found = metrics.evaluate(noise, "npz", metrics=["all"], **options)
    assert "frechet_distance" in found
    assert "tfgan_frechet_distance" not in found
    with pytest.raises(InputError, match="needs TF-GAN: pip install"):
        metrics.evaluate(noise, "npz", metrics=["tfgan_frechet_distance"], **options)


def test_what_needs_no_network_asks_for_none(archive):
    class Embedding:
        def sample(self, count, seed):
            return np.random.default_rng(seed).random((count, 8, 8, 1), "float32")

        def discriminate(self, images):
            return {"embedding": images.reshape(len(images), -1)[:, :3]}

    unlabelled = data.load("npz", data_dir=archive, split="test")
    found = metrics.evaluate(
        Embedding(), unlabelled, samples=20, data_dir=archive, metrics=["embedding_rank"],
        feature_network="nowhere.keras",
    )  # fmt: skip
    assert "feature_network" not in found
    assert found["embedding_dimensions"] == 3


# Every measure of the registry, of samples that are not finite, have collapsed or exploded.

IN_SETS = (
    "projections",
    "embedding_rank",
    "clusters",
    "inverse",
)  # Need other sources, with tests of their own.


def images_of(features):
    """As a network sees them: two features, and two classes that the first one tells."""
    logits = np.stack([features[:, 0], -features[:, 0]], axis=1)
    return ImageExamples(len(features), lambda: (features, logits), mode_weights=np.ones(2) / 2)


def trials(points):
    """Trials of points, as points and as features of images."""
    mixture = data.load("ring", points=10).mixture
    real = [mixture.sample(len(points), seed)[0] for seed in (1, 2)]
    for measures, seen in (
        (POINT_MEASURES, lambda x: PointExamples(x, mixture)),
        (IMAGE_MEASURES, images_of),
    ):
        made, other, reference = map(seen, (points, *real))
        trial = Trial(
            source=None,
            seed=0,
            samples=points,
            generators=np.arange(len(points)) % 2,
            num_generators=2,
            value_range=None,
            made=made,
            other=other,
            reference=reference,
            held_out=list,
        )
        for measure in measures.values():
            if measure.name not in IN_SETS:
                yield measure, trial


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1e200])
def test_every_measure_refuses_what_it_cannot_measure(wrong):
    points = spread(60, 0).astype(float)
    points[3, 0] = wrong
    for measure, trial in trials(points):
        # Predictions are probabilities, however large the logits.
        if wrong == 1e200 and measure.keys[0] in SCORES_OF_CLASSES:
            continue
        with pytest.raises(InputError, match=r"must be (finite|at most 1e\+60)"):
            print(measure.name, measure.score(trial))


SCORES_OF_CLASSES = (
    *("modes_total", "classifier_score", "mode_score", "class_histogram", "balance_chi_square"),
    "inception_variance",
    *("generators", "tfgan_classifier_score"),
)


def flat(values):
    for value in values:
        yield from flat(value) if isinstance(value, list) else [value]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", ["collapsed", "exploded", "largest"])
def test_no_measure_calls_a_useless_generator_good(kind):
    exploded = np.random.default_rng(0).normal(size=(60, 2))
    points = {
        "collapsed": np.full((60, 2), 0.1),
        "exploded": 1e30 * exploded,
        "largest": 3e38 * np.sign(exploded),
    }[kind]
    found = {}
    for measure, trial in trials(points.astype("float32")):
        for key, value in measure.score(trial).items():
            assert all(v is None or math.isfinite(v) for v in flat([value])), key
            if measure is POINT_MEASURES.get(measure.name):
                found[key] = value
    for key in ("balance_chi_square", "balance_p_value", "generator_overlap"):
        assert found[key] is None
    for key in ("modes_covered", "modes_strict", "high_quality", "precision", "density"):
        assert found[key] == 0
    assert max(found["coverage"], found["f_1_8"], found["distinct_generators"]) < 0.15
    assert found["symmetric_kl"] > 5 and found["reverse_kl_nearest"] > 0
    distances = np.linalg.norm(points, axis=1).mean()
    assert found["wasserstein"] == pytest.approx(max(distances, 2), rel=0.02)
    assert found["frechet_distance"] > 4


def test_one_name_is_no_list_of_letters(ring):
    found = metrics.evaluate(spread, ring, samples=200, metrics="symmetric_kl")
    assert found["symmetric_kl"] == metrics.evaluate(spread, ring, samples=200)["symmetric_kl"]
    assert "wasserstein" not in found
