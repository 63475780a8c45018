"""The tables whose tasks a preview is going to create, sent with resources' declarations.

The engine checks one resource after the other, and a lookup at the service in each check would take
long. All constructors of a program run before the first check. So the first resource carries the
tables of all, and its check starts the lookups of all of them.

The engine may check another resource first. A table's rows are sampled once, so every resource
that shares its table carries the columns that the other ones read.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Iterable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime import settings

from pulumi_tablestore_delivery.frontend.stack_entries import read_stack_entries


class _Program:
    """The tables of one preview, with the columns that its resources read."""

    def __init__(self) -> None:
        self._columns: dict[str, dict[str, list[str]]] = {}
        self._shared: dict[str, tuple[int, str | None]] = {}

    def add(self, resource_name: str, table: str, columns: list[str]) -> None:
        self._columns.setdefault(table, {})[resource_name] = columns

    async def all_tables(self) -> str | None:
        """Return the columns of all tables of new resources."""
        return await self._text(self._columns)

    async def shared_table(self, table: str) -> str | None:
        """Return the columns of one table; None if no other resource reads it.

        All resources of the table get the same text, so it is made once for their number.
        """
        await (read_stack_entries() or _nothing())  # all constructors have run by then
        number = len(self._columns[table])
        if number <= 1:
            return None
        if self._shared.get(table, (0, None))[0] != number:
            self._shared[table] = (number, await self._text([table]))
        return self._shared[table][1]

    async def _text(self, tables: Iterable[str]) -> str | None:
        entries = await (read_stack_entries() or _nothing())
        if entries is None:
            return None
        found: dict[str, list[str]] = {}
        for table in tables:
            readers = self._columns[table]
            if any(not entries.of_resource(name) for name in readers):
                found[table] = list(dict.fromkeys(itertools.chain(*readers.values())))
        return json.dumps(found)


_programs: WeakKeyDictionary[Any, _Program] = WeakKeyDictionary()


def new_tables(resource_name: str, given: Mapping[str, Any]) -> Awaitable[str | None] | None:
    """Collect a resource's table; return the tables that its declaration carries in a preview.

    Args:
        resource_name: The resource's name in the program.
        given: The resource's inputs.

    Returns:
        JSON: the columns that tasks read, by table. The first resource carries all tables, and
        another one its own table if it shares it. Tables of which the stack has all resources
        already are left out. None if there is nothing to carry.
    """
    if not pulumi.runtime.is_dry_run() or read_stack_entries() is None:
        return None
    monitor = settings.get_monitor()
    program = _programs.get(monitor)
    is_first = program is None
    if program is None:
        program = _programs[monitor] = _Program()
    table = given.get("table_name") if given.get("instance_name") is None else None
    if isinstance(table, str):
        program.add(resource_name, table, list(_columns(given)))
        if not is_first:
            return asyncio.ensure_future(program.shared_table(table))
    return asyncio.ensure_future(program.all_tables()) if is_first else None


def _columns(given: Mapping[str, Any]) -> list[str]:
    schema = given.get("parquet_schema")
    named = [_field(column, "source") for column in schema] if isinstance(schema, list) else []
    named.append(_field(given.get("event_time_column"), "column"))
    return [name for name in named if isinstance(name, str)]


def _field(value: Any, name: str) -> Any:
    """Return a field of an args object or of a dict."""
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


async def _nothing() -> None:
    return None
