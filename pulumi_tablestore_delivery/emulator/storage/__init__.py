"""Storage: tables, rows, tasks and checkpoints in SQLite, buckets as folders.

Other packages use `store.Store`, `objects.ObjectStore` and `uploads.Uploads`. Only this package
knows SQL.
"""
