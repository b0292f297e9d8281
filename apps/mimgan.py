"""Train MIM-GAN: many generators, and a penalty on what two of them share.

One command trains it, measures it, writes a report and exports it:

  python -m apps.mimgan --dataset=ring
  python -m apps.mimgan --dataset=fashion_mnist --generators=10

The classifier that tells what generators share is the data set's own, trained and cached where it
is missing. What is not given is the paper's value for the data set (Li et al. 2021). The same
command again goes on where a run was cut off. All of a run lies in its --output_dir; see
report.html there.
"""

from absl import flags

from kgan.commands import (
    bank_flags,
    classifier_flags,
    diversity_flag,
    launch,
    loss_flag,
    noise_flag,
)
from kgan.commands import training_flags as common

_FLAGS = ("diversity", "loss", "fresh_noise", "measure", "classifier")
flags.DEFINE_enum(
    "measure",
    None,
    ["overlap", "pairwise", "paired"],
    "What is penalised: the overlap of all generators, the paper's sum over pairs, or the mutual "
    "information under the same latents.",
)
flags.DEFINE_string("classifier", None, "A classifier written by apps.classifier.")
for _module in (bank_flags, classifier_flags, diversity_flag, loss_flag, noise_flag, common):
    flags.adopt_module_key_flags(_module)


def main() -> None:
    """Train as the flags say."""
    common.train("mimgan", _FLAGS, {**bank_flags.arguments(), **classifier_flags.kind()})


if __name__ == "__main__":
    launch.start(main)
