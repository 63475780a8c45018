"""Complete the names of tables and tasks in a shell, by asking the instance."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import typer

from pulumi_tablestore_delivery.cli.connection import Connection
from pulumi_tablestore_delivery.errors import DeliveryError

_DEADLINE: Final = 2.0
"""Seconds: the shell waits."""

_CONNECTION: Final = ("endpoint", "instance", "region", "profile", "stack")
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+")


def complete_tables(context: typer.Context, incomplete: str) -> list[str]:
    """Return the tables of the instance that begin so; none if it cannot be asked."""
    with suppress(DeliveryError):
        return _offered(
            _connection(context).lifecycle(_DEADLINE).client().list_tables(), incomplete
        )
    return []


def complete_tasks(context: typer.Context, incomplete: str) -> list[str]:
    """Return the tasks of the command's table that begin so; none if it cannot be asked."""
    table = context.params.get("table")
    if isinstance(table, str):
        with suppress(DeliveryError):
            client = _connection(context).lifecycle(_DEADLINE).client()
            listed = client.list_delivery_tasks(table).tasks
            return _offered([task.taskName for task in listed], incomplete)
    return []


def _connection(context: typer.Context) -> Connection:
    return Connection(**{name: context.params.get(name) for name in _CONNECTION})


def _offered(names: Iterable[str], incomplete: str) -> list[str]:
    # A shell may take other characters for a command.
    return [name for name in names if name.startswith(incomplete) and _NAME.fullmatch(name)]
