"""Small data, and a way to see that files are as they were."""

import hashlib
import sys

import numpy as np
import pytest
from absl import flags as absl_flags
from absl.testing import flagsaver

from kgan.commands import training
from kgan.runs import Config


@pytest.fixture(scope="session")
def archive(tmp_path_factory):
    """An .npz file of 8x8 images in two classes, dark and light."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 120)
    images = rng.integers(0, 99, (120, 8, 8, 1)) + 150 * labels[:, None, None, None]
    images = images.astype("uint8")
    path = tmp_path_factory.mktemp("data") / "shades.npz"
    np.savez(path, x_train=images, y_train=labels, x_test=images[:40], y_test=labels[:40])
    return path


@pytest.fixture
def configured(monkeypatch):
    """A function from a command and its flags to the configuration that it would run."""
    before = set(absl_flags.FLAGS)
    monkeypatch.setattr(sys, "argv", ["tests"])

    def configuration(command, *given):
        training.define(command)
        try:
            with flagsaver.flagsaver():
                absl_flags.FLAGS([command, *given])
                return Config(**training.configuration(command))
        finally:
            for name in set(absl_flags.FLAGS) - before:
                delattr(absl_flags.FLAGS, name)

    return configuration


@pytest.fixture(scope="session")
def digests():
    """A function from a folder to the digest of each file in it, the lock's aside."""

    def of(folder):
        return {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != ".lock"
        }

    return of
