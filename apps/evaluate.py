"""`python -m apps.evaluate`: see `kgan.commands.evaluate`."""

from absl import flags

from kgan.commands import evaluate, launch

__doc__ = evaluate.__doc__
flags.adopt_module_key_flags(evaluate)

if __name__ == "__main__":
    launch.start(evaluate.main)
