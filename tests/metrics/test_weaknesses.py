"""What a card says of a model's weaknesses follows from its scores alone."""

import pytest

from kgan.metrics.weaknesses import weaknesses

REAL = {
    "modes_covered": 25,
    "modes_strict": 25,
    "high_quality": 0.987,
    "recall": 0.8,
    "balance_chi_square": 22.0,
    "wasserstein": 0.06,
}
GOOD = {
    "samples": 10_000,
    "modes_total": 25,
    "modes_covered": 25,
    "modes_strict": 25,
    "high_quality": 0.98,
    "mode_spread": 0.97,
    "recall": 0.79,
    "balance_chi_square": 20.0,
    "balance_p_value": 0.4,
    "wasserstein": 0.1,
    "real": REAL,
}


def test_nothing_is_said_where_nothing_is_wrong():
    assert weaknesses(GOOD) == []
    assert weaknesses(GOOD, GOOD) == []
    assert weaknesses({**GOOD, "generators": 25, "distinct_generators": 24.97}) == []
    assert weaknesses({"samples": 10, "recall": None, "mode_spread": float("nan")}) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"modes_covered": 22, "modes_strict": 22}, "It has lost 3 of 25 modes."),
        ({"modes_strict": 23}, "2 more of its modes have hardly any sample."),
        (
            {"high_quality": 0.9},
            "10.0% of its samples are far from every mode; of real data 1.3%.",
        ),
        (
            {"mode_spread": 0.55},
            "Its samples are too tight within their modes or classes: they spread 0.55 times as "
            "far as the data.",
        ),
        (
            {"balance_chi_square": 61.92, "balance_p_value": 3e-5},
            "Its modes or classes are not as frequent as the data's: chi-square 61.9, of real data "
            "22.",
        ),
        (
            {"recall": 0.5},
            "Recall is 0.5, of real data 0.8: much of the data's variety is missing.",
        ),
        (
            {"generators": 8, "own_mode_generators": 6},
            "2 of its 8 generators have no mode of their own.",
        ),
        (
            {"generators": 8, "distinct_generators": 6.1},
            "About 2 of its 8 generators make what others make.",
        ),
    ],
)
def test_each_rule(changes, sentence):
    assert weaknesses({**GOOD, **changes}) == [sentence]


def test_what_the_plain_gan_does_better():
    plain = {**GOOD, "wasserstein": 0.08, "recall": 0.78, "modes_covered": 20, "mode_spread": 0.5}
    # Recall is nearer to real data's here, and the GAN's lost modes are its own matter.
    assert weaknesses(GOOD, plain) == [
        "The GAN of the zoo is better in: Wasserstein distance (0.08, here 0.1)."
    ]
    assert weaknesses(plain, GOOD, "model")[-1].startswith("The model of the zoo is better in: ")


def test_lost_classes():
    scores = {"samples": 9, "classes_covered": 8, "real": {"classes_covered": 10}}
    assert weaknesses(scores) == ["It has lost 2 of 10 classes."]
