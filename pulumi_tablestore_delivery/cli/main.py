"""`tablestore-delivery`: run a command, and report what went wrong."""

import os
import sys
from importlib import import_module
from typing import Final

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.failures import fail
from pulumi_tablestore_delivery.cli.terminal import use_utf8
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
"""What the extras bring, by the name that is imported."""


def run() -> None:
    """Run the command line, and end the process with its exit code (see `exits`)."""
    use_utf8()
    try:
        code = _run()
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader is gone. Python would try to write the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = exits.FAILED
    sys.exit(code)


def _run() -> int:
    arguments = sys.argv[1:]
    for argument in arguments:
        if not _is_utf8(argument):
            return fail(exits.USAGE, f"the argument {argument!r} is not text in UTF-8.")
    try:
        # By its name, because typer is of an extra, and the message below names that.
        application = import_module("pulumi_tablestore_delivery.cli.application")
        code: int = application.run()
    except InvalidInputError as error:
        return fail(exits.FAILED, *map(str, error.violations))
    except DeliveryError as error:
        return fail(exits.FAILED, message_of(error))
    except BrokenPipeError:
        raise
    except OSError as error:
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


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
