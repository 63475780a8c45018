"""Convert a property bag to a draft or a spec and back.

In a property bag, Pulumi passes integers as floats, drops None, and represents values that a
preview does not know as `UNKNOWN`. Reading a bag reports all violations at once: a field that
cannot be read is reported and then treated as unknown, so the rules still apply to the others.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from pulumi_tablestore_delivery.errors import InvalidInputError, Violation
from pulumi_tablestore_delivery.message import Message, Name
from pulumi_tablestore_delivery.spec.draft import (
    DeliveryTaskDraft,
    EventTimeColumnDraft,
    ParquetColumnDraft,
)
from pulumi_tablestore_delivery.spec.endpoints import mask_user_info
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec, known
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN, is_unknown

Location = tuple[int | str, ...]

_SCALARS: Final = (str, int, float)
"""Types of almost all values. They are tested for first: a test for other types takes longer."""
_EXACT_INTEGERS: Final = 2**53
"""A float below this is one integer exactly."""
_EXPECTED: Final = {
    "string_type": "a string",
    "string_unicode": "valid Unicode; it has half of a surrogate pair, which cannot be sent",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "list_type": "a list",
    "model_type": "a dict of its keys",
}
_ENDPOINTS: Final = ("oss_endpoint", "tablestore_endpoint")
_NESTED: Final[Mapping[str, type[BaseModel]]] = {
    "event_time_column": EventTimeColumnDraft,
    "parquet_schema": ParquetColumnDraft,
}


@dataclass(frozen=True)
class Parsed:
    """The result of reading a property bag: the draft, and the violations."""

    draft: DeliveryTaskDraft
    violations: list[Violation]


def read_properties(properties: Mapping[str, Any]) -> Parsed:
    """Read a property bag and report every violation in it."""
    data = _without_nulls(properties)
    violations: list[Violation] = []
    while True:
        _name_columns(data.get("parquet_schema"))
        try:
            return Parsed(DeliveryTaskDraft.model_validate(data), violations)
        except ValidationError as error:
            for problem in error.errors(include_url=False, include_context=False):
                violations.append(_violation(problem["type"], problem["loc"], problem["input"]))
                if problem["type"] == "extra_forbidden":
                    _remove(data, problem["loc"])
                else:
                    _put(data, problem["loc"], UNKNOWN)


def draft_of(properties: Mapping[str, Any]) -> DeliveryTaskDraft:
    """Read a property bag that was checked before, such as a resource's inputs in a preview.

    Keys that are not inputs, such as outputs, are skipped.

    Raises:
        InvalidInputError: The bag is not a delivery task.
    """
    parsed = read_properties(
        {name: properties[name] for name in DeliveryTaskDraft.model_fields if name in properties}
    )
    if parsed.violations:
        raise InvalidInputError(parsed.violations)
    return parsed.draft


def spec_of(properties: Mapping[str, Any]) -> DeliveryTaskSpec:
    """Read a property bag that was checked before and is known, such as a resource's state.

    Raises:
        InvalidInputError: The bag is not a delivery task, or a value is unknown.
    """
    spec = known(draft_of(properties))
    if spec is None:
        raise InvalidInputError([Violation("", "an input is not known yet.", "type")])
    return spec


def readable_spec_of(properties: Mapping[str, Any]) -> DeliveryTaskSpec | None:
    """Read a bag; None if it is empty, has an unknown value, or cannot be read by this version."""
    try:
        return spec_of(properties) if properties else None
    except InvalidInputError:
        return None


def properties_of(draft: DeliveryTaskDraft) -> dict[str, Any]:
    """Convert a draft to a property bag without None. Unknown values stay `UNKNOWN`."""
    return _fields_of(draft)


def path_of(location: Location) -> str:
    """Format a location such as `parquet_schema[1].type`."""
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = part if part.isprintable() else ascii(part)[1:-1]
            text += f".{name}" if text else name
    return text


def suggestion(word: str, words: Sequence[str]) -> str:
    """Return ` Did you mean 'X'?`, or an empty text if no word is similar.

    A word with another first letter has to be more similar: `none` is not suggested for `done`.
    """
    begins_alike = [each for each in words if each[:1].lower() == word[:1].lower()]
    near = _nearest(word, begins_alike) or _nearest(word, words, least_ratio=0.8)
    return f" Did you mean {near!r}?" if near else ""


def _suggested_name(name: str, names: Sequence[str]) -> str:
    near = _nearest(name, names)
    return Message(" Did you mean '{near}'?", near=Name(near)) if near else ""


def _nearest(word: str, words: Sequence[str], least_ratio: float = 0.6) -> str:
    by_lower = {candidate.lower(): candidate for candidate in words}
    near = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=least_ratio)
    return by_lower[near[0]] if near else ""


def _violation(kind: str, location: Location, value: Any) -> Violation:
    path = path_of(location)
    if kind == "missing":
        return Violation(path, "is required and was not given.", "required")
    if kind == "extra_forbidden":
        parent = _NESTED.get(str(location[0])) if len(location) > 1 else DeliveryTaskDraft
        inputs = list((parent or DeliveryTaskDraft).model_fields)
        return Violation(
            path,
            Message(
                "is not a known input; known are {inputs}.{hint}",
                inputs=Message.joined(", ", map(Name, inputs)),
                hint=_suggested_name(str(location[-1]), inputs),
            ),
            "unknown-input",
        )
    if isinstance(value, float) and abs(value) < _EXACT_INTEGERS and value.is_integer():
        value = int(value)  # the engine passes every number as a float
    expected = _EXPECTED.get(kind, "a valid value")
    return Violation(path, f"{_quoted(location, value)} is not {expected}.", "type")


def _quoted(location: Location, value: Any) -> str:
    """Quote a value for a message, without a password in an endpoint."""
    if location[0] not in _ENDPOINTS:
        return repr(value)
    return repr(mask_user_info(value)) if isinstance(value, str) else mask_user_info(repr(value))


def _fields_of(model: BaseModel) -> dict[str, Any]:
    """Return a model's fields without None. Unlike `model_dump`, keep unknown columns."""
    return {name: _plain(item) for name, item in vars(model).items() if item is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, _SCALARS):
        return value
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return _fields_of(value) if isinstance(value, BaseModel) else value


def _without_nulls(value: Any) -> Any:
    if isinstance(value, _SCALARS):
        return value
    if isinstance(value, Mapping):
        # Escape half of a surrogate pair in a key: readers of text fail on it.
        return {
            key.encode(errors="backslashreplace").decode(): _without_nulls(item)
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, (list, tuple)):
        return [_without_nulls(item) for item in value]
    return value


def _name_columns(columns: Any) -> None:
    """Give each column of the files that has no name the name of its source."""
    for column in columns if isinstance(columns, list) else ():
        if not isinstance(column, dict):
            continue
        name, source = column.get("name"), column.get("source")
        has_name = name is not None and name != ""
        if not has_name and (isinstance(source, str) or is_unknown(source)):
            column["name"] = source


def _put(data: Any, location: Location, value: Any) -> None:
    for part in location[:-1]:
        data = data[part]
    data[location[-1]] = value


def _remove(data: Any, location: Location) -> None:
    for part in location[:-1]:
        data = data[part]
    del data[location[-1]]
