"""Where runs lie when nobody says where, and what one types to start one."""

import shlex
from pathlib import Path

ROOT = Path(__file__).parents[2]  # Of the packages: of the checkout, if they are in one.


def usual_directory(name: str, dataset: str, seed: int) -> str:
    """The directory of a run, of a method or a variant of its presets, on a data set."""
    whole = f"{name}-{dataset}".replace("/", "_")
    return f"runs/{whole}-seed{seed}"


def typed(application: str, *flags: str) -> str:
    """What a user types to start an application: `python -m apps.mdgan` in a checkout."""
    checkout = (ROOT / "setup.cfg").exists()
    start = ["python", "-m", f"apps.{application}"] if checkout else ["kgan", application]
    return shlex.join([*start, *flags])
