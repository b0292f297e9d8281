"""`python -m apps.compare`: see `kgan.commands.compare`."""

from absl import flags

from kgan.commands import compare, launch

__doc__ = compare.__doc__
flags.adopt_module_key_flags(compare)

if __name__ == "__main__":
    launch.start(compare.main, positional=True)
