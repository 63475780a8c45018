"""Messages in which the names of inputs, options and settings are marked.

A Python program writes `adopt_existing=True`, a YAML program `adoptExisting: true`. So a message
marks such a name, and each front end writes the name in its own style. Text that comes from a user
is never changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from string import Formatter
from typing import Any, Final, TypeAlias

from typing_extensions import Self

Style: TypeAlias = Callable[[str], str]
"""Writes a marked name: an input's path, an option with its value, a setting, or, for a setting
with a value, how to give it that value."""

SETTING: Final = "tablestore:"
"""What the name of a setting starts with."""

_SECRET_SETTINGS: Final = frozenset({"accessKeySecret", "securityToken"})


class Name(str):
    """A name that a message takes as a value, such as an input's path."""

    __slots__ = ()


class Message(str):
    """A message with marked names. As a string, it has the names in Python's style.

    In a template, `{.task_name}`, `{.adopt_existing=True}` and `{.tablestore:region}` are marked
    names, and `{.tablestore:region=<region>}` says how to set a setting: "run `pulumi config set
    …`". Other fields are values, as for `str.format`; a value may be a `Message` or a `Name`.

    Args:
        template: The template.
        **values: The values.
    """

    __slots__ = ("_template", "_values")

    _template: str
    _values: dict[str, object]

    def __new__(cls, template: str, /, **values: object) -> Self:
        message = super().__new__(cls, _filled(template, values, in_program_style))
        message._template = template
        message._values = values
        return message

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        """Copy and pickle a message with its marks."""
        return (self._template,), self._values

    def written(self, style: Style) -> str:
        """Return the message with its names written in a style."""
        return _filled(self._template, self._values, style)

    @classmethod
    def joined(cls, separator: str, items: Iterable[str]) -> Message:
        """Return several messages as one."""
        values = {f"item_{index}": item for index, item in enumerate(items)}
        escaped = separator.replace("{", "{{").replace("}", "}}")
        return cls(escaped.join(f"{{{name}}}" for name in values), **values)


def in_program_style(name: str) -> str:
    """Write a marked name as a Python program does, and a setting as `pulumi config` does."""
    return set_by_config(name, SETTING) if is_assigned_setting(name) else name


def is_assigned_setting(name: str) -> bool:
    """Return whether a marked name is a setting with a value."""
    return name.startswith(SETTING) and "=" in name


def set_by_config(name: str, namespace: str) -> str:
    """Write how to set a setting in the stack's configuration.

    Args:
        name: The setting with its value.
        namespace: The package's namespace in the configuration, with its colon.
    """
    setting, _, value = name.removeprefix(SETTING).partition("=")
    secret = "--secret " if setting in _SECRET_SETTINGS else ""
    return f"run `pulumi config set {secret}{namespace}{setting} {value}".rstrip() + "`"


def written(text: str, style: Style) -> str:
    """Return a text with its marked names written in a style."""
    if isinstance(text, Message):
        return text.written(style)
    return style(text) if isinstance(text, Name) else str(text)


def _filled(template: str, values: dict[str, object], style: Style) -> str:
    parts: list[str] = []
    for literal, field, spec, conversion in Formatter().parse(template):
        parts.append(literal)
        if field is None:
            continue
        if field.startswith("."):
            parts.append(style(f"{field[1:]}:{spec}" if spec else field[1:]))
        else:
            parts.append(_value(values[field], spec or "", conversion, style))
    return "".join(parts)


def _value(value: Any, spec: str, conversion: str | None, style: Style) -> str:
    if conversion == "r":
        return repr(value)
    return written(value, style) if isinstance(value, str) else format(value, spec)
