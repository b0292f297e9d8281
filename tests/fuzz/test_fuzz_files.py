"""Every file that kgan reads, broken: an error of kgan's that names the file, nothing changed."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import fuzzing
import hypothesis
import keras
import numpy as np
import pytest
from hypothesis import strategies as st
from PIL import Image

import kgan
from kgan import data, reporting, serving

JUNK = [b"", b"{}", b"[]", b"null", b'"x"', b"3", b"\xff\xfe\x00", b"PK\x03\x04", b"a,b\n1\n"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=3,
)


def _opened(path):
    run = kgan.Run(path)
    _ = run.config, run.metrics, run.scores, run.real_scores, run.events, run.checkpoints
    _ = run.problems, run.mode_shares, run.samples()


# What is read, by the name of the file or folder: as a user reads it.
READERS = {
    "run": (_opened, lambda path: kgan.Run(path).model(), reporting.write_report),
    "archive.npz": (
        lambda path: data.load("npz", data_dir=path),
        lambda path: data.load("npz", data_dir=path, split="test"),
    ),
    "photos": (lambda path: data.load("folder", data_dir=path, image_size=8),),
    "images.idx.gz": (data.read_idx,),
    "mine.keras": (serving.load_keras_file,),
    "served": (lambda path: serving.open_saved_model(path, example_shape=(2,)),),
}


def _game():
    layers = keras.layers
    generator = keras.Sequential([keras.Input((2,)), layers.Dense(2)])
    game = kgan.GAN(generator, keras.Sequential([keras.Input((2,)), layers.Dense(1)]))
    game.compile()
    return game


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A folder with one of each, whole."""
    folder = tmp_path_factory.mktemp("fuzz") / "whole"
    shutil.copytree(Path(__file__).parents[1] / "runs" / "version_0_1", folder / "run")
    game = _game()
    game.save(folder / "run" / "model.keras")
    game.generator.save(folder / "mine.keras")
    game.export(str(folder / "served" / "1"))
    pixels = np.random.default_rng(0).integers(0, 256, (8, 6, 6), dtype=np.uint8)
    np.savez(folder / "archive.npz", x_train=pixels, y_train=np.arange(8), x_test=pixels)
    for number, image in enumerate(pixels):
        path = folder / "photos" / "ab"[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    header = bytes([0, 0, 8, 3]) + np.array(pixels.shape, ">u4").tobytes()
    (folder / "images.idx.gz").write_bytes(gzip.compress(header + pixels.tobytes()))
    return folder


def _other_json(drawn, content):
    """The same with one value replaced, or left out."""
    found = json.loads(content)
    place, key = found, None
    while isinstance(place, dict | list) and len(place):
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        parent, key = place, drawn.draw(st.sampled_from(keys))
        place = parent[key]
        if drawn.draw(st.booleans()):
            break
    if key is None or drawn.draw(st.integers(0, 4)) == 0:
        return json.dumps(drawn.draw(VALUES)).encode()
    parent[key] = drawn.draw(VALUES)
    return json.dumps(found).encode()


def _break(drawn, path):
    """Do one file harm."""
    content = path.read_bytes()
    kinds = ["cut", "junk", "gone", "folder"]
    kinds += ["json"] * 4 if path.suffix == ".json" else []
    kinds += ["flipped"] if path.suffix != ".pb" else []  # TensorFlow's parser may not survive.
    kind = drawn.draw(st.sampled_from(kinds))
    hypothesis.note(f"{path.name}: {kind}")
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "cut":
        path.write_bytes(content[: drawn.draw(st.integers(0, max(0, len(content) - 1)))])
    elif kind == "junk":
        path.write_bytes(drawn.draw(st.sampled_from(JUNK) | st.binary(max_size=50)))
    elif kind == "json":
        path.write_bytes(_other_json(drawn, content))
    elif kind == "flipped":
        at = drawn.draw(st.integers(0, max(0, len(content) - 1)))
        path.write_bytes(
            content[:at] + drawn.draw(st.binary(min_size=1, max_size=8)) + content[at:]
        )


@fuzzing.inputs(120)
@hypothesis.given(st.data())
def test_a_broken_file(whole, tmp_path_factory, drawn):
    name = drawn.draw(st.sampled_from(sorted(READERS)))
    read = drawn.draw(st.sampled_from(READERS[name]))
    root = tmp_path_factory.mktemp("broken", numbered=True)
    source, copy = whole / name, root / name
    (shutil.copytree if source.is_dir() else shutil.copy)(source, copy)
    files = [p for p in sorted(copy.rglob("*")) if p.is_file()] if copy.is_dir() else [copy]
    broken = drawn.draw(st.sampled_from(files))
    _break(drawn, broken)
    before = fuzzing.digests(root)
    fuzzing.outcome(lambda: read(copy), broken.name, str(copy))
    after = fuzzing.digests(root)
    after.pop(f"{name}/report.html", None)
    before.pop(f"{name}/report.html", None)
    assert after == before
    shutil.rmtree(root)
