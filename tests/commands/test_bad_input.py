"""What a user can do wrong: one sentence, the right exit status, and nothing harmed."""

import gzip
import json
import shutil
import signal
import time

import numpy as np
import pytest
import run_commands
from PIL import Image

from kgan.backend import strategies
from kgan.commands import launch
from kgan.commands.train import run
from kgan.errors import InputError
from kgan.runs import Config

TINY = ("--steps=250", "--batch_size=32", "--noevaluate", "--noexport")


@pytest.fixture(scope="module")
def fails(commands, tmp_path_factory):
    """Runs a command that must fail with a status; returns its one sentence."""
    logs = tmp_path_factory.mktemp("logs")

    def check(status, *flags, app="mdgan", **env):
        log = logs / f"{len(list(logs.iterdir()))}.log"
        ended, output = commands.run(f"apps.{app}", *TINY, *flags, log=log, env=env)
        assert ended == status, output
        assert "Traceback" not in output
        sentences = [line for line in output.splitlines() if line.startswith("error: ")]
        assert sentences == output.splitlines()[-1:], output
        return sentences[0]

    return check


@pytest.fixture(scope="module")
def finished(commands, tmp_path_factory):
    """The directory of a run on points."""
    directory = tmp_path_factory.mktemp("finished") / "run"
    flags = (*TINY, "--dataset=grid", f"--output_dir={directory}")
    status, output = commands.run("apps.mdgan", *flags, log=directory.parent / "log")
    assert status == 0, output
    return directory


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--components=0",), "components must be at least 2. Received: components=0"),
        (("--components=-3",), "components must be at least 2. Received: components=-3"),
        (("--components=1",), "components must be at least 2. Received: components=1"),
        (("--steps=0",), "--steps must be over 0. Received: 0"),
        (("--steps=-5",), "--steps must be over 0. Received: -5"),
        (("--batch_size=0",), "--batch_size must be over 0. Received: 0"),
        (("--batch_size=-64",), "--batch_size must be over 0. Received: -64"),
        (("--learning_rate=-1",), "--learning_rate must be over 0. Received: -1.0"),
        (
            ("--learning_rate=nan",),
            "--learning_rate must be a finite number or None. Received: nan",
        ),
        (("--discriminator_rate=0",), "--discriminator_rate must be over 0. Received: 0.0"),
        (("--samples=1",), "--samples must be at least 2. Received: 1"),
        (("--seed=-1",), "--seed must lie in 0..4294967295. Received: -1"),
        (("--variance_real=-0.1",), "variance_real must be over 0. Received: -0.1"),
        (("--variance_fake=nan",), "variance_fake` must be a finite number. Received: nan"),
        (("--ema_decay=1",), "ema_decay must lie in (0, 1). Received: 1.0"),
        (("--mode_std=-1",), "std must be positive"),
        (("--mode_std=1", "--mode_variance=1"), "exactly one of std and variance"),
        (("--mode_weights=1,2",), "one weight for each of the 25 modes, received 2"),
        (("--mode_weights=a,b",), "--mode_weights must be numbers. Received: 'a'"),
        (("--image_size=8",), "takes no data_dir or image_size"),
        (("--batch_size=100001",), "larger than the data: received batch_size=100001"),
        (("--dataset=npz",), "'npz' needs data_dir"),
        (("--strategy=multi_worker",), "needs TF_CONFIG"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_numbers_that_cannot_be(tmp_path, capfd, monkeypatch, configured, flags, message):
    """In this process, for the time that it takes."""
    monkeypatch.delenv("TF_CONFIG", raising=False)
    monkeypatch.setattr(strategies, "make_strategy", one_device(strategies.make_strategy))
    monkeypatch.setattr(launch.logging.get_absl_handler(), "addFilter", lambda _: None)
    output = tmp_path / "run"
    given = (*TINY, f"--output_dir={output}", *flags)
    assert launch.run(lambda: run(configured("mdgan", *given)) and 0) == 2
    sentence = capfd.readouterr().err.splitlines()[-1]
    assert sentence.startswith("error: ")
    assert message in sentence
    # The corrected command must find its directory free.
    assert not output.exists()


def one_device(make_strategy):
    """MirroredStrategies of other tests must not meet one of two devices here."""
    return lambda name: make_strategy("none" if name in ("auto", "mirrored") else name)


def test_a_batch_that_does_not_divide(tmp_path, monkeypatch, two_replicas):
    monkeypatch.setattr(strategies, "make_strategy", lambda name: two_replicas)
    config = Config("mdgan", "grid", batch_size=33, output_dir=str(tmp_path / "run"))
    with pytest.raises(InputError, match="batch_size=33 on 2 replicas; use a multiple of 2"):
        run(config)
    assert not (tmp_path / "run").exists()


def test_commands(fails, finished, digests, tmp_path):
    """The same as processes, with status and all, and in an order that costs little."""
    before = digests(finished)
    here = f"--output_dir={finished}"
    assert "There is no data set 'gird'. Did you mean grid" in fails(2, "--dataset=gird", here)
    assert "holds a run already and --noresume was given" in fails(1, "--noresume", here)
    assert "holds a run of 'mdgan', and this is 'gan'" in fails(1, here, app="gan")
    assert "--batch_size=32, and this one has --batch_size=16" in fails(1, here, "--batch_size=16")
    assert digests(finished) == before

    path = tmp_path / "file"
    path.write_text("mine")
    sentence = fails(1, f"--output_dir={path}/run")
    assert f"The output directory {path}/run cannot be written: Not a directory." in sentence
    assert path.read_text() == "mine"


def test_no_network(fails, tmp_path):
    """Within 5 seconds, imports aside; the proxy that nobody answers at stands for it."""
    began = time.monotonic()
    sentence = fails(
        1,
        "--dataset=cifar10",
        f"--output_dir={tmp_path / 'run'}",
        TFDS_DATA_DIR=str(tmp_path),
        https_proxy="http://127.0.0.1:9",
        HTTPS_PROXY="http://127.0.0.1:9",
    )
    assert time.monotonic() - began < 60  # TFDS would take 205; 5 are kgan.data's own test.
    assert "'cifar10' is not on this machine" in sentence
    assert "cannot be reached" in sentence
    assert not (tmp_path / "run").exists()


def idx(path, array):
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    path.write_bytes(gzip.compress(header + array.tobytes()))


def test_broken_data(fails, archive, tmp_path):
    output = f"--output_dir={tmp_path / 'run'}"

    images = np.zeros((40, 28, 28), np.uint8)
    for split in ("train", "t10k"):
        idx(tmp_path / f"{split}-images-idx3-ubyte.gz", images)
        idx(tmp_path / f"{split}-labels-idx1-ubyte.gz", images[:, 0, 0])
    # Only the test split is broken: found before training, not after.
    broken = tmp_path / "t10k-images-idx3-ubyte.gz"
    broken.write_bytes(broken.read_bytes()[:50])
    flags = ("--dataset=mnist", f"--data_dir={tmp_path}", "--evaluate", output)
    assert f"The IDX file {broken} cannot be read" in fails(1, *flags)

    cut = tmp_path / "cut.npz"
    cut.write_bytes(archive.read_bytes()[:500])
    flags = ("--dataset=npz", f"--data_dir={cut}", output)
    assert f"The file {cut} cannot be read" in fails(1, *flags)

    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(20):
        Image.fromarray(images[0]).save(folder / f"{number:02d}.png")
    (folder / "07.png").write_bytes((folder / "07.png").read_bytes()[:40])
    flags = ("--dataset=folder", f"--data_dir={folder}", "--strict", output)
    sentence = fails(1, *flags)
    assert "07.png" in sentence and "--nostrict" in sentence
    assert not (tmp_path / "run").exists()


def test_losses_that_are_not_finite(fails, finished, tmp_path, digests):
    """They stop the run and keep its last good checkpoint, and all that was there."""
    directory = shutil.copytree(finished, tmp_path / "run")
    # As if the run had had this rate from the start.
    config = json.loads((directory / "config.json").read_text())
    config["flags"]["learning_rate"] = 1e30
    (directory / "config.json").write_text(json.dumps(config))
    before = digests(directory)
    flags = ("--learning_rate=1e30", "--steps=1000", f"--output_dir={directory}")
    sentence = fails(1, *flags)
    assert "_loss became " in sentence
    assert " at step 25" in sentence  # 251 to 259: it names the step, not the execution's end.
    assert "go back to the last checkpoint" in sentence
    assert f"The last good checkpoint is {directory}/checkpoints/step-250." in sentence
    after = digests(directory)
    for name in before:
        if not name.startswith(("config", "samples/step_000000250")):
            assert after[name] == before[name], name
    assert {n for n in after if n.startswith("checkpoints")} == {
        n for n in before if n.startswith("checkpoints")
    }


def test_a_full_disk_and_more_steps(commands, finished, tmp_path, digests):
    """A limit on the size of files stands for it: the checkpoint does not fit."""
    rows = run_commands.rows(finished)
    directory = shutil.copytree(finished, tmp_path / "run")
    before = {n: d for n, d in digests(directory).items() if n.startswith("checkpoints")}
    command = ("--steps=500", f"--output_dir={directory}")
    status, output = commands.run(
        "tests.commands.small_files",
        *TINY,
        *command,
        log=tmp_path / "log",
        env={"FILE_LIMIT": "400000"},
    )
    assert status == 1, output
    assert "Traceback" not in output
    assert "step-500 cannot be written" in output.splitlines()[-1]
    assert {n: d for n, d in digests(directory).items() if n in before} == before
    # With room again it goes on.
    status, output = commands.run("apps.mdgan", *TINY, *command, log=tmp_path / "log")
    assert status == 0, output
    assert "Going on from the checkpoint of step 250." in output
    assert run_commands.rows(directory)[:-1] == rows
    assert [row["step"] for row in run_commands.rows(directory)] == ["250", "500"]
    assert (directory / "samples" / "step_000000500.npz").exists()
    assert json.loads((directory / "config.json").read_text())["flags"]["steps"] == 500


def test_an_interrupt_that_a_library_has_made_an_error_of(capsys):
    """As Keras does within a layer's call."""

    def job():
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise ValueError("Exception encountered when calling Dense.call().") from None

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, signal.default_int_handler) for number in numbers]
    try:
        assert launch.run(job, in_children=True) == 130
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
    assert capsys.readouterr().err.startswith("error: Interrupted. The same command goes on")
