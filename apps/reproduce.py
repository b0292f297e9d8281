"""`python -m apps.reproduce`: see `kgan.commands.reproduce`."""

from absl import flags

from kgan.commands import launch, reproduce

__doc__ = reproduce.__doc__
flags.adopt_module_key_flags(reproduce)

if __name__ == "__main__":
    launch.start(reproduce.main, in_children=True)
