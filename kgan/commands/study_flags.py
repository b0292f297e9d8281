"""What the commands that compute tables share: their flags."""

from __future__ import annotations

import sys

from absl import flags

from kgan.commands import launch
from kgan.files import local_path
from kgan.runs.places import typed
from kgan.studies import pool, reproduction
from kgan.studies.table import Table

FLAGS = flags.FLAGS

# All applications have them, and here they would be passed over in silence.
del FLAGS.seed
del FLAGS.batch_size
flags.DEFINE_integer("seeds", 5, "Seeds for each row: 0, 1, ...", lower_bound=1)
flags.DEFINE_integer("jobs", None, "Runs at a time. Default: one on each core.", lower_bound=1)
flags.DEFINE_string("output_dir", "runs/reproduce", "Where runs, logs and tables lie.")
flags.DEFINE_integer("steps", None, "Of all runs, for a quick look.", lower_bound=1)
flags.DEFINE_integer("samples", None, "For all evaluations, for a quick look.", lower_bound=2)
flags.DEFINE_bool(
    "keep",
    False,
    "Put the results into the checkout, where other checkouts find them (results/), and the page "
    "and its picture into docs/.",
)
flags.DEFINE_bool("train", True, "Run what is missing; --notrain makes the page of what is there.")
flags.adopt_module_key_flags(launch)


def request(application: str, table: Table, spread: str | None = None) -> reproduction.Request:
    """What the flags ask an application for, of a table.

    Raises:
        IllegalFlagValueError: --keep with what makes a quick look of a table.
    """
    changes = launch.given(["steps", "samples"])
    if FLAGS.keep and changes:
        quick = " ".join(f"--{name}={value}" for name, value in changes.items())
        raise flags.IllegalFlagValueError(
            f"--keep takes whole tables, not quick looks. Received: {quick}; leave one out."
        )
    given = sys.argv[1:]
    if given[:1] == [application]:  # Begun as `kgan bench`.
        del given[0]
    return reproduction.Request(
        table,
        seeds=FLAGS.seeds,
        spread=spread,
        jobs=FLAGS.jobs or pool.usable_cores(),
        output_dir=local_path(FLAGS.output_dir, "output_dir"),
        changes=changes,
        command=typed(application, *given),
        keep=FLAGS.keep,
        train=FLAGS.train,
    )
