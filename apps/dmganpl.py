"""Train DMGAN-PL: many generators under a Wasserstein critic, and a learnt prior over them.

One command trains it, measures it, writes a report and exports it:

  python -m apps.dmganpl --dataset=ring
  python -m apps.dmganpl --dataset=fashion_mnist --generators=20 --nolearn_prior

What is not given is the value of the author's code (Khayatkhoei et al. 2018), on the networks that
all methods have. The same command again goes on where a run was cut off. All of a run lies in its
--output_dir; see report.html there.
"""

from absl import flags

from kgan.commands import bank_flags, diversity_flag, launch, noise_flag
from kgan.commands import training_flags as common

_FLAGS = (
    "critic_steps",
    "penalty_weight",
    "one_sided",
    "diversity",
    "learn_prior",
    "entropy_weight",
    "entropy_decay",
    "fresh_noise",
)
flags.DEFINE_integer("critic_steps", None, "Moves of the critic for one of the generators.")
flags.DEFINE_float("penalty_weight", None, "Weight of the gradient penalty.")
flags.DEFINE_bool("one_sided", None, "Penalise gradients of norms over 1 only.")
flags.DEFINE_bool("learn_prior", None, "Learn how often each generator is taken.")
flags.DEFINE_float("entropy_weight", None, "Weight of the prior's entropy at the start.")
flags.DEFINE_float("entropy_decay", None, "What it is multiplied by every step.")
for _module in (bank_flags, diversity_flag, noise_flag, common):
    flags.adopt_module_key_flags(_module)


def main() -> None:
    """Train as the flags say."""
    common.train("dmganpl", _FLAGS, bank_flags.arguments())


if __name__ == "__main__":
    launch.start(main)
