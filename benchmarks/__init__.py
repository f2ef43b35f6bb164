"""Measurements against named peers in the same run, or against a limit: `python -m benchmarks [--only NAME]`."""
