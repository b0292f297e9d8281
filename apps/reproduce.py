"""`python -m apps.reproduce`: see `kgan.commands.reproduce`."""

from absl import flags

from kgan.commands import reproduce, study_flags

__doc__ = reproduce.__doc__
flags.adopt_module_key_flags(reproduce)

if __name__ == "__main__":
    study_flags.start(reproduce.main)
