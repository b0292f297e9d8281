"""Train MD-GAN: the discriminator embeds into a simplex of Gaussians.

One command trains it, measures it, writes a report and exports it:

  python -m apps.mdgan --dataset=fashion_mnist
  python -m apps.mdgan --dataset=grid --components=10
  python -m apps.mdgan --dataset=grid --entropy=0.01 --local=1

Any of MaEM-GAN's flags (--entropy, --local, ...) adds its terms, with a weight of 1 for those that
are not given (--norm: 0.01). Everything else that is not given is the paper's value for the data
set (Eghbal-zadeh et al. 2019). The same command again goes on where a run was cut off. All of a run
lies in its --output_dir; see report.html there.
"""

from absl import flags

from kgan.commands import launch, loss_flag, manifold_flags, noise_flag
from kgan.commands import training_flags as common

_FLAGS = {
    "components": flags.DEFINE_integer("components", None, "Number C of Gaussians."),
    "variance_real": flags.DEFINE_float("variance_real", None, "Their variance for real data."),
    "variance_fake": flags.DEFINE_float("variance_fake", None, "Their variance for samples."),
    "likelihood": flags.DEFINE_enum(
        "likelihood",
        None,
        ["max", "sum"],
        "The best component's density (the paper), or the mean of all (the authors' code).",
    ),
    "vertex_scale": flags.DEFINE_enum(
        "vertex_scale",
        None,
        ["edge", "unit_norm", "author"],
        "The simplex: edges of 1 (the paper), norms of 1, or the authors' code.",
    ),
    "epsilon": flags.DEFINE_float("epsilon", None, "Kept between the likelihood and 1."),
}
for _module in (loss_flag, noise_flag, manifold_flags, common):
    flags.adopt_module_key_flags(_module)


def main() -> None:
    """Train as the flags say."""
    common.train("mdgan", (*_FLAGS, "loss", "fresh_noise"), manifold_flags.regularizer())


if __name__ == "__main__":
    launch.start(main)
