"""Before anything else: quiet C++, two logical CPUs for the tests of replicas."""

import gc
import os
import shutil
import subprocess

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Several processes share the cores: threads of each would wait for one another.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
import tensorflow as tf
from command_server import CommandServer

from benchmarks import golden

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration(), tf.config.LogicalDeviceConfiguration()],
)

# Half a million objects of libraries live until the end: a collection need not look at them. It
# comes with every `clear_session`, and by itself with each few thousand objects of a graph.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)

# A data set of a test's or of Keras' own tunes itself meanwhile, and its end waits for the next
# look of that thread, of seconds: together minutes. kgan's stream has none.
_PLAIN = tf.data.Options()
_PLAIN.autotune.enabled = False
_apply = tf.data.Dataset._apply_debug_options
tf.data.Dataset._apply_debug_options = lambda self: _apply(self.with_options(_PLAIN))


@pytest.fixture(scope="session")
def two_replicas():
    """A strategy over two logical CPUs.

    One for all tests: collectives of a second MirroredStrategy in the same process would
    take the first one's instance keys, and meet its shapes.
    """
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


@pytest.fixture(autouse=True, scope="module")
def plain_graphs(request):
    """Graphs of methods and games as they are made, for they run for a few steps each.

    The passes that would make them faster take as long; commands and all other tests have them, and
    `test_door.py`: in layers that are fused a weight that is no number may reach no loss.
    """
    short = request.path.parent.name in ("methods", "game") and request.path.name != "test_door.py"
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": short})
    yield
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": False})


@pytest.fixture
def float64():
    """All that Keras makes meanwhile is of float64: rounding hides nothing that differs."""
    with golden.float64():
        yield


@pytest.fixture
def small_disk(tmp_path):
    """An empty folder on a file system of 2 MB, where this machine lets us make one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    asked = [mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)] if mount else ["false"]
    if subprocess.run(asked, capture_output=True, check=False).returncode:
        pytest.skip("no file system of a given size can be made here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture(scope="session")
def commands():
    """Starts commands of the applications: `commands.run("apps.mdgan", "--steps=9", log=...)`."""
    with CommandServer() as server:
        yield server


def pytest_collection_modifyitems(items):
    """Long files first: a process that has done its part then waits little for the others."""
    long = ("studies", "commands", "methods", "runs", "reporting", "game")
    order = {folder: place for place, folder in enumerate(long)}
    items.sort(key=lambda item: order.get(item.path.parent.name, len(long)))
