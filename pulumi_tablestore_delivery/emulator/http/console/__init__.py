"""The page for people at `GET /`: tables, tasks, delivered files, discarded values."""
