"""The command `kgan`: it is the applications under one name, and costs nothing until one starts."""

import subprocess
import sys
from pathlib import Path

import pytest

import kgan
from kgan.commands import cli

ROOT = Path(__file__).parents[2]
APPS = {path.stem for path in (ROOT / "apps").glob("[!_]*.py")}
SPY = (
    "import atexit, runpy, sys; "
    "atexit.register(lambda: print('TENSORFLOW' if 'tensorflow' in sys.modules else 'LIGHT')); "
    "runpy.run_module('kgan', run_name='__main__', alter_sys=True)"
)


def kgan_command(*words):
    return subprocess.run(
        [sys.executable, "-c", SPY, *words], capture_output=True, text=True, cwd=ROOT, timeout=60
    )


def test_it_has_what_the_applications_have():
    assert cli.methods().keys() | cli.COMMANDS.keys() == APPS


@pytest.mark.parametrize("words", [(), ("--help",), ("help",)])
def test_help_lists_all(words):
    done = kgan_command(*words)
    assert (done.returncode, done.stderr) == (0, "")
    assert {line.split()[0] for line in done.stdout.splitlines() if line[:2] == "  "} >= APPS
    assert done.stdout.endswith("LIGHT\n")


def test_version():
    assert kgan_command("--version").stdout == f"{kgan.__version__}\nLIGHT\n"


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_help_of_a_command(name):
    done = kgan_command(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"kgan {name} --" in done.stdout or f"kgan {name} runs/" in done.stdout
    assert "python -m apps" not in done.stdout
    assert "--[no]debug: Show tracebacks." in done.stdout
    assert done.stdout.endswith("LIGHT\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("benhc",), "There is no command 'benhc'. Did you mean bench? kgan --help lists all."),
        (("--seed=1",), "There is no command '--seed=1'. kgan --help lists all."),
        (("evaluate", "--runs=x"), "Unknown command line flag 'runs'. Did you mean: run"),
        (("bench", "ring"), "Unknown argument 'ring': flags begin with --. Try --help."),
        (("bench", "--bench=rign"), "--bench must be of ring, grid, "),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(words, sentence):
    done = kgan_command(*words)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {sentence}")
    assert len(done.stderr.splitlines()) == 1
