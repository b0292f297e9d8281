"""DMGAN-PL: losses, who moves what, how the prior moves, noise, saving, replicas, errors."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from scipy.special import log_softmax, softmax

import kgan
from kgan import GeneratorBank, InputError, networks, presets
from kgan.data import Dataset

K, STEPS = 3, 2
POINTS = np.random.default_rng(0).normal(size=(24, 2)).astype("float32")
EVEN, UNEVEN = np.full(K, 1 / K), np.array([0.5, 0.3, 0.2])


def make(mixture_weights=None, activation="leaky_relu", encoder=None, **kwargs):
    keras.utils.set_random_seed(0)
    template = networks.mlp(4, [8, 8], 2, activation="leaky_relu")
    bank = GeneratorBank(template, K, mixture_weights=mixture_weights)
    features = keras.Sequential([keras.Input((2,)), layers.Dense(8, activation)])
    return kgan.DMGANPL(bank, features, encoder, **{"critic_steps": STEPS, **kwargs})


def rates(model, **chosen):
    return {name: keras.optimizers.SGD(chosen.get(name, 0.0)) for name in model.players}


def logs_of(model, points=POINTS):
    return dict(zip(model.log_names, model.train_step(tf.constant(points)).numpy(), strict=True))


def spied(model):
    """What each player's loss is given, move by move, from now on."""
    turns = {name: [] for name in model.players}

    def spy(name, loss):
        def spying(turn):
            latents, shares = (x.numpy() for x in turn.latents)
            real, fake = turn.real.numpy(), turn.fake.numpy()
            turns[name].append({"latents": latents, "shares": shares, "real": real, "fake": fake})
            return loss(turn)

        setattr(model, f"{name}_loss", spying)

    for name in model.players:
        spy(name, getattr(model, f"{name}_loss"))
    return turns


def expectation(values, weights):
    return sum(weights[k] * values[k::K].mean() for k in range(K))


# Losses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("one_sided", [True, False])
def test_losses_are_those_of_the_authors_code(one_sided):
    # Without an activation the critic is linear: its slope is the same everywhere.
    model = make(UNEVEN, activation=None, one_sided=one_sided, penalty_weight=7.0, diversity=0.4)
    model.head.kernel.assign(3 * model.head.kernel)
    model.compile(rates(model))
    turns = spied(model)
    logs = logs_of(model)
    fake, later = (turns[name][-1]["fake"] for name in ("discriminator", "generator"))
    rows = 24 // STEPS
    kernel, bias = (np.float64(v) for v in model.discriminator.weights)
    head, offset = (np.float64(v) for v in model.head.weights)
    encoder = [np.float64(v) for v in model.encoder.weights]

    def features(points):
        return np.float64(points) @ kernel + bias

    def values(points):
        return (features(points) @ head + offset)[:, 0]

    def logits(points):
        return log_softmax(features(points) @ encoder[0] + encoder[1], axis=1)

    distance = values(POINTS[STEPS - 1 :: STEPS]).mean() - expectation(values(fake), UNEVEN)
    excess = np.linalg.norm(kernel @ head) - 1
    penalty = (max(excess, 0) if one_sided else excess) ** 2
    own = logits(later)[np.arange(rows), np.arange(rows) % K]
    entropy = -(UNEVEN * np.log(UNEVEN)).sum()
    expected = {
        "discriminator_loss": -distance + 7 * penalty,
        "wasserstein_distance": distance,
        "gradient_penalty": penalty,
        "encoder_loss": -expectation(own, UNEVEN),
        "encoder_accuracy": expectation(logits(later).argmax(1) == np.arange(rows) % K, UNEVEN),
        "generator_loss": -expectation(values(later), UNEVEN) - 0.4 * expectation(own, UNEVEN),
        "diversity_loss": -expectation(own, UNEVEN),
        # Only the first part of the batch is for those who move once.
        "prior_loss": -(np.exp(logits(POINTS[::STEPS])) * np.log(UNEVEN)).mean() - 1000 * entropy,
        "prior_entropy": entropy,
    }
    assert penalty > 0.01
    assert set(logs) == set(expected)
    for name, value in expected.items():
        assert logs[name] == pytest.approx(value, rel=1e-5, abs=1e-5), name


def test_the_penalty_is_taken_between_real_and_generated_points():
    # Real points at (0, 0), generated ones at (1, 0); the critic's value is 2 x (1 - x) there.
    class Bump(layers.Layer):
        def call(self, x):
            return 2 * x[:, :1] * (1 - x[:, :1])

    keras.utils.set_random_seed(0)
    template = keras.Sequential([keras.Input((4,)), layers.Dense(2, kernel_initializer="zeros")])
    model = kgan.DMGANPL(
        GeneratorBank(template, K),
        Bump(),
        critic_steps=1,
        one_sided=False,
        samples_per_generator=4000,
    )
    model.generator.network.layers[-1].bias.assign(np.tile([1.0, 0.0], (K, 1)))
    model.head.set_weights([np.ones((1, 1)), np.zeros(1)])
    model.compile(rates(model))
    found = logs_of(model, np.zeros((6, 2), "float32"))["gradient_penalty"]
    # The slope is 2 - 4 t, t uniform on [0, 1]: E(|2 - 4 t| - 1)^2 = 1/3.
    assert found == pytest.approx(1 / 3, abs=0.01)


@pytest.mark.parametrize("mover", ["discriminator", "encoder", "generator", "prior"])
def test_a_move_changes_all_weights_of_the_mover_and_no_others(mover):
    model = make()
    model.compile(rates(model, **{mover: 0.1}))
    before = {name: [v.numpy() for v in p.variables] for name, p in model.players.items()}
    logs_of(model)
    for name, player in model.players.items():
        for variable, old in zip(player.variables, before[name], strict=True):
            # Values do not depend on the critic's last bias: it is the same for real and fake.
            still = name != mover or variable.path.endswith("head/bias")
            assert np.any(np.abs(variable.numpy() - old) > 1e-7) != still, variable.path


@pytest.mark.parametrize("mover", ["discriminator", "encoder", "generator", "prior"])
def test_each_player_lowers_its_own_loss(mover):
    model, losses = make(entropy_weight=0.0, critic_steps=1), []
    model.compile(rates(model, **{mover: 0.02}))
    for _ in range(3):
        model.step.assign(0)  # The same noise again.
        losses.append(logs_of(model)[f"{mover}_loss"])
    assert (np.diff(losses) < 0).all()


# The prior ---------------------------------------------------------------------------------


def with_encoder_of(probabilities, **kwargs):
    """A model whose encoder takes everything for the work of some generators."""
    model = make(**kwargs)
    kernel = np.zeros(model.encoder.kernel.shape)
    model.encoder.set_weights([kernel, np.log(np.maximum(probabilities, 1e-9))])
    return model


def after(model, steps, **optimizers):
    """The mixture weights after some steps of those players, the others standing still."""
    model.compile({**rates(model), **optimizers}, steps_per_execution=steps)
    data = Dataset(name="points", split="train", examples=POINTS)
    model.fit(data, batch_size=6, steps_per_epoch=steps, verbose=0)
    return model.mixture_weights


def test_the_prior_follows_the_encoders_account_of_the_data():
    model = with_encoder_of([0.6, 0.0, 0.4], entropy_weight=0.0)
    found = after(model, 300, prior=keras.optimizers.SGD(1.0))
    np.testing.assert_allclose(found, [0.6, 0.0, 0.4], atol=0.02)


def test_a_large_entropy_holds_the_prior_uniform():
    model = with_encoder_of([0.6, 0.0, 0.4], entropy_weight=1000.0, entropy_decay=1.0)
    found = after(model, 300, prior=model.default_optimizer("prior"))
    np.testing.assert_allclose(found, EVEN, atol=2e-3)


def test_the_entropys_weight_fades_with_the_steps():
    model = with_encoder_of(EVEN, entropy_weight=10.0, entropy_decay=0.9)
    for step in (0, 1, 20):
        model.step.assign(step)
        losses = dict(zip(model.log_names, model.test_step(tf.constant(POINTS)), strict=True))
        expected = np.log(K) / K - 10 * 0.9**step * np.log(K)
        assert float(losses["prior_loss"]) == pytest.approx(expected, rel=1e-5)


def test_samples_are_drawn_by_the_learnt_prior():
    model = make(ema_decay=0.9)
    model.compile(rates(model))
    zeta = np.array([2.0, 0.0, -1.0])
    model.prior.logits.assign(zeta)
    logs_of(model)
    for bank in (model.generator, model.ema_generator):
        np.testing.assert_allclose(bank.mixture_weights, softmax(zeta), atol=1e-6)
    generators = model.sample_with_generators(4000, seed=1)[1]
    np.testing.assert_allclose(np.bincount(generators) / 4000, softmax(zeta), atol=0.03)


def test_the_prior_starts_from_the_banks_weights():
    np.testing.assert_array_equal(make().prior.logits, np.zeros(K))
    model = make([0.5, 0.5, 0.0])
    np.testing.assert_allclose(softmax(model.prior.logits), [0.5, 0.5, 0.0], atol=1e-7)
    model.compile()
    assert all(np.isfinite(value) for value in logs_of(model).values())
    assert model.mixture_weights[2] == pytest.approx(0, abs=1e-6)


def test_a_prior_that_is_not_learnt_stays():
    model = make(UNEVEN, learn_prior=False)
    assert list(model.players) == ["discriminator", "encoder", "generator"]
    model.compile()
    logs = logs_of(model)
    assert "prior_loss" not in logs
    np.testing.assert_allclose(model.mixture_weights, UNEVEN, atol=1e-7)


def test_weights_that_are_set_are_where_the_prior_goes_on():
    model = make(ema_decay=0.5)
    model.set_mixture_weights(UNEVEN)
    np.testing.assert_allclose(softmax(model.prior.logits.numpy()), UNEVEN, atol=1e-6)
    for bank in model.banks:
        np.testing.assert_allclose(bank.mixture_weights, UNEVEN, atol=1e-7)


# Noise -------------------------------------------------------------------------------------


@pytest.mark.parametrize("fresh_noise", [True, False])
def test_noise_of_the_moves(fresh_noise):
    model = make(fresh_noise=fresh_noise)
    model.compile(rates(model))
    turns = spied(model)
    logs_of(model)
    critics, (encoder,), (generator,) = (
        turns[k] for k in ("discriminator", "encoder", "generator")
    )
    assert len(critics) == STEPS
    for i, turn in enumerate(critics):
        np.testing.assert_array_equal(turn["real"], POINTS[i::STEPS])
        assert turn["shares"].shape == (12,)
        assert 0 <= turn["shares"].min() < 0.3 < 0.7 < turn["shares"].max() <= 1
    for key in ("latents", "shares"):
        assert (critics[0][key] != critics[1][key]).all()
    # One pass of the generators for both, and without fresh noise the critic's last.
    np.testing.assert_array_equal(encoder["fake"], generator["fake"])
    assert np.array_equal(encoder["fake"], critics[-1]["fake"]) != fresh_noise


def test_a_batch_is_for_each_move_of_the_critic():
    data = Dataset(name="points", split="train", examples=np.tile(POINTS, (10, 1)))
    model = make(samples_per_generator=5, critic_steps=3)
    (batch,) = model.stream(data, 8).take(1)
    assert batch.shape == (24, 2)
    assert model.draw_latents(8, tf.constant([1, 2], tf.int64))[0].shape == (15, 4)
    model.compile()
    model.fit(data, batch_size=8, verbose=0)
    assert model.steps_taken == 10


# Saving, replicas, serving -----------------------------------------------------------------


def test_a_saved_model_trains_on_bit_by_bit(tmp_path):
    options = {
        "critic_steps": 3,
        "penalty_weight": 5.0,
        "one_sided": False,
        "diversity": 0.5,
        "learn_prior": True,
        "entropy_weight": 2.0,
        "entropy_decay": 0.9,
        "fresh_noise": False,
    }
    encoder = networks.mlp(8, [6], K)
    model = make(UNEVEN, encoder=encoder, ema_decay=0.9, **options)
    model.compile()
    for _ in range(3):
        logs_of(model)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert {key: loaded.get_config()[key] for key in options} == options
    np.testing.assert_array_equal(loaded.mixture_weights, model.mixture_weights)
    assert np.abs(loaded.mixture_weights - UNEVEN).max() > 1e-4
    np.testing.assert_array_equal(loaded.sample(9, seed=2), model.sample(9, seed=2))
    for name, value in model.discriminate(POINTS).items():
        np.testing.assert_array_equal(loaded.discriminate(POINTS)[name], value)
    assert logs_of(loaded) == logs_of(model)
    for one, other in zip(loaded.variables, model.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_two_replicas_train_like_one(two_replicas, float64):
    def trained(strategy):
        with strategy.scope():
            # More generated points than real ones: each replica pairs its own. The slope of a
            # critic with kinks jumps where rounding pushes a point over one.
            options = {"samples_per_generator": 8, "entropy_weight": 1.0, "ema_decay": 0.9}
            model = make(activation="tanh", **options)
            model.compile(keras.optimizers.SGD(0.005), steps_per_execution=5)
        data = Dataset(name="points", split="train", examples=np.tile(POINTS, (10, 1)))
        model.fit(data, batch_size=16, steps_per_epoch=10, verbose=0)
        return model

    one, two = trained(tf.distribute.get_strategy()), trained(two_replicas)
    for a, b in zip(one.weights, two.weights, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), atol=1e-10, err_msg=a.path)
    assert np.abs(one.mixture_weights - EVEN).max() > 1e-4


def test_export(tmp_path):
    model = make(UNEVEN)
    model.export(tmp_path / "1")
    served = tf.saved_model.load(tmp_path / "1").signatures["discriminate"](
        samples=tf.constant(POINTS)
    )
    found = model.discriminate(POINTS)
    assert set(served) == set(found) == {"value", "generator_probabilities"}
    for name, value in served.items():
        np.testing.assert_allclose(value, found[name], atol=1e-5)
    assert found["value"].shape == (24,)
    np.testing.assert_allclose(np.sum(found["generator_probabilities"], axis=1), 1, atol=1e-6)


# Optimizers and errors ---------------------------------------------------------------------


def test_the_priors_optimizer_is_its_own():
    model = make()
    model.compile()
    preset = presets.get("dmganpl_fashion_mnist")
    for optimizer in (
        model.optimizers["prior"],
        # Neither another rate nor a decay is for the prior.
        preset.optimizer("prior", learning_rate=0.5, decay="cosine", decay_steps=10),
    ):
        optimizer.iterations.assign(7)
        assert float(optimizer.learning_rate) == pytest.approx(1e-3)
        assert (optimizer.beta_1, optimizer.beta_2) == (0.5, 0.5)
    others = preset.optimizer("generator", learning_rate=0.5, decay="linear", decay_steps=10)
    others.iterations.assign(5)
    assert float(others.learning_rate) == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"critic_steps": 0}, "critic_steps must be at least 1. Received: 0"),
        ({"penalty_weight": 0.0}, "penalty_weight must be over 0. Received: 0.0"),
        ({"diversity": -1.0}, "diversity must be at least 0. Received: -1.0"),
        ({"entropy_weight": -1.0}, "entropy_weight must be at least 0. Received: -1.0"),
        ({"entropy_decay": 0.0}, r"entropy_decay must lie in \(0, 1\]. Received: 0.0"),
        ({"entropy_decay": 1.1}, r"entropy_decay must lie in \(0, 1\]. Received: 1.1"),
        ({"penalty_weight": float("nan")}, "`penalty_weight` must be a finite number"),
        ({"encoder": layers.Dense(2)}, "3 outputs, .* Received: an encoder of width 2"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(InputError, match=message):
        make(**arguments)


def test_bad_networks():
    bank = GeneratorBank(networks.mlp(4, [8], 2), K)
    with pytest.raises(InputError, match=r"features \(batch, d\).* Received: .* \(None, 2, 1\)"):
        kgan.DMGANPL(bank, layers.Reshape((2, 1)))
    with pytest.raises(InputError, match="DMGANPL needs a GeneratorBank"):
        kgan.DMGANPL(networks.mlp(4, [8], 2), networks.mlp(2, [8], 8))
