"""Games by name: untrained, of a folder, of an address, and what is said where there is none."""

import functools
import http.server
import json
import threading

import keras
import numpy as np
import pytest

import kgan
from kgan.errors import DataError, InputError, RunError
from kgan.methods import registry
from kgan.zoo import card, places


def trained(preset="mdgan_ring", **changes):
    """A model of a preset, a step after its making."""
    keras.utils.set_random_seed(0)
    model = kgan.AdversarialModel.from_preset(preset, **changes)
    model.step.assign(3)
    return model


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A saved model, in a folder of the preset's name."""
    folder = tmp_path_factory.mktemp("models") / "mdgan_ring"
    assert trained().save_to_preset(folder) == folder
    return folder


@pytest.fixture
def nothing_at_hand(monkeypatch, tmp_path):
    monkeypatch.setattr(places, "_CHECKOUT", tmp_path)
    for name in ("KGAN_MODELS", "KGAN_MODELS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KGAN_CACHE", str(tmp_path / "cache"))


def test_a_model_says_whether_it_is_trained(folder):
    fresh = kgan.MDGAN.from_preset("mdgan_ring")
    assert not fresh.trained
    assert repr(fresh).endswith(", preset=mdgan_ring, untrained>")
    loaded = kgan.MDGAN.from_preset(folder)
    assert loaded.trained
    assert repr(loaded).endswith(", preset=mdgan_ring, trained for 3 steps>")


def test_a_saved_model_has_the_same_bits(folder):
    samples = trained().sample(8, seed=0)
    told = card.read(folder)
    assert (told["class"], told["preset"], told["steps"]) == ("MDGAN", "mdgan_ring", 3)
    assert list(told["files"]) == ["model.keras"]
    loaded = kgan.MDGAN.from_preset(str(folder))
    assert loaded.optimizers == {}
    for model in (loaded, keras.models.load_model(folder / "model.keras")):
        np.testing.assert_array_equal(model.sample(8, seed=0), samples)
    loaded.compile()
    assert type(loaded.optimizers["generator"]) is kgan.Adam


def test_saved_again_it_takes_the_place_and_has_the_same_bytes(folder, tmp_path):
    for _ in range(2):  # The second time there is one.
        kgan.MDGAN.from_preset(folder).save_to_preset(tmp_path / "one")
    kgan.MDGAN.from_preset(folder).save_to_preset(tmp_path / "two")
    assert card.read(tmp_path / "one") == card.read(tmp_path / "two")
    (tmp_path / "mine.txt").touch()
    with pytest.raises(RunError, match="holds no trained model of kgan, and is left as it is"):
        trained().save_to_preset(tmp_path)


def test_where_trained_weights_are_found(folder, nothing_at_hand, monkeypatch):
    assert "trained weights are here" not in kgan.MDGAN.presets["mdgan_ring"]
    monkeypatch.setenv("KGAN_MODELS", str(folder.parent))
    assert kgan.MDGAN.from_preset("mdgan_ring", load_weights=True).trained
    assert kgan.MDGAN.presets["mdgan_ring"].endswith("; trained weights are here")


def test_the_presets_of_a_class():
    assert kgan.MDGAN.presets.keys() == {n for n in kgan.presets.names() if n.startswith("mdgan_")}
    assert "wgan_gp_grid" in kgan.GAN.presets
    assert kgan.AdversarialModel.presets.keys() == set(kgan.presets.names())
    told = kgan.MDGAN.presets["mdgan_grid_authors"]
    assert told.startswith("MD-GAN (authors) on grid: ")
    assert registry.command("mdgan_grid") == "kgan mdgan --dataset=grid"
    assert registry.command("wgan_gp_images") == "kgan gan --method=wgan_gp --dataset=folder"
    variant = "kgan mdgan --dataset=grid --preset=mdgan_grid_authors"
    assert registry.command("mdgan_grid_authors") == variant


def test_what_is_missing_is_told_with_what_makes_it(nothing_at_hand, tmp_path, monkeypatch):
    monkeypatch.setenv("KGAN_MODELS", str(tmp_path))
    with pytest.raises(DataError) as error:
        kgan.GAN.from_preset("gan_ring", load_weights=True)
    assert str(error.value) == (
        f"There are no trained weights of 'gan_ring' in {tmp_path}: make them by `kgan gan "
        "--dataset=ring` and then `kgan zoo --run=...` of its directory, or set KGAN_MODELS to a "
        "folder or KGAN_MODELS_URL to an address that has them."
    )


@pytest.mark.parametrize(
    ("ask", "error", "sentence"),
    [
        (lambda f: kgan.GAN.from_preset(f), InputError, "is one of MDGAN, not of GAN"),
        (lambda f: kgan.MDGAN.from_preset("mdgan_rign", True), InputError, "There is no preset"),
        (lambda f: kgan.MDGAN.from_preset(f.parent), DataError, "holds no trained model of kgan"),
        (lambda f: kgan.MDGAN.from_preset(f / "none"), DataError, "holds no trained model"),
        (lambda f: kgan.MDGAN.from_preset(f, components=3), InputError, "components=3 for "),
        (lambda f: kgan.MDGAN.from_preset(f, load_weights=False), InputError, "a preset's name"),
        (lambda f: kgan.MDGAN.from_preset("mdgan_ring", 1), InputError, "must be True or False"),
        (lambda f: kgan.MDGAN.from_preset(3), InputError, "`name` must be a string or a path"),
    ],
)
def test_errors_are_one_sentence(folder, ask, error, sentence):
    with pytest.raises(error, match=sentence) as found:
        ask(folder)
    assert len(str(found.value).splitlines()) == 1


def test_another_file_than_the_cards_is_refused(tmp_path):
    folder = trained().save_to_preset(tmp_path / "model")
    path = folder / "model.keras"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(DataError, match=r"is not the file that card.json tells of: it has the SHA"):
        kgan.MDGAN.from_preset(folder)
    path.unlink()
    with pytest.raises(DataError, match="it is missing, and should have"):
        kgan.MDGAN.from_preset(folder)
    told = json.loads((folder / "card.json").read_text())
    for broken in ({**told, "format": 99}, {**told, "files": {"model.keras": 3}}, [], {}):
        (folder / "card.json").write_text(json.dumps(broken))
        with pytest.raises(DataError, match=r"is no card of a model|is a newer kgan's"):
            kgan.MDGAN.from_preset(folder)


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def test_an_address_is_asked_once_and_the_hash_is_checked(
    folder, nothing_at_hand, monkeypatch, tmp_path
):
    handler = functools.partial(Handler, directory=folder.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        monkeypatch.setenv("KGAN_MODELS_URL", address)
        with pytest.raises(DataError, match=r"gan_ring/card.json cannot be fetched \(.*404"):
            kgan.GAN.from_preset("gan_ring", load_weights=True)
        kgan.MDGAN.from_preset("mdgan_ring", load_weights=True)
        server.shutdown()
        thread.join()
    model = kgan.MDGAN.from_preset("mdgan_ring", load_weights=True)  # Nobody serves any more.
    np.testing.assert_array_equal(model.sample(8, seed=0), trained().sample(8, seed=0))
    (fetched,) = (tmp_path / "cache" / "models").rglob("model.keras")
    fetched.write_bytes(b"x")
    with pytest.raises(DataError, match="cannot be fetched"):
        kgan.MDGAN.from_preset("mdgan_ring", load_weights=True)
