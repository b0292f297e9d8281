"""Mode seeking as a term of any generator, against its formula in NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tiny_methods import examples, precision, tiny

import kgan
from kgan.networks import mlp

POINTS = np.random.default_rng(0).normal(size=(8, 2))


def linear(*, weight, generators=1):
    """A linear generator, or a bank of them, against a critic that says nothing."""
    keras.utils.set_random_seed(1)
    template = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    terms = [kgan.ModeSeeking(weight, epsilon=0.25)]
    silent = layers.Dense(1 + generators * (generators > 1), kernel_initializer="zeros")
    critic = keras.Sequential([keras.Input((2,)), silent])
    if generators == 1:
        return kgan.GAN(template, critic, loss="wasserstein", terms=terms, fresh_noise=False)
    bank = kgan.GeneratorBank(template, generators)
    return kgan.MGAN(bank, critic, terms=terms, fresh_noise=False, samples_per_generator=4)


def oracle(latents, kernels, weight):
    """The term and its ratio; row r of latents is generator `r % K`'s."""
    apart, of_latents = [], []
    for k, kernel in enumerate(kernels):
        own = latents[k :: len(kernels)]
        for first, second in zip(own[::2], own[1::2], strict=True):
            apart.append(np.abs((first - second) @ kernel).mean())
            of_latents.append(np.abs(first - second).mean())
    ratio = np.mean(apart) / np.mean(of_latents)
    return weight / (ratio + 0.25), ratio


@pytest.mark.parametrize("generators", [1, 2])
def test_the_term_and_its_gradient(generators):
    with precision("float64"):
        model = linear(weight=3.0, generators=generators)
        rates = {"discriminator": 0.0, "generator": 1.0}
        model.compile({name: keras.optimizers.SGD(rate) for name, rate in rates.items()})
        kernel = model.generator.trainable_variables[0]
        before = kernel.numpy().reshape(generators, 3, 2)
        latents = model._samples(1 << 40, tf.constant(POINTS))().latents.numpy()
        logs = dict(zip(model.log_names, model.train_step(tf.constant(POINTS)), strict=True))
        moved = before - kernel.numpy().reshape(generators, 3, 2)
    term, ratio = oracle(latents, before, 3.0)
    assert float(logs["sample_spread"]) == pytest.approx(ratio, rel=1e-9)
    if generators == 1:  # The critic says nothing.
        assert float(logs["generator_loss"]) == pytest.approx(term, rel=1e-9)
    for place in np.ndindex(before.shape):
        ends = []
        for sign in (1, -1):
            changed = before.copy()
            changed[place] += sign * 1e-6
            ends.append(oracle(latents, changed, 3.0)[0])
        assert moved[place] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-8)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "name",
    [
        *("mdgan", "mimgan", "dmganpl", "invertgan", "bigan"),
        *("veegan", "began", "unrolledgan", "maemgan"),
    ],
)
def test_any_method_takes_it(name):
    changes = {"samples_per_generator": 4} if name in ("mimgan", "dmganpl") else {}
    model = tiny(name, terms=["mode_seeking:0.5"], **changes)
    model.compile()
    logs = model.train_step(tf.constant(examples(model, 40)))
    assert np.isfinite(logs).all()
    assert float(logs[model.log_names.index("sample_spread")]) > 0


def test_terms_are_saved_with_their_state(tmp_path):
    terms = [kgan.ManifoldEntropy(buffer_size=16), kgan.ModeSeeking(0.5)]
    model = kgan.GAN(mlp(3, (4,), 2), mlp(2, (4,), 3), terms=terms)
    model.compile()
    model.fit(np.float32(POINTS), batch_size=4, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.log_names == model.log_names
    assert loaded.terms[1].get_config() == model.terms[1].get_config()
    codes = [one.terms[0].real_codes for one in (model, loaded)]
    assert int(codes[1].pushed) == 8
    np.testing.assert_array_equal(codes[0].codes, codes[1].codes)


def test_bad_terms():
    networks = mlp(3, (4,), 2), mlp(2, (4,), 1)
    for terms, message in (
        (["mode_seeking:0"], r"weight must be over 0\. Received: 0"),
        (["mood_seeking"], r"terms must be .* of names, mode_seeking, .*'mood_seeking'"),
        ([3.0], r"terms must be a sequence of Regularizer objects .* Received: 3\.0"),
        (["mode_seeking", kgan.ModeSeeking()], "each kind of term once.* log sample_spread"),
    ):
        with pytest.raises(kgan.InputError, match=message):
            kgan.GAN(*networks, terms=terms)
    with pytest.raises(kgan.InputError, match=r"not for a BEGAN: .* no codes"):
        kgan.BEGAN(mlp(3, (4,), 2), mlp(2, (4,), 2), terms=[kgan.ManifoldEntropy()])
    with pytest.raises(kgan.InputError, match="not for a UnrolledGAN"):
        kgan.UnrolledGAN(*networks, terms=[kgan.ManifoldEntropy()])
    model = kgan.GAN(*networks, terms=["mode_seeking"])
    model.compile()
    with pytest.raises(kgan.InputError, match=r"two samples of a generator.*Received: 1 of 1"):
        model.train_step(tf.constant(np.float32(POINTS[:1])))
