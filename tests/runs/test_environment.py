"""What a run records of the command that made it."""

import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

import kgan
from kgan.runs import environment


@pytest.mark.parametrize(
    ("module", "argv", "command"),
    [
        (None, ["/opt/bin/kgan", "mdgan", "--dataset=grid"], "kgan mdgan --dataset=grid"),
        ("kgan.__main__", ["/opt/kgan/__main__.py", "gan"], "python3 -m kgan gan"),
        (
            "apps.gan",
            ["/opt/apps/gan.py", "--data_dir=a b"],
            "python3 -m apps.gan '--data_dir=a b'",
        ),
        (None, ["/opt/mine.py", "1"], "python3 mine.py 1"),
    ],
)
def test_the_command_can_be_pasted(monkeypatch, module, argv, command):
    spec = SimpleNamespace(name=module) if module else None
    monkeypatch.setitem(sys.modules, "__main__", SimpleNamespace(__spec__=spec))
    monkeypatch.setattr(sys, "argv", argv)
    monkeypatch.setattr(sys, "executable", "/opt/bin/python3")
    assert environment.command_line() == command


def git(folder, *arguments):
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    shown = subprocess.run(
        ["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return shown.stdout.strip()


def test_the_revision_is_of_the_repository_that_has_the_source(tmp_path, monkeypatch):
    """An installed copy may lie in the environment of another project."""
    installed = tmp_path / ".venv" / "kgan" / "runs"
    installed.mkdir(parents=True)
    (installed / "environment.py").write_text("# of a wheel")
    (tmp_path / "environment.py").write_text("# of that project")
    monkeypatch.setattr(environment, "__file__", str(installed / "environment.py"))
    outside = environment.environment()["git_revision"]
    assert re.fullmatch(rf"{re.escape(kgan.__version__)}-sha256\.[0-9a-f]{{12}}", outside)

    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "environment.py")
    git(tmp_path, "commit", "-qm", "theirs")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / ".git"))  # As in a hook of that project.
    assert environment.environment()["git_revision"] == outside
    (installed / "__pycache__").mkdir()
    (installed / "__pycache__" / "environment.pyc").write_text("compiled")
    assert environment.environment()["git_revision"] == outside
    (installed / "environment.py").write_text("# of another wheel")
    assert environment.environment()["git_revision"] != outside

    monkeypatch.delenv("GIT_DIR")
    git(tmp_path, "add", "-f", ".venv/kgan/runs/environment.py")
    git(tmp_path, "commit", "-qm", "kgan too")
    commit = git(tmp_path, "rev-parse", "--short=12", "HEAD")
    assert environment.environment()["git_revision"] == commit
