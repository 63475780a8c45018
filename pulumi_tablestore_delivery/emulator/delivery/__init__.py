"""Deliver rows to buckets: a worker, the delivery of one task, its progress, its Parquet files."""
