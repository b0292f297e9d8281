"""Train the original GAN, the baseline of the other methods.

One command trains it, measures it, writes a report and exports it:

  python -m apps.gan --dataset=fashion_mnist

What is not given is the value of Lucic et al. 2018 for the data set. The same command again
goes on where a run was cut off. All of a run lies in its --output_dir; see report.html there.
"""

from absl import flags

from apps import common, launch, loss_flag, noise_flag

_FLAGS = ("loss", "discriminator_steps", "fresh_noise")
flags.DEFINE_integer(
    "discriminator_steps", None, "Moves of the discriminator for one of the generator."
)
for _module in (loss_flag, noise_flag, common):
    flags.adopt_module_key_flags(_module)


def main() -> None:
    """Train as the flags say."""
    common.train("gan", _FLAGS)


if __name__ == "__main__":
    launch.start(main)
