"""Presets: every one builds, and says what its papers say."""

import itertools
import math

import keras
import numpy as np
import pytest
from keras import layers

import kgan
from kgan import GAN, MDGAN, MGAN, MIMGAN, MixtureModel, presets
from kgan.commands import jobs
from kgan.layers import SpectralConv2D, SpectralDense
from kgan.methods import catalog
from kgan.runs import Config

# Networks of images are built for small ones: at their size they weigh up to gigabytes.
SMALL = dict.fromkeys(("celeb_a", "cifar10", "stl10", "imagenet_resized/32x32"), (16, 16, 3))
SMALL |= dict.fromkeys(("mnist", "fashion_mnist"), (12, 12, 1))


def _apart():
    """Presets that are not built of the same parts as one before: most image sets have one's."""
    found = {}
    for name in presets.names():
        preset = presets.get(name)
        small = SMALL.get(preset.dataset, preset.example_shape)
        sizes = None if small is None or len(small) == 3 else small
        built = (preset.model, id(preset.networks), repr(preset.arguments), sizes)
        found.setdefault(built, name)
    return list(found.values())


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_says_what_a_run_can_keep(name):
    preset = presets.get(name)
    assert preset.snapshot_interval % preset.interval == 0
    assert preset.steps >= preset.snapshot_interval
    assert preset.interval % preset.steps_per_execution == 0
    assert preset.decay in presets.DECAYS


@pytest.mark.parametrize("name", _apart())
def test_every_preset_builds(name):
    preset = presets.get(name)
    shape = SMALL.get(preset.dataset, preset.example_shape) or (8, 12, 3)
    changes = {}
    if preset.model is MIMGAN:  # Its own is trained on the data set.
        changes["classifier"] = keras.Sequential(
            [keras.Input(shape), layers.Flatten(), layers.Dense(3)]
        )
    model = kgan.AdversarialModel.from_preset(name, example_shape=shape, **changes)
    assert type(model) is preset.model
    assert model.preset == name
    assert model.sample_shape == shape
    samples = model.sample(2)
    assert samples.shape == (2, *shape)
    output = model.discriminate(samples)
    scalar = next(name for name in ("probability", "value", "error") if name in output)
    assert output[scalar].shape == (2,)
    if preset.model is MDGAN:
        assert model.components == (10 if len(shape) == 1 else 8)
        assert output["embedding"].shape == (2, model.components - 1)
        assert (model.real_mixture.variance, model.fake_mixture.variance) == (0.25, 0.25)
        assert model.fake_mixture.is_unimodal == name.endswith("_authors")
    assert_facts(model, preset)


def assert_facts(model, preset):
    """What a preset says of its networks is so."""
    facts = preset.facts
    assert model.latent_dim == facts["latent_dim"]
    there = list(model.discriminator._flatten_layers())
    batch = any(isinstance(layer, layers.BatchNormalization) for layer in there)
    spectral = any(isinstance(layer, SpectralConv2D | SpectralDense) for layer in there)
    norm = facts["discriminator_norm"]
    assert (batch, spectral) == ("batch" in norm, "spectral" in norm)
    if "hidden_units" in facts and not isinstance(model, MixtureModel):
        units = [x.units for x in model.generator.layers if isinstance(x, layers.Dense)]
        assert units[:-1] == facts["hidden_units"]
    if "value_range" in facts and "value_range" not in preset.arguments:
        assert model.value_range == tuple(facts["value_range"])


def test_names():
    names = presets.names()
    assert names == sorted(names)
    for name in names:
        preset = presets.get(name)
        assert any(name.startswith(f"{method}_") for method in presets.methods(preset.model)), name
    assert {"mgan_stl10_96", "mgan_imagenet_resized/32x32", "sngan_resnet_cifar10"} < set(names)
    assert presets.find("mdgan", "fashion_mnist") == "mdgan_fashion_mnist"
    assert presets.find("gan", "folder") == "gan_images"
    assert presets.find("gan", "stacked_mnist") == "gan_images"


@pytest.mark.parametrize(
    ("name", "widths", "beta"),
    [
        ("cifar10", (512, 256, 128, 3), 0.01),  # Table 4.
        ("imagenet_resized/32x32", (512, 256, 128, 3), 0.1),  # Table 7.
    ],
)
def test_mgans_tables(name, widths, beta):
    """Ten first layers with their batch norms (weights, biases, scales), and the shared rest."""
    first = 10 * (100 + 2) * 4 * 4 * widths[0]
    rest = sum(25 * a * b + b for a, b in itertools.pairwise(widths)) + sum(widths[1:-1])
    model = presets.build(f"mgan_{name}")
    weights = model.generator.trainable_variables
    assert sum(int(np.prod(v.shape)) for v in weights) == first + rest
    assert (model.num_generators, model.samples_per_generator, model.diversity) == (10, 12, beta)
    assert model.value_range == (-1.0, 1.0)


def test_mgans_tables_and_its_authors_code():
    def made(**changes):
        model = presets.build("mgan_cifar10", example_shape=(16, 16, 3), width=8, **changes)
        first = model.generator.network.layers[2]
        kernel = model.discriminator.layers[1].kernel.numpy()
        return model, first, kernel

    model, first, kernel = made()
    assert not first.center
    assert kernel.std() == pytest.approx(0.01, rel=0.1)
    assert np.abs(kernel).max() > 2 * 0.01
    assert model.discriminator.layers[1].filters == 8
    _, first, kernel = made(first_center=True, stddev=0.02, truncated=True)
    assert first.center
    assert np.abs(kernel).max() <= 2 * 0.02
    assert kernel.std() == pytest.approx(0.88 * 0.02, rel=0.1)  # Of what is left within 2 std.


def test_stl10_has_the_papers_size():
    for given, size, name in ((None, 48, "mgan_stl10"), (96, 96, "mgan_stl10_96")):
        options = {} if given is None else {"image_size": given}
        config = Config("mgan", "stl10", data_options=options)
        assert (config.preset_name, config.resolved().data_options) == (name, {"image_size": size})
        assert presets.get(name).example_shape == (size, size, 3)
    assert Config("mgan", "cifar10").resolved().data_options == {}
    named = Config("mgan", "stl10", preset="mgan_stl10_96").resolved()
    assert named.data_options == {"image_size": 96}
    assert Config("invertgan", "stl10").resolved().data_options == {"image_size": 48}
    # Of all methods' networks, which take any size.
    assert Config("gan", "stl10", data_options={"image_size": 32}).preset_name == "gan_images"


def test_mgan_on_points_is_table_3():
    model = presets.build("mgan_ring")
    own, shared = 8 * (256 + 1) * 128, (128 + 1) * 128 + (128 + 1) * 2
    assert sum(int(np.prod(v.shape)) for v in model.generator.trainable_variables) == own + shared
    assert (model.latent_dim, model.samples_per_generator, model.diversity) == (256, 128, 0.125)
    assert model.latent_distribution == "normal"
    preset = presets.get("mgan_ring")
    assert (preset.batch_size, preset.steps, preset.learning_rate) == (512, 25_000, 2e-4)
    assert model.generator.network.layers[1].kernel.numpy().std() == pytest.approx(0.02, rel=0.02)
    assert model.discriminator.layers[1].kernel.shape == (2, 128)


@pytest.mark.parametrize("method", ["mgan", "mimgan", "madgan"])
def test_mixtures_on_the_grid_have_the_networks_of_all_methods(method):
    looks = keras.Sequential([keras.Input((2,)), layers.Dense(25)])
    changes = {"classifier": looks} if method == "mimgan" else {}
    mixture, gan = presets.build(f"{method}_grid", **changes), presets.build("gan_grid")
    assert mixture.num_generators == 25
    assert shapes(mixture.generator.generator(0)) == shapes(gan.generator)
    assert shapes(mixture.discriminator)[:6] == shapes(gan.discriminator)[:6]
    # About as many generated samples as real ones.
    assert mixture.samples_per_generator == 16
    preset, plain = presets.get(f"{method}_grid"), presets.get("gan_grid")
    for budget in ("steps", "batch_size", "learning_rate", "decay"):
        assert getattr(preset, budget) == getattr(plain, budget)


def test_changes_of_the_bank():
    model = presets.build(
        "mgan_ring", generators=2, private_layers=None, mixture_weights=[0.25, 0.75], diversity=0.5
    )
    assert isinstance(model, MGAN)
    assert (model.num_generators, model.diversity) == (2, 0.5)
    assert model.generator.private_layers is None
    np.testing.assert_allclose(model.mixture_weights, [0.25, 0.75])


def shapes(network):
    return [tuple(v.shape) for v in network.trainable_variables]


@pytest.mark.parametrize("dataset", ["ring", "grid"])
def test_inverse_methods_and_their_baselines_differ_in_rates_and_steps_alone_on_points(dataset):
    plain, gan = presets.get(f"gan_{dataset}"), presets.build(f"gan_{dataset}")
    budget = ("batch_size", "beta_1", "decay")
    rates = {"invertgan": (2e-3, 1), "bigan": (1e-3, 2), "veegan": (1e-3, 2)}
    for method in ("invertgan", "bigan", "veegan", "unrolledgan"):
        preset, model = (f(f"{method}_{dataset}") for f in (presets.get, presets.build))
        assert [getattr(preset, k) for k in budget] == [getattr(plain, k) for k in budget]
        assert preset.steps == (30_000 if method == "invertgan" else plain.steps)
        found = preset.learning_rate, preset.rate_factors.get("discriminator", 1)
        assert found == rates.get(method, (2e-3, 0.25))
        assert shapes(model.generator) == shapes(gan.generator)
        if method == "unrolledgan":
            assert model.unrolled_steps == 5
            assert shapes(model.discriminator) == shapes(gan.discriminator)
            continue
        assert model.latent_distribution == "normal"
        assert shapes(model.inverse)[:-2] == shapes(gan.discriminator)[:-2]
        assert shapes(model.inverse)[-1] == (2,)
        # Pairs are two numbers wider, and that alone.
        first = (2, 128) if method == "invertgan" else (4, 128)
        assert shapes(model.discriminator) == [first, *shapes(gan.discriminator)[1:]]


@pytest.mark.parametrize("method", ["bigan", "veegan"])
def test_pairs_of_images_meet_behind_a_trunk(method):
    model = presets.build(f"{method}_fashion_mnist")
    assert model.latent_dim == 64
    assert model.inverse.output_shape == (None, 64)
    assert sum(math.prod(v.shape) for v in model.generator.trainable_variables) == 6_642_241
    for network in (model.inverse, model.discriminator):
        assert not any(isinstance(x, layers.BatchNormalization) for x in network._flatten_layers())


@pytest.mark.parametrize("method", ["gan", "mdgan", "bigan", "veegan", "unrolledgan"])
@pytest.mark.parametrize(
    ("dataset", "shape", "steps"),
    [
        # Lucic et al.: 20 epochs of 50,000 on the MNISTs, 100 on CIFAR-10, in batches of 64.
        ("mnist", (28, 28, 1), 20 * 50_000 / 64),
        ("fashion_mnist", (28, 28, 1), 15_625),
        ("cifar10", (32, 32, 3), 100 * 50_000 / 64),
        ("celeb_a", (64, 64, 3), 101_250),
    ],
)
def test_budgets_of_the_paper(method, dataset, shape, steps):
    preset = presets.get(f"{method}_{dataset}")
    assert (preset.example_shape, preset.steps, preset.batch_size) == (shape, steps, 64)
    assert preset.dataset == dataset


def test_fashion_mnist_without_an_example_shape():
    model = MDGAN.from_preset("mdgan_fashion_mnist", components=10)
    assert model.sample_shape == (28, 28, 1)
    assert model.discriminator.output_shape == (None, 9)
    assert model.components == 10
    assert model.latent_dim == 64
    assert model.latent_distribution == "uniform"
    # 6,642,241 is Lucic's generator of one channel.
    assert sum(math.prod(v.shape) for v in model.generator.trainable_variables) == 6_642_241
    norms = [isinstance(x, layers.BatchNormalization) for x in model.discriminator.layers]
    assert sum(norms) == 1
    assert isinstance(model.discriminator.layers[norms.index(True) - 1], SpectralConv2D)
    assert (model.norm_bound.radius, model.ema_decay) == (2.0, 0.995)
    assert presets.get("mdgan_fashion_mnist").learning_rate == 4e-4


def test_md_gan_on_images_as_printed():
    """Section 5.2 and table 2, on Lucic et al.'s networks."""
    model, preset = (f("mdgan_fashion_mnist_paper") for f in (presets.build, presets.get))
    there = model.discriminator.layers
    assert not any(isinstance(x, layers.BatchNormalization | SpectralConv2D) for x in there)
    assert (model.components, model.adversarial_loss) == (8, "saturating")
    assert (model.norm_bound, model.ema_decay, preset.learning_rate) == (None, None, 2e-4)


@pytest.mark.parametrize(
    "method",
    [
        *(
            "gan",
            "wgan",
            "wgan_gp",
            "lsgan",
            "hinge",
            "ragan",
            "dragan",
            "realness",
            "sngan",
            "maf",
        ),
        *("mdgan", "maemgan", "mgan", "madgan", "dmganpl", "d2gan", "unrolledgan", "invertgan"),
        *("bigan", "veegan"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*look at each row's own gradient")
def test_the_discriminators_norm_can_be_chosen(method):
    """Of all on Lucic et al.'s networks; what it is not told of stays as it is."""
    norm = "batch_convolution"
    model = presets.build(f"{method}_mnist", example_shape=(8, 8, 1), discriminator_norm=norm)
    there = list(model.discriminator._flatten_layers())
    assert sum(isinstance(layer, layers.BatchNormalization) for layer in there) == 1
    assert not any(isinstance(layer, SpectralConv2D) for layer in there)
    if method == "d2gan":
        assert shapes(model.second_discriminator) == shapes(model.discriminator)


def test_batch_norm_that_is_chosen_under_a_penalty_is_warned_of():
    with pytest.warns(UserWarning, match="look at each row's own gradient"):
        presets.build("wgan_gp_images", example_shape=(8, 8, 1), discriminator_norm="batch")


@pytest.mark.parametrize("components", [2, 5, 10])
def test_components_widen_the_discriminator(components):
    for name, shape in (("mdgan_grid", (2,)), ("mdgan_images", (8, 8, 1))):
        model = MDGAN.from_preset(name, components=components, example_shape=shape)
        assert model.discriminator.output_shape == (None, components - 1)
        assert model.components == components
    embeddings = MDGAN.from_preset("mdgan_grid", components=components).embed(
        np.float32([[-1e9, 1e9], [4, 4]])
    )
    assert np.abs(embeddings).max() <= 2.5  # Bounded as in the authors' code.


def test_changes_and_dtype():
    model = MDGAN.from_preset(
        "mdgan_grid", dtype="mixed_bfloat16", likelihood="sum", variance_fake=0.06, seed=3
    )
    assert model.fake_mixture.likelihood == "sum"
    assert model.fake_mixture.variance == 0.06
    assert model.seed == 3
    hidden = [x for x in model.generator.layers if isinstance(x, layers.Dense)][:-1]
    assert all(x.compute_dtype == "bfloat16" for x in hidden)
    assert model.generator.compute_output_spec(keras.KerasTensor((1, 2))).dtype == "float32"


def test_unknown_name():
    with pytest.raises(kgan.InputError, match=r"no preset 'mdgan_gird'\. Near .*mdgan_grid"):
        MDGAN.from_preset("mdgan_gird")
    with pytest.raises(kgan.InputError, match=r"known: .*gan_celeb_a, .*mdgan_ring"):
        presets.get("xyzzy")


def test_wrong_class():
    with pytest.raises(kgan.InputError, match="'mdgan_grid' is one of MDGAN, not of GAN"):
        GAN.from_preset("mdgan_grid")
    with pytest.raises(kgan.InputError, match="'gan_grid' is one of GAN, not of MDGAN"):
        MDGAN.from_preset("gan_grid")


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("mdgan_grid", {"components": 1}, r"at least 2\. Received: components=1"),
        ("mgan_ring", {"width": 3}, r"no argument `width`, nor have the networks.*take generators"),
        ("gan_grid", {"nonsense": 1}, r"GAN has no argument `nonsense`.*Received: nonsense=1"),
        ("mdgan_fashion_mnist", {"components": 0}, r"Received: components=0"),
        ("mdgan_fashion_mnist", {"components": -3}, r"Received: components=-3"),
        ("mdgan_images", {}, r"any image set\. Received: no example_shape"),
        ("gan_grid", {"example_shape": (8, 8, 1)}, r"for points\. Received: .*\(8, 8, 1\)"),
        ("gan_images", {"example_shape": (30, 30, 1)}, r"divisible by 4\. Received: \(30, 30, 1\)"),
        ("gan_images", {"example_shape": (2,)}, r"Received: \(2,\)"),
        ("mdgan_grid", {"variance_real": 0.0}, r"over 0\. Received: 0\.0"),
        ("mdgan_mnist", {"discriminator_norm": "group"}, r"discriminator_norm must .*'group'"),
        (
            "mdgan_grid",
            {"discriminator_norm": "spectral"},
            r"argument `discriminator_norm`.*'spectral'",
        ),
        (
            "mgan_cifar10",
            {"discriminator_norm": "none"},
            r"argument `discriminator_norm`, .*'none'",
        ),
    ],
)
def test_changes_that_cannot_work(name, changes, message):
    with pytest.raises(kgan.InputError, match=message):
        presets.build(name, **changes)


def test_the_authors_md_gan_is_their_code():
    """`architectures.py`, `mdgan.ipynb` and `iterators.py` of eghbalz/mdgan."""
    preset = presets.get("mdgan_grid_authors")
    with pytest.warns(UserWarning, match="melt into one hill"):
        model = presets.build("mdgan_grid_authors")
    widths = [(2, 128), (128,), (128, 128), (128,)]
    assert shapes(model.generator) == [*widths, (128, 2), (2,)]
    assert shapes(model.discriminator) == [*widths, (128, 9), (9,)]
    far = np.float32([[1e6, -1e6]])
    np.testing.assert_allclose(np.abs(model.generator(far)), 6, rtol=1e-3)
    hidden = model.discriminator.layers[1]
    assert hidden.kernel.numpy().std() == pytest.approx(0.02, rel=0.15)
    assert float(hidden.activation(-1.0)) == pytest.approx(-0.2)
    rates = [rate(preset.optimizer("generator"), step) for step in (0, 9_999, 10_000, 39_999)]
    assert rates == pytest.approx([1e-3, 1e-3, 5e-4, 1.25e-4])
    assert (preset.steps, preset.batch_size, preset.beta_1) == (2_000 * 20, 500, 0.5)
    # 1e-8 of density is so much of lambda.
    assert 1e-8 / math.exp(model.fake_mixture.log_peak) == pytest.approx(model.epsilon, rel=0.01)


def test_a_variant_is_asked_for_by_its_name(tmp_path):
    config = Config("mdgan", "grid", preset="mdgan_grid_authors").resolved()
    assert (config.steps, config.batch_size, config.decay) == (40_000, 500, "halving")
    assert config.output_dir == "runs/mdgan_grid_authors-grid-seed0"
    assert Config.from_flags("mdgan", "grid", config.flags()) == config
    with pytest.raises(kgan.InputError, match=r"`preset` must be one of gan's: .*'mdgan_grid'"):
        Config("gan", "grid", preset="mdgan_grid").resolved()


def test_invertgan_as_printed():
    for name in ("ring", "grid"):
        preset = presets.get(f"invertgan_{name}_paper")
        model = presets.build(f"invertgan_{name}_paper")
        assert (preset.batch_size, preset.steps, preset.dataset) == (128, 24_000, name)
        weights = model.gaussian_weight, model.latent_consistency, model.data_consistency
        assert weights == (1, 1, 1)
        assert (model.gaussian_loss, model.latent_distribution) == ("p_norm", "normal")
        # "Four linear layers with ReLU activation".
        for network in (model.generator, model.inverse, model.discriminator):
            assert sum(isinstance(x, layers.Dense) for x in network.layers) == 4


@pytest.mark.parametrize("method", presets.methods())
def test_latents_are_of_any_width_and_kind(method):
    name = f"{method}_ring" if f"{method}_ring" in presets.names() else f"{method}_cifar10"
    preset = presets.get(name)
    shape = preset.example_shape if len(preset.example_shape) == 1 else (8, 8, 3)
    changes = {}
    if preset.model is MIMGAN:
        changes["classifier"] = keras.Sequential([keras.Input(shape), layers.Dense(3)])
    if method == "invertgan":  # The others draw the latents of real data to N(0, I).
        changes["gaussian_loss"] = "latent_discriminator"
    options = {option.name for option in catalog.methods()[method].options}
    assert {"latent_dim", "latent_distribution"} <= options
    for distribution in ("uniform", "normal"):
        model = presets.build(
            name,
            example_shape=shape,
            latent_dim=5,
            latent_distribution=distribution,
            **changes,
        )
        assert (model.latent_dim, model.latent_distribution) == (5, distribution)
        assert model.sample(3).shape == (3, *shape)
        assert (np.abs(model.sample_latents(500, 0)).max() > 1) == (distribution == "normal")
        if hasattr(model, "inverse"):
            assert model.invert(model.sample(3)).shape == (3, 5)
    with pytest.raises(kgan.InputError, match="latent_dim must be a whole number of at least 1"):
        presets.build(name, example_shape=shape, latent_dim=0, **changes)


@pytest.mark.parametrize("method", ["invertgan", "bigan", "veegan", "mgan"])
def test_latents_are_of_any_width_on_images(method):
    usual = presets.build(f"{method}_images", example_shape=(8, 8, 1))
    model = presets.build(f"{method}_images", example_shape=(8, 8, 1), latent_dim=7)
    assert model.latent_dim == 7 != usual.latent_dim
    assert model.sample(2).shape == (2, 8, 8, 1)
    assert len(model.weights) == len(usual.weights)


def rate(optimizer, step):
    optimizer.iterations.assign(step)
    return float(optimizer.learning_rate)


def test_md_gans_discriminator_of_points_learns_at_half_of_the_rate():
    preset = presets.get("mdgan_grid")
    assert preset.decay == "cosine"
    optimizers = {name: preset.optimizer(name) for name in ("generator", "discriminator")}
    for step in (0, preset.steps // 3, preset.steps // 2, preset.steps, 2 * preset.steps):
        place = min(step / preset.steps, 1)
        expected = preset.learning_rate * (1 + math.cos(math.pi * place)) / 2
        assert rate(optimizers["generator"], step) == pytest.approx(expected, rel=1e-6, abs=1e-9)
        assert rate(optimizers["discriminator"], step) == pytest.approx(
            expected / 2, rel=1e-6, abs=1e-9
        )
    for name, optimizer in optimizers.items():
        assert isinstance(optimizer, keras.optimizers.Adam)
        assert (optimizer.beta_1, optimizer.beta_2) == (0.5, 0.999)
        assert optimizer.name == f"{name}_adam"


def test_other_rates_and_decays():
    preset = presets.get("mdgan_grid")
    linear = preset.optimizer("discriminator", learning_rate=0.4, decay="linear", decay_steps=100)
    found = [rate(linear, step) for step in (0, 50, 75, 100, 1000)]
    assert found == pytest.approx([0.2, 0.1, 0.05, 0, 0], rel=1e-6, abs=1e-9)
    constant = preset.optimizer("generator", learning_rate=0.4, decay="none")
    assert [rate(constant, step) for step in (0, 10**6)] == pytest.approx([0.4, 0.4])
    images = presets.get("lsgan_cifar10")
    for name in ("generator", "discriminator"):
        assert [rate(images.optimizer(name), s) for s in (0, 10**6)] == pytest.approx([2e-4] * 2)


@pytest.mark.parametrize("through_the_application", [False, True])
def test_rates_decay_over_train_steps_however_often_a_player_moves(through_the_application):
    if through_the_application:
        config = Config("wgan_gp", "grid", steps=100).resolved()
        model, _ = jobs.build_model(config, kgan.data.load("grid"))
        steps = 100
    else:
        model = kgan.GAN.from_preset("wgan_gp_grid")
        model.compile()
        steps = presets.get("wgan_gp_grid").steps
    assert (model.moves("discriminator"), model.moves("generator")) == (5, 1)
    for player, moves in (("discriminator", 5), ("generator", 1)):
        start, half, end = (
            rate(model.optimizers[player], share * steps * moves // 2) for share in (0, 1, 2)
        )
        assert half == pytest.approx(start / 2, rel=1e-5)
        assert end == pytest.approx(0.0, abs=1e-9)


def test_compile_and_fit_take_the_presets_defaults():
    model = MDGAN.from_preset("mdgan_grid")
    model.compile()
    preset = presets.get("mdgan_grid")
    for name, factor in (("generator", 1), ("discriminator", 0.5)):
        found = float(model.optimizers[name].learning_rate)
        assert found == pytest.approx(factor * preset.learning_rate)
        assert model.optimizers[name].beta_1 == 0.5
    points = np.random.default_rng(0).normal(size=(2 * preset.batch_size + 9, 2))
    data = kgan.data.Dataset(name="n", split="train", examples=points.astype("float32"))
    model.fit(data, verbose=0)
    assert model.steps_taken == 2


def test_the_discriminators_rate_is_a_multiple_of_the_others():
    preset = presets.get("mdgan_grid")  # A half.
    rates = [
        float(preset.optimizer(player, 0.1, "none", factor=factor).learning_rate)
        for player, factor in (("generator", None), ("discriminator", None), ("discriminator", 2.0))
    ]
    np.testing.assert_allclose(rates, [0.1, 0.05, 0.2], rtol=1e-6)
    config = Config("gan", "grid", discriminator_rate=2.0)
    model, _ = jobs.build_model(config.resolved(), kgan.data.load("grid"))
    starts = {k: float(o.learning_rate) for k, o in model.optimizers.items()}
    assert starts["discriminator"] == pytest.approx(2 * starts["generator"])
