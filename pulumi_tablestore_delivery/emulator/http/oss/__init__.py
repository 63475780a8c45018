"""The buckets over OSS's own protocol, and over S3's as OSS speaks it.

What is answered is labelled *documented*, *seen in an SDK* or *assumed*; docs/emulator-oss.md has
the tables.
"""
