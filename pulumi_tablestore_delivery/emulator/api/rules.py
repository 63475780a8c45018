"""Rules about names (documented), and checks that several rules share."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from pulumi_tablestore_delivery.emulator.api.errors import (
    invalid_field,
    invalid_parameter,
)
from pulumi_tablestore_delivery.wire.enums import (
    DefinedColumnType,
    DeliveryTaskType,
    ParquetDataType,
    PrimaryKeyType,
)

_TABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
_COLUMN_BYTES: Final = 255
_MOST_CHARACTERS: Final = 512


def table_name(name: str) -> None:
    """Check the name of a table or of an index (documented)."""
    if not _TABLE.fullmatch(name):
        raise invalid_parameter(f"Invalid table name: '{shortened(name)}'.")


def key_name(name: str) -> None:
    """Check the name of a key column or of a declared column (documented)."""
    if not _TABLE.fullmatch(name):
        raise invalid_parameter(f"Invalid column name: '{shortened(name)}'.")


@lru_cache(maxsize=4096)
def column_name(name: str) -> None:
    """Check the name of a column in a row (seen in an SDK, whose tests write such names)."""
    if not name or name.startswith("#") or len(name.encode()) > _COLUMN_BYTES:
        raise invalid_parameter(f"Invalid column name: '{shortened(name)}'.")


def unique_tables(names: Iterable[str]) -> None:
    """Check that a batch names each table only once (documented)."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise invalid_parameter(f"Duplicated table name: '{shortened(name)}'.")
        seen.add(name)


def shortened(name: str) -> str:
    """Return a name for a message, cut if it is too long."""
    return name if len(name) <= _MOST_CHARACTERS else f"{name[:_MOST_CHARACTERS]}…"


def one_of(
    field: str,
    number: int,
    known: type[DeliveryTaskType]
    | type[ParquetDataType]
    | type[PrimaryKeyType]
    | type[DefinedColumnType],
) -> None:
    if number not in known._value2member_map_:
        names = ", ".join(f"{member.name} ({member.value})" for member in known)
        raise invalid_field(field, f"{number} is not one of {names}")


def unique(field: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise invalid_field(field, f"the name {name!r} is given twice")
        seen.add(name)
