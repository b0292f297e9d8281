"""Two replicas share each batch, and lose what one replica loses: one preset of each kind."""

import pytest

from benchmarks import golden
from kgan import presets

# Of many moves or generators images take up to half a minute; on points these are tested too.
SLOW = {"dmganpl_images", "unrolledgan_images", "wgan_images", "wgan_gp_images", "maf_images"}
SLOW |= {"began_images", "madgan_images", "sngan_images", "sngan_resnet_cifar10"}
KEPT = {}
for method in presets.methods():
    for part in filter(None, golden.kept(method).values()):
        name = min(part, key=lambda name: (name.endswith("_embedded_grid"), "images" not in name))
        if name not in SLOW:
            KEPT[name] = part[name]


@pytest.mark.parametrize("name", KEPT)
def test_two_replicas_lose_what_one_does(name, two_replicas):
    found = golden.trajectory(name, two_replicas)
    assert golden.distance(found, KEPT[name]) < golden.TOLERANCE
