"""The flag of methods whose discriminator sees an example with its latents."""

from absl import flags

flags.DEFINE_float(
    "inverse_std",
    None,
    "Standard deviation of the noise on an example's latents in its pairs; 0 for none.",
    lower_bound=0.0,
)
