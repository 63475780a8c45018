"""Messages in the words of the command line."""

from __future__ import annotations

from typing import Final

from pulumi_tablestore_delivery.errors import DeliveryError
from pulumi_tablestore_delivery.message import SETTING, in_program_style, written

_OPTIONS: Final = frozenset({"endpoint", "instance", "region"})


def message_of(error: DeliveryError) -> str:
    """Return an error's message. A setting is named by the option that sets it."""
    return written(error.message, in_command_style)


def in_command_style(name: str) -> str:
    """Write a marked name for a person who runs a command: `--region` for that setting."""
    setting, equals, _ = name.removeprefix(SETTING).partition("=")
    if not name.startswith(SETTING) or setting not in _OPTIONS:
        return in_program_style(name)
    return f"{'give ' if equals else ''}--{setting}"
