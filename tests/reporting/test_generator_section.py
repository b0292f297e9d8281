import json

import numpy as np
import pytest

from kgan.reporting import write_report
from kgan.reporting.figures.frames import image_rows
from kgan.reporting.sections import generators
from kgan.reporting.sections.scores import number_of_generators
from kgan.runs import Run


@pytest.fixture
def tables(monkeypatch):
    """The arguments of every table that is drawn."""
    drawn, draw = [], generators.generator_table_figure

    def spy(counts, samples, names, **options):
        drawn.append((counts.tolist(), samples.tolist(), list(names), options))
        return draw(counts, samples, names, **options)

    monkeypatch.setattr(generators, "generator_table_figure", spy)
    return drawn


def change(run, **values):
    path = run / "evaluation.json"
    evaluation = {**json.loads(path.read_text()), **values}
    path.write_text(json.dumps({k: v for k, v in evaluation.items() if v is not None}))


def test_section_of_points(point_mixture_run, tables):
    change(point_mixture_run, active_units={"re_lu": 0.975, "re_lu_1": 0.5})
    section = generators.build_generators(Run(point_mixture_run))
    cards = {card.label: card.value for card in section.cards}
    assert cards == {
        "Generators on modes of their own": "2 of 3",
        "Distinct generators": "2.51 of 3",
        "Effective generators": "3 of 3",
        "Overlap of the generators": "0.01234",
        "Active units, layer 1": "98%",
        "Active units, layer 2": "50%",
    }
    assert (section.rows, section.kind) == ((), "mode")
    assert [picture.wide for picture in section.pictures] == [False, False, True]
    ((counts, samples, names, _),) = tables
    assert counts == [[290, 0, 5, 0], [0, 312, 0, 0], [10, 0, 295, 0]]
    assert samples == [340, 320, 340]
    assert names == ["0", "1", "2", "3"]


def test_section_of_images(image_mixture_run, tables):
    section = generators.build_generators(Run(image_mixture_run))
    assert [(row.number, row.note) for row in section.rows] == [
        (0, "shirt 82%"),
        (1, "bag 90%"),
        (2, "shirt 50%"),
    ]
    assert (section.kind, section.step, section.wide) == ("class", "400", False)
    assert [picture.wide for picture in section.pictures] == [False]
    ((_, _, names, options),) = tables
    assert names == ["shirt", "shoe", "bag"]
    assert (options["kind"], options["wide"]) == ("class", False)


@pytest.mark.parametrize(
    "values",
    [
        {"generator_modes": None},
        {"generator_modes": "oops"},
        {"generator_modes": [[1, 2], [3]]},
        {"generator_modes": [[1.0, float("nan")]] * 3},
        {"generator_modes": [[1, 2, 3, 4]] * 2},
        {"generator_samples": [340, 320]},
    ],
)
def test_without_a_whole_table_the_last_points_are_counted(point_mixture_run, tables, values):
    change(point_mixture_run, **values)
    run = Run(point_mixture_run)
    generators.build_generators(run)
    ((counts, samples, _, _),) = tables
    made = run.snapshots[-1].generators
    assert samples == np.bincount(made).tolist()
    assert np.array(counts).shape == (3, 4)
    off_diagonal = np.array(counts)[:, :3] - np.diag(np.diag(counts))
    assert not off_diagonal.any() and np.trace(counts) > 140


def test_modes_of_weight_zero_keep_their_numbers(point_mixture_run, tables):
    path = point_mixture_run / "samples" / "real.npz"
    with np.load(path) as file:
        arrays = dict(file)
    np.savez(path, **{**arrays, "weights": np.array([0.5, 0.0, 0.25, 0.25])})
    change(point_mixture_run, generator_modes=[[300, 0, 0]] * 3)
    generators.build_generators(Run(point_mixture_run))
    assert tables[0][2] == ["0", "2", "3"]


def test_the_number_of_generators_is_the_largest_told(point_mixture_run, image_run):
    assert number_of_generators(Run(point_mixture_run)) == 3
    path = point_mixture_run / "samples" / "step_000000000.npz"
    with np.load(path) as file:
        arrays = dict(file)
    arrays["generators"][5] = 6
    np.savez(path, **arrays)
    assert number_of_generators(Run(point_mixture_run)) == 7
    write_report(point_mixture_run)
    assert number_of_generators(Run(image_run)) == 0


def test_many_generators_take_the_page(image_mixture_run):
    rows = np.random.default_rng(0).uniform(size=(20, 8, 10, 10, 1)).astype(np.float32)
    for path in (image_mixture_run / "samples").glob("step_*.npz"):
        np.savez(path, samples=rows[0], generators=np.arange(8), by_generator=rows)
    section = generators.build_generators(Run(image_mixture_run))
    assert (len(section.rows), section.wide) == (20, True)
    assert section.pictures == [], "the table of three generators does not belong to these"
    assert {row.note for row in section.rows} == {""}
    assert len({row.colour for row in section.rows}) == 20


def test_large_images_are_fewer_in_a_row():
    rows = np.random.default_rng(0).uniform(size=(4, 8, 32, 32, 3)).astype(np.float32)
    whole = image_rows(rows, (0.0, 1.0), 10**9)
    most = sum(map(len, whole)) // 2
    fewer = image_rows(rows, (0.0, 1.0), most)
    assert most / 3 < sum(map(len, fewer)) <= most
    assert len(image_rows(rows, (0.0, 1.0), 1)) == 4
