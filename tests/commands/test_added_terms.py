"""MaEM-GAN's terms, added to other methods: presets and applications take them in one line."""

import json

import pytest
import run_commands

from kgan import GAN, InputError, ManifoldEntropy, data, presets
from kgan.commands.jobs import build_model
from kgan.commands.train import run
from kgan.runs import Config


@pytest.mark.parametrize("name", ["wgan_gp_grid", "sngan_grid", "gan_fashion_mnist", "lsgan_ring"])
def test_a_preset_takes_outputs_and_terms(name):
    model = presets.build(name, outputs=5, regularizer=ManifoldEntropy(buffer_size=512))
    assert model.discriminator.output_shape == (None, 5)
    assert model.regularizer.real_codes.codes.shape == (512, 5)
    assert presets.build(name).discriminator.output_shape == (None, 1)


def test_the_papers_residual_sn_gan_takes_them():
    model = GAN.from_preset("sngan_resnet_cifar10", outputs=6, regularizer=ManifoldEntropy())
    assert model.discriminator.output_shape == (None, 6)
    assert model.regularizer.fake_codes.codes.shape == (1024, 6)


def test_a_run_with_added_terms(tmp_path):
    arguments = {"outputs": 4, "regularizer": {"local": 2.0, "isometric": 0, "buffer_size": 300}}
    config = Config(
        "gan",
        "ring",
        output_dir=str(tmp_path),
        steps=20,
        samples=300,
        strategy="none",
        arguments=arguments,
        export=False,
    )
    model, _ = build_model(config.resolved(), data.load("ring"))
    assert model.regularizer.local == 2.0
    assert model.regularizer.entropy == 1.0
    result = run(config).scores
    assert result["embedding_effective_rank"] >= 1
    row = run_commands.rows(tmp_path)[-1]
    assert float(row["local_error"]) > 0
    assert "isometric_similarity" not in row
    flags = json.loads((tmp_path / "config.json").read_text())["flags"]
    assert (flags["outputs"], flags["local"], flags["buffer_size"]) == (4, 2.0, 300)
    assert "regularizer" not in flags  # It is to be typed again.


def test_an_autoencoder_takes_none():
    with pytest.raises(InputError, match=r"outputs are no codes.*leave it out"):
        presets.build("began_ring", regularizer=ManifoldEntropy())
