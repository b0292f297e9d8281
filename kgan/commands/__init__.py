"""Whole jobs, which the applications and Python call: flags in, one function call out."""
