"""Acceptance tests against a real instance, and a report of its answers."""
