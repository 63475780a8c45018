"""Guess the intended prefix when a time is in another notation, or has a wrong variable.

The service fills in only its own variables (`$yyyy` and so on). It takes another notation as a
fixed name, so all rows go to one folder, and a later correction takes a new task.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from pulumi_tablestore_delivery.spec.prefixes import PREFIX_VARIABLES

_YEAR, _MONTH, _DAY, _HOUR, _MINUTE = PREFIX_VARIABLES
_DATE: Final = f"{_YEAR}-{_MONTH}-{_DAY}"
_VARIABLE_OF_NAME: Final = {
    **dict.fromkeys(("year", "yyyy", "yr", "yy", "y"), _YEAR),
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

_VARIABLE: Final = re.compile(r"(?<!\$)\$+(?:\{{1,3}([^{}]*)\}{0,3}|([A-Za-z]+))(=?)")
"""A variable, known or not: `$YYYY`, `${year}`, or `$$yyyy` as make and some shells escape it.

Before an equals sign it is meant to be a partition's name.
"""

_BRACES: Final = re.compile(r"(?<![${])[!%#]?\{{1,3}([^{}]*)\}{1,3}")

_LETTERS: Final = {
    **dict.fromkeys(("yyyy", "YYYY", "yyy"), _YEAR),  # make turns $yyyy into yyy
    "MM": _MONTH,
    **dict.fromkeys(("dd", "DD"), _DAY),
    **dict.fromkeys(("HH", "hh"), _HOUR),
    "mm": _MINUTE,
}
_LETTER: Final = {"M": _MONTH, "m": _MINUTE}
_TOKEN: Final = re.compile(r"\$?(?:yyyy|YYYY|yyy(?!y)|MM|dd|DD|HH|hh|mm)")
"""A variable, or letters of a date pattern. No text matches in two ways, so matching is linear."""

_PATTERN: Final = re.compile(rf"(?:{_TOKEN.pattern}[-_.:/ T]*)+")
_SEPARATORS: Final = frozenset("-_.: ")


@lru_cache(maxsize=128)
def intended_prefix(prefix: str) -> str:
    """Replace times that the service does not know by its variables.

    A prefix without such a time is returned unchanged. A variable whose meaning cannot be guessed
    stays. Several rules ask about the same prefix, so recent results are kept.
    """
    found = _VARIABLE.sub(_of_variable, prefix)
    found = _STRFTIME_CODE.sub(lambda code: _STRFTIME[code[1] or code[2]], found)
    found = _BRACES.sub(_of_braces, found)
    return _months_for_minutes("/".join(_of_folders(found.split("/"))))


def is_name_of_time(word: str) -> bool:
    """Return whether a word names a time, as `year` of `year=$yyyy` does."""
    return word.lower() in _VARIABLE_OF_NAME


def _of_variable(variable: re.Match[str]) -> str:
    """Translate a variable such as `$YYYY`, `${yyyy}`, `$yyyyMMdd` or `$month`."""
    name, equals = _without_kind(variable[1] or variable[2] or ""), variable[3]
    if equals and name.lower() in _VARIABLE_OF_NAME:
        return f"{name}="
    if f"${name}" in PREFIX_VARIABLES:
        return f"${name}{equals}"
    if _PATTERN.fullmatch(name):
        return f"{_with_variables(name)}{equals}"
    found = _LETTER.get(name) or _VARIABLE_OF_NAME.get(name.lower())
    return f"{found}{equals}" if found else variable[0]


def _of_braces(braces: re.Match[str]) -> str:
    """Translate a placeholder: `{yyyy}`, `{{ ds }}` or, with a kind, `!{timestamp:yyyy/MM}`."""
    content = _without_kind(braces[1])
    if _PATTERN.fullmatch(content):
        return _with_variables(content)
    return _VARIABLE_OF_NAME.get(content.lower(), braces[0])


def _without_kind(content: str) -> str:
    """Return the time of a placeholder: `yyyy/MM` of `timestamp:yyyy/MM`.

    In `HH:mm`, the text before the colon is a part of the time, not a kind.
    """
    kind, colon, rest = content.partition(":")
    return (rest if colon and not _PATTERN.fullmatch(kind) else content).strip()


def _of_folders(folders: list[str]) -> Iterator[str]:
    """Translate each folder. Letters alone, such as `MM`, are a time only below a year."""
    is_below_year = False
    for folder in folders:
        plain = folder.replace("'", "")
        column, equals, value = plain.partition("=")
        if equals:
            intended = f"{column}={_of_value(column, value)}"
        elif _is_year_pattern(plain) or (is_below_year and _PATTERN.fullmatch(plain)):
            intended = _with_variables(plain)
        else:
            intended = plain
        is_below_year = is_below_year or _YEAR in intended
        yield folder if intended == plain else intended


def _of_value(column: str, value: str) -> str:
    """Translate the value of a partition, whose column's name may say which time it is."""
    named = _variable_of(column)
    if named and _SEPARATORS.issuperset(value):
        return named
    if not _PATTERN.fullmatch(value) or not (named or _is_year_pattern(value)):
        return value
    found = _with_variables(value)
    if named in PREFIX_VARIABLES and found in PREFIX_VARIABLES:
        return named  # month=$mm
    return found


def _is_year_pattern(text: str) -> bool:
    return _PATTERN.fullmatch(text) is not None and any(
        _LETTERS.get(token, token) == _YEAR for token in _TOKEN.findall(text)
    )


def _with_variables(pattern: str) -> str:
    return _months_for_minutes(_TOKEN.sub(lambda token: _LETTERS.get(token[0], token[0]), pattern))


def _months_for_minutes(prefix: str) -> str:
    """Correct $mm and $MM, which are easily confused, in a prefix that has years.

    Without another month, minutes that come before the hours are months. A second month after the
    hours is the minutes. A folder such as `minute=$mm` says itself what it is, so it stays.
    """
    if _YEAR not in prefix:
        return prefix
    has_month, has_hour, is_second = _MONTH in prefix.partition(_HOUR)[0], False, False
    folders = []
    for folder in prefix.split("/"):
        named = _variable_of(folder.partition("=")[0])
        parts = re.split(r"(\$(?:MM|mm|HH))", folder)
        for index, part in enumerate(parts):
            if part == _HOUR:
                has_hour = True
            elif part == _MINUTE and named != _MINUTE and not (has_month or has_hour):
                parts[index], has_month, is_second = _MONTH, True, True
            elif part == _MONTH:
                if is_second and has_hour and named != _MONTH:
                    parts[index] = _MINUTE
                is_second = True
        folders.append("".join(parts))
    return "/".join(folders)


def _variable_of(column: str) -> str | None:
    """Return the variable that the last word of a partition's name stands for."""
    return _VARIABLE_OF_NAME.get(column.lower().rpartition("_")[2])
