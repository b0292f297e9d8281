"""Mean and noise over seeds, against NumPy."""

import numpy as np
import pytest

from kgan.metrics import over_seeds


def test_mean_and_deviation():
    values, real = [1.0, 2.0, 4.0], [0.5, 0.25, 0.75]
    found = over_seeds(
        [
            {"samples": 10, "seed": seed, "modes_total": 8, "wasserstein": a, "mode_counts": [1, 2],
             "feature_network": "net", "real": {"samples": 10, "wasserstein": b}}
            for seed, (a, b) in enumerate(zip(values, real, strict=True))
        ]
    )  # fmt: skip
    assert found.keys() == {"wasserstein"}
    generated, beside = found["wasserstein"]
    assert generated.values == (1.0, 2.0, 4.0)
    assert (generated.mean, generated.std) == pytest.approx(
        (np.mean(values), np.std(values, ddof=1))
    )
    assert (beside.mean, beside.std) == pytest.approx((np.mean(real), np.std(real, ddof=1)))


def test_one_seed_has_no_deviation_and_some_scores_no_real_ones():
    found = over_seeds([{"samples": 9, "seed": 0, "generator_overlap": 0.5}])
    made = found["generator_overlap"].generated
    assert made[:2] == ((0.5,), 0.5)
    assert np.isnan(made.std)
    assert found["generator_overlap"].real is None


def test_a_score_of_too_few_samples_is_missing():
    found = over_seeds([{"precision": None}, {"precision": 0.5}, {"precision": float("nan")}])
    made = found["precision"].generated
    assert (made.numbers, made.missing, made.mean) == ([0.5], 2, 0.5)
    assert made.text() == "0.5 (of 1 seed)"
    assert over_seeds([{"precision": None}])["precision"].generated.text() == "\N{EN DASH}"


def test_an_inverse_beside_its_floor():
    inverse = {"real_samples": 9, "data_error": 0.5, "latent_ks": 0.2, "floor": {"latent_ks": 0.1}}
    found = over_seeds([{"inverse": inverse}] * 2)
    assert found.keys() == {"inverse_data_error", "inverse_latent_ks"}
    assert found["inverse_data_error"].real is None
    assert found["inverse_latent_ks"].generated.mean == 0.2
    assert found["inverse_latent_ks"].real.mean == 0.1
