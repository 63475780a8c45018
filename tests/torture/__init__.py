"""Faults, kills and races: what `make torture` runs. docs/reliability.md has the results."""
