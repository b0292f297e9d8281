"""The flag of methods whose players may share their noise."""

from absl import flags

flags.DEFINE_bool("fresh_noise", None, "Draw new latents for the generator's move.")
