"""The flag of methods that weigh what draws their generators apart."""

from absl import flags

flags.DEFINE_float(
    "diversity", None, "Weight of what draws generators apart: MGAN's beta, MIM-GAN's lambda."
)
