"""Where the values of presets come from: papers, published code, or ours and why.

  python -m apps.provenance                       # how many values of each method are of which kind
  python -m apps.provenance --preset=mdgan_grid   # each value of a preset

`stated`: the paper has the value; `code`: its authors' published code has it; `ours`: neither has.
"""

from __future__ import annotations

from absl import flags

from kgan.commands import launch
from kgan.studies.differences import coverage, listed

FLAGS = flags.FLAGS

# All applications have them, and here they would be passed over in silence.
del FLAGS.seed
del FLAGS.batch_size
flags.DEFINE_string("preset", None, "Name of a preset, such as mdgan_grid: each of its values.")
flags.adopt_module_key_flags(launch)


def main() -> None:
    """Print the counts of all methods, or the values of one preset."""
    print(coverage() if FLAGS.preset is None else listed(FLAGS.preset))
