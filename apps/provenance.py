"""`python -m apps.provenance`: see `kgan.commands.provenance`."""

from absl import flags

from kgan.commands import launch, provenance

__doc__ = provenance.__doc__
flags.adopt_module_key_flags(provenance)

if __name__ == "__main__":
    launch.start(provenance.main, in_children=True)
