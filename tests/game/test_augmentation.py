"""Differentiable augmentation: each change in NumPy, and what players see of it."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tiny_methods import Watching

import kgan
from kgan.game import augmentation, streams
from kgan.game.augmentation import AUGMENTATIONS
from kgan.networks import mlp

RNG = np.random.default_rng(0)
IMAGES = RNG.uniform(-1, 1, (40, 9, 16, 3))
SHARES = RNG.random((40, augmentation.SHARES))
SHARES[0], SHARES[1] = 0.0, 1 - 1e-7


def flipped(image, shares):
    return image[:, ::-1] if shares[0] < 0.5 else image


def translated(image, shares):
    """The authors' code's: padded, and cut out again elsewhere."""
    (height, width), most = image.shape[:2], [n // 8 for n in image.shape[:2]]
    down, right = (int(s * (2 * m + 1)) - m for s, m in zip(shares[1:3], most, strict=True))
    padded = np.pad(image, ((height, height), (width, width), (0, 0)))
    return padded[height + down : 2 * height + down, width + right : 2 * width + right]


def cut(image, shares):
    """A box of half the sides around a pixel, as far as it is within the image."""
    found = image.copy()
    boxes = []
    for size, share in zip(image.shape[:2], shares[3:5], strict=True):
        box = size // 2
        first = int(share * (size + 1 - box % 2)) - box // 2
        boxes.append(slice(max(first, 0), max(first + box, 0)))
    found[tuple(boxes)] = 0
    return found


def colored(image, shares):
    image = image + shares[5] - 0.5
    grey = image.mean(axis=2, keepdims=True)
    image = (image - grey) * 2 * shares[6] + grey
    return (image - image.mean()) * (shares[7] + 0.5) + image.mean()


ORACLES = {"flip": flipped, "translation": translated, "cutout": cut, "color": colored}


@pytest.mark.parametrize("kind", AUGMENTATIONS)
def test_each_change_is_that_of_numpy(kind):
    expected = np.stack([ORACLES[kind](*pair) for pair in zip(IMAGES, SHARES, strict=True)])
    assert np.abs(expected - IMAGES).max(axis=(1, 2, 3)).max() > 0.1
    found = augmentation.augmented(tf.constant(IMAGES), [kind], tf.constant(SHARES), (-1.0, 1.0))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    # Of images in another range the middle is what 0 is here.
    found = augmentation.augmented(
        tf.constant(IMAGES * 127.5 + 127.5), [kind], tf.constant(SHARES), (0.0, 255.0)
    )
    np.testing.assert_allclose(found, expected * 127.5 + 127.5, atol=1e-3)


def test_all_in_order_and_compiled():
    expected = IMAGES
    for kind in ("color", "translation", "cutout", "flip"):
        expected = np.stack([ORACLES[kind](*pair) for pair in zip(expected, SHARES, strict=True)])

    def run(images):
        kinds = ("color", "translation", "cutout", "flip")
        return augmentation.augmented(images, kinds, tf.constant(SHARES), (-1.0, 1.0))

    for function in (run, tf.function(run, jit_compile=True)):
        np.testing.assert_allclose(function(tf.constant(IMAGES)), expected, atol=1e-6)


@pytest.mark.parametrize("kind", AUGMENTATIONS)
def test_gradients_are_those_of_finite_differences(kind):
    """Each change is affine in the image: one step along a direction tells the slope there."""
    weights, direction = RNG.normal(size=(2, *IMAGES.shape))

    def total(images):
        changed = augmentation.augmented(images, [kind], tf.constant(SHARES), (-1.0, 1.0))
        return tf.reduce_sum(changed * weights)

    images = tf.constant(IMAGES)
    with tf.GradientTape() as tape:
        tape.watch(images)
        found = total(images)
    slope = float(tf.reduce_sum(tape.gradient(found, images) * direction))
    expected = float(total(images + direction) - total(images - direction)) / 2
    assert slope == pytest.approx(expected, rel=1e-9)


def painter(**kwargs):
    keras.utils.set_random_seed(1)
    watching = Watching()
    generator = [keras.Input((3,)), layers.Dense(64, "sigmoid"), layers.Reshape((8, 8, 1))]
    critic = [keras.Input((8, 8, 1)), watching, layers.Flatten(), layers.Dense(1)]
    model = kgan.GAN(keras.Sequential(generator), keras.Sequential(critic), **kwargs)
    model.compile(keras.optimizers.SGD(0.1))
    return model, watching


def test_the_players_see_changed_images_and_the_generator_learns_through_them():
    real = RNG.uniform(size=(4, 8, 8, 1)).astype("float32")
    model, watching = painter(augment=["translation", "cutout"], fresh_noise=False, seed=3)
    made = model._samples(streams.TRAINING, tf.constant(real))().values
    before = model.generator.layers[0].get_weights()[0]
    model.train_step(tf.constant(real))
    seen = watching.seen[-3:]
    assert (model.generator.layers[0].get_weights()[0] != before).mean() > 0.7
    seeds = (tf.constant([3, streams.AUGMENTATION + draw], tf.int64) for draw in (1, 2, 3))
    # Real images, the critic's look at generated ones, the generator's: each has its own draw.
    for images, shown, seed in zip((real, made, made), seen, seeds, strict=True):
        shape = (4, augmentation.SHARES)
        shares = tf.random.stateless_uniform(shape, seed, -1.0, 1.0, alg="philox") / 2 + 0.5
        kinds = ("translation", "cutout")
        expected = augmentation.augmented(tf.constant(images), kinds, shares, (0.0, 1.0))
        np.testing.assert_allclose(shown, expected, atol=1e-6)
    watching.seen.clear()
    model.test_step(tf.constant(real))
    np.testing.assert_array_equal(watching.seen[0], real)  # Held-out images are left alone.
    plain, again = painter(seed=3, fresh_noise=False)
    plain.train_step(tf.constant(real))
    np.testing.assert_array_equal(again.seen[-3], real)
    np.testing.assert_array_equal(again.seen[-2], made)


def test_adaptive_augmentation_follows_the_sign_of_real_logits(tmp_path):
    real = RNG.uniform(size=(4, 8, 8, 1)).astype("float32")
    adaptive = {"augment": ["cutout"], "augment_target": 0.6, "augment_images": 10}
    model, watching = painter(**adaptive)
    assert model.log_names[-1] == "augment_probability"
    rate = {name: keras.optimizers.SGD(0.0) for name in model.players}
    model.compile(rate)
    head = model.discriminator.layers[-1]
    slope = np.zeros((64, 1), "float32")
    found = []
    for bias in (1.0, 1.0, 1.0, -1.0):  # Sure of the real images; then of the contrary.
        head.set_weights([slope, np.float32([bias])])
        watching.seen.clear()
        model.train_step(tf.constant(real))
        found.append(float(model.augment_probability))
        if len(found) == 1:
            np.testing.assert_allclose(watching.seen[0], real, atol=1e-6)
    assert found == pytest.approx([0.4, 0.8, 1.0, 0.6])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert float(loaded.augment_probability) == pytest.approx(0.6)


def test_each_change_is_made_with_the_probability():
    images, shares = np.ones((4000, 4, 4, 1)), RNG.random((4000, augmentation.SHARES))
    found = augmentation.augmented(
        tf.constant(images), ["cutout"], tf.constant(shares), (-1.0, 1.0), 0.25
    )
    assert (found.numpy().min(axis=(1, 2, 3)) == 0).mean() == pytest.approx(0.25, abs=0.03)
    same = augmentation.augmented(
        tf.constant(images), ["cutout"], tf.constant(shares), (-1.0, 1.0), 0.0
    )
    np.testing.assert_array_equal(same, images)


def test_bad_augmentation():
    for kinds, message in (
        (["blur"], r"augment must be of \('flip', .*Received: \['blur'\]"),
        (["flip", "flip"], "each once"),
        ("flip", "augment"),
    ):
        with pytest.raises(kgan.InputError, match=message):
            painter(augment=kinds)
    for arguments, message in (
        ({"augment": ["flip"], "augment_target": 1.0}, r"augment_target must lie in \(-1, 1\)"),
        ({"augment_target": 0.6}, r"augment_target is of an augmentation\..*no augment"),
        ({"augment_images": 0}, "augment_images must be a whole number"),
        (
            {"augment": ["flip"], "augment_target": 0.6, "loss": "wasserstein"},
            "augment_target needs logits",
        ),
    ):
        with pytest.raises(kgan.InputError, match=message):
            painter(**arguments)
    with pytest.raises(kgan.InputError, match=r"augment is for images\..*samples of shape \(2,\)"):
        kgan.GAN(mlp(3, (4,), 2), mlp(2, (4,), 1), augment=["flip"])
