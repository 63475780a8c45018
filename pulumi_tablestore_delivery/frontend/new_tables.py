"""The tables whose tasks a preview is going to create, sent with the first resource.

The engine checks one resource after the other, and a look at the service in each check would take
long. All constructors of a program run before the first check. So the first resource carries the
tables of all, and its check starts the looks at all of them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime import settings

from pulumi_tablestore_delivery.frontend.stack_entries import read_stack_entries


class _Program:
    """The tables of one preview, with the columns that its resources read."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, str], list[str]] = {}

    def add(self, resource_name: str, given: Mapping[str, Any]) -> None:
        table = given.get("table_name")
        if isinstance(table, str) and given.get("instance_name") is None:
            self._columns[resource_name, table] = list(_columns(given))

    async def as_text(self) -> str | None:
        entries = await (read_stack_entries() or _nothing())
        if entries is None:
            return None
        tables: dict[str, list[str]] = {}
        for (resource_name, table), columns in self._columns.items():
            if not entries.of_resource(resource_name):
                tables[table] = list(dict.fromkeys([*tables.get(table, []), *columns]))
        return json.dumps(tables)


_programs: WeakKeyDictionary[Any, _Program] = WeakKeyDictionary()


def new_tables(resource_name: str, given: Mapping[str, Any]) -> Awaitable[str | None] | None:
    """Collect a resource's table; with the first resource of a preview, return all of them.

    Args:
        resource_name: The resource's name in the program.
        given: The resource's inputs.

    Returns:
        JSON: the columns that tasks read, by table. Tables of resources that the stack has
        already are left out. None if the program cannot know them, or has sent them already.
    """
    if not pulumi.runtime.is_dry_run() or read_stack_entries() is None:
        return None
    monitor = settings.get_monitor()
    program = _programs.get(monitor)
    if program is None:
        program = _programs[monitor] = _Program()
        program.add(resource_name, given)
        return asyncio.ensure_future(program.as_text())
    program.add(resource_name, given)
    return None


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
