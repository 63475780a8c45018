"""An emulator of Tablestore that speaks the real protocol and delivers to Parquet files.

Rooms: `http` receives and signs, `api` holds the operations, `delivery` writes the files of
delivery tasks, `storage` keeps everything. A room imports only those that follow it.

The emulator shares nothing with this project's client but the messages (`wire`), so that one
mistake cannot hide in both. What it answers is labelled *documented*, *seen in an SDK* or
*assumed*; docs/emulator.md has the whole table.
"""
