"""Names in the style of Pulumi's schemas (`tableName`) and of this package (`table_name`)."""

from __future__ import annotations

import re
from typing import Final

from pulumi_tablestore_delivery.message import SETTING, is_assigned_setting, set_by_config
from pulumi_tablestore_delivery.resource_types import NATIVE_PACKAGE, NATIVE_TYPE

PACKAGE: Final = NATIVE_PACKAGE
RESOURCE: Final = NATIVE_TYPE
GET: Final = f"{PACKAGE}:index:getDeliveryTask"
LIST: Final = f"{PACKAGE}:index:listDeliveryTasks"

DECLARATION: Final = "__declaration"
"""The input with which a Python program describes a resource. Check removes it."""

EXTERNAL: Final = "__external"
"""`lifecycle.EXTERNAL`: the mark of a task that a program only reads."""

_DEFAULT_PROVIDER: Final = re.compile(
    r"default"
    r"(_[0-9]+_[0-9]+_[0-9]+(_[^/]*)?)?"  # the version that a program asks for
    r"(_(https?|github|gitlab|git)_/.*)?"  # the URL to download it from
)


def is_default_provider(name: str) -> bool:
    """Return whether the engine, not a program, created the provider resource with this name."""
    return _DEFAULT_PROVIDER.fullmatch(name) is not None


def in_schema_style(name: str) -> str:
    """Write a marked name of a message in the style of the package's schema and YAML.

    An input's path becomes `parquetSchema[1].typeExtend`, an option `adoptExisting: true`, and a
    setting `tablestore-delivery:region`.
    """
    if is_assigned_setting(name):
        return set_by_config(name, f"{PACKAGE}:")
    if name.startswith(SETTING):
        return f"{PACKAGE}:{name.removeprefix(SETTING)}"
    option, equals, value = name.partition("=")
    return f"{camel(option)}: {value.lower()}" if equals else camel(name)


def in_provider_style(name: str) -> str:
    """Write a name as `in_schema_style` does, and a setting as an input of the provider.

    For a provider that a program makes: the stack's configuration does not count for it.
    """
    if not name.startswith(SETTING):
        return in_schema_style(name)
    setting, equals, _ = name.removeprefix(SETTING).partition("=")
    return f"{'set ' if equals else ''}the provider's input `{setting}`"


def camel(name: str) -> str:
    """Convert `table_name` to `tableName`, also in a path such as `parquet_schema[1].type`."""
    if name.startswith("__"):  # Pulumi's own names do not change
        return name
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def snake(name: str) -> str:
    """Convert `tableName` to `table_name`. A name in that form does not change."""
    return re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name)
