"""The web page at `GET /`: tables, tasks, delivered files, discarded values."""
