"""The engine: steps in the graph, distribution, checkpoints, the run directory."""

from kgan.training.collapse_watch import CollapseWatch
from kgan.training.optimizers import Adam

__all__ = ["Adam", "CollapseWatch"]
