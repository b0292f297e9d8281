"""A training run: its loop, its directory, its checkpoints, what watches it."""
