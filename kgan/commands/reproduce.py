"""A table or figure of a paper beside ours, computed where it is missing.

  python -m apps.reproduce --list
  python -m apps.reproduce --paper=mdgan --table=1 --seeds=5
  python -m apps.reproduce --paper=invertgan --figure=4 --spread=variance
  python -m apps.reproduce --paper=maemgan --table=1 --data=ring,grid

What is there of the same settings, here or among the results that the checkout carries, is taken as
it is, and what was cut off goes on. Runs, logs and the table (Markdown and HTML) lie in
--output_dir.
"""

from absl import flags

from kgan.commands import study_flags as command
from kgan.studies import catalog, reproduction

FLAGS = flags.FLAGS

flags.DEFINE_bool("list", False, "Show what there is and what it costs.")
flags.DEFINE_string("paper", None, "The paper's short name, such as mdgan.")
flags.DEFINE_integer("table", None, "Number of its table.")
flags.DEFINE_integer("figure", None, "Number of its figure; instead of --table.")
flags.DEFINE_list("data", None, "Of these data sets alone, as ring,grid. Default: all.")
flags.DEFINE_enum(
    "spread",
    None,
    ["std", "variance"],
    "What the paper's widths of modes are, where it leaves that open. Default: as printed.",
)
flags.adopt_module_key_flags(command)


def main() -> int:
    """Reproduce what the flags say; returns the exit status."""
    if FLAGS.list:
        print(catalog.listing())
        return 0
    table = catalog.on_data(catalog.find(FLAGS.paper, FLAGS.table, FLAGS.figure), FLAGS.data)
    spread = catalog.spread_of(table, FLAGS.spread)
    return 0 if reproduction.reproduce(command.request("reproduce", table, spread)) else 1
