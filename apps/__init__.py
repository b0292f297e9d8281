"""Command-line applications: flags in, one function call out."""
