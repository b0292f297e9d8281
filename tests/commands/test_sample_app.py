"""`python -m apps.sample`: a run, a SavedModel and a server give the same samples for a seed."""

import numpy as np
import pytest
from PIL import Image

import kgan
from kgan.serving import open_saved_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A SavedModel of an untrained mixture of points."""
    folder = tmp_path_factory.mktemp("served")
    kgan.MGAN.from_preset("mgan_ring", generators=3).export(folder / "mixture" / "1")
    return folder


def test_a_saved_model_is_drawn_from(folder, tmp_path, commands):
    options = {"log": tmp_path / "log", "cwd": None}
    given = [f"--saved_model={folder}/mixture", "--count=7", "--seed=3", "--generator=2"]
    for name in ("points.npy", "points.png"):
        done = commands.run("apps.sample", *given, f"--output={tmp_path / name}", **options)
        assert done == (0, f"{tmp_path / name}: 7 samples of shape (2,)\n")
    source = open_saved_model(folder / "mixture", signature="sample", generator=2)
    np.testing.assert_array_equal(np.load(tmp_path / "points.npy"), source.sample(7, seed=3))
    assert min(Image.open(tmp_path / "points.png").size) > 300


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ([], "Name one of --url with --model, --saved_model and --run. Received: none"),
        (["--url=http://127.0.0.1:9"], "Received: --url"),
        (["--run=none", "--output=x.jpg"], "--output must be a .png or .npy file"),
        (["--run=none", "--output=none/x.png"], "--output must lie in a folder that is there"),
        (["--run=none"], "There is no run at none"),
        (
            ["--url=http://127.0.0.1:9", "--model=x", "--timeout=0.1"],
            "The server at http://127.0.0.1:9 gave no answer within 0.1 s",
        ),
    ],
)
def test_errors_are_one_sentence(flags, sentence, tmp_path, commands):
    status, output = commands.run("apps.sample", *flags, log=tmp_path / "log")
    assert status in (1, 2)
    assert sentence in output
    assert len(output.splitlines()) == 1
    assert output.startswith("error: ")
