import numpy as np
import pytest

from kgan.errors import RunError
from kgan.runs import Run
from kgan.runs.artefacts.metrics_log import read_columns as read_metrics
from kgan.runs.artefacts.snapshot import evenly


def test_metrics_survive_empty_broken_and_repeated_rows(tmp_path):
    path = tmp_path / "metrics.csv"
    path.write_text(
        "step,loss,modes\n10,1.5,\n30,nan,3\n20,oops,2\n30,2.5,4,surplus\n,9,9\n40,0.\n"
    )
    columns = read_metrics(path)
    assert columns["step"].tolist() == [10, 20, 30, 40]
    np.testing.assert_array_equal(columns["loss"], [1.5, np.nan, 2.5, 0.0])
    np.testing.assert_array_equal(columns["modes"], [np.nan, 2, 4, np.nan])


@pytest.mark.parametrize("text", [None, "", "step,loss\n", "loss\n1\n", "step,loss\nx,y\n"])
def test_no_metrics(tmp_path, text):
    if text is not None:
        (tmp_path / "metrics.csv").write_text(text)
    assert read_metrics(tmp_path / "metrics.csv") == {}


def test_a_run_is_read_whole(point_run):
    run = Run(point_run)
    assert [snapshot.step for snapshot in run.snapshots] == [0, 200, 400]
    assert run.problems == ()
    np.testing.assert_allclose(run.real.weights, np.bincount(run.real.labels) / 200)


def test_broken_files_are_named_and_left_out(point_run):
    (point_run / "evaluation.json").write_text('{"steps": ')
    whole = (point_run / "samples" / "step_000000200.npz").read_bytes()
    (point_run / "samples" / "step_000000200.npz").write_bytes(whole[: len(whole) // 2])
    np.savez(point_run / "samples" / "step_000000300.npz", samples=np.zeros((3, 3)))
    (point_run / "samples" / "real.npz").write_bytes(b"")
    run = Run(point_run)
    assert [snapshot.step for snapshot in run.snapshots] == [0, 400]
    assert run.real is None
    assert run.evaluation is None
    named = " ".join(run.problems)
    for name in ("evaluation.json", "step_000000200", "step_000000300", "real.npz"):
        assert name in named


def test_generators_are_read(image_mixture_run, point_run):
    last = Run(image_mixture_run).snapshots[-1]
    assert last.by_generator.shape == (3, 8, 10, 10, 1)
    assert last.generators.tolist() == [0, 1] * 8
    (snapshot, *_) = Run(point_run).snapshots
    assert snapshot.generators is snapshot.by_generator is None


@pytest.mark.parametrize(
    ("arrays", "named"),
    [
        ({"generators": np.zeros(15, int)}, "generators do not fit"),
        ({"generators": np.zeros((16, 1), int)}, "generators do not fit"),
        ({"generators": np.zeros(16)}, "generators do not fit"),
        ({"generators": np.full(16, -1)}, "generators do not fit"),
        ({"by_generator": np.zeros((3, 8, 10, 10))}, "images by generator do not fit"),
        ({"by_generator": np.zeros((3, 8, 9, 10, 1))}, "images by generator do not fit"),
        ({"by_generator": np.zeros((3, 0, 10, 10, 1))}, "images by generator do not fit"),
    ],
)
def test_generators_that_do_not_fit_are_named_and_left_out(image_run, arrays, named):
    path = image_run / "samples" / "step_000000200.npz"
    np.savez(path, samples=np.zeros((16, 10, 10, 1), np.float32), **arrays)
    run = Run(image_run)
    assert [snapshot.step for snapshot in run.snapshots] == [0, 200, 400]
    assert run.snapshots[1].generators is run.snapshots[1].by_generator is None
    (problem,) = run.problems
    assert problem.startswith("samples/step_000000200.npz") and named in problem


def test_attributes_are_no_classes(image_run):
    samples = np.zeros((4, 2, 2, 3), np.float32)
    np.savez(image_run / "samples" / "real.npz", samples=samples, labels=np.zeros((4, 40), int))
    assert Run(image_run).real.labels is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "is no run of kgan: it has no config.json. Give the directory"),
        ("not json", r"config\.json is no configuration of a run: "),
        ("[]", "it holds no JSON object"),
        ('{"format": 3}', "is a run of a newer kgan: its format is 3, .* Update kgan"),
        ('{"format": "new"}', "is no configuration of a run"),
    ],
)
def test_no_run_directory(tmp_path, content, told):
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(RunError, match=told):
        Run(tmp_path)


def test_no_directory(tmp_path):
    with pytest.raises(RunError, match="There is no run at"):
        Run(tmp_path / "typo")


def test_of_many_snapshots_an_even_choice_is_read(image_run):
    source = (image_run / "samples" / "step_000000400.npz").read_bytes()
    for step in range(1000, 1100):
        (image_run / "samples" / f"step_{step:09d}.npz").write_bytes(source)
    steps = [snapshot.step for snapshot in Run(image_run).snapshots]
    assert len(steps) == 40
    assert (steps[0], steps[-1]) == (0, 1099)
    assert evenly(0, 5) == []
    assert evenly(3, 5) == [0, 1, 2]
