"""One page that holds finished (or unfinished) runs on a data set against each other.

  python -m apps.compare runs/mdgan-grid-seed0 runs/gan-grid-seed0
  python -m apps.compare --runs='runs/*-fashion_mnist-seed*' --output=fashion.html

Samples beside real data, scores with their noise, curves, and the flags that differ. Runs that
differ only by their seed are one column. The page opens offline; no run is changed.
"""

import glob

from absl import flags, logging

from kgan import reporting
from kgan.commands import launch
from kgan.errors import RunError
from kgan.files import local_path
from kgan.runs import Run

FLAGS = flags.FLAGS

# All applications have them, and here they would be passed over in silence.
del FLAGS.seed
del FLAGS.batch_size
flags.DEFINE_string("runs", None, "A pattern of run directories, quoted; besides those named.")
flags.DEFINE_string("output", "runs/comparison.html", "The page to write.")
flags.adopt_module_key_flags(launch)


def main(named: list[str]) -> None:
    """Compare the runs in the directories `named` and those that --runs finds."""
    output = local_path(FLAGS.output, "output")
    page = reporting.write_comparison([*named, *_found(FLAGS.runs)], output)
    logging.info("Comparison: %s", page)


def _found(pattern: str | None) -> list[str]:
    """The run directories among what the pattern matches."""
    if pattern is None:
        return []
    matches = sorted(glob.glob(pattern))  # noqa: PTH207 (may begin at the root)
    runs = [match for match in matches if Run.is_at(match)]
    if not runs:
        raise RunError(
            f"No run directory fits --runs. Received: {pattern!r}, which fits {len(matches)} other "
            "files. Give a pattern of directories that training wrote, in quotes."
        )
    return runs
