"""Which method, which setting: what was measured, held against a person's data or run."""
