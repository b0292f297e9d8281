"""Golden trajectories: each method's first steps lose what they lost, on any processor.

Steps are run one a call and two a call; `test_golden_replicas.py` has two replicas.
"""

import pytest

from benchmarks import golden as trajectories
from kgan import presets
from kgan.methods import golden

METHODS = presets.methods()
KEPT = {k: v for m in METHODS for part in trajectories.kept(m).values() for k, v in part.items()}
# The embedded grid's differ from the grid's in widths alone (`test_embedded_presets.py`): one of
# each kind of networks, and one with another argument.
WIDE = {f"{method}_embedded_grid" for method in ("gan", "mgan", "bigan", "maemgan")}
TRIED = [name for name in KEPT if not name.endswith("_embedded_grid") or name in WIDE]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_a_trajectory_of_each_kind_that_it_has_presets_of(method):
    found = [presets.get(name) for name in presets.names() if name.startswith(f"{method}_")]
    kinds = {golden.KINDS[len(p.example_shape or (1, 1, 1)) == 3] for p in found}
    assert kinds <= {kind for kind, part in trajectories.kept(method).items() if part}


@pytest.mark.parametrize("name", TRIED)
def test_losses_are_what_they_were(name):
    found = trajectories.trajectory(name)
    assert trajectories.distance(found, KEPT[name]) < trajectories.TOLERANCE, (
        "If this change of training is wanted, write the file anew (python -m benchmarks.golden) "
        "and say why in the commit: it expires the method's results."
    )
