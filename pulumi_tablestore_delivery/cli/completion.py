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
"""Seconds until completion gives up, because the shell waits for it."""

_CONNECTION: Final = ("endpoint", "instance", "region", "profile", "stack")
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+")


def complete_tables(context: typer.Context, incomplete: str) -> list[str]:
    """Return the instance's tables that start with the text; none if the call fails."""
    with suppress(DeliveryError):
        return _safe_matches(
            _connection(context).lifecycle(_DEADLINE).client().list_tables(), incomplete
        )
    return []


def complete_tasks(context: typer.Context, incomplete: str) -> list[str]:
    """Return the tasks of the command's table that start with the text; none if the call fails."""
    table = context.params.get("table")
    if isinstance(table, str):
        with suppress(DeliveryError):
            client = _connection(context).lifecycle(_DEADLINE).client()
            listed = client.list_delivery_tasks(table).tasks
            return _safe_matches([task.taskName for task in listed], incomplete)
    return []


def _connection(context: typer.Context) -> Connection:
    return Connection(**{name: context.params.get(name) for name in _CONNECTION})


def _safe_matches(names: Iterable[str], incomplete: str) -> list[str]:
    # A shell may interpret other characters.
    return [name for name in names if name.startswith(incomplete) and _NAME.fullmatch(name)]
