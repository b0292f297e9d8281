"""BiGAN (Donahue et al. 2017, https://arxiv.org/abs/1605.09782), which is ALI."""

from kgan.methods import BiGAN
from kgan.presets import inverses

PRESETS = inverses.joint_presets("bigan", BiGAN)
