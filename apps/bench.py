"""`python -m apps.bench`: see `kgan.commands.bench`."""

from absl import flags

from kgan.commands import bench, launch

__doc__ = bench.__doc__
flags.adopt_module_key_flags(bench)

if __name__ == "__main__":
    launch.start(bench.main, in_children=True)
