"""VEEGAN (Srivastava et al. 2017, https://arxiv.org/abs/1705.07761)."""

from kgan.methods import VEEGAN
from kgan.presets import inverses

# By search, 6,000 steps of one seed. On the grid 0, 0.1, 0.3 and 1 keep 13, 15, 24 and 3 modes with
# 6%, 12%, 59% and 8% within 3 std; on the ring 0.3 keeps 5 with 79%, and 1 keeps 8 with 72%.
_INVERSE_STD = {"ring": 1.0, "grid": 0.3, "embedded_grid": 0.3}
PRESETS = inverses.joint_presets("veegan", VEEGAN, inverse_std=_INVERSE_STD)
