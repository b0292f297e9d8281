"""Samples, ways, neighbours and inverses of trained models, and the discriminator's view."""

import io

import numpy as np
import pytest
from PIL import Image

import kgan
from kgan.errors import DataError, InputError
from kgan.playground import views
from kgan.playground.trained import Trained

FRAME = (-3.0, -3.0, 3.0, 3.0)


@pytest.fixture(scope="module")
def tall(image_folder):
    """A picture of another size, white on the left and black on the right, and its model."""
    pixels = np.zeros((60, 100), np.uint8)
    pixels[:, :50] = 255
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_a_seed_gives_what_the_model_gives(ring_mixture, inverse, images):
    for trained in (ring_mixture, inverse, images):
        draw = trained.draw(20, seed=5)
        np.testing.assert_allclose(draw.samples, trained.game.sample(20, seed=5), atol=1e-6)
        with np.load(io.BytesIO(draw.npz())) as file:
            np.testing.assert_array_equal(file["samples"], draw.samples)
            assert ("generators" in file) == (trained is ring_mixture)


def test_a_generator_alone_and_others_weights(ring_mixture):
    alone = ring_mixture.draw(30, seed=1, generator=6)
    np.testing.assert_allclose(
        alone.samples, ring_mixture.game.sample(30, seed=1, generator=6), atol=1e-6
    )
    weights = [0, 0, 3, 0, 0, 0, 0, 1]
    draw = ring_mixture.draw(400, seed=1, weights=weights)
    assert set(draw.generators) == {2, 7}
    assert np.mean(draw.generators == 2) == pytest.approx(0.75, abs=0.08)
    # The model itself is as it was: others look at it too.
    np.testing.assert_allclose(ring_mixture.game.mixture_weights, 1 / 8)


def test_a_way_begins_and_ends_at_its_samples(ring_mixture, images):
    draw = ring_mixture.draw(9, seed=2)
    (way,) = ring_mixture.between(draw, [4, 7])
    own = ring_mixture.game(draw.latents[[4, 7]], generator=int(draw.generators[4]))
    np.testing.assert_allclose(way[[0, -1]], own, atol=1e-5)
    draw = images.draw(9, seed=2)
    square = images.between(draw, [0, 1, 2, 3])
    assert square.shape == (9, 9, 6, 5, 1)
    np.testing.assert_allclose(square[[0, 0, -1, -1], [0, -1, 0, -1]], draw.samples[:4], atol=1e-5)


def test_the_nearest_training_examples(ring_mixture, images):
    points = ring_mixture.dataset.examples
    found = ring_mixture.nearest(points[17] + np.float32([1e-4, 0]), 3)
    np.testing.assert_array_equal(found.examples[0], points[17])
    assert found.distances[0] == pytest.approx(1e-4, rel=0.01)
    assert (np.diff(found.distances) >= 0).all() and found.among == 60_000
    example = images.dataset.floats([11])[0]
    found = images.nearest(example)
    np.testing.assert_array_equal(found.examples[0], example)
    assert found.distances[0] < 1e-3 < found.distances[1]


def test_data_that_nothing_tells_or_that_do_not_fit(inverse, images):
    with pytest.raises(DataError, match="not told in its folder"):
        Trained(images.game).nearest(np.zeros((6, 5, 1), np.float32))
    with pytest.raises(DataError, match=r"shape \(2,\).* samples of \(6, 5, 1\)"):
        Trained(images.game, {"name": "ring"}).nearest(np.zeros((6, 5, 1), np.float32))
    assert Trained(inverse.game).mixture is None


def test_a_point_is_inverted(inverse, ring_mixture):
    point = inverse.point_of([2.0, 0.0])
    latents, made = inverse.invert(point)
    assert latents.shape == (inverse.game.latent_dim,)
    assert np.linalg.norm(made - point) < 0.5
    with pytest.raises(InputError, match="has no inverse: InvertGAN"):
        ring_mixture.invert(point)
    with pytest.raises(InputError, match=r"2 finite coordinates\. Received: 1, nan"):
        inverse.point_of([1, np.nan])
    with pytest.raises(InputError, match="give two numbers"):
        inverse.image_of(b"")


def test_an_image_is_fitted_and_inverted(images, tall):
    image = images.image_of(tall)
    assert image.shape == (6, 5, 1)
    assert (image[:, 0] == 1).all() and (image[:, -1] == 0).all()
    latents, made = images.invert(image)
    assert latents.shape == (3,) and made.shape == image.shape
    with pytest.raises(InputError, match="no image that can be read"):
        images.image_of(tall[:50])
    with pytest.raises(InputError, match="give an image"):
        images.point_of([0, 0])


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"count": 0}, "count must be a whole number of at least 1"),
        ({"count": 2_501}, "At most 2,500 points"),
        ({"count": 5, "seed": -1}, "seed must be a whole number of at least 0"),
        ({"count": 5, "generator": 8}, r"one of 0..7. Received: 8"),
        ({"count": 5, "weights": [1, 2]}, "each of 8 generators. Received: 2"),
        ({"count": 5, "weights": [0] * 8}, "weights"),
    ],
)
def test_what_cannot_be_drawn(ring_mixture, asked, told):
    with pytest.raises(InputError, match=told):
        ring_mixture.draw(**asked)


def test_no_generator_to_choose_and_no_such_samples(inverse):
    with pytest.raises(InputError, match="one generator"):
        inverse.draw(5, weights=[1])
    for numbers in ([0], [0, 5], [0, 1, 2]):
        with pytest.raises(InputError, match=r"two or four samples .* 0 to 4\. Received: 0"):
            inverse.between(inverse.draw(5), numbers)


def test_the_view_of_the_plane_is_that_of_its_places(ring_mixture):
    found = views.plane(ring_mixture, FRAME)
    assert found.values.shape == (72, 72)
    corners = np.float32([[-3, 3], [3, 3], [-3, -3], [3, -3]])
    said = ring_mixture.game.discriminate(corners)["probability"]
    np.testing.assert_allclose(found.values[[0, 0, -1, -1], [0, -1, 0, -1]], said, atol=1e-6)
    assert views.frame_of(ring_mixture, corners) == pytest.approx(
        (-2.861, -2.861, 2.861, 2.861), 1e-3
    )


def test_the_view_of_images_and_of_packs(images):
    samples = images.draw(6).samples
    found = views.view(images, samples)
    assert found.values.shape == (6,) and found.words == "probability of being real"
    with pytest.raises(InputError, match="no points of a known"):
        views.plane(images, FRAME)
    packed = Trained(kgan.GAN.from_preset("gan_ring", pack=2))
    with pytest.raises(InputError, match="sees 2 samples at once"):
        views.view(packed, np.zeros((4, 2), np.float32))


def test_points_of_many_dimensions_are_seen_in_the_plane_of_their_modes():
    game = kgan.MDGAN.from_preset("mdgan_embedded_grid")
    trained = Trained(game, {"name": "embedded_grid", "points": 500})
    samples = trained.draw(50).samples
    assert samples.shape == (50, 128) and views.in_plane(trained, samples).shape == (50, 2)
    said = views.plane(trained, FRAME)
    middle = trained.mixture.basis.T @ np.array([3.0, 3.0])
    values = game.discriminate(middle[None].astype(np.float32))["probability"]
    assert said.values[0, -1] == pytest.approx(float(values[0]), abs=1e-5)
    with pytest.raises(InputError, match="of 128 dimensions"):
        views.in_plane(Trained(game), samples)
    assert views.view(trained, samples).embedding.shape == (50, 2)
