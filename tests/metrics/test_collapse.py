"""Detection on made-up series: no alarm on health, collapse found soon, recovery, replay."""

import csv
import io

import numpy as np
import pytest

from kgan.metrics import collapse_rules
from kgan.metrics.collapse import COLUMNS, CollapseDetector, replay


def feed(detector, column, values, start=1):
    """Measurements at steps 100, 200, ...; all that changed, with the step."""
    changed = []
    for index, value in enumerate(values, start):
        changed += [(100 * index, e) for e in detector.update(100 * index, {column: value})]
    return changed


def healthy(seed, length=60):
    """A run that finds 25 modes and then misses one or two now and then, never the same."""
    rng = np.random.default_rng(seed)
    found = np.minimum(3 + 4 * np.arange(length), 25)
    modes, order = [], rng.permutation(25)
    for count in found:
        covered = np.zeros(25, bool)
        covered[order[:count]] = True
        covered &= rng.uniform(size=25) > 0.03
        modes.append("".join(np.where(covered, "x", ".")))
    grown = 1 - 0.8 * np.exp(-np.arange(length) / 6)
    return [
        {
            "modes": signs,
            "diversity": level * rng.uniform(0.85, 1.15),
            "mode_spread": level * rng.uniform(0.7, 1.1),
            "generator_overlap": 0.5 * (1 - level) + rng.uniform(0.0, 0.15),
            "separation": min(1.0, 1.2 - 0.6 * level + rng.normal(0, 0.1)),
            "discriminator_loss": 1.3 + rng.normal(0, 0.08),
        }
        for signs, level in zip(modes, grown, strict=True)
    ]


@pytest.mark.parametrize("seed", range(20))
def test_no_alarm_on_healthy_noisy_series(seed):
    detector = CollapseDetector()
    for index, values in enumerate(healthy(seed), 1):
        assert detector.update(100 * index, values) == []
    assert detector.events == []
    assert detector.since() == {f"since_{kind}": 0 for kind in COLUMNS}


BAD = {
    "diversity": ("diversity", 0.3, 0.9),
    "mode_spread": ("mode_spread", 0.3, 0.9),
    "overlap": ("generator_overlap", 0.7, 0.1),
    "separation": ("separation", 1.0, 0.5),
    "loss": ("discriminator_loss", 0.01, 1.2),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_level_that_turns_bad_is_found_within_three_measurements(kind):
    column, bad, good = BAD[kind]
    detector = CollapseDetector([kind])
    ((step, event),) = feed(detector, column, [good] * 20 + [bad] * 10)
    assert (event.kind, event.begun, event.noticed, step) == (kind, 2_100, 2_300, 2_300)
    assert (event.value, event.reference, event.recovered) == (bad, good, None)
    assert detector.since() == {f"since_{kind}": 2_100}
    assert event.when == "since step 2,100"


@pytest.mark.parametrize("kind", BAD)
def test_one_or_two_bad_measurements_are_no_event(kind):
    column, bad, good = BAD[kind]
    series = [good] * 12 + [bad] + [good] + [bad] * 2 + [good] * 4 + [bad] * 2 + [good]
    assert feed(CollapseDetector([kind]), column, series) == []


@pytest.mark.parametrize("kind", BAD)
def test_recovery_takes_three_good_measurements_and_a_second_event_is_another(kind):
    column, bad, good = BAD[kind]
    detector = CollapseDetector([kind])
    changed = feed(detector, column, [good] * 10 + [bad] * 4 + [good, bad, good, good, good])
    assert [step for step, _ in changed] == [1_300, 1_900]
    (event,) = detector.events
    assert (event.begun, event.recovered) == (1_100, 1_700)
    assert event.when == "from step 1,100 to step 1,700"
    assert detector.since() == {f"since_{kind}": 0}
    feed(detector, column, [bad] * 3, start=20)
    assert [e.begun for e in detector.events] == [1_100, 2_000]


def test_the_worst_value_is_kept():
    detector = CollapseDetector(["diversity"])
    feed(detector, "diversity", [1.0] * 10 + [0.5, 0.4, 0.3, 0.05, 0.2])
    assert detector.events[0].value == 0.05
    assert detector.events[0].what == (
        "samples lie 0.05 times as far apart as real data (best before: 1.00)"
    )


def test_diversity_is_held_against_its_own_best_but_never_more_than_real_data():
    # An image GAN sets out low and grows: no fall.
    slow = [0.35, 0.37, 0.35, 0.30, 0.29, 0.32, 0.43, 0.52, 0.58, 0.74, 0.77, 0.83]
    assert feed(CollapseDetector(["diversity"]), "diversity", slow) == []
    # 0.2 is a fall from 0.4 (below 0.24), and no fall from 0.3.
    assert feed(CollapseDetector(["diversity"]), "diversity", [0.4] * 9 + [0.2] * 3)
    assert not feed(CollapseDetector(["diversity"]), "diversity", [0.3] * 9 + [0.2] * 3)
    # Wild samples at the beginning set no standard over that of real data.
    assert not feed(CollapseDetector(["diversity"]), "diversity", [3.0] * 9 + [0.7] * 9)
    # All samples alike is collapse even where it was never better.
    ((_, event),) = feed(CollapseDetector(["diversity"]), "diversity", [0.02] * 10)
    assert (event.begun, event.noticed) == (100, 100 * collapse_rules.WARM_UP)


def test_one_spike_sets_no_standard():
    series = [0.3, 0.3, 0.3, 1.0] + [0.3] * 12
    assert feed(CollapseDetector(["diversity"]), "diversity", series) == []


def test_few_modes_from_the_beginning():
    detector = CollapseDetector(["modes_missing"])
    ((_, event),) = feed(detector, "modes", ["x" + "." * 24, "." * 25] * 5)
    assert (event.begun, event.noticed, event.value, event.reference) == (100, 800, 0, 25)
    assert event.what == "only 0 of 25 modes covered"
    # Half of them are enough; modes that the data does not have do not count.
    for enough in ("xxxx....", "xx..----"):
        assert feed(CollapseDetector(["modes_missing"]), "modes", [enough] * 20) == []


def test_lost_modes_are_named():
    detector = CollapseDetector(["modes_lost"])
    series = ["xxxxx..."] * 4 + ["x.xxx..."] * 3 + ["x.x.x..."] * 6
    told = feed(detector, "modes", series)
    (event,) = detector.events
    # Twice as many are told again.
    assert told == [(700, event), (1_000, event)]
    # Mode 3 follows mode 1 in the same event; 5 to 7 were never found.
    assert (event.begun, event.noticed) == (500, 700)
    assert (event.modes, event.value, event.reference) == ((1, 3), 2, 8)
    assert event.what == "2 of 8 modes lost that were covered (1, 3)"
    changed = feed(detector, "modes", ["xxx.x..."] * 4 + ["xxxxx..."] * 3, start=14)
    assert [(s, e.recovered) for s, e in changed] == [(2_000, 1_800)]
    assert event.modes == (1, 3)


def test_a_loss_that_grows_is_told_again_at_twice_as_many():
    detector = CollapseDetector(["modes_lost"])
    series = ["x" * 8] * 3
    for lost in range(1, 8):
        series += ["." * lost + "x" * (8 - lost)] * 3
    told = [
        (step, event.value)
        for step, modes in enumerate(series, 1)
        for event in detector.update(step, {"modes": modes})
    ]
    assert told == [(6, 1), (9, 2), (15, 4)]


def test_modes_that_take_turns_are_lost_though_their_number_stays():
    detector = CollapseDetector(["modes_lost"])
    ((_, event),) = feed(detector, "modes", ["xx.."] * 5 + ["..xx"] * 3)
    assert (event.begun, event.modes) == (600, (0, 1))


def test_a_mode_covered_now_and_then_was_never_found():
    assert feed(CollapseDetector(["modes_lost"]), "modes", ["xx", "x.", "xx", "x."] * 9) == []


@pytest.mark.parametrize("nothing", [None, "", "nan", float("inf"), "many"])
def test_what_was_not_measured_is_passed_over(nothing):
    detector = CollapseDetector(["diversity"])
    series = [0.9] * 10 + [0.1, nothing, 0.1, nothing, 0.1]
    ((step, event),) = feed(detector, "diversity", series)
    assert (event.begun, step) == (1_100, 1_500)
    assert detector.update(9_900, {}) == []


def test_rows_of_a_file_give_the_same_events_at_any_cut():
    """What a resumed run does: the rows so far replayed, then more measurements."""
    rng = np.random.default_rng(3)
    rows = []
    for index, values in enumerate(healthy(3), 1):
        bad = 20 < index < 40
        values["modes"] = "x" * 20 + "." * 5 if bad else values["modes"]
        values["diversity"] *= 0.3 + rng.uniform(0, 0.1) if bad else 1
        rows.append({"step": 100 * index, **values})
    whole = CollapseDetector()
    for row in rows:
        row |= {f"since_{kind}": 0 for kind in COLUMNS}
        whole.update(row["step"], row)
        row |= whole.since()
    assert {e.kind for e in whole.events} == {"modes_lost", "diversity"}
    for cut in (0, 1, 9, 21, 22, 25, 41, 59, 60):
        file = io.StringIO()
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows[:cut])
        file.seek(0)
        resumed = replay(csv.DictReader(file), COLUMNS)
        for row in rows[cut:]:
            resumed.update(row["step"], row)
        assert resumed.events == whole.events
        assert resumed.since() == whole.since()


def test_replay_looks_for_what_the_rows_were_watched_for():
    rows = [{"step": str(s), "diversity": "0.01", "since_diversity": "0"} for s in range(1, 12)]
    detector = replay(rows)
    assert [e.kind for e in detector.events] == ["diversity"]
    assert detector.since() == {"since_diversity": 1}
    assert replay([]).events == []
