"""Train the original GAN, the baseline of the other methods.

One command trains it, measures it, writes a report and exports it:

  python -m apps.gan --dataset=fashion_mnist

What is not given is the value of Lucic et al. 2018 for the data set. The same command again
goes on where a run was cut off. All of a run lies in its --output_dir; see report.html there.
"""

from absl import flags

from apps import common, launch

_FLAGS = {
    "loss": flags.DEFINE_enum("loss", None, ["non_saturating", "minimax"], "The generator's loss."),
    "discriminator_steps": flags.DEFINE_integer(
        "discriminator_steps", None, "Moves of the discriminator for one of the generator."
    ),
}
flags.adopt_module_key_flags(common)


def main() -> None:
    """Train as the flags say."""
    common.train("gan", list(_FLAGS))


if __name__ == "__main__":
    launch.start(main)
