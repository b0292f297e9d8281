import numpy as np
import pytest
from PIL import Image

from kgan.errors import InputError
from kgan.reporting import image_grid, save_image_grid, tile_images


def test_every_pixel_is_where_it_belongs(tmp_path):
    images = np.random.default_rng(0).integers(256, size=(7, 5, 4, 3), dtype=np.uint8)
    path = save_image_grid(images, tmp_path / "grid.png", columns=3, scale=4)
    picture = np.asarray(Image.open(path).convert("RGBA"))
    assert picture.shape == ((3 * 5 + 2 * 2) * 4, (3 * 4 + 2 * 2) * 4, 4)
    seen = np.zeros(picture.shape[:2], bool)
    for index, image in enumerate(images):
        top, left = index // 3 * (5 + 2) * 4, index % 3 * (4 + 2) * 4
        cell = picture[top : top + 20, left : left + 16]
        np.testing.assert_array_equal(cell[..., :3], np.kron(image, np.ones((4, 4, 1))))
        assert (cell[..., 3] == 255).all()
        seen[top : top + 20, left : left + 16] = True
    assert (picture[~seen][:, 3] == 0).all(), "gaps are transparent"


@pytest.mark.parametrize("value_range", [(0.0, 1.0), (-1.0, 1.0)])
def test_floats_are_scaled_rounded_and_clipped(value_range):
    low, high = value_range
    levels = np.array([-9.0, 0.0, 0.25, 127.4 / 255, 127.6 / 255, 1.0, 9.0, np.nan])
    images = (low + levels * (high - low)).reshape(1, 1, -1, 1).astype(np.float32)
    pixels = tile_images(images, value_range)[0, :, 0]
    np.testing.assert_array_equal(pixels, [0, 0, 64, 127, 128, 255, 255, 0])


def test_grey_images_become_grey_files_of_pleasant_width(tmp_path):
    images = np.random.default_rng(0).uniform(size=(64, 28, 28, 1)).astype(np.float32)
    picture = Image.open(save_image_grid(images, tmp_path / "grid.png"))
    assert picture.mode == "LA"
    assert picture.size == ((8 * 30 - 2) * 3,) * 2
    assert [path.name for path in tmp_path.iterdir()] == ["grid.png"], "no temporary file is left"


def test_figure_shows_the_same_pixels():
    images = np.random.default_rng(0).uniform(size=(6, 8, 8, 3)).astype(np.float32)
    figure = image_grid(images, columns=3, title="Six images for $5 and $6")
    (axes,) = figure.axes
    np.testing.assert_array_equal(axes.images[0].get_array(), tile_images(images, columns=3))
    figure.draw_without_rendering()


@pytest.mark.parametrize(
    ("images", "options"),
    [
        (np.zeros((0, 4, 4, 1)), {}),
        (np.zeros((3, 2)), {}),
        (np.zeros((3, 4, 4, 2)), {}),
        (np.zeros((3, 4, 4, 1)), {"columns": 0}),
        (np.zeros((3, 4, 4, 1)), {"value_range": (1.0, 0.0)}),
    ],
)
def test_bad_arguments_are_named(images, options):
    with pytest.raises(InputError, match="Received"):
        tile_images(images, **options)


def test_bad_scale_is_named(tmp_path):
    with pytest.raises(InputError, match="scale=0"):
        save_image_grid(np.zeros((1, 2, 2, 1)), tmp_path / "grid.png", scale=0)
