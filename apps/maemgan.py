"""Train MaEM-GAN: a critic that embeds, and the largest entropy of what it embeds.

One command trains it, measures it, writes a report and exports it:

  python -m apps.maemgan --dataset=ring
  python -m apps.maemgan --dataset=fashion_mnist --buffer_size=2048
  python -m apps.maemgan --dataset=grid --entropy=0 --isometric=0

What is not given is the paper's value (Liu et al. 2022), and ours where it names none: weights, the
embedding's width, and all of ring and grid. The same command again goes on where a run was cut off.
All of a run lies in its --output_dir; see report.html there.
"""

from absl import flags

from kgan.commands import launch, manifold_flags, noise_flag
from kgan.commands import training_flags as common

_FLAGS = (*manifold_flags.NAMES, "embedding_dim", "discriminator_steps", "fresh_noise")
flags.DEFINE_integer("embedding_dim", None, "Width of the critic's embedding.")
flags.DEFINE_integer("discriminator_steps", None, "Moves of the critic for one of the generator.")
for _module in (manifold_flags, noise_flag, common):
    flags.adopt_module_key_flags(_module)


def main() -> None:
    """Train as the flags say."""
    common.train("maemgan", _FLAGS)


if __name__ == "__main__":
    launch.start(main)
