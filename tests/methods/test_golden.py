"""Golden trajectories: each method's first steps lose what they lost, on any processor.

One replica's steps are run one a call and two a call; two replicas share the same batches.
"""

import pytest

from benchmarks import golden as trajectories
from kgan import presets
from kgan.methods import golden

METHODS = presets.methods()
PRESETS = [name for m in METHODS for part in trajectories.kept(m).values() for name in part]
# On two replicas one preset of each kind says enough.
SHARED = [next(iter(part)) for m in METHODS for part in trajectories.kept(m).values() if part]


def kept(name):
    parts = (part for method in METHODS for part in trajectories.kept(method).values())
    return next(part[name] for part in parts if name in part)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_a_trajectory_of_each_kind_that_it_has_presets_of(method):
    found = [presets.get(name) for name in presets.names() if name.startswith(f"{method}_")]
    kinds = {golden.KINDS[len(p.example_shape or (1, 1, 1)) == 3] for p in found}
    assert kinds <= {kind for kind, part in trajectories.kept(method).items() if part}


@pytest.mark.parametrize("name", PRESETS)
def test_losses_are_what_they_were(name):
    found = trajectories.trajectory(name)
    assert trajectories.distance(found, kept(name)) < trajectories.TOLERANCE, (
        "If this change of training is wanted, write the file anew (python -m benchmarks.golden) "
        "and say why in the commit: it expires the method's results."
    )


@pytest.mark.parametrize("name", SHARED)
def test_two_replicas_share_the_losses_of_one(name, two_replicas):
    found = trajectories.trajectory(name, two_replicas)
    assert trajectories.distance(found, kept(name)) < trajectories.TOLERANCE
