"""VEEGAN (Srivastava et al. 2017, https://arxiv.org/abs/1705.07761)."""

from kgan.models import VEEGAN
from kgan.presets import inverses

PRESETS = inverses.joint_presets("veegan", VEEGAN)
