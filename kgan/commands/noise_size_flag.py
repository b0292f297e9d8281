"""A flag of two kinds of applications, which one process may import both."""

from absl import flags

flags.DEFINE_float(
    "noise",
    None,
    "Standard deviation of the noise on a classifier's training examples (images in 0..1; default: "
    "0 for images, for points a third of the least distance between two classes); or on the "
    "neighbours of MaEM-GAN's terms (for images in units of the value range's width).",
)
