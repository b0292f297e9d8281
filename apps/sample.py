"""`python -m apps.sample`: see `kgan.commands.sample`."""

from absl import flags

from kgan.commands import launch, sample

__doc__ = sample.__doc__
flags.adopt_module_key_flags(sample)

if __name__ == "__main__":
    launch.start(sample.main, in_children=True)
