"""The flag of methods with more than one loss of the generator."""

from absl import flags

flags.DEFINE_string(
    "loss",
    None,
    "The generator's loss: non_saturating, or minimax as in the original game; MD-GAN calls its "
    "own saturating. In apps.gan also the game: least_squares, hinge, wasserstein, "
    "relativistic_average.",
)
