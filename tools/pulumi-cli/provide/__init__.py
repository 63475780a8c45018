"""Finds, downloads or builds the Pulumi CLI and its Python host (standard library only)."""
