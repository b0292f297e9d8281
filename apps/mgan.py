"""Train MGAN: a mixture of generators, and a classifier that tells which one made a sample.

One command trains it, measures it, writes a report and exports it:

  python -m apps.mgan --dataset=ring
  python -m apps.mgan --dataset=fashion_mnist --generators=10

What is not given is the paper's value for the data set (Hoang et al. 2018). The same command
again goes on where a run was cut off. All of a run lies in its --output_dir; see report.html
there.
"""

from absl import flags

from kgan.commands import bank_flags, diversity_flag, launch, loss_flag, noise_flag
from kgan.commands import training_flags as common

_FLAGS = ("diversity", "loss", "fresh_noise")
for _module in (bank_flags, diversity_flag, loss_flag, noise_flag, common):
    flags.adopt_module_key_flags(_module)


def main() -> None:
    """Train as the flags say."""
    common.train("mgan", _FLAGS, bank_flags.arguments())


if __name__ == "__main__":
    launch.start(main)
