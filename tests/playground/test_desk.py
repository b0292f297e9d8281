"""What the page asks, without a page: names and numbers in, what JSON can hold out."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from kgan.errors import DataError, InputError
from kgan.playground import desk as desks
from kgan.playground import shelf
from tests.playground.conftest import MODELS


@pytest.fixture(scope="module")
def desk(image_folder, embedding_folder):
    return desks.Desk(shelf.find([MODELS, image_folder, embedding_folder]))


@pytest.fixture
def ask(desk):
    """A question, whose answer has gone through JSON."""

    def asked(question, **arguments):
        return json.loads(json.dumps(desk.ask(question, arguments), allow_nan=False))

    return asked


def test_a_mixture_of_points(ask, ring_mixture):
    told = ask("open", model="mgan_ring")
    assert (told["kind"], told["generators"], told["inverts"]) == ("points", 8, False)
    assert told["weights"] == [0.125] * 8 and len(set(told["colours"])) == 8
    assert told["modes"][0] == pytest.approx([2, 0, 3 * 0.02**0.5], abs=1e-4)
    assert len(told["real"]) == 800
    terms = {"model": "mgan_ring", "count": 40, "seed": 2, "weights": [1, 0, 0, 0, 0, 0, 0, 1]}
    found = ask("sample", **terms, view=True)
    assert set(found["made_by"]) == {0, 7} and "embedding" not in found
    own = ring_mixture.draw(40, 2, weights=terms["weights"]).samples
    np.testing.assert_allclose(found["samples"], own, atol=1e-4)
    assert np.shape(found["plane"]) == (72, 72) and len(found["values"]) == 40
    assert np.shape(ask("between", **terms, numbers=[3, 5])["rows"]) == (1, 65, 2)
    assert np.shape(ask("between", **terms, numbers=[3, 5, 1, 0])["rows"]) == (25, 25, 2)
    near = ask("nearest", **terms, number=3)
    assert near["sample"] == found["samples"][3] and len(near["distances"]) == 5
    file = ask("download", **terms)
    with np.load(io.BytesIO(base64.b64decode(file["file"]))) as arrays:
        np.testing.assert_array_equal(arrays["samples"], own)
    assert file["name"] == "mgan_ring-seed2.npz"


def test_images_and_their_inverse(ask):
    told = ask("open", model="tiny_images")
    assert (told["kind"], told["inverts"], told["shape"]) == ("images", True, [6, 5, 1])
    found = ask("sample", model="tiny_images", count=3, view=True)
    image = found["samples"][0]
    assert image.startswith("data:image/png;base64,") and len(found["values"]) == 3
    assert "embedding" not in found
    assert np.shape(ask("sample", model="tiny_embedding", count=3, view=True)["embedding"]) == (
        3,
        2,
    )
    content = image.partition(",")[2]
    assert Image.open(io.BytesIO(base64.b64decode(content))).size == (5, 6)
    again = ask("invert", model="tiny_images", image=content)
    assert again["given"] == image and len(again["latents"]) == 3
    with pytest.raises(DataError, match="not told in its folder"):
        ask("nearest", model="tiny_images", count=3, number=0)


def test_a_match(ask):
    begun = ask("start", methods=["gan"], dataset="ring", seed=1)
    assert begun["titles"] == ["GAN"] and begun["games"][0]["step"] == 0
    now = ask("advance", match=begun["match"], steps=10)
    assert now["games"][0]["step"] == 10 and len(now["games"][0]["points"]) == 500
    with pytest.raises(InputError, match="This game is gone"):
        ask("advance", match=99, steps=10)
    with pytest.raises(InputError, match="at most 250 steps"):
        ask("advance", match=begun["match"], steps=251)


@pytest.mark.parametrize(
    ("question", "arguments", "told"),
    [
        ("ask", {}, "no question 'ask'"),
        ("_trained", {"name": "mgan_ring"}, "no question"),
        ("__init__", {"shelf": {}}, "no question"),
        ("sample", [], "JSON object"),
        ("sample", {"model": "mgan_ring"}, "sample: .*'count'"),
        ("sample", {"model": "mgan_ring", "count": 5, "size": 1}, "sample: .*'size'"),
        ("sample", {"model": "mgan_ring", "count": None}, "`count` must be"),
        ("sample", {"model": "mgan_ring", "count": 5, "weights": [None] * 8}, "`weights` must be"),
        ("open", {"model": "../mgan_ring"}, "no model '../mgan_ring'"),
        ("nearest", {"model": "mgan_ring", "count": 5, "number": 5}, "samples 0 to 4"),
        ("invert", {"model": "mgan_ring", "point": [0, 0]}, "no inverse"),
        ("invert", {"model": "invertgan_grid"}, "a point or an image"),
        ("invert", {"model": "tiny_images", "image": "!"}, "base64"),
        ("start", {"methods": [], "dataset": "ring"}, "Choose one to 4"),
        ("start", {"methods": ["gan"], "dataset": "mnist"}, "dataset must be one of"),
    ],
)
def test_what_cannot_be_asked_is_told_in_a_sentence(desk, question, arguments, told):
    with pytest.raises(InputError, match=told) as raised:
        desk.ask(question, arguments)
    assert "\n" not in str(raised.value)


def test_only_what_was_used_last_is_kept(desk):
    for name in ("gan_grid", "gan_ring", "maemgan_grid", "mdgan_grid", "gan_grid", "mgan_ring"):
        desk.ask("open", {"model": name})
    assert list(desk._open) == ["maemgan_grid", "mdgan_grid", "gan_grid", "mgan_ring"]
