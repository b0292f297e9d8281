from kgan.reporting.sections import scores


def test_score_rows_have_real_beside_generated_and_leave_the_run_out():
    evaluation = {
        "seed": 3,
        "steps": 10,
        "samples": 100,
        "frechet_distance": 5.5,
        "feature_network": "net",
        "novel_score": 0.25,
        "modes_covered": 7,
        "modes_total": 8,
        "high_quality": 0.5,
        "wall_seconds": 1.0,
        "real": {"frechet_distance": 0.5, "modes_covered": 8, "high_quality": 0.989},
    }
    rows = {
        row.label: (row.better, row.generated, row.real) for row in scores.score_rows(evaluation)
    }
    assert rows == {
        "Fréchet distance (net)": ("lower is better", "5.5", "0.5"),
        "Modes covered": ("higher is better", "7 of 8", "8 of 8"),
        "High quality (within 3 std of a mode)": ("nearest to real data is best", "50.0%", "98.9%"),
        "Novel score": ("", "0.25", "\N{EN DASH}"),
    }


def test_scores_of_generators_have_their_total():
    values = {
        "generators": 10,
        "generator_samples": [1] * 10,
        "own_mode_generators": 8,
        "distinct_generators": 7.7777,
        "effective_generators": 9.9999,
        "generator_overlap": 0.00012,
        "real": {},
    }
    rows = {row.label.split(" (")[0]: row.generated for row in scores.score_rows(values)}
    assert rows == {
        "Generators on modes of their own": "8 of 10",
        "Distinct generators": "7.78 of 10",
        "Effective generators": "10 of 10",
        "Overlap of the generators": "0.00012",
    }


def test_settings_are_flattened():
    values = {"b": {"y": [1, 2], "x": None}, "a": True, "c": "z" * 500}
    rows = scores.settings(values)
    assert rows[:3] == [("a", "yes"), ("b.x", "\N{EN DASH}"), ("b.y", "1, 2")]
    assert len(rows[3][1]) < 200
    assert scores.settings(None) == []


def test_histograms_take_the_names_of_classes_where_they_fit():
    named = {
        "class_histogram": [3, 1],
        "real": {"class_histogram": [1, 1]},
    }
    generated, real, names = scores.class_histograms(named, ("cat", "dog"))
    assert (generated.tolist(), real.tolist(), names) == ([3, 1], [1, 1], ["cat", "dog"])
    _, real, names = scores.class_histograms({"class_histogram": [0.5, 0.5]}, ("a", "b"))
    assert (real, names) == (None, ["a", "b"])
    assert scores.class_histograms({"class_histogram": [1.0]}, ("a", "b"))[2] == ["0"]
    assert scores.class_histograms(None, None) is None


def test_commands():
    assert scores.command_line({"command": ["python", "-m", "x", "--a=b c"]}) == (
        "python -m x '--a=b c'"
    )
    assert scores.command_line({"command": "python -m x"}) == "python -m x"
    assert scores.command_line({}) == ""


def test_a_card_says_that_samples_are_too_tight_within_their_modes():
    told = {"modes_covered": 8, "modes_total": 8, "high_quality": 0.995, "mode_spread": 0.3}
    real = {"modes_covered": 8, "high_quality": 0.989, "mode_spread": 1.0}
    card = next(c for c in scores._score_cards({**told, "real": real}) if "Spread" in c.label)
    assert (card.value, card.note) == (
        "0.3",
        "real data: 1; samples are too tight within their modes",
    )
    fine = scores._score_cards({**told, "mode_spread": 0.9, "real": real})
    assert [c.note for c in fine if "Spread" in c.label] == ["real data: 1"]
