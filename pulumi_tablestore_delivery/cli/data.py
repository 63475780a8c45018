"""Write JSON and YAML for programs. A terminal can show both safely."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from enum import Enum
from itertools import pairwise
from typing import Any, Final

import yaml

from pulumi_tablestore_delivery.cli.terminal import escaped, escaped_line

JSON_OPTION: Final = "--json"
FORM_OPTIONS: Final = ("-o", "--format")
_UNPRINTABLE: Final = re.compile(r"[^\x20-\x7e\n]")
_BUILD_COMMAND: Final = re.compile(r"##(?=\w*\[)")


class Form(str, Enum):
    """The form of a command's output."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


def form_of(arguments: Sequence[str]) -> Form:
    """Return the form that the arguments name, even if other arguments are invalid."""
    if JSON_OPTION in arguments:
        return Form.JSON
    for form in (Form.JSON, Form.YAML):
        pairs = [(option, form.value) for option in FORM_OPTIONS]
        words = {f"-o{form.value}", f"--format={form.value}"}
        if not words.isdisjoint(arguments) or not set(pairs).isdisjoint(pairwise(arguments)):
            return form
    return Form.TABLE


def print_data(value: Any, form: Form) -> None:
    """Print a value as JSON or YAML."""
    sys.stdout.write(to_yaml(value) if form is Form.YAML else to_json(value, indent=2))


def to_json(value: Any, indent: int | None = None) -> str:
    """Return a value as JSON, with escapes for text that could control a terminal."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    text = _UNPRINTABLE.sub(_json_escape, text)
    return _BUILD_COMMAND.sub(r"#\\u0023", text) + "\n"


def _json_escape(found: re.Match[str]) -> str:
    return found[0] if found[0].isprintable() else json.dumps(found[0])[1:-1]


def to_yaml(value: Any) -> str:
    """Return a value as YAML, with escapes for text that could control a terminal.

    YAML reads the escapes that `escaped` writes in double quotes, so the value stays the same.
    """
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=sys.maxsize)
    return "".join(f"{escaped(line)}\n" for line in text.removesuffix("\n").split("\n"))


class _Dumper(yaml.SafeDumper):
    """A dumper without anchors. It quotes text that needs escapes."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = None if escaped_line(value) == value else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_multi_representer(str, _text)  # messages are a subclass of str
_Dumper.add_representer(str, _text)
