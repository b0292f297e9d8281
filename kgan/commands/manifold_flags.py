"""The flags of MaEM-GAN's terms, of the method itself or added to another."""

from __future__ import annotations

from typing import Any

from absl import flags

from kgan.commands import launch, noise_size_flag

NAMES = (
    "entropy",
    "norm",
    "local",
    "isometric",
    "buffer_size",
    "squared",
    "neighbours",
    "noise",
    "angle",
)
flags.DEFINE_float("entropy", None, "Weight of the entropy terms; 0 leaves them out.")
flags.DEFINE_float("norm", None, "Weight of the norms of embeddings; 0 leaves them out.")
flags.DEFINE_float("local", None, "Weight of DLLE; 0 leaves it out.")
flags.DEFINE_float("isometric", None, "Weight of DIsoMap; 0 leaves it out.")
flags.DEFINE_integer("buffer_size", None, "Embeddings that each replay buffer holds.")
flags.DEFINE_bool("squared", None, "Square the norms and DLLE's distances; the paper does not.")
flags.DEFINE_enum(
    "neighbours",
    None,
    ["gaussian", "rotation", "rotation_gaussian", "adversarial"],
    "How DLLE makes a neighbour of a sample.",
)
flags.adopt_module_key_flags(noise_size_flag)
flags.DEFINE_float("angle", None, "Neighbours' largest angle of rotation, in degrees.")


def regularizer() -> dict[str, Any]:
    """The argument that adds the terms to another method, if any of the flags is given."""
    given = launch.given(NAMES)
    return {"regularizer": given} if given else {}
