"""Text for readers of the delivered files: paths, and SQL of external tables.

The functions depend only on a task's inputs. No service is called.
"""
