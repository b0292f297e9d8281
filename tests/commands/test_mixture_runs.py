"""Runs of many generators: what they write, that they resume exactly, and what they refuse."""

import json

import numpy as np
import pytest
import run_commands
import tensorflow as tf
from PIL import Image

import kgan
from kgan.commands import trained_models
from kgan.commands.train import run
from kgan.errors import DataError, InputError, RunError
from kgan.runs import Config, Run
from kgan.zoo import card

SMALL = {"samples_per_generator": 8, "generators": 3}


def config(method, directory, steps, **changes):
    arguments = {**SMALL, **changes.pop("arguments", {})}
    options = {"batch_size": 24, "samples": 600, "strategy": "none", "seed": 1, **changes}
    return Config(
        method, "ring", output_dir=str(directory), steps=steps, arguments=arguments, **options
    )


@pytest.fixture(autouse=True, scope="module")
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KGAN_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.mark.parametrize("method", ["mgan", "mimgan"])
def test_whole_run_and_one_in_two_parts(method, tmp_path):
    result = run(config(method, tmp_path / "whole", 510, decay="none")).evaluation
    assert result["generators"] == 3
    assert np.shape(result["generator_modes"]) == (3, 8)
    assert sum(result["generator_samples"]) == 600
    assert 0 <= result["generator_overlap"] <= 1
    assert 1 <= result["effective_generators"] <= 3
    assert result["distinct_generators"] <= 3 + 1e-6
    assert set(result["active_units"]) and all(0 < v <= 1 for v in result["active_units"].values())
    assert result["wasserstein"] > result["real"]["wasserstein"] > 0

    rows = run_commands.rows(tmp_path / "whole")
    column = "shared" if method == "mimgan" else "diversity_loss"
    for row in rows:
        assert 0 <= float(row[column]) <= np.log(3) + 1e-3
        assert 0 < float(row["active_units_1"]) <= 1
    snapshots = sorted((tmp_path / "whole" / "samples").glob("step_*.npz"))
    with np.load(snapshots[-1]) as file:
        assert set(file["generators"]) == {0, 1, 2}
    report = (tmp_path / "whole" / "report.html").read_text()
    assert "What each generator does" in report
    flags = json.loads((tmp_path / "whole" / "config.json").read_text())["flags"]
    assert (flags["generators"], flags["samples_per_generator"]) == (3, 8)
    signatures = tf.saved_model.load(str(tmp_path / "whole" / "saved_model" / "1")).signatures
    seeds = tf.constant([[0, i] for i in range(4)])
    options = {"generator": tf.fill([4], 2), "truncation": tf.zeros([4])}
    drawn = signatures["sample_with_options"](seeds=seeds, **options)
    np.testing.assert_array_equal(drawn["generator"], [2] * 4)

    parts = tmp_path / "parts"
    quiet = {"evaluate": False, "export": False}
    run(config(method, parts, 500, **quiet, decay="none"))
    run(config(method, parts, 510, **quiet, decay="none"))
    whole, other = run_commands.state(tmp_path / "whole"), run_commands.state(parts)
    same = [k for k in whole if "510" in k or k.startswith("model.keras")]
    assert len(same) > 20
    for key in same:
        assert np.asarray(whole[key]).tobytes() == np.asarray(other[key]).tobytes(), key


def test_images_by_generator(archive, tmp_path):
    result = run(
        Config(
            "mgan",
            "npz",
            data_dir=str(archive),
            output_dir=str(tmp_path / "run"),
            steps=20,
            batch_size=24,
            samples=60,
            strategy="none",
            arguments=SMALL,
        )
    ).evaluation
    assert np.shape(result["generator_classes"]) == (3, 2)
    assert np.sum(result["generator_classes"]) == 60
    path = sorted((tmp_path / "run" / "samples").glob("step_*.npz"))[-1]
    with np.load(path) as file:
        assert file["by_generator"].shape == (3, 8, 8, 8, 1)
    made_and_told(Run(tmp_path / "run"), tmp_path / "models")


def made_and_told(run, output):
    """A trained model of the run, compressed, and its card."""
    folder = trained_models.make(run, output, stored_as="int8", rank=8)
    assert folder == output / "mgan_npz"
    trained_models.write_pages(output)
    told = card.read(folder)
    assert (told["class"], told["generators"], told["stored_as"]) == ("MGAN", 3, "int8")
    assert told["not_of_the_preset"] == ["steps", "batch_size", *SMALL]
    # Measured again, on the weights as they are stored.
    assert told["scores_before"]["frechet_distance"] == run.scores["frechet_distance"]
    assert told["scores"]["frechet_distance"] != run.scores["frechet_distance"]
    assert told["scores"]["samples"] == 60
    layers = [(one["network"], one["shape"]) for one in told["compressed"]["layers"]]
    of_the_generator = [("generator", [3, 64, 1024]), ("generator", [1024, 512])]
    assert layers == [*of_the_generator, ("discriminator", [512, 1024])]
    assert 0.5 < told["compressed"]["discriminate"]["logits"] < 1
    page = (folder / "card.md").read_text()
    assert "of the generator (1,024 x 512)" in page and "| stored as | int8, rank 8 |" in page
    assert "| generator | share of the samples | by class |" in page
    assert "the owner's; ask before you give the model away" in page
    pictures = [Image.open(folder / name).size for name in ("samples.png", "generators.png")]
    assert pictures == [(2 * 78, 2 * 78), (2 * 78, 2 * 28)]
    assert "[mgan_npz](mgan_npz/card.md)" in (output / "README.md").read_text()
    samples = kgan.MGAN.from_preset(folder).sample(3, seed=0, generator=1)
    served = tf.saved_model.load(str(folder / "1")).signatures["serving_with_options"]
    latents = kgan.MGAN.from_preset(folder).sample_latents(3, seed=0)
    drawn = served(latents=tf.constant(latents), generator=tf.fill([3], 1))["samples"]
    np.testing.assert_allclose(drawn, samples, atol=1e-5)


@pytest.mark.parametrize(
    ("method", "arguments", "error", "message"),
    [
        ("mgan", {"generators": 0}, InputError, "generators must be at least 1"),
        ("mgan", {"generators": -3}, InputError, "generators must be at least 1"),
        ("mgan", {"mixture_weights": [0.5, 0.9, 0.1]}, InputError, "sum 1"),
        ("mgan", {"samples_per_generator": 0}, InputError, "samples_per_generator must be"),
        ("mimgan", {"measure": "paired"}, InputError, "give same_noise=True"),
        ("mimgan", {"classifier": "nowhere.keras"}, DataError, "no classifier at nowhere.keras"),
    ],
)
def test_bad_arguments_leave_nothing_behind(method, arguments, error, message, tmp_path):
    with pytest.raises(error, match=message):
        run(config(method, tmp_path / "run", 500, arguments=arguments))
    assert not (tmp_path / "run" / "config.json").exists()


def test_another_number_of_generators_is_not_the_same_run(tmp_path):
    quiet = {"evaluate": False, "export": False}
    run(config("mgan", tmp_path / "run", 250, **quiet))
    with pytest.raises(RunError, match="generators"):
        run(config("mgan", tmp_path / "run", 250, arguments={"generators": 4}, **quiet))
