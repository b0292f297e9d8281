"""What a run records of the command that made it."""

import sys
from types import SimpleNamespace

import pytest

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
