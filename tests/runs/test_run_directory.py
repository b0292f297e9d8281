"""The directory of a run: whose it is, and files that are whole after any kill."""

import copy
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kgan.errors import RunError
from kgan.files import replacing, write_json
from kgan.runs import Run, claiming

CONFIG = {
    "method": "mdgan",
    "dataset": "grid",
    "flags": {
        "dataset": "grid",
        "steps": 100,
        "batch_size": 64,
        "learning_rate": 0.002,
        "components": 8,
        "data_dir": None,
        "output_dir": "runs/a",
        "evaluate": True,
    },
}


def config(**flags):
    changed = copy.deepcopy(CONFIG)
    changed["flags"].update(flags)
    return changed


def claimed(path, **flags):
    return Run.claim(path, config(**flags))


def contents(path):
    return {p: p.read_bytes() for p in path.rglob("*") if p.is_file() and p.name != ".lock"}


class TestClaim:
    def test_makes_what_a_run_needs(self, tmp_path):
        run = claimed(tmp_path / "runs" / "a")
        there = json.loads((run.path / "config.json").read_text())
        assert there.items() >= CONFIG.items()
        assert set(there["versions"]) == {
            *("python", "kgan", "tensorflow", "keras", "numpy", "scipy")
        }
        assert there["machine"] and there["command"]
        assert run.samples_path.is_dir() and run.checkpoints_path.is_dir()

    def test_again(self, tmp_path):
        claimed(tmp_path)
        claimed(tmp_path, output_dir="elsewhere", data_dir="/data", evaluate=False, samples=5)
        assert json.loads((tmp_path / "config.json").read_text())["flags"]["samples"] == 5

    def test_a_method_that_has_changed_goes_on_with_nobody(self, tmp_path):
        Run.claim(tmp_path, {**config(), "identity": {"golden": "old"}})
        with pytest.raises(RunError, match=r"training changed \(golden tag old, now new"):
            Run.claim(tmp_path, {**config(), "identity": {"golden": "new"}})

    def test_resume_false(self, tmp_path):
        claimed(tmp_path)
        before = contents(tmp_path)
        with pytest.raises(RunError, match="`resume=False` was given"):
            Run.claim(tmp_path, config(), resume=False)
        assert contents(tmp_path) == before
        Run.claim(tmp_path / "new", config(), resume=False)

    def test_steps_may_grow(self, tmp_path):
        claimed(tmp_path)
        claimed(tmp_path, steps=100)
        claimed(tmp_path, steps=101)
        with pytest.raises(RunError, match="`steps=101`, and this one has `steps=100`"):
            claimed(tmp_path, steps=100)

    @pytest.mark.parametrize(
        ("flag", "value", "shown"),
        [
            ("batch_size", 32, "`batch_size=64`, and this one has `batch_size=32`"),
            (
                "learning_rate",
                0.0020001,
                "`learning_rate=0.002`, and this .* `learning_rate=0.0020001`",
            ),
            ("dataset", "ring", "`dataset=grid`, and this one has `dataset=ring`"),
            ("precision", "mixed_bfloat16", "`precision=None`, and .* `precision=mixed_bfloat16`"),
            ("components", None, "`components=8`, and this one has `components=None`"),
        ],
    )
    def test_a_changed_flag_is_named(self, tmp_path, flag, value, shown):
        claimed(tmp_path)
        before = contents(tmp_path)
        with pytest.raises(RunError, match=shown):
            claimed(tmp_path, **{flag: value})
        assert contents(tmp_path) == before

    def test_another_method(self, tmp_path):
        claimed(tmp_path)
        with pytest.raises(RunError, match="holds a run of 'mdgan', and this is 'gan'"):
            Run.claim(tmp_path, {**config(), "method": "gan"})

    @pytest.mark.parametrize("name", ["thesis.tex", ".git", "samples/face.png", "step-5.index"])
    def test_a_directory_of_something_else(self, tmp_path, name):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
        with pytest.raises(RunError, match=f"is not empty and no run of kgan.*{name[:7]}"):
            claimed(tmp_path)
        assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", "3", "null", '{"method": "mdgan"}', '{"flags": 3}', '{"flags": []}']
    )
    def test_a_broken_config(self, tmp_path, text):
        (tmp_path / "config.json").write_text(text)
        with pytest.raises(RunError, match=r"config\.json is no configuration of a run"):
            claimed(tmp_path)
        assert (tmp_path / "config.json").read_text() == text

    def test_unwritable(self, tmp_path):
        """The tests may run as root, whom no permission stops."""
        (tmp_path / "file").write_text("mine")
        for path in (tmp_path / "file", tmp_path / "file" / "run", "/proc/kgan/run", "/dev/null"):
            with pytest.raises(RunError, match=r"cannot be written: .* Give another `output_dir`"):
                claimed(path)
        assert (tmp_path / "file").read_text() == "mine"


class TestLock:
    def test_two_in_one_process(self, tmp_path):
        run = claimed(tmp_path)
        with pytest.raises(RunError, match="Another process is running in"):
            claimed(tmp_path)
        del run
        claimed(tmp_path)

    def test_a_kill_releases_it(self, tmp_path):
        answer, said = os.pipe()
        child = os.fork()
        if child == 0:
            run = claimed(tmp_path)
            os.write(said, run.path.name.encode())
            signal.pause()
        assert os.read(answer, 100) == tmp_path.name.encode()
        try:
            with pytest.raises(RunError, match="Another process is running in"):
                claimed(tmp_path)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        claimed(tmp_path)


def test_a_claim_killed_anywhere_can_be_made_again(tmp_path):
    """A process ends without any clean-up at the first, second, ... line that it runs.

    They are forks of one without TensorFlow, which cost little.
    """
    code = "import sys; from tests.runs import test_run_directory as t; t.kill(t.Path(sys.argv[1]))"
    root = Path(__file__).parents[2]
    words = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def kill(folder):
    claiming.environment = lambda: {"machine": "this one"}
    files = (claiming.__file__, replacing.__wrapped__.__code__.co_filename)
    kills = 0
    while True:
        path = folder / str(kills)
        child = os.fork()
        if child == 0:
            _end_at_line(kills, files)
            claimed(path)
            os._exit(0)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        claimed(path)
        assert contents(path)[path / "config.json"]
        if status == 0:
            break
        assert status == 9
        kills += 1
    assert kills > 20  # It had lines to be killed at.
    assert "tensorflow" not in sys.modules


def _end_at_line(number, files):
    left = number

    def trace(frame, event, argument):
        nonlocal left
        if frame.f_code.co_filename not in files:
            return None
        if event == "line":
            if left == 0:
                os._exit(9)
            left -= 1
        return trace

    sys.settrace(trace)


class TestMetrics:
    ROWS = tuple({"step": s, "seconds": s / 8, "loss": 0.1 + s} for s in (500, 1000, 1500))

    @pytest.fixture
    def run(self, tmp_path):
        run = claimed(tmp_path)
        for row in self.ROWS:
            run.append_metrics(row)
        return run

    def test_appended(self, run):
        assert (run.path / "metrics.csv").read_bytes() == (
            b"step,seconds,loss\r\n500,62.5,500.1\r\n1000,125.0,1000.1\r\n1500,187.5,1500.1\r\n"
        )
        assert run.seconds() == 187.5

    def test_later_rows_keep_to_the_first_one_s_columns(self, run):
        run.append_metrics({"loss": 7.5, "step": 2000, "modes": "x.x"})
        assert run.rows()[-1] == {"step": "2000", "seconds": "", "loss": "7.5"}
        assert run.truncate_metrics(1500) == 187.5
        assert len(run.rows()) == 3

    @pytest.mark.parametrize(
        ("step", "kept", "seconds"), [(9999, 3, 187.5), (1499, 2, 125), (500, 1, 62.5), (499, 0, 0)]
    )
    def test_truncated(self, run, step, kept, seconds):
        assert run.truncate_metrics(step) == seconds
        assert run.seconds() == seconds
        for row in self.ROWS[kept:]:
            run.append_metrics(row)
        assert [int(row["step"]) for row in run.rows()] == [500, 1000, 1500]
        assert (run.path / "metrics.csv").read_text().count("step") == 1

    @pytest.mark.parametrize("cut", range(1, 20))
    def test_a_last_line_cut_short_is_forgotten(self, run, cut):
        """At any byte. The checkpoint of its step was not written yet."""
        os.truncate(run.path / "metrics.csv", (run.path / "metrics.csv").stat().st_size - cut)
        assert run.truncate_metrics(1000) == 125
        run.append_metrics(self.ROWS[2])
        assert [row["loss"] for row in run.rows()] == ["500.1", "1000.1", "1500.1"]

    @pytest.mark.parametrize(
        "text", ["", "st", "step,seconds,loss", "step,seconds,loss\r\n", "\0\0"]
    )
    def test_a_first_line_cut_short(self, tmp_path, text):
        run = claimed(tmp_path)
        (run.path / "metrics.csv").write_text(text)
        assert run.truncate_metrics(0) == 0
        assert run.seconds() == 0
        run.append_metrics(self.ROWS[0])
        assert [row["loss"] for row in run.rows()] == ["500.1"]

    def test_none_yet(self, tmp_path):
        run = claimed(tmp_path)
        assert run.truncate_metrics(5) == 0
        assert run.seconds() == 0
        assert not (run.path / "metrics.csv").exists()


class TestReplacing:
    def test_appears_whole(self, tmp_path):
        path = tmp_path / "model.keras"
        path.write_text("old")
        with replacing(path) as temporary:
            assert temporary.parent == path.parent  # A rename across file systems is a copy.
            assert temporary.suffix == ".keras"
            temporary.write_text("new")
            assert path.read_text() == "old"
        assert path.read_text() == "new"
        assert list(tmp_path.iterdir()) == [path]

    @pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
    def test_not_at_all(self, tmp_path, error):
        path = tmp_path / "model.keras"
        path.write_text("old")
        with pytest.raises(error), replacing(path) as temporary:
            temporary.write_text("half")
            raise error
        assert path.read_text() == "old"
        assert list(tmp_path.iterdir()) == [path]

    def test_json_that_cannot_be_written_harms_nothing(self, tmp_path):
        path = tmp_path / "evaluation.json"
        write_json(path, {"a": 1})
        with pytest.raises(TypeError):
            write_json(path, {"a": object()})
        assert json.loads(path.read_text()) == {"a": 1}
        assert list(tmp_path.iterdir()) == [path]
