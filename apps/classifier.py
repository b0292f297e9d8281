"""`python -m apps.classifier`: see `kgan.commands.classifier`."""

from absl import flags

from kgan.commands import classifier, launch

__doc__ = classifier.__doc__
flags.adopt_module_key_flags(classifier)

if __name__ == "__main__":
    launch.start(classifier.main)
