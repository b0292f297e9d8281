"""`python -m apps.advise`: see `kgan.commands.advise`."""

from absl import flags

from kgan.commands import advise, launch

__doc__ = advise.__doc__
flags.adopt_module_key_flags(advise)

if __name__ == "__main__":
    launch.start(advise.main, in_children=True)
