"""Samples in files: what is read, which of them a seed takes, and what is no sample."""

import numpy as np
import pytest
from PIL import Image

from kgan.commands.evaluations.sample_files import SampleFiles
from kgan.errors import DataError, InputError

SHAPE = (6, 6, 1)
BYTES = np.random.default_rng(0).integers(0, 256, (12, 6, 6), dtype=np.uint8)


def rows(samples):
    return sorted(map(tuple, samples.reshape(len(samples), -1).tolist()))


def test_bytes_floats_and_image_files_are_the_same(tmp_path):
    np.savez(tmp_path / "bytes.npz", images=BYTES, other=np.zeros(3))
    np.save(tmp_path / "floats.npy", np.float64(BYTES[..., None] / 255))
    (tmp_path / "photos").mkdir()
    for number, image in enumerate(BYTES):
        Image.fromarray(image).save(tmp_path / "photos" / f"{number}.png")
    expected = rows(np.float32(BYTES / 255))
    for name in ("bytes.npz", "floats.npy", "photos"):
        source = SampleFiles(tmp_path / name, SHAPE, (0.0, 1.0))
        assert len(source) == 12
        found = source.sample(12, seed=3)
        assert (found.dtype, found.shape) == (np.float32, (12, *SHAPE))
        np.testing.assert_allclose(rows(found), expected, atol=1e-6)
    some = source.sample(5, seed=3)
    np.testing.assert_array_equal(some, source.sample(5, seed=3))
    assert (some != source.sample(5, seed=4)).any()
    np.save(tmp_path / "first.npy", BYTES[:, None])  # Channels first, as PyTorch has them.
    first = SampleFiles(tmp_path / "first.npy", SHAPE, (0.0, 1.0)).sample(12, seed=3)
    np.testing.assert_allclose(rows(first), expected, atol=1e-6)
    low = SampleFiles(tmp_path / "bytes.npz", SHAPE, (-1.0, 1.0)).sample(12)
    np.testing.assert_allclose(rows(low), rows(np.float32(BYTES / 127.5 - 1)), atol=1e-6)


@pytest.mark.parametrize(
    ("held", "message"),
    [
        ({"a": BYTES, "b": BYTES}, r"array of the name samples or x .*Found: a, b"),
        ({"samples": BYTES[:, 1:]}, r"must have the shape \(n, 6, 6, 1\).*Received: \(12, 5, 6\)"),
        ({"samples": BYTES[:0]}, r"Received: \(0, 6, 6, 1\)"),
        ({"samples": BYTES > 3}, r"must be floats, or of images bytes. Received: bool"),
    ],
)
def test_what_is_no_sample(tmp_path, held, message):
    np.savez(tmp_path / "held.npz", **held)
    with pytest.raises(DataError, match=message):
        SampleFiles(tmp_path / "held.npz", SHAPE, (0.0, 1.0))


def test_files_that_are_none(tmp_path):
    (tmp_path / "junk.npz").write_bytes(b"junk")
    (tmp_path / "empty").mkdir()
    for name, message in {
        "gone": "There is no folder or file",
        "junk.npz": "cannot be read",
        "empty": "no image file",
    }.items():
        with pytest.raises(DataError, match=message):
            SampleFiles(tmp_path / name, SHAPE, (0.0, 1.0))
    np.save(tmp_path / "wide.npy", np.full((9, *SHAPE), 2.0))
    source = SampleFiles(tmp_path / "wide.npy", SHAPE, (0.0, 1.0))
    with pytest.raises(InputError, match="said to lie in 0 to 1"):
        source.sample(9)
    with pytest.raises(InputError, match=r"holds 9 samples\. Received: 10"):
        source.sample(10)
