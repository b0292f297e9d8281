"""Flags that the methods with many generators share."""

from __future__ import annotations

from typing import Any

from absl import flags

from kgan.commands import launch

ALL_LAYERS = -1

flags.DEFINE_integer("generators", None, "Number K of generators.")
flags.DEFINE_integer(
    "private_layers",
    None,
    "How many layers with a kernel, counted from the latents, each generator has of its own; "
    f"{ALL_LAYERS} for all.",
)
flags.DEFINE_list(
    "mixture_weights", None, "How often each generator is taken, comma-separated, with sum 1."
)
flags.DEFINE_integer(
    "samples_per_generator", None, "Samples that each generator makes for a move, on all replicas."
)
flags.DEFINE_bool("same_noise", None, "Give all generators the same latents.")


def arguments() -> dict[str, Any]:
    """What was given, as arguments of the class and its networks."""
    found = launch.given(
        ["generators", "private_layers", "mixture_weights", "samples_per_generator", "same_noise"]
    )
    if "mixture_weights" in found:
        found["mixture_weights"] = launch.numbers("mixture_weights")
    if found.get("private_layers") == ALL_LAYERS:
        found["private_layers"] = None
    return found
