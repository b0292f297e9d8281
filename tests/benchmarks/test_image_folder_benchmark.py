"""The benchmark of reading folders reads the same images twice."""

import numpy as np

from benchmarks import image_folder


def test_both_read_the_same_images(tmp_path):
    image_folder.write_folder(tmp_path, count=20, size=(16, 12))
    ours, theirs = (
        read(tmp_path, 12) for read in (image_folder.read_ours, image_folder.read_keras)
    )
    assert ours.shape == theirs.shape == (20, 12, 12, 3)
    # Nothing is resized, but TensorFlow decodes JPEG with a coarser cosine transform.
    assert np.abs(ours.astype(int) - theirs).max() <= 10
    assert np.abs(ours.astype(int) - theirs).mean() < 2


def test_the_command(capsys):
    image_folder.main(["--count=20", "--sizes=16x16", "--image_size=16", "--repeats=1"])
    assert "| 16x16 | 0." in capsys.readouterr().out
