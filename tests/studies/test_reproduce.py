"""The command that reproduces tables, on a table of a few steps."""

import csv
import fcntl
import json
import re
import signal
import statistics
import subprocess
import sys
import time

import pytest
from PIL import Image

from kgan.studies import catalog

# The application with one more paper.
TINY = """
import atexit, runpy, sys
from kgan.studies import catalog
from kgan.studies.table import Column, Row, Table

atexit.register(lambda: print("TENSORFLOW" if "tensorflow" in sys.modules else "LIGHT"))
columns = (
    Column("modes_covered", "modes", 1),
    Column("frechet_distance", "of images", 2),
    Column("high_quality", "quality, %", 2, percent=True),
    Column("reverse_kl_nearest", "reverse KL", 4),
)
flags = {"steps": 250, "batch_size": 32}
works = Row("GAN", "gan", "ring", 500, 0.1, flags, published={"modes_covered": "3.6 ± 0.5"})
fails = Row("GAN, too large", "gan", "ring", 500, 0.1, {**flags, "batch_size": 100001})
shared = {"paper": "tiny", "title": "Tiny", "columns": columns, "differences": ["All of it."]}
catalog.TABLES += [
    Table(kind="table", number=1, rows=[works], **shared),
    Table(kind="figure", number=2, rows=[works, fails], drawn=["modes_covered"], **shared),
]
runpy.run_module("apps.reproduce", run_name="__main__", alter_sys=True)
"""
# The same for each of several command lines, in a fork: a second of imports once for all.
FORKS = """
import json, os, sys
from kgan.commands import launch, study_flags
from kgan.studies import catalog, reproduction

for number, flags in enumerate(json.loads(sys.argv[1])):
    if pid := os.fork():
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
        continue
    for stream, name in ((1, "output"), (2, "errors")):
        os.dup2(os.open(f"{sys.argv[2]}/{number}.{name}", os.O_WRONLY | os.O_CREAT), stream)
    sys.argv[1:] = flags
    break
else:
    sys.exit()
"""


def begin(*flags):
    return subprocess.Popen(
        [sys.executable, "-c", TINY, *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # As at a terminal: whoever starts the tests in the background leaves SIGINT ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def run(*flags):
    process = begin(*flags)
    output, errors = process.communicate(timeout=120)
    return process.returncode, output, errors


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A folder with the table of two seeds, and what the command said."""
    folder = tmp_path_factory.mktemp("reproduce") / "tables"
    status, output, errors = run("--paper=tiny", "--table=1", "--seeds=2", f"--output_dir={folder}")
    assert status == 0, output + errors
    return folder, output


def evaluations(folder):
    return {path.parent: json.loads(path.read_text()) for path in folder.glob("*/evaluation.json")}


def wait_until_free(directory, *, seconds):
    """Until no process holds the run directory; raises if one still does."""
    deadline = time.monotonic() + seconds
    with (directory / ".lock").open() as lock:
        while True:
            try:
                return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


def rows(text):
    """Cells by the first one, of the rows of a Markdown table."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return {cells[0]: cells for cells in ([c.strip() for c in x.split("|")[1:-1]] for x in lines)}


def test_the_numbers_are_those_of_the_runs(tiny):
    folder, output = tiny
    found = evaluations(folder)
    assert sorted(e["seed"] for e in found.values()) == [0, 1]

    def expected(scores, key, decimals, factor=1.0):
        values = [factor * score[key] for score in scores]
        return f"{statistics.mean(values):.{decimals}f} ± {statistics.stdev(values):.{decimals}f}"

    def measures(scores):
        return [
            expected(scores, "modes_covered", 1),
            expected(scores, "high_quality", 2, factor=100),
            expected(scores, "reverse_kl_nearest", 4),
        ]

    text = (folder / "tiny_table1.md").read_text()
    table = rows(text)
    assert table["GAN"][1:3] == ["ring", "3.6 ± 0.5"]
    assert table["GAN"][3:6] == measures(found.values())
    assert table["GAN"][6:9] == ["2", "500", "250"]
    assert table["real data"][3:6] == measures([e["real"] for e in found.values()])
    assert "All of it." in text
    assert "of images" not in text
    assert "`kgan provenance --preset=NAME`" in text
    page = (folder / "tiny_table1.html").read_text()
    for cell in table["GAN"]:
        assert f">{cell}</" in page
    assert rows(output) == table
    assert len(re.findall(r"^\[[12]/2\] gan-ring-.*modes [0-9.]+, quality", output, re.M)) == 2


def test_the_command_beside_the_row_is_what_ran(tiny):
    """The loop's directories are those of the runs, and so are its flags."""
    folder, _ = tiny
    text = (folder / "tiny_table1.md").read_text()
    loop = next(line for line in text.splitlines() if line.startswith("for seed in 0 1; do"))
    shown = subprocess.run(
        ["bash", "-c", loop.replace("python", "echo python")], capture_output=True, text=True
    ).stdout.splitlines()
    ran = [json.loads((d / "config.json").read_text())["command"] for d in evaluations(folder)]
    assert sorted(line.partition(" -m apps.")[2] for line in shown) == sorted(
        command.partition(" -m kgan ")[2] for command in ran
    )


def test_again_nothing_runs(tiny):
    folder, _ = tiny
    before = {d: (d / "config.json").stat().st_mtime_ns for d in evaluations(folder)}
    status, output, _ = run("--paper=tiny", "--table=1", "--seeds=2", f"--output_dir={folder}")
    assert status == 0
    assert output.startswith("2 runs: 2 there, 0 to do")
    assert before == {d: (d / "config.json").stat().st_mtime_ns for d in evaluations(folder)}


@pytest.fixture(scope="module")
def figure(tiny):
    """The folder with figure 2 too, of other steps, one of whose rows cannot run."""
    folder, _ = tiny
    before, table = evaluations(folder), (folder / "tiny_table1.md").read_bytes()
    flags = ("--figure=2", "--seeds=1", "--steps=500", f"--output_dir={folder}")
    status, output, errors = run("--paper=tiny", *flags)
    assert status == 1, output + errors
    assert (folder / "tiny_table1.md").read_bytes() == table
    new = [e for d, e in evaluations(folder).items() if d not in before]
    return folder, output, (folder / "tiny_figure2_steps500.md").read_text(), new


def test_other_steps_are_another_run(figure):
    _, output, text, new = figure
    assert output.startswith("2 runs: 0 there, 2 to do")
    assert [evaluation["steps"] for evaluation in new] == [500]
    assert "A quick look with --steps=500: not the table." in text
    assert rows(text)["GAN"][8] == "500"
    assert rows(text)["GAN"][3] == f"{new[0]['modes_covered']:.1f}"  # One seed has no std.


def test_a_run_that_fails_leaves_the_others_alone(figure):
    folder, output, text, _ = figure
    assert rows(text)["GAN"][6] == "1"
    assert rows(text)["GAN, too large"][3] == "failed"
    assert rows(text)["GAN, too large"][6] == "0 of 1"
    why = "larger than the data: received batch_size=100001"
    (line,) = [x for x in text.splitlines() if "GAN, too large on ring, seed 0, failed: " in x]
    assert why in line
    assert len([x for x in output.splitlines() if x.startswith("[") and why in x]) == 1
    assert any(why in log.read_text() for log in (folder / "logs").iterdir())


def test_a_figure_has_a_picture(figure):
    folder, _, text, _ = figure
    assert "tiny_figure2_steps500.png" in text
    with Image.open(folder / "tiny_figure2_steps500.png") as image:
        assert image.width > 200
        assert len(image.convert("RGBA").getcolors(1 << 16)) > 10


def test_interrupted(tmp_path):
    """The run that goes on ends with it, and no other begins; SIGTERM is taken as Ctrl-C."""
    flags = ("--table=1", "--seeds=2", "--steps=1000000", "--jobs=1", f"--output_dir={tmp_path}")
    process = begin("--paper=tiny", *flags)
    deadline = time.monotonic() + 90
    while not list(tmp_path.glob("*/config.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, output + errors
    assert errors == "error: Interrupted. The same command goes on from what it has kept.\n"
    (directory,) = [path.parent for path in tmp_path.glob("*/config.json")]
    wait_until_free(directory, seconds=0)
    (log,) = (tmp_path / "logs").iterdir()
    assert "error: Interrupted." in log.read_text()


def test_a_run_that_was_killed_goes_on_from_its_checkpoint(tmp_path):
    """The command cannot say goodbye, and yet its run ends with it."""
    flags = ("--paper=tiny", "--table=1", "--seeds=1", "--steps=2500", f"--output_dir={tmp_path}")
    process = begin(*flags)
    deadline = time.monotonic() + 90
    while not list(tmp_path.glob("*/checkpoints/*.index")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.communicate(timeout=60)
    (directory,) = tmp_path.glob("gan-*")
    wait_until_free(directory, seconds=10)
    assert not (directory / "evaluation.json").exists()
    (log,) = (tmp_path / "logs").iterdir()
    status, output, errors = run(*flags)
    assert status == 0, output + errors
    assert "0 there, 1 to do" in output
    step = int(re.search(r"Going on from the checkpoint of step (\d+)", log.read_text())[1])
    assert step in (1000, 2000)
    (evaluation,) = evaluations(tmp_path).values()
    assert evaluation["steps"] == 2500
    with (directory / "metrics.csv").open() as metrics:
        assert [int(row["step"]) for row in csv.DictReader(metrics)] == list(range(500, 2501, 500))


WRONG = [
    (
        (),
        "--paper must be one of invertgan, maemgan, mdgan, mgan, mimgan, tiny. Received: None",
    ),
    (("--paper=mgdan", "--table=1"), "Received: mgdan"),
    (("--paper=mdgan",), "Of mdgan there is --table=1, --table=2. Received: none; give one."),
    (
        ("--paper=mdgan", "--table=7"),
        "Of mdgan there is --table=1, --table=2. Received: --table=7.",
    ),
    (("--paper=mdgan", "--figure=1"), "Received: --figure=1."),
    (("--paper=mdgan", "--table=1", "--figure=1"), "Received: two; give one."),
    (("--paper=mdgan", "--table=1", "--spread=std"), "Table 1 of mdgan takes no --spread."),
    (
        ("--paper=maemgan", "--table=1", "--data=ring,mnist"),
        "Table 1 of maemgan is of --data=ring,grid,fashion_mnist. Received: mnist",
    ),
    (("--paper=invertgan", "--table=1", "--spread=max"), "--spread=max: value should be one"),
    (("--paper=mdgan", "--table=1", "--seeds=0"), "--seeds=0: 0 is not a positive integer"),
    (("--paper=mdgan", "--table=1", "--jobs=0"), "--jobs=0: 0 is not a positive integer"),
    (("--paper=mdgan", "--table=1", "--steps=0"), "--steps=0: 0 is not a positive integer"),
    (("--paper=mdgan", "--table=1", "--samples=1"), "--samples=1: 1 is not integer >= 2"),
    (("--paper=mdgan", "--table=1", "--seed=1"), "Unknown command line flag 'seed'"),
]


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """By command line: exit status, output and errors of commands that do not run anything."""
    folder = tmp_path_factory.mktemp("answers")
    lines = [("--list",), *(flags for flags, _ in WRONG)]
    given = [[*flags, f"--output_dir={folder}/tables"] for flags in lines]
    words = [sys.executable, "-c", FORKS + TINY, json.dumps(given), str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert not (folder / "tables").exists()
    texts = [[(folder / f"{i}.{x}").read_text() for x in ("output", "errors")]
             for i in range(len(lines))]  # fmt: skip
    statuses = map(int, done.stdout.split())
    return {k: (n, *text) for k, n, text in zip(lines, statuses, texts, strict=True)}


@pytest.mark.parametrize(("flags", "message"), WRONG, ids=[" ".join(flags) for flags, _ in WRONG])
def test_bad_input(answers, flags, message):
    status, output, errors = answers[flags]
    assert status == 2
    assert output == "LIGHT\n"
    (sentence,) = errors.splitlines()
    assert sentence.startswith("error: ")
    assert message in sentence


def test_list_has_all_tables(answers):
    status, output, _ = answers["--list",]
    assert status == 0
    assert output.endswith("LIGHT\n")
    for table in catalog.TABLES:
        line = next(
            x for x in output.splitlines() if x.startswith(f"{table.paper} ") and table.name in x
        )
        assert f" {len(table.rows)} " in line
        assert f"about {table.minutes:.0f} min" in line
