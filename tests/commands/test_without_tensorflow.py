"""Without TensorFlow, or with Keras on another backend: one sentence, and what works without."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APPS = sorted(path.stem for path in (ROOT / "apps").glob("[!_]*.py"))
MISSING = (
    "kgan's models need TensorFlow, and there is none in this environment: "
    'pip install "kgan[tensorflow]", under Python 3.10 to 3.13'
)
# A name in sys.modules that is None cannot be imported, nor found.
HIDDEN = "import sys; sys.modules['tensorflow'] = None; "
APPLICATION = (
    HIDDEN + "import runpy; runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)"
)


def python(code, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        timeout=60,
    )


def test_kgan_is_imported_without_loading_keras():
    done = python("import kgan, sys; assert not {'keras', 'tensorflow'} & {*sys.modules}")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "name",
    ["kgan.MDGAN", "kgan.methods.GAN", "kgan.GeneratorBank", "kgan.presets", "kgan.data.load"],
)
def test_what_needs_tensorflow_says_how_to_install_it(name):
    done = python(f"{HIDDEN}import kgan; {name}")
    assert done.stderr.splitlines()[-1] == f"kgan.errors.BackendError: {MISSING}"


def test_errors_files_and_versions_need_no_tensorflow():
    done = python(f"{HIDDEN}import kgan, kgan.files; kgan.InputError; print(kgan.__version__)")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("app", APPS)
def test_every_application_says_how_to_install_tensorflow(app):
    done = python(APPLICATION, f"apps.{app}")
    assert done.stderr == f"error: {MISSING}\n"
    assert done.returncode == 1


def test_another_backend_is_refused():
    sentence = (
        "kgan's models train on Keras' TensorFlow backend: set KERAS_BACKEND=tensorflow. "
        "Received: KERAS_BACKEND=jax"
    )
    done = python("import kgan; kgan.MDGAN", KERAS_BACKEND="jax")
    assert done.stderr.splitlines()[-1] == f"kgan.errors.BackendError: {sentence}"
    done = python(
        "import runpy; runpy.run_module('apps.gan', None, '__main__')", KERAS_BACKEND="jax"
    )
    assert done.stderr == f"error: {sentence}\n"
    assert done.returncode == 1


def test_a_backend_of_keras_configuration_is_refused(tmp_path):
    (tmp_path / "keras.json").write_text('{"backend": "numpy"}')
    done = python("import kgan; kgan.MDGAN", KERAS_HOME=str(tmp_path))
    assert "set KERAS_BACKEND=tensorflow." in done.stderr.splitlines()[-1]
