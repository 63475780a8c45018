"""Parse and format durations, such as `90`, `90s`, `10m` and `1h30m`."""

from __future__ import annotations

import re
from math import inf
from typing import Final

import typer

_SECONDS: Final = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)([dhms])")
_WHOLE: Final = re.compile(rf"(?:{_PART.pattern})+")
_LONGEST: Final = 365 * _SECONDS["d"]


def parse_duration(text: str | float) -> float:
    """Return a duration in seconds; a number without a unit is seconds.

    Raises:
        typer.BadParameter: The text is not a duration, or the duration is too long.
    """
    if isinstance(text, float):
        return text  # the option's default
    try:
        seconds = float(text)
    except ValueError:
        if not _WHOLE.fullmatch(text):
            seconds = -1.0
        else:
            seconds = sum(float(part) * _SECONDS[unit] for part, unit in _PART.findall(text))
    if not 0 <= seconds < inf:
        raise typer.BadParameter(
            f"{text!r} is not a duration. Expected seconds, or a form such as 90s, 10m or 1h30m."
        )
    if seconds > _LONGEST:
        raise typer.BadParameter(f"{text!r} is too long. Use at most 365d.")
    return seconds


def format_duration(seconds: float) -> str:
    """Return a duration in words, such as `2 min 5 s`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"
