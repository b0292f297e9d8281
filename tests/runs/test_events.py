"""What is written is what TensorBoard reads."""

import contextlib

import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2

from kgan.errors import RunError
from kgan.runs.events import Events


@pytest.fixture
def read(tmp_path):
    """What TensorBoard finds: by tag, pairs of step and value."""

    def of():
        found = EventAccumulator(str(tmp_path), size_guidance={"tensors": 0})
        found.Reload()
        return {
            tag: [(e.step, tf.make_ndarray(e.tensor_proto)) for e in found.Tensors(tag)]
            for tag in found.Tags()["tensors"]
        }

    return of


def test_numbers_at_their_steps_and_nothing_else(tmp_path, read):
    events = Events(tmp_path)
    events.scalars(5, {"loss": 0.5, "modes": "xx.", "steps": 7, "well": True, "none": None})
    events.scalars(9, {"loss": np.float32(0.25), "real": {"loss": 2, "counts": [1, 2]}}, "end/")
    events.close()
    found = read()
    assert found == {
        "loss": [(5, 0.5)],
        "steps": [(5, 7)],
        "end/loss": [(9, 0.25)],
        "end/real/loss": [(9, 2)],
    }
    assert len(list(tmp_path.iterdir())) == 1


def test_scores_come_with_their_words(tmp_path):
    events = Events(tmp_path)
    events.scalars(1, {"wasserstein": 1.0, "real": {"wasserstein": 0.1}, "x": 1.0}, "evaluation/")
    events.close()
    found = EventAccumulator(str(tmp_path), size_guidance={"tensors": 0}).Reload()
    told = {t: found.SummaryMetadata(t).summary_description for t in found.Tags()["tensors"]}
    words = "Wasserstein distance; lower is better; Hoang et al. 2018, section 5.1"
    assert told == {
        "evaluation/wasserstein": words,
        "evaluation/real/wasserstein": words,
        "evaluation/x": "",
    }


def test_settings_are_tensorboards_hyperparameters(tmp_path):
    events = Events(tmp_path)
    given = {"method": "mdgan", "rate": 0.5, "wide": True, "none": None, "units": [64, 64]}
    events.settings({**given, "penalty": {"weight": 10}}, "first")
    events.close()
    found = EventAccumulator(str(tmp_path)).Reload()
    content = found.PluginTagToContent("hparams")["_hparams_/session_start_info"]
    told = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info
    assert told.group_name == "first"
    values = {name: getattr(v, v.WhichOneof("kind")) for name, v in told.hparams.items()}
    expected = {"method": "mdgan", "rate": 0.5, "wide": True, "units": "[64, 64]"}
    assert values == {**expected, "penalty/weight": 10}


def test_pictures_keep_their_pixels(tmp_path, read):
    pixels = np.random.default_rng(0).integers(0, 255, (6, 8, 3)).astype(np.uint8)
    events = Events(tmp_path)
    events.image(3, "samples", pixels)
    events.flush()
    ((step, (width, height, png)),) = read()["samples"]
    assert (step, width, height) == (3, b"8", b"6")
    np.testing.assert_array_equal(tf.io.decode_png(png), pixels)
    events.close()


def test_a_full_disk_is_told_in_a_sentence(small_disk):
    with contextlib.suppress(OSError), (small_disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(b"x" * 1024)
    with pytest.raises(RunError, match=r"small cannot be written: No space left on device\."):
        Events(small_disk).flush()
