"""Train MAD-GAN: many generators, and a discriminator that also tells which one made a sample.

One command trains it, measures it, writes a report and exports it:

  python -m apps.madgan --dataset=ring
  python -m apps.madgan --dataset=fashion_mnist --generators=10

What is not given is ours, on the networks that all methods have: the paper (Ghosh et al. 2018) has
other data. The same command again goes on where a run was cut off. All of a run lies in its
--output_dir; see report.html there.
"""

from absl import flags

from kgan.commands import bank_flags, launch, loss_flag, noise_flag
from kgan.commands import training_flags as common

_FLAGS = ("loss", "fresh_noise")
for _module in (bank_flags, loss_flag, noise_flag, common):
    flags.adopt_module_key_flags(_module)


def main() -> None:
    """Train as the flags say."""
    common.train("madgan", _FLAGS, bank_flags.arguments())


if __name__ == "__main__":
    launch.start(main)
