"""The application of all games of one generator: its methods, its flags, what it refuses."""

import functools
import json

import pytest

from kgan import InputError, ManifoldEntropy, presets
from kgan.commands import launch
from kgan.commands.train import run
from kgan.game.manifold_entropy import WEIGHTS
from kgan.methods import catalog
from kgan.runs import Config


@pytest.fixture
def main(configured):
    """A function from flags to the job that `apps.gan` would do."""
    return functools.partial(configured, "gan")


@pytest.mark.parametrize("method", catalog.of_command("gan"))
def test_every_method_is_a_flag(main, method):
    dataset = next(d for d in ("grid", "cifar10") if f"{method}_{d}" in presets.names())
    job = main(f"--method={method}", f"--dataset={dataset}")
    assert (job.method, job.arguments) == (method, {})
    assert job.resolved().output_dir == f"runs/{method}-{dataset}-seed0"
    assert job.preset_name == f"{method}_{dataset}"


def test_without_a_method_it_is_the_original_game(main):
    job = main("--dataset=fashion_mnist", "--seed=3", "--discriminator_steps=2")
    assert job.resolved().output_dir == "runs/gan-fashion_mnist-seed3"
    assert job.arguments == {"discriminator_steps": 2}


def test_flags_are_arguments(main):
    flags = ("--loss=hinge", "--penalty=r1", "--penalty_weight=5", "--weight_clip=0.5")
    job = main("--dataset=ring", *flags)
    expected = {"loss": "hinge", "penalty": "r1", "penalty_weight": 5.0}
    assert job.arguments == {**expected, "weight_clip": 0.5}
    model = presets.build(job.preset_name, **job.resolved().arguments)
    assert (model.adversarial_loss, model.penalty_weight, model.weight_clip) == ("hinge", 5, 0.5)
    assert main("--method=realness", "--dataset=ring", "--objective=3").arguments == {
        "objective": 3
    }


def test_parts_that_go_together_are_flags(main):
    flags = ("--loss=relativistic_pairing", "--penalties=r1:0.1,r2:0.1", "--pack=2")
    more = ("--mode_seeking=0.5", "--augment=translation,cutout")
    job = main("--dataset=fashion_mnist", *flags, *more)
    assert job.arguments == {
        "loss": "relativistic_pairing",
        "penalties": ["r1:0.1", "r2:0.1"],
        "pack": 2,
        "terms": ["mode_seeking:0.5"],
        "augment": ["translation", "cutout"],
    }
    model = presets.build(job.preset_name, **job.resolved().arguments)
    assert model.log_names[2:] == ("r1_penalty", "r2_penalty", "sample_spread")
    assert model.discriminator.input_shape == (None, 28, 28, 2)
    # Penalties that are named are in place of the preset's.
    job = main("--method=wgan_gp", "--dataset=grid", "--penalties=r1:0.1")
    assert presets.build(job.preset_name, **job.resolved().arguments).penalty is None
    with pytest.raises(InputError, match=r"--method=began has no such option.*--pack=2"):
        main("--method=began", "--dataset=grid", "--pack=2")


def test_a_flag_of_a_term_adds_that_term_alone(main):
    job = main("--dataset=ring", "--outputs=4", "--local=0.5", "--noise=0.1")
    added = {"entropy": 0.0, "local": 0.5, "isometric": 0.0, "noise": 0.1}
    assert job.arguments == {"outputs": 4, "regularizer": added}
    terms = ManifoldEntropy(**added)
    assert [getattr(terms, name) for name in WEIGHTS] == [0, 0, 0.5, 0]
    terms = ManifoldEntropy(**main("--dataset=ring", "--entropy=0.1").arguments["regularizer"])
    assert [getattr(terms, name) for name in WEIGHTS] == [0.1, 0.01, 0, 0]
    with pytest.raises(InputError, match=r"added by its weight.*Received: --noise=0.1"):
        main("--dataset=ring", "--noise=0.1")


def test_a_presets_penalty_can_be_left_out(main):
    job = main("--method=wgan_gp", "--dataset=ring", "--penalty=none").resolved()
    model = presets.build(job.preset_name, **job.arguments)
    assert (model.penalty, model.penalty_weight) == (None, None)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--method=wgangp",), "--method=wgangp: value should be one of <gan|wgan|wgan_gp|"),
        (("--method=wgan", "--weight_clip=0"), "weight_clip must be over 0. Received: 0.0"),
        (("--method=wgan", "--weight_clip=-1"), "weight_clip must be over 0. Received: -1.0"),
        (("--penalty_weight=10",), "A penalty_weight needs a penalty"),
        (("--method=wgan_gp", "--penalty=none", "--penalty_weight=1"), "needs a penalty"),
        (("--method=wgan_gp", "--penalty_weight=0"), "penalty_weight must be over 0"),
        (("--penalty=gp",), "--penalty=gp: value should be one of <gradient|one_sided|"),
        (("--loss=wgan",), "loss must be one of"),
        (("--discriminator_steps=0",), "discriminator_steps must be at least 1"),
        (("--method=realness", "--objective=4"), "objective must be one of (1, 2, 3)"),
        (("--method=began", "--loss=hinge"), "--method=began has no such option: leave it out. "
         "Received: --loss=hinge"),
        (("--objective=1",), "--method=gan has no such option"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_bad_input(main, tmp_path, capfd, monkeypatch, flags, message):
    monkeypatch.setattr(launch.logging.get_absl_handler(), "addFilter", lambda _: None)
    output = tmp_path / "run"
    fixed = ("--dataset=ring", "--strategy=none", f"--output_dir={output}", "--noevaluate")
    assert launch.run(lambda: run(main(*fixed, *flags)) and 0) == 2
    sentence = capfd.readouterr().err.splitlines()[-1]
    assert sentence.startswith("error: ")
    assert message in sentence
    assert not output.exists()


@pytest.mark.parametrize("method", ["wgan", "began"])
def test_a_short_run(method, tmp_path):
    config = Config(
        method,
        "ring",
        output_dir=str(tmp_path / "run"),
        steps=4,
        batch_size=8,
        samples=400,
        strategy="none",
    )
    result = run(config).scores
    assert (result["method"], result["steps"]) == (method, 4)
    found = json.loads((tmp_path / "run" / "config.json").read_text())
    assert found["model"]["preset"] == f"{method}_ring"
    assert (tmp_path / "run" / "report.html").exists()
    assert (tmp_path / "run" / "saved_model" / "1").exists()
