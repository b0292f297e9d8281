"""MGAN's losses, noise, sampling and errors."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import log_softmax

import kgan
from kgan import GeneratorBank, InputError, networks
from kgan.backend import engine
from kgan.data import Dataset

GENERATORS = 3
POINTS = np.random.default_rng(0).normal(size=(12, 2)).astype("float32")


def make(generators=GENERATORS, mixture_weights=None, outputs=None, **kwargs):
    keras.utils.set_random_seed(0)
    bank = GeneratorBank(
        networks.mlp(4, [8, 8], 2),
        generators,
        private_layers=1,
        mixture_weights=mixture_weights,
    )
    discriminator = networks.mlp(2, [8], outputs or 1 + generators, activation="leaky_relu")
    return kgan.MGAN(bank, discriminator, **kwargs)


def softplus(x):
    return np.logaddexp(0, x)


@pytest.mark.parametrize("loss", ["non_saturating", "minimax"])
def test_losses_are_algorithm_2s_and_eq_2s(loss):
    weights = np.array([0.5, 0.3, 0.2])
    model = make(mixture_weights=weights, diversity=0.4, fresh_noise=False, loss=loss)
    model.compile(keras.optimizers.SGD(0.0))
    logs = dict(zip(model.log_names, model.train_step(tf.constant(POINTS)).numpy(), strict=True))

    model.step.assign(0)
    latents = model.draw_latents(12, model.stream_seed(next(model._training_draws())))
    assert latents.shape == (12, 4)  # 12 real examples: 4 of each generator.
    fake = model.generator(latents).numpy()
    outputs = [np.float64(model.discriminator(x)) for x in (POINTS, fake)]
    real_logits, fake_logits, classes = outputs[0][:, 0], outputs[1][:, 0], outputs[1][:, 1:]

    def expectation(values):
        return sum(weights[k] * values[k::GENERATORS].mean() for k in range(GENERATORS))

    own = log_softmax(classes, axis=1)[np.arange(12), np.arange(12) % GENERATORS]
    class_loss = -expectation(own)
    against = {
        "non_saturating": expectation(softplus(-fake_logits)),
        "minimax": -expectation(softplus(fake_logits)),
    }[loss]
    expected = {
        "discriminator_loss": softplus(-real_logits).mean()
        + expectation(softplus(fake_logits))
        + class_loss,
        "generator_loss": against + 0.4 * class_loss,
        "diversity_loss": class_loss,
        "classifier_accuracy": expectation(classes.argmax(1) == np.arange(12) % GENERATORS),
    }
    assert set(logs) == set(expected)
    for name, value in expected.items():
        assert logs[name] == pytest.approx(value, abs=1e-5), name


def test_noise_of_the_paper_and_of_the_authors_code():
    seed = tf.constant([1, 2], tf.int64)
    own = make().draw_latents(12, seed).numpy()
    assert len(np.unique(own, axis=0)) == 12
    same = make(same_noise=True).draw_latents(12, seed).numpy()
    assert same.shape == (12, 4)
    for k in range(1, GENERATORS):
        np.testing.assert_array_equal(same[0::GENERATORS], same[k::GENERATORS])
    assert len(np.unique(same, axis=0)) == 4
    many = make(samples_per_generator=7).draw_latents(12, seed)
    assert many.shape == (21, 4)


@pytest.mark.parametrize("same_noise", [False, True])
def test_how_many_samples_a_generator_makes(same_noise):
    seed = tf.constant([1, 2], tf.int64)

    def each(batch, **how):
        latents = make(same_noise=same_noise, **how).draw_latents(batch, seed)
        return latents.shape[0] / GENERATORS

    assert each(14) == 4  # Shared out.
    assert each(2) == 1
    assert each(14, total_samples=14) == 5  # MGAN, section 5.2: ceil(128 / K).
    assert each(14, total_samples=15) == 5
    assert each(14, equal_batches=True) == 14  # MIM-GAN, Algorithm 1: m of each.
    assert make(generators=10, total_samples=128).samples_per_generator == 13
    model = make(equal_batches=True)
    model.compile(run_eagerly=True)
    data = Dataset(name="points", split="train", examples=POINTS)
    model.fit(data, batch_size=2, verbose=0)  # Fewer real examples than generators.


@pytest.mark.parametrize("fresh_noise", [True, False])
def test_the_generators_move_draws_new_latents_or_the_same(fresh_noise):
    model, seen = make(fresh_noise=fresh_noise), []
    for player in model.players:
        loss = getattr(model, f"{player}_loss")

        def spy(turn, loss=loss):
            seen.append(turn.latents.numpy())
            return loss(turn)

        setattr(model, f"{player}_loss", spy)
    model.compile(keras.optimizers.SGD(0.0), run_eagerly=True)
    model.train_step(tf.constant(POINTS))
    assert len(seen) == 2
    assert np.array_equal(*seen) != fresh_noise


def test_one_generator_is_a_gan():
    """K = 1: the classifier has nothing to tell, and the loss is the original game's."""
    model = make(generators=1, diversity=0.7)
    fake = model.generator(model.draw_latents(12, tf.constant([1, 2], tf.int64)))
    gan = kgan.GAN(model.generator.generator(0), networks.mlp(2, [8], 1))

    turn = engine.Turn(tf.constant(POINTS), None, lambda: None)
    turn._leaves = fake
    gan.discriminator = lambda x, training: model.discriminator(x, training=training)[:, :1]
    assert float(model.discriminator_loss(turn)[0]) == pytest.approx(
        float(gan.discriminator_loss(turn)), abs=1e-6
    )
    assert float(model.generator_loss(turn)[0]) == pytest.approx(
        float(gan.generator_loss(turn)), abs=1e-6
    )


def test_samples_are_of_the_generators_that_are_named():
    model = make(mixture_weights=[0.2, 0.3, 0.5])
    samples, generators = model.sample_with_generators(50, seed=3)
    assert (samples.dtype, generators.dtype) == (np.float32, np.int32)
    np.testing.assert_array_equal(samples, model.sample(50, seed=3))
    latents = model.sample_latents(50, 3)
    for k in range(GENERATORS):
        alone = model.sample(50, seed=3, generator=k)
        np.testing.assert_allclose(alone, model.generator.generator(k)(latents), atol=1e-6)
        np.testing.assert_allclose(samples[generators == k], alone[generators == k], atol=1e-6)
    assert set(generators) == {0, 1, 2}
    # In parts, and by `call`, which draws from the latents.
    np.testing.assert_allclose(model.sample(50, seed=3, batch_size=7), samples, atol=1e-6)
    np.testing.assert_array_equal(model(latents), model(latents))
    np.testing.assert_allclose(model(latents, generator=generators), samples, atol=1e-6)
    for bad in (-1, 3):
        with pytest.raises(InputError, match=rf"generator must be one of 0\.\.2. Received: {bad}"):
            model.sample(4, generator=bad)
    with pytest.raises(InputError, match="num_samples must be a whole number of at least 1"):
        model.sample(0)


def test_call_draws_all_generators_by_weight():
    model = make(mixture_weights=[0.0, 0.6, 0.4])
    latents = model.sample_latents(400, 0)
    whole = model(latents).numpy()
    alone = [model.generator.generate(latents, k).numpy() for k in range(GENERATORS)]
    by = np.stack([np.abs(whole - a).max(axis=1) < 1e-6 for a in alone])
    assert by.any(axis=0).all()
    assert 0.5 < by[1].mean() < 0.7
    assert by[0].mean() < 0.05


def test_samples_of_the_average():
    model = make(ema_decay=0.5, mixture_weights=[0.2, 0.3, 0.5])
    model.compile(keras.optimizers.SGD(0.5))
    for _ in range(3):
        model.train_step(tf.constant(POINTS))
    np.testing.assert_allclose(model.ema_generator.mixture_weights, [0.2, 0.3, 0.5], atol=1e-7)
    latents = model.sample_latents(9, 0)
    expected = model.ema_generator.generator(1)(latents)
    np.testing.assert_allclose(model.sample(9, 0, generator=1), expected, atol=1e-6)
    assert np.abs(expected - model.generator.generator(1)(latents)).max() > 1e-4


def test_a_generator_is_switched_off_beside_an_average(tmp_path):
    model = make(ema_decay=0.5)
    latents = model.sample_latents(200, 0)
    for switch, weights in (
        (model.set_mixture_weights, [0.0, 0.5, 0.5]),
        (model.generator.mixture.assign, [0.5, 0.5, 0.0]),
    ):
        switch(weights)
        np.testing.assert_array_equal(model.mixture_weights, np.float32(weights))
        _, generators = model.sample_with_generators(200, seed=1)
        assert set(generators) == set(np.flatnonzero(weights))
        off = model(latents, generator=weights.index(0.0)).numpy()
        assert (np.abs(model(latents).numpy() - off).max(axis=1) > 1e-6).all()
    served = tf.saved_model.load(model.export(tmp_path / "1")).signatures["serving_default"]
    assert set(served(latents=latents)["generator"].numpy()) == {0, 1}
    with pytest.raises(InputError, match="3 numbers of at least 0 with sum 1"):
        model.set_mixture_weights([1.0, 1.0, 0.0])


@pytest.fixture
def policy(request):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(request.param)
    yield
    keras.config.set_dtype_policy(before)


@pytest.mark.parametrize("policy", ["mixed_float16", "bfloat16"], indirect=True)
def test_every_call_in_half_precision(policy, tmp_path):
    model = make(ema_decay=0.5, mixture_weights=[0.2, 0.3, 0.5])
    np.testing.assert_allclose(model.mixture_weights, [0.2, 0.3, 0.5], atol=1e-7)
    model.compile()
    assert np.isfinite(model.fit(POINTS, batch_size=12, verbose=0).history["generator_loss"][0])
    assert np.isfinite(model.evaluate(POINTS, batch_size=12, verbose=0)).all()
    samples, generators = model.sample_with_generators(20, seed=1)
    latents = model.sample_latents(20, 1)
    np.testing.assert_allclose(model(latents, generator=generators), samples, atol=1e-2)
    predicted = model.predict(latents, verbose=0)
    np.testing.assert_allclose(predicted, model(latents), atol=1e-2)
    served = tf.saved_model.load(model.export(tmp_path / "1")).signatures["serving_default"]
    np.testing.assert_allclose(served(latents=latents)["samples"], predicted, atol=1e-2)


def test_predictions_of_xla():
    model = make(mixture_weights=[0.2, 0.3, 0.5])
    latents = model.sample_latents(40, 0)
    alone = np.stack([model(latents, generator=k) for k in range(GENERATORS)])
    model.compile(jit_compile=True)
    # XLA draws other generators from the same seed.
    found = np.abs(alone - model.predict(latents, batch_size=25, verbose=0)).max(axis=-1)
    np.testing.assert_allclose(found.min(axis=0), 0, atol=1e-6)
    assert set(found.argmin(axis=0)) == {0, 1, 2}


def test_discriminate_tells_the_generators():
    found = make().discriminate(POINTS)
    assert found["generator_probabilities"].shape == (12, GENERATORS)
    np.testing.assert_allclose(found["generator_probabilities"].numpy().sum(1), 1, atol=1e-6)
    assert found["probability"].shape == (12,)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"diversity": -0.1}, "diversity must be at least 0. Received: -0.1"),
        ({"samples_per_generator": 0}, "samples_per_generator must be at least 1"),
        ({"total_samples": 0}, "total_samples must be at least 1. Received: 0"),
        (
            {"total_samples": 9, "equal_batches": True},
            "is said once.*total_samples=9, equal_batches=True",
        ),
        ({"loss": "hinge"}, "loss must be one of .* Received: 'hinge'"),
        ({"outputs": 3}, "1 \\+ 3 outputs.* Received: a discriminator of width 3"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(InputError, match=message):
        make(**arguments)


def test_batches_too_small_for_all_generators(two_replicas):
    data = Dataset(name="points", split="train", examples=POINTS)
    model = make()
    model.compile()
    with pytest.raises(InputError, match="batch_size=2 for 3 generators on 1 replicas"):
        model.fit(data, batch_size=2, verbose=0)
    with two_replicas.scope():
        model = make(samples_per_generator=5)
        model.compile()
    with pytest.raises(InputError, match="samples_per_generator=5 on 2 replicas"):
        model.fit(data, batch_size=4, verbose=0)
