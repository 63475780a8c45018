"""Tablestore's protocol: messages, the names of their numbers, nothing that acts."""
