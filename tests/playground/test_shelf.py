"""Which trained models lie in a folder."""

import json
import re
from pathlib import Path

import pytest

from kgan.errors import InputError
from kgan.playground import shelf

MODELS = Path(__file__).parents[2] / "saved_models"


@pytest.fixture
def run(tmp_path):
    """What a finished run leaves, but for the model itself."""
    folder = tmp_path / "runs" / "gan-ring-seed3"
    folder.mkdir(parents=True)
    flags = {"steps": 500, "seed": 3, "mode_std": 0.01, "data_dir": None}
    told = {"method": "gan", "dataset": "ring", "flags": flags, "format": 1}
    (folder / "config.json").write_text(json.dumps(told))
    (folder / "model.keras").write_bytes(b"")
    return folder


def test_the_zoo_and_runs_side_by_side(run, image_folder):
    found = shelf.find([MODELS, run.parent, image_folder, run])
    assert len(found) == len([*MODELS.glob("*/card.json")]) + 2
    assert found["mgan_ring"].about == "MGAN on ring, 25,000 steps"
    assert found["mgan_ring"].data == {"name": "ring"}
    assert found["gan-ring-seed3"].about == "GAN on ring, 500 steps"
    assert found["gan-ring-seed3"].data == {"name": "ring", "std": 0.01}
    # A model of a user's own says neither its data nor, untrained, its steps.
    assert (found["tiny_images"].about, found["tiny_images"].data) == ("InvertGAN", None)


def test_folders_of_one_name_are_told_apart(run, tmp_path):
    other = tmp_path / "others" / run.name
    other.parent.mkdir()
    run.rename(tmp_path / "moved")
    for folder in (run, other):
        folder.mkdir()
        for file in (tmp_path / "moved").iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
    assert set(shelf.find([run.parent, other.parent])) == {f"runs/{run.name}", f"others/{run.name}"}


def test_what_is_no_model_is_passed_over_and_nothing_at_all_refused(run, tmp_path):
    (run / "model.keras").unlink()  # It has not finished.
    with pytest.raises(InputError, match=f"no trained model in {re.escape(str(run.parent))}: "):
        shelf.find([run.parent])
    with pytest.raises(InputError, match=r"no folder of models .*nowhere"):
        shelf.find([tmp_path / "nowhere"])
