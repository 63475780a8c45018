"""Read YAML and JSON as plain values. No input makes this slow, large or fail unexpectedly.

A date is read as text, because no input is a date. Duplicate keys, YAML's rarer types, numbers
beyond 64 bits, and aliases that make a small file large are refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import yaml

_TAG: Final = "tag:yaml.org,2002:"
_TYPES: Final = ("null", "bool", "int", "float", "str", "seq", "map")
_LARGEST: Final = 2**64
_MOST_DIGITS: Final = 24
_MOST_VALUES: Final = 100_000
"""The most values inside one value. Each alias counts as a copy of its value."""


class PlainTextError(ValueError):
    """Text is not YAML or JSON, or not with plain values.

    Args:
        problem: The reason, with the language.
        line: The line; 0 if it is not known.
    """

    def __init__(self, problem: str, line: int = 0) -> None:
        super().__init__(problem)
        self.line = line


def read_json(text: str) -> Any:
    """Read JSON.

    Raises:
        PlainTextError: The text is not JSON, or not with plain values.
        RecursionError: It is nested too deeply.
    """
    try:
        return json.loads(text, object_pairs_hook=_with_unique_keys, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise PlainTextError(f"is not JSON: {error.msg}.", error.lineno) from None


def _with_unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise PlainTextError(f"the key {key!r} appears twice in one object.")
        found[key] = value
    return found


def _integer(digits: str) -> int:
    value = int(digits) if len(digits) <= _MOST_DIGITS else _LARGEST
    if abs(value) >= _LARGEST:
        raise PlainTextError("a number is beyond 64 bits.")
    return value


def read_yaml(text: str) -> Any:
    """Read YAML.

    Raises:
        PlainTextError: The text is not YAML, or not with plain values.
        RecursionError: It is nested too deeply.
    """
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader, see there
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = f"is not YAML: {error.problem or error.context}."
        raise PlainTextError(problem, mark.line + 1 if mark else 0) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise PlainTextError(f"is not YAML: {error.reason}.", line) from None


class _Loader(yaml.SafeLoader):
    """Load plain values only."""

    def get_single_node(self) -> yaml.Node | None:
        """Refuse aliases that make a small file large."""
        node: yaml.Node | None = super().get_single_node()
        if node is not None:
            _Sizes(_outermost(node)).of(node)
        return node

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Refuse duplicate keys. PyYAML would use the last one."""
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                raise _refused(key, f"the key {key.value!r} appears twice")
            seen.add(key.value)
        return node

    def construct_scalar_of(self, node: yaml.ScalarNode) -> Any:
        """Read a number, true or false."""
        kind = node.tag.removeprefix(_TAG)
        if len(node.value) > _MOST_DIGITS and kind == "int":
            raise _refused(node, "a number is beyond 64 bits")
        try:
            value = _READERS[kind](self, node)
        except (ValueError, KeyError, IndexError, OverflowError):
            raise _refused(node, f"{node.value!r} is not of the type {kind}") from None
        if isinstance(value, int) and abs(value) >= _LARGEST:
            raise _refused(node, "a number is beyond 64 bits")
        return value


def _refuse_tag(_: yaml.SafeLoader, node: yaml.Node) -> Any:
    tag = node.tag.replace(_TAG, "!!")
    raise _refused(
        node,
        f"the tag {tag} is not allowed. Use text, numbers, true, false, null, lists and mappings",
    )


def _as_text(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    return loader.construct_yaml_str(node)


_READERS: Final[dict[str, Callable[[yaml.SafeLoader, yaml.ScalarNode], Any]]] = {
    "bool": yaml.SafeLoader.construct_yaml_bool,
    "int": yaml.SafeLoader.construct_yaml_int,
    "float": yaml.SafeLoader.construct_yaml_float,
}
_Loader.yaml_constructors = {
    tag: constructor
    for tag, constructor in yaml.SafeLoader.yaml_constructors.items()
    if tag is not None and tag.removeprefix(_TAG) in _TYPES
}
_Loader.add_constructor(None, _refuse_tag)
for _kind in _READERS:
    _Loader.add_constructor(f"{_TAG}{_kind}", _Loader.construct_scalar_of)
_Loader.add_constructor(f"{_TAG}timestamp", _as_text)


class _Sizes:
    """Counts the values in nodes. Each alias counts as a copy of its value.

    Args:
        unlimited: Nodes that may hold any number of values.
    """

    def __init__(self, unlimited: list[yaml.Node]) -> None:
        self._unlimited = {id(node) for node in unlimited}
        self._known: dict[int, int] = {}

    def of(self, node: yaml.Node) -> int:
        """Count the values in a node.

        Raises:
            ConstructorError: It is too large.
        """
        known = self._known.get(id(node))
        if known is not None:
            return known
        children: list[yaml.Node] = []
        if isinstance(node, yaml.MappingNode):
            children = [child for pair in node.value for child in pair]
        elif isinstance(node, yaml.SequenceNode):
            children = node.value
        size = 1 + sum(self.of(child) for child in children)
        if size > _MOST_VALUES and id(node) not in self._unlimited:
            raise _refused(node, f"more than {_MOST_VALUES:,} values are in one value")
        self._known[id(node)] = size
        return size


def _outermost(root: yaml.Node) -> list[yaml.Node]:
    """Return the nodes that grow with a file's number of tasks: the file and `tasks`."""
    if isinstance(root, yaml.MappingNode):
        return [root, *(value for key, value in root.value if key.value == "tasks")]
    return [root]


def _refused(node: yaml.Node, problem: str) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
