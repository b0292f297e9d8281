"""Two replicas share each batch, and lose what one replica loses: one preset of each kind."""

import pytest

from benchmarks import golden
from kgan import presets

# One of each kind of game is tried on images too, and on points in a graph, whose making takes as
# long as a dozen steps; `tests/game/test_replicas.py` has what no preset has.
KINDS = {"gan", "mdgan", "mgan", "mimgan", "invertgan", "maemgan"}
STEPS = 2
KEPT = {}
for method in presets.methods():
    for kind, part in golden.kept(method).items():
        if part and (kind == "points" or method in KINDS):
            name = min(part, key=lambda n: (n.endswith("_embedded_grid"), "images" not in n))
            eagerly = kind == "images" or method not in KINDS
            KEPT[name] = part[name], eagerly


@pytest.mark.parametrize("name", KEPT)
def test_two_replicas_lose_what_one_does(name, two_replicas):
    kept, eagerly = KEPT[name]
    if eagerly:
        kept = {loss: values[:STEPS] for loss, values in kept.items()}
    calls = [1] * STEPS if eagerly else None
    found = golden.trajectory(name, two_replicas, calls=calls, eagerly=eagerly)
    assert golden.distance(found, kept) < golden.TOLERANCE
