"""Train InvertGAN: an inverse mapping, and latents of real data that are Gaussian.

One command trains it, measures it, writes a report and exports it:

  python -m apps.invertgan --dataset=ring
  python -m apps.invertgan --dataset=fashion_mnist --gaussian_loss=wasserstein

What is not given is the paper's value for the data set, and ours where it names none. The same
command again goes on where a run was cut off. All of a run lies in its --output_dir; see
report.html there.
"""

from absl import flags

from kgan.commands import launch, loss_flag, noise_flag
from kgan.commands import training_flags as common

_FLAGS = (
    "gaussian_loss",
    "p",
    "gaussian_weight",
    "latent_consistency",
    "data_consistency",
    "loss",
    "fresh_noise",
)
flags.DEFINE_enum(
    "gaussian_loss",
    None,
    ["p_norm", "wasserstein", "kl", "latent_discriminator", "wasserstein_1d", "none"],
    "How the latents of real data are drawn to a standard Gaussian.",
)
flags.DEFINE_float("p", None, "Of the p-norm, at least 1.")
flags.DEFINE_float("gaussian_weight", None, "Weight of that loss.")
flags.DEFINE_float("latent_consistency", None, "Weight of the distance of latents from F(G(z)).")
flags.DEFINE_float("data_consistency", None, "Weight of the distance of examples from G(F(x)).")
for _module in (loss_flag, noise_flag, common):
    flags.adopt_module_key_flags(_module)


def main() -> None:
    """Train as the flags say."""
    common.train("invertgan", _FLAGS)


if __name__ == "__main__":
    launch.start(main)
