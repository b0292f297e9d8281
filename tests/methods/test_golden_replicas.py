"""Two replicas share each batch, and lose what one replica loses: one preset of each kind."""

import pytest

from benchmarks import golden
from kgan import presets

# On points every method; on images one of each kind of game, for each takes some ten seconds.
IMAGES = {"gan", "mdgan", "mgan", "mimgan", "invertgan", "maemgan"}
KEPT = {}
for method in presets.methods():
    for kind, part in golden.kept(method).items():
        if part and (kind == "points" or method in IMAGES):
            name = min(part, key=lambda n: (n.endswith("_embedded_grid"), "images" not in n))
            KEPT[name] = part[name]


@pytest.mark.parametrize("name", KEPT)
def test_two_replicas_lose_what_one_does(name, two_replicas):
    found = golden.trajectory(name, two_replicas)
    assert golden.distance(found, KEPT[name]) < golden.TOLERANCE
