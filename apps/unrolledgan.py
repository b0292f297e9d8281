"""Train an Unrolled GAN: its generator moves against the discriminator of some steps later.

One command trains it, measures it, writes a report and exports it:

  python -m apps.unrolledgan --dataset=ring --unrolled_steps=5
  python -m apps.unrolledgan --dataset=fashion_mnist

What is not given is ours, on the networks that all methods have: the paper (Metz et al. 2017) has
other data. The same command again goes on where a run was cut off. All of a run lies in its
--output_dir; see report.html there.
"""

from absl import flags

from kgan.commands import launch, loss_flag, noise_flag
from kgan.commands import training_flags as common

_FLAGS = ("unrolled_steps", "loss", "fresh_noise")
flags.DEFINE_integer(
    "unrolled_steps", None, "Discriminator steps that the generator foresees; 0 is the plain GAN."
)
for _module in (loss_flag, noise_flag, common):
    flags.adopt_module_key_flags(_module)


def main() -> None:
    """Train as the flags say."""
    common.train("unrolledgan", _FLAGS)


if __name__ == "__main__":
    launch.start(main)
