"""`python -m apps.zoo`: see `kgan.commands.zoo`."""

from absl import flags

from kgan.commands import launch, zoo

__doc__ = zoo.__doc__
flags.adopt_module_key_flags(zoo)

if __name__ == "__main__":
    launch.start(zoo.main)
