"""An emulator of Tablestore that speaks the real protocol and delivers to Parquet files.

Its packages: `http` receives requests and signs answers, `api` holds the operations, `delivery`
writes the files of delivery tasks, `storage` keeps everything. A package imports only those that
follow it in this list.

The emulator shares nothing with this project's client but the messages (`wire`), so that one
mistake cannot hide in both. Every behavior is labeled *documented*, *seen in an SDK*
or *assumed*. docs/emulator.md has the whole table.
"""
