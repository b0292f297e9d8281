"""Runs of methods with an inverse or unrolled steps: what they write, and that they resume."""

import numpy as np
import pytest
import run_commands
import tensorflow as tf

from kgan.commands.train import run
from kgan.runs import Config


def config(method, directory, steps, **changes):
    options = {"batch_size": 24, "samples": 600, "strategy": "none", "seed": 1, **changes}
    return Config(method, "ring", output_dir=str(directory), steps=steps, decay="none", **options)


@pytest.mark.parametrize("method", ["invertgan", "veegan"])
def test_a_run_of_a_model_with_an_inverse(method, tmp_path):
    result = run(config(method, tmp_path, 250)).evaluation
    found = result["inverse"]
    assert found["data_error"] > 0 and found["latent_error"] > 0
    assert found["floor"]["latent_ks"] < 0.1
    row = run_commands.rows(tmp_path)[-1]
    columns = {
        "invertgan": ("gaussian_distance", "latent_error", "data_error"),
        "veegan": ("log_ratio", "inverse_loss"),
        "bigan": ("generator_loss",),
    }
    assert all(np.isfinite(float(row[name])) for name in columns[method])
    # Of a true batch as large; a few rows have far from the moments of N(0, I).
    floor = row.get("gaussian_distance_floor")
    assert (floor is not None) == (method == "invertgan")
    assert floor is None or float(floor) == pytest.approx(0.779, abs=0.01)
    with np.load(tmp_path / "samples" / "inverse.npz") as file:
        assert file["latents"].shape == (2_000, 2)
        assert file["step"] == 250
    report = (tmp_path / "report.html").read_text()
    assert "What the inverse does" in report
    signatures = tf.saved_model.load(str(tmp_path / "saved_model" / "1")).signatures
    points = tf.constant([[2.0, 0.0], [0.0, 2.0]])
    (latents,) = signatures["invert"](samples=points).values()
    assert latents.shape == (2, 2)


def test_a_run_in_two_parts_is_the_run(tmp_path):
    quiet = {"evaluate": False, "export": False}
    run(config("invertgan", tmp_path / "once", 500, **quiet))
    run(config("invertgan", tmp_path / "parts", 250, **quiet))
    run(config("invertgan", tmp_path / "parts", 500, **quiet))
    whole, other = (run_commands.state(tmp_path / name) for name in ("once", "parts"))
    same = [k for k in whole if "step_000000500" in k or k.startswith("model.keras")]
    assert len(same) > 10
    for key in same:
        np.testing.assert_array_equal(whole[key], other[key], err_msg=key)


def test_a_run_of_unrolled_steps(tmp_path):
    result = run(config("unrolledgan", tmp_path, 20, arguments={"unrolled_steps": 2})).evaluation
    assert result["steps"] == 20
    assert np.isfinite(result["wasserstein"])
    signatures = tf.saved_model.load(str(tmp_path / "saved_model" / "1")).signatures
    assert {"sample", "discriminate"} <= set(signatures)
