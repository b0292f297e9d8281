"""What the scores are called, and how their numbers are written."""

import dataclasses
import math
import subprocess
import sys

import numpy as np
import pytest

from kgan.errors import InputError
from kgan.metrics import Measure, Score, add_measure, formatting, measures, words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (15625, "15,625"),
        (3.0, "3"),
        (12.34567, "12.35"),
        (-0.012345, "-0.01235"),
        (1234567.8, "1,234,568"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (None, "\N{EN DASH}"),
        ("max", "max"),
        (np.float32(0.5), "0.5"),
    ],
)
def test_numbers(value, text):
    assert formatting.number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (4.21, "4.2 s"),
        (42, "42 s"),
        (59.7, "1 min 00 s"),
        (432.1, "7 min 12 s"),
        (3780, "1 h 03 min"),
    ],
)
def test_durations(seconds, text):
    assert formatting.duration(seconds) == text


@pytest.mark.parametrize(
    ("values", "options", "expected"),
    [
        ((13.0, 1.0), {}, ("13.0", "± 1.0")),
        ((0.1234567, math.nan), {}, ("0.1235", "")),
        ((8.0, 0.0), {}, ("8", "± 0")),
        ((0.975, 0.00707), {"percent": True}, ("97.50%", "± 0.71")),
        ((0.5, math.nan), {"percent": True}, ("50.0%", "")),
        ((15_000.0, 7071.07), {}, ("15,000", "± 7,071")),
        ((2e-6, 1.414e-6), {}, ("2e-06", "± 1.4e-06")),
        ((24.96, 0.04), {"decimals": 1}, ("25.0", "± 0.0")),
        ((1234.5, math.nan), {"decimals": 0}, ("1,234", "")),
        ((math.nan, math.nan), {}, (formatting.NOTHING, "")),
    ],
)
def test_a_mean_with_its_noise(values, options, expected):
    assert formatting.mean_and_std(*values, **options) == expected


def test_every_score_of_a_measure_has_words_and_every_word_a_measure():
    known = [*measures.POINT_MEASURES.values(), *measures.IMAGE_MEASURES.values()]
    given = {score.key for measure in known for score in measure.scores}
    rest = set(words.SCORES) - given
    assert given <= set(words.SCORES)
    # Parts of the inverse's dict, and what training adds.
    assert {key for key in rest if not key.startswith("inverse_")} == {
        *("active_units", "wall_seconds", "steps_per_second", "peak_rss_mb"),
    }
    for score in words.SCORES.values():
        assert score.better in words.BETTER
        assert score.version >= 1
        assert not score.total or score.total in words.SCORES


def test_real_data_are_counted_as_measures_take_them():
    """Those that score the test images themselves, and not the training images in their place."""
    for measure in measures.IMAGE_MEASURES.values():
        for score in measure.scores:
            if score.shown:
                tested = measure.stand_in == "reference" or measure.real_score is not None
                assert (score.counted == "test_samples") == tested, score.key


def test_words_depend_on_the_data():
    assert words.find("reverse_kl").label == "InvertGAN's reverse KL (can be below 0)"
    assert words.find("reverse_kl", {"feature_network": "net"}).better == "lower"
    assert "98.9% of real data" in words.find("high_quality", {"off_plane": 1.0}).label
    assert words.find("frechet_distance").title({"feature_network": "net"}).endswith("(net)")
    assert words.find("of_my_own") == Score("of_my_own", "Of my own")


def test_words_take_no_tensorflow():
    code = "import sys, kgan.metrics.words, kgan.metrics.repeats; print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for heavy in ("tensorflow", "keras", "scipy", "numpy"):
        assert f"'{heavy}'" not in done.stdout


def test_names_that_are_taken():
    measure = Measure("modes", (Score("toy", "Toy"),), lambda trial: {})
    with pytest.raises(InputError, match="Say what 'modes' measures"):
        add_measure(measure)
    with pytest.raises(InputError, match="Received: 'modes', which is taken"):
        add_measure(measure, points=True)
    with pytest.raises(InputError, match="Received: 'precision', which is taken"):
        add_measure(
            dataclasses.replace(measure, name="toy", scores=(words.find("precision"),)), images=True
        )
    assert "toy" not in words.SCORES
