"""Runs that need no training."""

import datetime
import json
import os

import pytest

from kgan.studies import store

CONFIG = {
    "identity": {"golden": "tag"},
    "model": {"class": "GAN", "preset": "gan_ring", "provenance": {}, "weights": {}},
    "versions": {"kgan": "1"},
    "machine": "a machine",
    "git_revision": "abc",
    "conditions": {"processor": "a processor", "threads": "1", "onednn": "default"},
}


@pytest.fixture(autouse=True)
def checkout(tmp_path_factory, monkeypatch):
    """A checkout without results, in place of this one."""
    root = tmp_path_factory.mktemp("checkout")
    (root / "setup.cfg").touch()
    monkeypatch.setattr(store, "ROOT", root)
    return root


@pytest.fixture
def finish():
    """Write the files of a run that was evaluated on 2 January 2026."""

    def write(run, scores, **config):
        run.directory.mkdir(parents=True, exist_ok=True)
        config = {**CONFIG, "key": run.key, "flags": {"seed": run.seed}, **config}
        (run.directory / "config.json").write_text(json.dumps(config))
        path = run.directory / "evaluation.json"
        path.write_text(json.dumps(scores))
        day = datetime.datetime(2026, 1, 2, 12).timestamp()
        os.utime(path, (day, day))

    return write
