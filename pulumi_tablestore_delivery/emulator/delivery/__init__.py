"""Delivery of rows to buckets: a worker, one task's delivery, its progress, its Parquet files."""
