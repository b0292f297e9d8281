"""The embedded grid's presets: the grid's game and budget, in wider networks."""

import dataclasses

import pytest

import kgan
from kgan import presets

METHODS = sorted(n.removesuffix("_grid") for n in presets.names() if n.endswith("_embedded_grid"))
METHODS = [name.removesuffix("_embedded") for name in METHODS]


@pytest.mark.parametrize("method", METHODS)
def test_they_differ_from_the_grids_in_the_points_alone(method):
    flat, wide = presets.get(f"{method}_grid"), presets.get(f"{method}_embedded_grid")
    changed = {
        field.name
        for field in dataclasses.fields(flat)
        if getattr(flat, field.name) != getattr(wide, field.name)
    } - {"networks", "reasons", "shared"}  # Of some methods they are made anew for each preset.
    expected = {"dataset", "example_shape"}
    if method == "maemgan":  # What has no angle cannot be turned.
        assert changed == expected | {"arguments"}
        assert wide.arguments == {**flat.arguments, "neighbours": "gaussian"}
    else:
        assert changed == expected
    assert (flat.example_shape, wide.example_shape) == ((2,), (128,))


def test_every_method_of_the_grid_has_one():
    grids = {n for n in presets.names() if n.endswith("_grid")}
    flat = {f"{method}_grid" for method in METHODS}
    assert flat | {f"{method}_embedded_grid" for method in METHODS} == grids


def shapes(network):
    return [tuple(v.shape) for v in network.trainable_variables][::2]


def test_widths():
    model = presets.build("gan_embedded_grid")
    assert shapes(model.generator) == [(128, 256), (256, 256), (256, 256), (256, 128)]
    assert shapes(model.discriminator) == [(128, 256), (256, 256), (256, 256), (256, 1)]
    model = presets.build("bigan_embedded_grid", example_shape=(50,))
    assert shapes(model.inverse)[-1] == (128, 50) and model.latent_dim == 50
    flat = presets.build("gan_grid")
    assert shapes(flat.generator) == [(2, 128), (128, 128), (128, 128), (128, 2)]
    assert flat.generator.layers[-1].scale == 4.0
    assert flat.discriminator.layers[1].scale == 0.25
    # An isometry shares the plane's variance among the coordinates.
    assert model.generator.layers[-1].scale == pytest.approx(4 * (2 / 50) ** 0.5)


def test_networks_see_points_of_about_unit_variance():
    points = kgan.data.load("embedded_grid", points=2_000).examples
    flat = kgan.data.load("grid", points=2_000).examples
    scaled = presets.build("gan_embedded_grid").discriminator.layers[1](points)
    assert float(scaled.numpy().std()) == pytest.approx(flat.std() / 4, rel=0.05)
