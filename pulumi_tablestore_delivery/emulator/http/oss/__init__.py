"""The buckets over OSS's protocol, and over the part of S3's protocol that OSS supports.

Every behavior is labeled *documented*, *seen in an SDK* or *assumed*. docs/emulator-oss.md has the
tables.
"""
