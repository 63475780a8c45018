"""Tablestore's protocol: the messages, the names of their numbers, and the coding of rows."""
