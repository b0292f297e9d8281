"""The mode-collapse bench: all methods and baselines on one data set, with one budget.

  python -m apps.bench --list
  python -m apps.bench --bench=ring
  python -m apps.bench --bench=grid,fashion_mnist --methods=gan,wgan_gp,maemgan
  python -m apps.bench --bench=norms --seeds=2
  python -m apps.bench --leaderboard

Every method is trained once for each seed. What is there of the same settings, here or among the
results that the checkout carries, is taken as it is, and what was cut off goes on. Runs, logs and
a table for each bench (Markdown and HTML) lie in --output_dir. --leaderboard puts all that is there
on one page. --bench=norms has some games with each norm of the discriminator's layers.
"""

from absl import flags

from kgan.commands import study_flags as command
from kgan.runs.places import typed
from kgan.studies import bench, conditions, documents, reproduction, store
from kgan.studies.leaderboard import Leaderboard

FLAGS = flags.FLAGS

flags.DEFINE_bool("list", False, "Show the benches, and what a seed of all methods costs.")
flags.DEFINE_bool(
    "leaderboard", False, "Train nothing: one page of all results that are there, best first."
)
flags.DEFINE_list("bench", None, "Which, of those that --list shows.")
flags.DEFINE_list("methods", None, "Those alone, such as gan,wgan_gp. Default: all of the bench.")
flags.adopt_module_key_flags(command)


def main() -> int:
    """Run the benches that the flags name; returns the exit status."""
    if FLAGS.list:
        print(bench.listing())
        return 0
    if FLAGS.leaderboard:
        return _leaderboard()
    tables = [bench.find(name, FLAGS.methods) for name in bench.checked(FLAGS.bench)]
    done = [reproduction.reproduce(command.request("bench", table)) for table in tables]
    # A run that ends without a result is one: it counts as a failure of its method.
    return 0 if all(done) else 1


def _leaderboard() -> int:
    names = bench.checked(list(bench.OF_ALL_METHODS) if FLAGS.bench is None else FLAGS.bench)
    found = {}
    for name in names:
        asked = command.request("bench", bench.find(name, FLAGS.methods))
        found[name] = asked.table, reproduction.there(asked)
    board = Leaderboard(found)
    if not board.benches:
        raise flags.Error(
            f"There are no results under these flags, neither in {asked.output_dir} nor in the "
            "checkout. Compute some: python -m apps.bench --bench=ring"
        )
    from kgan.studies import leaderboard_figure  # Matplotlib: --help should not wait for it.

    changes = [f"{name}{value}" for name, value in asked.changes.items()]
    words = [*(FLAGS.bench or []), asked.table.part, *changes]
    stem = "_".join(["leaderboard", *filter(None, words)])
    flags_of_all = [f"--seeds={asked.seeds}"]
    if asked.table.part:
        flags_of_all += [f"--methods={','.join(FLAGS.methods)}"]
    flags_of_all += [f"--{name}={value}" for name, value in asked.changes.items()]
    if FLAGS.output_dir != FLAGS["output_dir"].default:
        flags_of_all.append(f"--output_dir={asked.output_dir}")
    page = board.page(
        seeds=asked.seeds,
        command=lambda name: typed("bench", f"--bench={name}", *flags_of_all),
        notices=reproduction.notices(asked),
        about=[
            *conditions.told([o for _, outcomes in board.benches.values() for o in outcomes]),
            reproduction.written_by(asked.command),
        ],
        picture=(f"{stem}.png", leaderboard_figure.draw(board)),
    )
    reproduction.publish(page, asked.output_dir, stem)
    if FLAGS.keep:
        documents.write(page, store.checkout(), stem)
    return 0
