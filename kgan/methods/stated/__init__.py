"""What papers state and published code has, as data: one file a paper, see `provenance`."""
