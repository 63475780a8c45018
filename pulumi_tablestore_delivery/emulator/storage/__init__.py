"""Storage: tables, rows, tasks and checkpoints in SQLite, buckets as folders.

Other packages use `store.Store` and `buckets.Buckets`. Only this package uses SQL.
"""
