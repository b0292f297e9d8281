"""The methods' METHODs, and what is made of them: catalog, exports, options, README's table."""

import json
from pathlib import Path

import pytest

import kgan
from benchmarks import catalog as writer
from kgan.game import manifold_entropy, neighbours
from kgan.game.adversarial import AdversarialModel
from kgan.losses import simplex
from kgan.methods import catalog, invertgan, mimgan, options, registry


def test_the_catalog_is_of_the_methods_as_they_are():
    assert json.loads(catalog.PATH.read_text()) == writer.contents(), (
        "Make it anew: python -m benchmarks.catalog"
    )


def test_every_file_of_the_folder_is_a_method_of_the_stub():
    helpers = {"__init__", "catalog", "method", "options", "provenance", "registry"}
    folder = Path(registry.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - helpers
    declared = {
        method.model.__module__.rpartition(".")[2] for method in registry.methods().values()
    }
    assert declared <= files
    assert len(files) == len(registry.methods())


def test_classes_are_exported():
    for method in registry.methods().values():
        assert getattr(kgan, method.model.__name__) is method.model
        assert issubclass(method.model, AdversarialModel)


def test_documents_are_of_the_methods_as_they_are():
    for path, text in writer.documents().items():
        assert path.read_text() == text, "Make it anew: python -m benchmarks.catalog"


def test_a_class_has_the_last_word_on_its_defaults():
    found = {o.name: o.default for o in catalog.methods()["invertgan"].options}
    assert found["latent_distribution"] == "normal"
    found = {o.name: o.default for o in catalog.methods()["mdgan"].options}
    assert found["latent_distribution"] == "uniform"


@pytest.mark.parametrize(
    ("method", "option", "choices"),
    [
        ("mdgan", "likelihood", simplex.LIKELIHOODS),
        ("mdgan", "vertex_scale", simplex.VERTEX_SCALES),
        ("mimgan", "measure", mimgan.MEASURES),
        ("mimgan", "loss", mimgan.LOSSES),
        ("invertgan", "gaussian_loss", invertgan.GAUSSIAN_LOSSES),
        ("maemgan", "neighbours", neighbours.NEIGHBOURS),
    ],
)
def test_choices_are_what_the_class_takes(method, option, choices):
    found = {o.name: o for o in catalog.methods()[method].options}
    assert set(found[option].choices) == set(choices)


def test_options_are_read_off_signatures_and_docstrings():
    found = {o.name: o for o in options.options(registry.methods()["mdgan"]).values()}
    assert (found["components"].type, found["components"].optional) == ("int", True)
    assert (found["variance_real"].type, found["variance_real"].default) == ("float", 0.25)
    assert found["fresh_noise"].type == "bool"
    assert found["epsilon"].about == (
        "Kept between the likelihood and 1; bounds the gradients at the peak."
    )
    # What a run sets itself, and networks, are none.
    assert not {"seed", "preset", "generator", "discriminator", "regularizer"} & found.keys()
    fixed = {o.name for o in options.options(registry.methods()["maemgan"]).values()}
    assert "loss" not in fixed
    assert {"entropy", "embedding_dim"} <= fixed
    assert manifold_entropy.ManifoldEntropy.__name__ == "ManifoldEntropy"


def test_one_name_of_a_flag_means_one_thing():
    """Options of a classifier are not called as those of the game, of whatever method."""
    every = [o for entry in catalog.methods().values() for o in entry.options] + catalog.terms()
    types = {}
    for option in every:
        assert types.setdefault(option.name, option.type) == option.type, option.name
    of_classifiers = {o.name for o in catalog.options("classifier")}
    assert {"network", "noise", "attributes"} <= of_classifiers
    assert {o.name for o in every} & of_classifiers == {"noise"}  # Of MaEM-GAN's neighbours alone.
    mine = {o.name: o for o in catalog.methods()["mimgan"].options}
    assert {f"classifier_{name}" for name in of_classifiers} < mine.keys()
    assert not of_classifiers & mine.keys()


def test_an_unknown_data_set_names_those_that_there_are():
    with pytest.raises(
        kgan.InputError, match=r"SN-GAN, residual has no preset for 'grid'.*cifar10"
    ):
        catalog.methods()["sngan_resnet"].preset("grid")
