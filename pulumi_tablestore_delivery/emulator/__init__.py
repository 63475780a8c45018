"""An emulator of Tablestore that speaks the real protocol and delivers to Parquet files.

Its packages: `http` receives requests and signs answers, `api` has the operations, `delivery`
writes the files of delivery tasks, `storage` stores everything. A package imports only those that
come later in this list.

The emulator shares only the messages (`wire`) with this project's client, so that a mistake in one
of them is not hidden by the same mistake in the other. Every behavior is labeled *documented*,
*seen in an SDK* or *assumed*. docs/emulator.md has the whole table.
"""
