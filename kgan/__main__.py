"""`python -m kgan` is `kgan`."""

from kgan.commands import cli

if __name__ == "__main__":
    cli.main()
