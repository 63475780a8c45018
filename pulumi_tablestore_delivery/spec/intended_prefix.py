"""Guess the intended prefix if a prefix has a time in the notation of another tool.

The service replaces only its own variables (`$yyyy` and so on). It takes any other notation for a
fixed name, so all rows go to one folder, and a later correction needs a new task.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pulumi_tablestore_delivery.spec.prefixes import PREFIX_VARIABLES

_YEAR, _MONTH, _DAY, _HOUR, _MINUTE = PREFIX_VARIABLES
_DATE: Final = f"{_YEAR}-{_MONTH}-{_DAY}"
_VARIABLE_OF_NAME: Final = {
    **dict.fromkeys(("year", "yyyy", "yr", "y"), _YEAR),
    **dict.fromkeys(("month", "mon"), _MONTH),
    **dict.fromkeys(("day", "dd", "d"), _DAY),
    **dict.fromkeys(("hour", "hh", "hr", "h"), _HOUR),
    **dict.fromkeys(("minute", "min"), _MINUTE),
    **dict.fromkeys(("date", "dt", "ds"), _DATE),
}
"""The variable for the last word of a partition's name. `mm` and `m` are ambiguous."""

_STRFTIME: Final = {
    "Y": _YEAR,
    "m": _MONTH,
    "d": _DAY,
    "H": _HOUR,
    "M": _MINUTE,
    "F": _DATE,
}
_STRFTIME_CODE: Final = re.compile(r"%-?(?:([YmHM])|([dF])(?![0-9A-Fa-f]))")
"""A code of strftime. `%d` and `%F` before a hexadecimal digit may be an escaped character."""

_BRACES: Final = re.compile(r"(?<!\$)[!%#]?\{{1,3}([^{}]*)\}{1,3}")

_LETTERS: Final = {
    **dict.fromkeys(("yyyy", "YYYY", "yyy"), _YEAR),  # make turns $yyyy into yyy
    "MM": _MONTH,
    **dict.fromkeys(("dd", "DD"), _DAY),
    **dict.fromkeys(("HH", "hh"), _HOUR),
    "mm": _MINUTE,
}
_TOKEN: Final = re.compile(r"\$?(?:yyyy|YYYY|yyy(?!y)|MM|dd|DD|HH|hh|mm)")
"""A variable, or letters of a date pattern. No text matches in two ways, so matching is linear."""

_PATTERN: Final = re.compile(rf"(?:{_TOKEN.pattern}[-_.:/ T]*)+")
_SEPARATORS: Final = frozenset("-_.: ")


def intended_prefix(prefix: str) -> str:
    """Replace times that the service does not know by its variables.

    A prefix without such a time is returned unchanged.
    """
    found = _STRFTIME_CODE.sub(lambda code: _STRFTIME[code[1] or code[2]], prefix)
    found = _BRACES.sub(_of_braces, found)
    found = "/".join(_of_folders(found.split("/")))
    return _without_minutes_of_a_year(found)


def is_time_name(column: str) -> bool:
    """Whether a partition's name is that of a time, such as year."""
    return _last_word(column) in _VARIABLE_OF_NAME


def _of_braces(braces: re.Match[str]) -> str:
    kind, colon, rest = braces[1].partition(":")
    content = (rest if colon and not _PATTERN.fullmatch(kind) else braces[1]).strip()
    if _PATTERN.fullmatch(content):
        return _with_variables(content)
    return _VARIABLE_OF_NAME.get(content.lower(), braces[0])


def _of_folders(folders: list[str]) -> Iterator[str]:
    is_below_year = False
    for folder in folders:
        plain = folder.replace("'", "")
        column, equals, value = plain.partition("=")
        if equals:
            intended = f"{column}={_of_value(column, value)}"
        else:
            is_below_year = is_below_year or _is_year_pattern(plain)
            is_time = is_below_year and _PATTERN.fullmatch(plain)
            intended = _with_variables(plain) if is_time else plain
        yield folder if intended == plain else intended


def _of_value(column: str, value: str) -> str:
    variable = _VARIABLE_OF_NAME.get(_last_word(column))
    if variable and _SEPARATORS.issuperset(value):
        return variable
    if not _PATTERN.fullmatch(value) or not (variable or _is_year_pattern(value)):
        return value
    value = _with_variables(value)
    is_other_unit = value in PREFIX_VARIABLES and variable in PREFIX_VARIABLES
    return variable if variable and is_other_unit else value


def _is_year_pattern(text: str) -> bool:
    return _PATTERN.fullmatch(text) is not None and any(
        _LETTERS.get(token) == _YEAR for token in _TOKEN.findall(text)
    )


def _with_variables(pattern: str) -> str:
    return _without_minutes_of_a_year(
        _TOKEN.sub(lambda token: _LETTERS.get(token[0], token[0]), pattern)
    )


def _without_minutes_of_a_year(pattern: str) -> str:
    """Replace $mm by $MM after a year if there are neither months nor hours."""
    if _YEAR in pattern and _MONTH not in pattern and _HOUR not in pattern:
        return pattern.replace(_MINUTE, _MONTH)
    return pattern


def _last_word(column: str) -> str:
    return column.lower().rpartition("_")[2]
