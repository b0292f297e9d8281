"""The engine: steps in the graph, distribution, checkpoints, the run directory."""
