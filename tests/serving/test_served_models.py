"""The trained models as a server answers them: this one, or those that KGAN_SERVING names.

`KGAN_SERVING="http://localhost:8501 grpc://localhost:8500"` asks TensorFlow Serving's own.
"""

import os
import re
import shutil
import subprocess
import threading
from pathlib import Path

import numpy as np
import pytest

import kgan
from kgan.serving import open_saved_model
from kgan.serving.server.running import Server

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "saved_models"
ELSEWHERE = os.environ.get("KGAN_SERVING", "").split()


@pytest.fixture(scope="module")
def addresses():
    """By interface, where the models are served."""
    if ELSEWHERE:
        yield {url.partition("://")[0]: url for url in ELSEWHERE}
        return
    server = Server(MODELS, rest_api_port=0, port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield {"http": server.url, "grpc": f"grpc://{server.host}:{server.port}"}
    server.stop()
    thread.join()


@pytest.fixture(params=["http", "grpc"])
def client(addresses, request):
    if request.param not in addresses:
        pytest.skip(f"KGAN_SERVING names no {request.param}://")
    return kgan.serving.Client(addresses[request.param], batch_size=40)


def test_all_are_there(client):
    names = [path.parent.parent.name for path in MODELS.glob("*/1/saved_model.pb")]
    assert client.models(names) == {name: [1] for name in names}


@pytest.fixture(scope="module")
def loaded():
    """SavedModels by name, without a server."""
    cache = {}

    def load(name, **options):
        key = (name, *options.items())
        if key not in cache:
            cache[key] = open_saved_model(MODELS / name, signature="sample", **options)
        return cache[key]

    return load


@pytest.mark.parametrize("name", ["mdgan_grid", "mgan_ring", "invertgan_grid"])
def test_samples_are_those_of_the_file(client, loaded, name):
    found = client.sample(100, model=name, seed=3)
    np.testing.assert_allclose(found, loaded(name).sample(100, seed=3), atol=1e-4)


def test_a_generator_of_a_mixture_and_truncation(client, loaded):
    found = client.sample(100, model="mgan_ring", seed=3, generator=5)
    expected = loaded("mgan_ring", generator=5).sample(100, seed=3)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    near = client.sample(100, model="mgan_ring", seed=3, generator=5, truncation=0.1)
    assert near.std(axis=0).max() < 0.5 * found.std(axis=0).min()
    with pytest.raises(kgan.InputError, match=r"refuses the request: .*0\.\.7, or be -1"):
        client.sample(1, model="mgan_ring", generator=8)
    with pytest.raises(kgan.InputError, match="no choice of a generator"):
        client.sample(1, model="mdgan_grid", generator=8)


def test_embeddings_and_latents(client, loaded):
    points = loaded("mdgan_grid").sample(50, seed=1)
    expected = loaded("mdgan_grid").discriminate(points)["embedding"]
    np.testing.assert_allclose(client.embed(points, model="mdgan_grid"), expected, atol=1e-4)
    latents = client.invert(points, model="invertgan_grid")
    assert latents.shape[0] == 50 and np.isfinite(latents).all()


def test_what_is_refused(client):
    for ask, words in (
        (lambda: client.sample(1, model="none"), "no such model"),
        (lambda: client.invert([[0, 0]], model="mdgan_grid"), 'invert"? ?not found|not found'),
        (lambda: client.embed([[0, 0, 0]], model="mdgan_grid"), "refuses the request"),
    ):
        with pytest.raises(kgan.InputError, match=words):
            ask()


def shell_blocks(path, word):
    """Blocks of shell lines of a page that hold a word."""
    blocks = re.findall(r"^```\n(.*?)^```", path.read_text(), re.DOTALL | re.MULTILINE)
    return [block for block in blocks if word in block]


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
@pytest.mark.skipif(bool(ELSEWHERE), reason="the page's lines are run against this server")
def test_the_lines_of_the_page_run(addresses, monkeypatch):
    """`curl` by the shell, Python as it stands, with this server's ports."""
    page = ROOT / "docs" / "serving.md"
    ports = {
        "http://localhost:8501": addresses["http"],
        "grpc://localhost:8500": addresses["grpc"],
        "localhost:8500": addresses["grpc"].partition("://")[2],
    }

    def here(code):
        for written, real in ports.items():
            code = code.replace(written, real)
        return code

    (lines,) = shell_blocks(page, "curl ")
    done = subprocess.run(
        ["bash", "-euc", here(lines)], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.count('"outputs"') == 1 and done.stdout.count('"predictions"') == 1
    assert "AVAILABLE" in done.stdout
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(), flags=re.DOTALL)
    names = {}
    monkeypatch.chdir(ROOT)
    for code in blocks:
        exec(compile(here(code), str(page), "exec"), names)
    assert names["alone"]["samples"].shape == (4, 2)
    assert names["points"].shape == names["samples"].shape == (64, 2)
    np.testing.assert_allclose(names["points"], names["samples"], atol=1e-5)
