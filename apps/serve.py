"""`python -m apps.serve`: see `kgan.commands.serve`."""

from absl import flags

from kgan.commands import launch, serve

__doc__ = serve.__doc__
flags.adopt_module_key_flags(serve)

if __name__ == "__main__":
    launch.start(serve.main, in_children=True)
