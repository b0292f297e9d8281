"""Which method to run on your data: two commands, with what was measured of each.

  python -m apps.advise --dataset=grid --minutes=30
  python -m apps.advise --data_dir=photos              # a folder of images
  python -m apps.advise --data_dir=mine.npz            # images, or points (n, d), in x or x_train

It looks at the data, takes the bench that is nearest to them, and orders what was measured there.
Where nothing was measured it says so.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from kgan.advice import choosing, looking
from kgan.commands import data_flags, launch

FLAGS = flags.FLAGS

# All applications have them, and here they would be passed over in silence.
del FLAGS.seed
del FLAGS.batch_size
flags.DEFINE_float("minutes", None, "For the training. Default: as many as it takes.")
flags.adopt_module_key_flags(data_flags)
flags.adopt_module_key_flags(launch)


def main() -> None:
    """Print what to run, and why."""
    given, dataset = data_flags.given(), FLAGS.dataset
    if "data_dir" in given and not FLAGS["dataset"].present:
        dataset = "npz" if Path(given["data_dir"]).suffix == ".npz" else "folder"
    print(choosing.advise(looking.look(dataset, given), FLAGS.minutes).text())
