"""Checkpoints: all state, exactly; a broken one gives way to the one before."""

import contextlib
import os
import shutil
import tempfile

import keras
import numpy as np
import pytest

from kgan.errors import NonFiniteLossError, RunError
from kgan.runs import checkpoints
from kgan.runs.checkpoints import Checkpoints


def shake(gan, step):
    """Another state, as if trained to `step`."""
    rng = np.random.default_rng(step)
    for variable in Checkpoints(gan, "unused")._values:
        if variable.dtype.is_floating:
            variable.assign(rng.normal(size=variable.shape))
    gan.step.assign(step)


@pytest.fixture
def saved(make_gan, tmp_path, state):
    """A game with checkpoints of steps 2, 4 and 6, and its states at these steps."""
    gan = make_gan()
    store = Checkpoints(gan, tmp_path / "checkpoints")
    states = {}
    for step in (2, 4, 6):
        shake(gan, step)
        store.save()
        states[step] = state(gan)
    return gan, store, states


def test_all_state_comes_back(make_gan, points, tmp_path, state, same):
    gan, other = make_gan(), make_gan(seed=9)
    gan.fit(points, batch_size=10, steps_per_epoch=6, verbose=0)
    store = Checkpoints(gan, tmp_path)
    store.save()
    assert store.steps() == [6]
    before = state(other)
    assert Checkpoints(other, tmp_path).restore() == 6
    assert other.steps_taken == 6
    same(state(other), state(gan))
    # Nothing above was the same from the start: weights, slots, Dropout's state, the step.
    moved = [key for key, old in before.items() if old.tobytes() != state(gan)[key].tobytes()]
    for part in ("kernel", "moving_mean", "_momentum", "_velocity", "seed_generator"):
        assert any(part in key for key in moved), part
    assert any(key.endswith("step") for key in moved)


def test_it_holds_every_variable(make_gan, saved):
    gan, store, _ = saved
    held = {id(value) for value in store._values}
    wanted = [*gan.variables, *(v for o in gan.optimizers.values() for v in o.variables)]
    assert all(id(v.value) in held for v in wanted)
    assert len(held) == len({id(v.value) for v in wanted})
    assert sum("seed_generator" in v.path for v in wanted) == 1  # Dropout's: the test means it.


def test_the_loss_scale_of_float16_comes_back(make_gan, tmp_path, state, same):
    def make():
        keras.config.set_dtype_policy("mixed_float16")
        try:
            return make_gan()
        finally:
            keras.config.set_dtype_policy("float32")

    gan = make()
    scaled = gan.optimizers["generator"]
    assert isinstance(scaled, keras.optimizers.LossScaleOptimizer)
    scaled.dynamic_scale.assign(123.0)
    scaled.inner_optimizer.iterations.assign(7)
    Checkpoints(gan, tmp_path).save()
    other = make()
    Checkpoints(other, tmp_path).restore()
    assert float(other.optimizers["generator"].dynamic_scale.numpy()) == 123.0
    same(state(other), state(gan))


def test_only_the_last_few_are_kept(make_gan, tmp_path):
    gan = make_gan()
    store = Checkpoints(gan, tmp_path, keep=2)
    for step in (5, 10, 100, 1000):
        gan.step.assign(step)
        store.save()
    assert store.steps() == [100, 1000]
    assert {path.name.split(".")[0] for path in tmp_path.iterdir()} == {"step-100", "step-1000"}


def test_what_a_kill_left_is_cleared_away(make_gan, tmp_path):
    """The folder that TensorFlow writes in, which can hold a whole checkpoint."""
    half = tmp_path / "step-4_temp" / "part-00000-of-00001.data-00000-of-00001.tempstate123"
    half.parent.mkdir()
    half.write_bytes(b"half")
    store = Checkpoints(make_gan(), tmp_path)
    assert store.restore() == 0
    store.save()
    assert {path.name.split(".")[0] for path in tmp_path.iterdir()} == {"step-0"}


def test_nothing_there(make_gan, tmp_path, state, same):
    gan = make_gan()
    before = state(gan)
    for directory in (tmp_path / "missing", tmp_path):
        store = Checkpoints(gan, directory)
        assert store.steps() == []
        assert store.restore() == 0
    same(state(gan), before)


def data_file(directory, step):
    return directory / f"step-{step}.data-00000-of-00001"


def truncate(path):
    os.truncate(path, path.stat().st_size // 2)


def empty(path):
    os.truncate(path, 0)


def flip(path):
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4] = bytes(255 - b for b in content[middle : middle + 4])
    path.write_bytes(content)


def delete(path):
    path.unlink()


HARMS = [("data", truncate), ("data", empty), ("data", flip), ("data", delete)]
HARMS += [("index", truncate), ("index", empty), ("index", flip)]


def harm(directory, step, part, how):
    how(data_file(directory, step) if part == "data" else directory / f"step-{step}.index")


@pytest.mark.parametrize(("part", "how"), HARMS)
def test_a_broken_one_gives_way_to_the_one_before(
    make_gan, tmp_path, state, same, saved, caplog, part, how
):
    directory = tmp_path / "checkpoints"
    states = saved[2]
    harm(directory, 6, part, how)
    gan = make_gan(seed=9)
    store = Checkpoints(gan, directory)
    assert store.restore() == 4
    assert "The checkpoint of step 6 in" in caplog.text
    assert "is broken" in caplog.text
    assert "trying the one before" in caplog.text
    same(state(gan), states[4])
    # It goes on: the broken one is written anew.
    shake(gan, 6)
    store.save()
    caplog.clear()
    assert Checkpoints(gan, directory).restore() == 6
    assert not caplog.text
    same(state(gan), states[6])


def test_one_without_an_index_is_no_checkpoint(make_gan, tmp_path, saved, caplog):
    """Its writing was cut off: TensorFlow writes the index last."""
    (tmp_path / "checkpoints" / "step-6.index").unlink()
    store = Checkpoints(make_gan(), tmp_path / "checkpoints")
    assert store.steps() == [2, 4]
    assert store.restore() == 4
    assert "The checkpoint of step 6 in" in caplog.text
    assert "no index" in caplog.text


def test_all_broken(make_gan, tmp_path, saved):
    directory = tmp_path / "checkpoints"
    for step, (part, how) in zip((2, 4, 6), HARMS, strict=False):
        harm(directory, step, part, how)
    with pytest.raises(RunError, match=r"None of the checkpoints in .* \(steps \[2, 4, 6\]\)"):
        Checkpoints(make_gan(), directory).restore()


def test_the_checkpoint_of_another_game(make_gan, tmp_path, saved):
    other = make_gan(ema_decay=None)
    with pytest.raises(RunError, match="None of the checkpoints"):
        Checkpoints(other, tmp_path / "checkpoints").restore()


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("where", ["weight", "slot"])
def test_a_state_that_is_not_finite_is_not_written(tmp_path, saved, value, where):
    gan, store, _ = saved
    directory = tmp_path / "checkpoints"
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    variables = gan.weights if where == "weight" else gan.optimizers["generator"].variables
    victim = next(v for v in variables if "kernel" in v.path)
    broken = victim.numpy()
    broken.flat[-1] = value
    victim.assign(broken)
    gan.step.assign_add(1)
    with pytest.raises(NonFiniteLossError, match=r"by step 7.* last good checkpoint is kept"):
        store.save()
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before


def test_infinities_of_both_signs_do_not_hide_each_other(tmp_path, saved):
    gan, store, _ = saved
    victim = next(v for v in gan.weights if "kernel" in v.path)
    broken = victim.numpy()
    broken.flat[:2] = np.inf, -np.inf
    victim.assign(broken)
    with pytest.raises(NonFiniteLossError):
        store.save()


def test_unwritable(make_gan, tmp_path):
    (tmp_path / "file").touch()
    for directory in (tmp_path / "file" / "checkpoints", tmp_path / "file"):
        with pytest.raises(RunError, match="step-0 cannot be written"):
            Checkpoints(make_gan(), directory).save()


def test_workers_other_than_the_chief_keep_nothing(make_gan, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "is_chief", lambda: False)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    Checkpoints(make_gan(), tmp_path / "checkpoints").save()
    assert not (tmp_path / "checkpoints").exists()
    assert not list(scratch.iterdir())


def test_a_copied_directory_restores(make_gan, tmp_path, state, same, saved):
    """No path of the old place is in the files."""
    shutil.copytree(tmp_path / "checkpoints", tmp_path / "moved")
    shutil.rmtree(tmp_path / "checkpoints")
    gan = make_gan(seed=4)
    assert Checkpoints(gan, tmp_path / "moved").restore() == 6
    same(state(gan), saved[2][6])


def test_a_full_disk_leaves_the_checkpoints_before(make_gan, small_disk, state, same):
    gan = make_gan()
    store = Checkpoints(gan, small_disk)
    store.save()
    before = {path.name: path.read_bytes() for path in small_disk.iterdir()}
    saved = state(gan)
    with contextlib.suppress(OSError), (small_disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(b"x" * 1024)
    gan.step.assign(7)
    with pytest.raises(RunError, match="step-7 cannot be written: No space left on device"):
        store.save()
    (small_disk / "filler").unlink()
    assert {path.name: path.read_bytes() for path in small_disk.iterdir()} == before
    assert Checkpoints(gan, small_disk).restore() == 0
    same(state(gan), saved)


def test_only_folders_of_tensorflow_are_cleared(make_gan, tmp_path):
    for name in ("step-3_temp", "step-best_temp"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
    Checkpoints(make_gan(), tmp_path).save()
    assert [path.name for path in tmp_path.glob("*_temp")] == ["step-best_temp"]
