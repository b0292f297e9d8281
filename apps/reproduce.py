"""A table or figure of a paper beside ours, computed where it is missing.

  python -m apps.reproduce --list
  python -m apps.reproduce --paper=mdgan --table=1 --seeds=5
  python -m apps.reproduce --paper=invertgan --figure=4 --spread=variance

What has been computed by the same command and the same code is taken as it is, and what was cut
off goes on. Runs, logs and the table (Markdown and HTML) lie in --output_dir.
"""

import shlex
import signal
import sys
from pathlib import Path

from absl import app, flags

from apps import launch
from apps.tables import catalog, pool, reproduction

FLAGS = flags.FLAGS

# All applications have them, and here they would be passed over in silence.
del FLAGS.seed
del FLAGS.batch_size
flags.DEFINE_bool("list", False, "Show what there is and what it costs.")
flags.DEFINE_string("paper", None, "The paper's short name, such as mdgan.")
flags.DEFINE_integer("table", None, "Number of its table.")
flags.DEFINE_integer("figure", None, "Number of its figure; instead of --table.")
flags.DEFINE_integer("seeds", 5, "Seeds for each row: 0, 1, ...", lower_bound=1)
flags.DEFINE_enum(
    "spread",
    None,
    ["std", "variance"],
    "What the paper's widths of modes are, where it leaves that open. Default: as printed.",
)
flags.DEFINE_integer("jobs", None, "Runs at a time. Default: one on each core.", lower_bound=1)
flags.DEFINE_string("output_dir", "runs/reproduce", "Where runs, logs and tables lie.")
flags.DEFINE_integer("steps", None, "Of all runs, for a quick look.", lower_bound=1)
flags.DEFINE_integer("samples", None, "For all evaluations, for a quick look.", lower_bound=2)
flags.adopt_module_key_flags(launch)


def main() -> int:
    """Reproduce what the flags say; returns the exit status."""
    if FLAGS.list:
        print(catalog.listing())
        return 0
    table = catalog.find(FLAGS.paper, FLAGS.table, FLAGS.figure)
    request = reproduction.Request(
        table,
        seeds=FLAGS.seeds,
        spread=catalog.spread_of(table, FLAGS.spread),
        jobs=FLAGS.jobs or pool.usable_cores(),
        output_dir=Path(FLAGS.output_dir),
        changes=launch.given(["steps", "samples"]),
        command=shlex.join(["python", "-m", "apps.reproduce", *sys.argv[1:]]),
    )
    return 0 if reproduction.reproduce(request) else 1


def _guarded() -> int:
    """`main` as `launch.start` runs it, but without the import of TensorFlow."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # As under nohup.
            signal.signal(number, signal.default_int_handler)
    try:
        return main()
    except KeyboardInterrupt:
        return launch._fail("Interrupted. The same command goes on where it was.", 130)
    except flags.Error as error:
        if FLAGS.debug:
            raise
        return launch._fail(str(error), 2)
    except OSError as error:
        if FLAGS.debug:
            raise
        return launch._fail(f"{error.strerror or error}: {error.filename or 'no file'}.", 1)


if __name__ == "__main__":
    app.run(lambda argv: sys.exit(_guarded()), flags_parser=launch._parse)
