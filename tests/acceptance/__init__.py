"""Acceptance tests against a real instance, and what they find out about the service."""
