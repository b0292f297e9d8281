"""Where runs lie when nobody says where."""


def usual_directory(name: str, dataset: str, seed: int) -> str:
    """The directory of a run, of a method or a variant of its presets, on a data set."""
    whole = f"{name}-{dataset}".replace("/", "_")
    return f"runs/{whole}-seed{seed}"
