"""Every value of every preset has a source, and every stated value that we do not have a reason."""

import json
from pathlib import Path

import pytest

import kgan
from benchmarks import catalog as writer
from benchmarks import provenance as page
from kgan.methods import catalog, options, provenance, registry
from kgan.studies import differences
from kgan.studies.results import Outcome
from kgan.studies.table import Row

METHODS = list(catalog.methods())
FILES = sorted(Path(provenance.__file__).with_name("stated").glob("*.json"))
# Their papers were read whole for this; the others' are known, not quoted.
READ = {"mdgan", "mgan", "mimgan", "invertgan", "maemgan"}
SHORT = {"*", "points", "images"}


@pytest.mark.parametrize("method", METHODS)
def test_no_value_is_without_a_source(method):
    for name, values in provenance.of_method(method).items():
        sourceless = [one.name for one in values if one.kind == "ours" and not one.why]
        assert not sourceless, f"{method}_{name}: say why in its reasons"


@pytest.mark.parametrize("method", METHODS)
def test_each_difference_from_a_paper_or_its_code_has_a_reason(method):
    for name, values in provenance.of_method(method).items():
        unreasoned = [one.name for one in values if one.differs and not one.why]
        assert not unreasoned, f"{method}_{name}: say why in its reasons"
    assert not [one.name for one in provenance.absent(method) if not one.absent]


@pytest.mark.parametrize("method", METHODS)
def test_no_reason_is_for_a_value_that_there_is_not(method):
    found = registry.methods()[method]
    own = list(options.options(found).values())
    own = provenance.of_class(own, catalog.methods()[method].presets.values())
    for name, preset in found.presets.items():
        known = provenance.values(own, catalog.methods()[method].presets[name])
        assert preset.reasons.keys() <= known.keys(), f"{method}_{name}"
    assert found.reasons.keys() <= {option.name for option in options.options(found).values()}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_papers_state_has_a_place(file):
    content = json.loads(file.read_text())
    assert content["title"]
    assert bool(content["repository"]) == bool(content["revision"])
    for method, entries in content["methods"].items():
        presets = catalog.methods()[method].presets
        for entry in entries:
            assert entry.get("where") or (entry["file"] and content["repository"]), entry
            if file.stem in READ and "file" not in entry:
                assert entry["quote"].strip(), entry
            assert SHORT.union(presets).issuperset(entry["presets"]), entry


def test_every_method_has_a_paper_and_names_its_code():
    assert {file.stem for file in FILES} >= {*METHODS} - {"sngan_resnet"}
    text = (writer.DOCS / "methods.md").read_text()
    for name, entry in catalog.methods().items():
        assert provenance.stated(name)
        assert bool(entry.code) == bool(provenance.revision(name))
        assert f"| [{entry.title}](methods/{name}.md) | {entry.idea} | {page.code(entry)} |" in text
    assert page.code(catalog.methods()["invertgan"]) == "none published that we found"


def found(preset):
    return {one.name: one for one in provenance.provenance(preset)}


def test_kinds_are_derived():
    mdgan = found("mdgan_grid")
    assert (mdgan["components"].kind, mdgan["components"].where) == (
        "stated",
        "section 5.2.3, tables 1 and 2",
    )
    assert mdgan["latent_dim"].kind == "code"
    assert mdgan["latent_dim"].where == "eghbalz/mdgan b5b57df, mdgan.ipynb"
    assert mdgan["batch_size"].kind == "ours"
    assert mdgan["batch_size"].why == "one budget for all methods on points"
    assert [s.value for s in mdgan["batch_size"].stated] == ["VEEGAN's", 500]
    # An option that is off needs no source; one that a paper speaks of has one all the same.
    assert "ema_decay" not in mdgan
    assert mdgan["real_epsilon"].kind == "stated"
    assert {found("mdgan_grid_authors")[name].kind for name in ("steps", "decay", "epsilon")} == {
        "code"
    }


@pytest.mark.parametrize(
    ("preset", "name", "value", "stated"),
    [
        ("invertgan_ring", "batch_size", 256, 128),
        ("invertgan_ring", "steps", 30_000, 24_000),
        ("invertgan_grid", "data_consistency", 0.3, 1.0),
        ("mimgan_mnist", "steps", 15_625, 156_250),
        ("mimgan_mnist", "discriminator_norm", "none", "batch"),
        ("mimgan_cifar10", "stddev", 0.01, 0.02),
        ("mgan_ring", "decay", "cosine", "none"),
        ("mdgan_mnist_paper", "learning_rate", 2e-4, 5e-5),
        ("mdgan_mnist", "beta_1", 0.5, 0.0),
        ("maemgan_cifar10", "embedding_dim", 128, 16),
    ],
)
def test_stated_values_that_are_replaced_are_told(preset, name, value, stated):
    one = found(preset)[name]
    assert (one.value, one.kind) == (value, "ours")
    assert stated in [s.value for s in one.stated]
    assert one.differs and one.why
    assert f"`{name}` is {differences.shown(value)}, not " in differences.beside(one)


def test_what_mgan_contradicts_itself_in_is_both():
    stds = {s.where: s.value for s in provenance.stated("mgan") if s.name == "stddev"}
    assert set(stds.values()) == {0.01, 0.02}


def test_an_unknown_preset_is_told():
    with pytest.raises(kgan.InputError, match=r"no preset 'mdgan_gird'.*mdgan_grid"):
        provenance.provenance("mdgan_gird")


def test_the_command_counts_and_lists():
    lines = differences.coverage().splitlines()
    assert [line.split()[0] for line in lines] == ["method", *METHODS]
    counts = {line.split()[0]: line.split()[1:4] for line in lines}
    values = [one for found in provenance.of_method("mgan").values() for one in found]
    assert counts["mgan"] == [str(n) for n in provenance.counts(values).values()]
    assert "none that we found" in lines[1 + METHODS.index("mimgan")]
    listed = differences.listed("mgan_ring")
    assert "diversity" in listed and "table 3" in listed


def outcome(method, dataset, **flags):
    return Outcome(Row("a row", method, dataset, 100, 1.0, flags=flags), [], {}, {}, {})


def test_a_tables_page_says_what_differs_and_why():
    told = differences.told([outcome("invertgan", "ring"), outcome("invertgan", "grid")])
    assert (
        "invertgan_ring, invertgan_grid: `batch_size` is 256, not 128 (section 5.1). "
        "Why: one budget for all methods on points."
    ) in told
    # A row that has a value of its own says so itself, and a bench's own model has no preset.
    told = differences.told([outcome("invertgan", "ring", batch_size=128), outcome("mine", "ring")])
    assert not [line for line in told if "`batch_size`" in line]
    assert differences.told([outcome("mine", "ring")]) == []
    # A row of another preset is told of that one.
    told = differences.told([outcome("invertgan", "ring", preset="invertgan_ring_paper")])
    assert not [line for line in told if "`batch_size`" in line or "`data_consistency`" in line]
    assert any("`loss` is" in line and "invertgan_ring_paper" in line for line in told)


def test_what_a_run_changes_is_given():
    values = {one.name: one.value for one in provenance.provenance("mdgan_grid")}
    kinds = provenance.kinds("mdgan_grid", values)
    assert kinds.keys() == {"stated", "code", "ours"} and "components" in kinds["stated"]
    changed = {**values, "components": 4, "batch_size": 500, "ema_decay": 0.99, "whiten": None}
    kinds = provenance.kinds("mdgan_grid", changed)
    assert kinds["given"] == ["components", "batch_size", "ema_decay"]
    assert not {"components", "batch_size"} & {*kinds["stated"], *kinds["code"], *kinds["ours"]}
    for norm, told in (("spectral", ["discriminator_norm"]), ("batch", None)):
        kinds = provenance.kinds("gan_fashion_mnist", {"discriminator_norm": norm})
        assert kinds.get("given") == told
    assert provenance.kinds("mdgan_mnist", {"discriminator_norm": "batch_convolution"})["given"]
