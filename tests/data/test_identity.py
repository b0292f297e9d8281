"""What a data set is, told without reading it."""

import subprocess
import sys

import pytest

from kgan.data.identity import identity


def test_of_points_the_mixture_counts_not_how_it_was_said():
    usual = identity("grid", {})
    assert identity("grid", {"std": 0.05}) == identity("grid", {"variance": 0.05**2}) == usual
    assert identity("grid", {"weights": [0.04] * 25}) == usual
    others = [
        identity("ring", {}),
        identity("embedded_grid", {}),
        identity("grid", {"std": 0.06}),
        identity("grid", {"smallest_weight": 0.01}),
        identity("grid", {"points": 1_000}),
    ]
    assert all(other != usual for other in others)


def test_of_images_the_name_the_options_and_what_kgan_does_with_them():
    assert identity("stl10", {}) != identity("stl10", {"image_size": 48})
    assert identity("celeb_a", {})["crop"] == 160
    assert identity("stacked_mnist", {})["channels"] == identity("mnist", {})
    assert identity("stacked_mnist", {}) != identity("stacked_fashion_mnist", {})


def test_only_a_users_own_files_are_told_apart_by_their_place():
    assert identity("mnist", {}, "/here") == identity("mnist", {}, "/there")
    assert identity("folder", {}, "/here") != identity("folder", {}, "/there")


@pytest.mark.parametrize("module", ["kgan.data.identity", "kgan.data.catalog"])
def test_it_costs_no_tensorflow(module):
    code = f"import sys, {module}; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
