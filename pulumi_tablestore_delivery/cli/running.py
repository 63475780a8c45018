"""Run the command that the arguments name, and report its errors."""

import errno
import os
import sys
from importlib import import_module
from typing import Final

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.failures import fail
from pulumi_tablestore_delivery.cli.terminal import print_error, use_utf8
from pulumi_tablestore_delivery.errors import DeliveryError, InvalidInputError
from pulumi_tablestore_delivery.inspection.messages import message_of

_EXTRAS: Final = {
    "aiohttp": "emulator",
    "alibabacloud_oss_v2": "oss",
    "jinja2": "emulator",
    "prometheus_client": "metrics",
    "pyarrow": "emulator",
    "rich": "cli",
    "typer": "cli",
}
"""The extra that installs a package, by the name that is imported."""


def run() -> int:
    """Run the command; return its exit code."""
    use_utf8()
    try:
        code = _run()
        sys.stdout.flush()
    except OSError as error:
        # Python would write the rest when it exits, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = exits.FAILED
        if not isinstance(error, BrokenPipeError):  # a closed pipe is how `head` ends a command
            print_error(f"standard output cannot be written: {error.strerror}.")
    return code


def _run() -> int:
    arguments = sys.argv[1:]
    for argument in arguments:
        if not _is_utf8(argument):
            return fail(
                exits.USAGE, f"the argument {argument!r} is not text in UTF-8.{_encoding_hint()}"
            )
    try:
        # Imported here, because typer is in an extra and may be missing.
        application = import_module("pulumi_tablestore_delivery.cli.application")
        code: int = application.run()
    except InvalidInputError as error:
        return fail(exits.FAILED, *map(str, error.violations))
    except DeliveryError as error:
        return fail(exits.FAILED, message_of(error))
    except OSError as error:
        if error.errno in {errno.EPIPE, errno.ENOSPC} and not error.filename:
            raise  # `run` reports it: the output cannot be written
        where = f"{error.filename}: " if error.filename else ""
        return fail(exits.FAILED, f"{where}{error.strerror or error}.")
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRAS:
            raise
        extra = _EXTRAS[missing]
        both = "cli,emulator" if extra == "cli" else f"cli,{extra}"
        return fail(
            exits.USAGE,
            f"this command needs {missing}, of the extra {extra!r}: "
            f"pip install 'pulumi-tablestore-delivery[{both}]'",
        )
    return code


def _encoding_hint() -> str:
    encoding = sys.getfilesystemencoding()
    if encoding == "utf-8":
        return ""
    return f" Python reads arguments as {encoding} here. Set PYTHONUTF8=1."


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
