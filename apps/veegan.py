"""Train VEEGAN: a generator whose latents can be found again from its samples.

One command trains it, measures it, writes a report and exports it:

  python -m apps.veegan --dataset=ring
  python -m apps.veegan --dataset=fashion_mnist

What is not given is ours, on the networks that all methods have: the paper (Srivastava et al. 2017)
has others. The same command again goes on where a run was cut off. All of a run lies in its
--output_dir; see report.html there.
"""

from absl import flags

from kgan.commands import inverse_std_flag, launch, noise_flag
from kgan.commands import training_flags as common

_FLAGS = ("fresh_noise", "inverse_std")
for _module in (noise_flag, inverse_std_flag, common):
    flags.adopt_module_key_flags(_module)


def main() -> None:
    """Train as the flags say."""
    common.train("veegan", _FLAGS)


if __name__ == "__main__":
    launch.start(main)
