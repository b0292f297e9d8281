"""The checkout's trained models: whole, told of, and loaded by everybody who may load them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import kgan
from kgan.zoo import card, server

ROOT = Path(__file__).parents[2] / "saved_models"
CARDS = {path.parent.name: json.loads(path.read_text()) for path in ROOT.glob("*/card.json")}
LARGEST = 25e6

READER = """
import json, sys
import tensorflow as tf
root, names = sys.argv[1], sys.argv[2:]
found = {}
for name in names:
    served = tf.saved_model.load(f"{root}/{name}/1").signatures
    seeds = tf.constant([[0, 0], [1, 0], [2, 0]])
    outputs = served["sample"](seeds=seeds)
    found[name] = outputs["samples"].numpy().tolist()
    served["discriminate"](samples=outputs["samples"])
assert "kgan" not in sys.modules
print(json.dumps(found))
"""


@pytest.mark.parametrize("name", CARDS)
def test_the_files_are_those_of_the_card(name):
    folder = ROOT / name
    files = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert set(CARDS[name]["files"]) == files - {card.FILE}
    for file, told in CARDS[name]["files"].items():
        assert card.digest(folder / file) == told["sha256"]
        assert (folder / file).stat().st_size == told["bytes"]


@pytest.mark.parametrize("name", CARDS)
def test_the_page_tells_what_the_card_does(name):
    page = (ROOT / name / "card.md").read_text()
    told = CARDS[name]
    assert f"# {name}\n" in page
    wanted = [*told["weaknesses"], *told["differs"], told["training"]["command"]]
    assert [text for text in wanted if text not in page] == []
    assert f"[{name}]({name}/card.md)" in (ROOT / "README.md").read_text()


def test_all_together_are_small_and_of_each_method():
    assert sum(path.stat().st_size for path in ROOT.rglob("*") if path.is_file()) < LARGEST
    classes = {told["class"] for told in CARDS.values()}
    assert classes >= {"MDGAN", "MGAN", "MIMGAN", "InvertGAN", "MaEMGAN", "GAN"}


def test_the_servers_list_has_all_and_each_path_is_there():
    text = (ROOT / server.FILE).read_text()
    paths = re.findall(r'base_path: "/models/([^"]+)"', text)
    assert paths == re.findall(r'name: "([^"]+)"', text) == sorted(CARDS)
    assert all((ROOT / path / "1" / "saved_model.pb").is_file() for path in paths)


@pytest.fixture(scope="module")
def by_tensorflow_alone():
    """By model three samples, drawn by a process that has neither Keras nor kgan."""
    command = [sys.executable, "-c", READER, str(ROOT), *sorted(CARDS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", CARDS)
def test_everybody_gets_the_same_samples(name, by_tensorflow_alone):
    told = CARDS[name]
    model = getattr(kgan, told["class"]).from_preset(name, load_weights=True)
    assert model.trained and model.steps_taken == told["steps"]
    loaded = keras.models.load_model(ROOT / name / "model.keras")
    samples = model.sample(16, seed=0)
    np.testing.assert_array_equal(loaded.sample(16, seed=0), samples)
    alone = [model.sample(1, seed=seed)[0] for seed in range(3)]
    np.testing.assert_allclose(by_tensorflow_alone[name], alone, atol=1e-4)
