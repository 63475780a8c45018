"""An emulator of Tablestore's delivery control plane that speaks the real protocol.

It shares nothing with this project's client but the messages (`wire`), so that one mistake
cannot hide in both. What it answers is labelled *documented*, *seen in an SDK* or *assumed*;
docs/emulator.md has the whole table.
"""
