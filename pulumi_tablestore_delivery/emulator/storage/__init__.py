"""Storage: tables, rows, tasks and checkpoints in SQLite, buckets as folders.

Other rooms use `store.Store` and `buckets.Buckets`. Only this room knows SQL.
"""
