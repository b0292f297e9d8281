"""Train BiGAN, which is ALI: a generator and its encoder against a discriminator of pairs.

One command trains it, measures it, writes a report and exports it:

  python -m apps.bigan --dataset=ring
  python -m apps.bigan --dataset=fashion_mnist

What is not given is ours, on the networks that all methods have: the papers (Donahue et al. 2017,
Dumoulin et al. 2017) have other data. The same command again goes on where a run was cut off. All
of a run lies in its --output_dir; see report.html there.
"""

from absl import flags

from kgan.commands import inverse_std_flag, launch, loss_flag, noise_flag
from kgan.commands import training_flags as common

_FLAGS = ("loss", "fresh_noise", "inverse_std")
for _module in (loss_flag, noise_flag, inverse_std_flag, common):
    flags.adopt_module_key_flags(_module)


def main() -> None:
    """Train as the flags say."""
    common.train("bigan", _FLAGS)


if __name__ == "__main__":
    launch.start(main)
