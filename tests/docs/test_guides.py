"""The guides run as they stand, at a tiny size: eager steps, one or two of each training."""

import json
import runpy
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import tensorflow as tf

import kgan

FOLDER = Path(__file__).parents[2] / "docs" / "guides"
GUIDES = sorted(FOLDER.glob("*.py"))


@pytest.fixture
def tiny(monkeypatch, tmp_path, guide):
    compiles, fits = kgan.AdversarialModel.compile, kgan.AdversarialModel.fit
    evaluate = kgan.metrics.evaluate

    def compile_eagerly(self, *args, **kwargs):
        compiles(self, *args, **{**kwargs, "steps_per_execution": 1, "run_eagerly": True})

    def fit_a_step(self, x, **kwargs):
        return fits(self, x, **{**kwargs, "steps_per_epoch": 1, "epochs": 1})

    def evaluate_few(source, data, **kwargs):
        return evaluate(source, data, **{**kwargs, "samples": 200})

    monkeypatch.setattr(kgan.AdversarialModel, "compile", compile_eagerly)
    monkeypatch.setattr(kgan.AdversarialModel, "fit", fit_a_step)
    monkeypatch.setattr(kgan.metrics, "evaluate", evaluate_few)
    monkeypatch.chdir(tmp_path)
    # Graphs take longer to make than such runs; what exports needs them.
    tf.config.run_functions_eagerly("export(" not in guide.read_text())
    with matplotlib.rc_context({"backend": "agg"}):
        yield
    tf.config.run_functions_eagerly(False)
    plt.close("all")


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_the_guide_runs(guide, tiny):
    names = runpy.run_path(str(guide))
    assert plt.get_fignums() or guide.stem in ("measure", "serve")
    if guide.stem == "serve":
        np.testing.assert_allclose(names["points"], names["alone"], rtol=1e-5)
    if guide.stem == "many_generators":
        assert set(names["generators"]) <= {0, 1, 2}  # The others are switched off.


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_the_notebook_was_run_to_its_end(guide):
    """Whether it is of this script `make docs` asks."""
    notebook = json.loads(guide.with_suffix(".ipynb").read_text())
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert outputs and all(output["output_type"] != "error" for output in outputs)
