"""`python -m apps.playground`: see `kgan.commands.playground`."""

from absl import flags

from kgan.commands import launch, playground

__doc__ = playground.__doc__
flags.adopt_module_key_flags(playground)

if __name__ == "__main__":
    launch.start(playground.main)
