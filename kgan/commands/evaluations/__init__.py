"""What `apps.evaluate` measures, and where its results go."""
