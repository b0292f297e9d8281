"""`python -m apps.unrolledgan`: see --help, and `kgan.commands.training`."""

from kgan.commands import training

if __name__ == "__main__":
    training.start("unrolledgan")
