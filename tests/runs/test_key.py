"""The key of a result: what was computed, and nothing else."""

import dataclasses
import json

import pytest

from kgan.methods import golden
from kgan.runs import key
from kgan.runs.config import Config
from kgan.studies.store import Store


def digest(*args, **options):
    return key.digest(key.identity(Config(*args, **options)))


def test_what_is_said_and_what_holds_anyhow_are_the_same():
    usual = digest("mdgan", "grid")
    assert digest("mdgan", "grid", steps=10_000, learning_rate=1e-3, decay="cosine") == usual
    assert digest("mdgan", "grid", data_options={"std": 0.05}) == usual
    # As a number of another kind, and as an option that is its class's default.
    arguments = {"components": 10.0, "likelihood": "max"}
    assert digest("mdgan", "grid", arguments=arguments) == usual
    assert digest("maemgan", "grid", arguments={"regularizer": {"local": 3}}) == digest(
        "maemgan", "grid", arguments={"local": 3.0}
    )


def test_a_norm_of_the_discriminator_is_part_of_it_where_it_is_not_the_presets():
    usual = digest("gan", "fashion_mnist")
    assert digest("gan", "fashion_mnist", arguments={"discriminator_norm": "batch"}) == usual
    assert "discriminator_norm" not in key.identity(Config("gan", "fashion_mnist"))["arguments"]
    config = Config("gan", "fashion_mnist", arguments={"discriminator_norm": "spectral"})
    assert key.identity(config)["arguments"]["discriminator_norm"] == "spectral"
    assert key.digest(key.identity(config)) != usual
    read = Config.from_flags("gan", "fashion_mnist", config.resolved().flags())
    assert key.identity(read) == key.identity(config)


def test_what_config_json_has_gives_the_same():
    """Tuples come back from it as lists."""
    for method, dataset in (("mimgan", "stacked_fashion_mnist"), ("maemgan", "ring")):
        config = Config(method, dataset, data_options={}).resolved()
        read = Config.from_flags(method, dataset, config.flags())
        assert key.digest(key.identity(read)) == key.digest(key.identity(config))


def test_flags_of_former_names_are_the_same_run():
    """MIM-GAN's classifier had `network` and `noise`, which are other things elsewhere."""
    today = Config("mimgan", "grid").resolved()
    renamed = {"classifier_network": "network", "classifier_noise": "noise"}
    renamed |= {"classifier_attributes": "attributes"}
    renamed |= {"classifier_label_smoothing": "label_smoothing"}
    before = {renamed.get(k, k): v for k, v in today.flags().items()}
    del before["classifier_any_attribute"]
    assert Config.from_flags("mimgan", "grid", before).flags() == today.flags()
    arguments = key.identity(today)["arguments"]
    assert {"network", "noise", "attributes", "label_smoothing"} <= arguments.keys()
    assert not any(name.startswith("classifier_") for name in arguments)
    kept = Store().find(key.digest(key.identity(Config("mimgan", "grid", seed=0))), 0)
    assert kept is not None and kept.identity == key.identity(today)


def test_where_things_lie_and_what_is_done_besides_are_no_part():
    usual = digest("mdgan", "grid")
    options = {"output_dir": "x", "strategy": "none", "resume": False, "export": False}
    assert digest("mdgan", "grid", **options, watch_collapse=False, evaluate=False) == usual
    assert digest("mdgan", "grid", seed=3) == usual  # It stands beside the key.


@pytest.mark.parametrize(
    "change",
    [
        {"steps": 9_999},
        {"batch_size": 128},
        {"learning_rate": 2e-3},
        {"discriminator_rate": 0.25},
        {"decay": "none"},
        {"samples": 9_999},
        {"precision": "mixed_bfloat16"},
        {"feature_network": "mine.keras"},
        {"arguments": {"components": 8}},
        {"data_options": {"std": 0.06}},
    ],
    ids=str,
)
def test_settings_are_part_of_it(change):
    assert digest("mdgan", "grid", **change) != digest("mdgan", "grid")


def test_a_variant_of_the_preset_is_part_of_it_and_its_own_name_is_not():
    usual = digest("mdgan", "grid")
    assert digest("mdgan", "grid", preset="mdgan_grid") == usual
    assert digest("mdgan", "grid", preset="mdgan_grid_authors") != usual


def test_so_are_the_optimizers_and_the_golden_trajectory(monkeypatch):
    usual = digest("mdgan", "grid")
    preset = key.presets.get("mdgan_grid")
    with monkeypatch.context() as patch:
        patch.setattr(key.presets, "get", lambda name: dataclasses.replace(preset, beta_2=0.99))
        assert digest("mdgan", "grid") != usual
    with monkeypatch.context() as patch:
        # Neither how often it is logged nor how many steps a call makes.
        quiet = dataclasses.replace(preset, interval=1_000, steps_per_execution=1)
        patch.setattr(key.presets, "get", lambda name: quiet)
        assert digest("mdgan", "grid") == usual
    kept = golden.tag
    monkeypatch.setattr(golden, "tag", lambda method, kind: kept(method, kind) + kind)
    assert digest("mdgan", "grid") != usual


def test_it_is_plain(tmp_path):
    config = Config("mgan", "folder", data_dir=str(tmp_path), data_options={"image_size": 32})
    identity = key.identity(config)
    assert json.loads(json.dumps(identity)) == identity
    assert identity["data"]["data_dir"] == str(tmp_path)
