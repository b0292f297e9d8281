"""The code in the documentation runs as it stands."""

import re
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]


def python_blocks(path):
    return re.findall(r"```python\n(.*?)```", path.read_text(), flags=re.DOTALL)


def test_the_method_of_the_documentation_trains_and_is_saved(tmp_path):
    code, *_ = python_blocks(ROOT / "docs" / "methods.md")
    names = {}
    exec(compile(code, "docs/methods.md", "exec"), names)
    gan, points = names["gan"], names["points"]
    assert points.shape == (1000, 2)
    assert np.isfinite(points).all()
    gan.save(tmp_path / "mine.keras")
    loaded = type(gan).from_config(gan.get_config())
    loaded.load_weights(tmp_path / "mine.keras")
    np.testing.assert_array_equal(loaded.sample(1000), points)


def test_the_bank_of_the_documentation_trains():
    _, code, *_ = python_blocks(ROOT / "docs" / "methods.md")
    names = {}
    exec(compile(code, "docs/methods.md", "exec"), names)
    assert names["points"].shape == names["of_one"].shape == (1000, 2)
    assert set(names["generators"]) == {0, 1, 2, 3}
    latents = names["gan"].sample_latents(1000)
    np.testing.assert_allclose(names["alone"](latents), names["of_one"], atol=1e-5)


def test_the_plug_in_of_the_documentation_trains():
    _, _, code, *_ = python_blocks(ROOT / "docs" / "methods.md")
    names = {}
    exec(compile(code, "docs/methods.md", "exec"), names)
    assert names["gan"].steps_taken == 20
    assert names["gan"].regularizer.real_codes.pushed.numpy() == 20 * 64


def test_the_readme_example_compiles_and_has_five_lines():
    (code,) = python_blocks(ROOT / "README.md")
    compile(code, "README.md", "exec")
    assert len([line for line in code.splitlines() if line.strip()]) == 5
