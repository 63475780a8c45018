"""The folder of a row: the prefix with a time in UTC (assumed) in place of its variables."""

from collections.abc import Callable
from functools import lru_cache

from pulumi_tablestore_delivery.emulator.delivery.event_times import moment


def folder_of(prefix: str) -> Callable[[int], str]:
    """Return a function from a minute since 1970 to the folder below the bucket."""
    bare = prefix.rstrip("/")

    @lru_cache(maxsize=65536)
    def folder(minute: int) -> str:
        time = moment(minute)
        if time is None:
            raise ValueError(f"There is no date for the minute {minute}")
        filled = bare
        for variable, text in (
            ("$yyyy", f"{time.year:04}"),
            ("$MM", f"{time.month:02}"),
            ("$dd", f"{time.day:02}"),
            ("$HH", f"{time.hour:02}"),
            ("$mm", f"{time.minute:02}"),
        ):
            filled = filled.replace(variable, text)
        return filled

    return folder


def object_name(task: str, folder: str, sequence: int) -> str:
    """Return an object's name in its folder (documented). The concurrency is 0 (assumed)."""
    return f"{task}_0_{folder.replace('/', '_')}__{sequence}"
