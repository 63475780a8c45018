"""Report why a command failed, in the form that the user asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from pulumi_tablestore_delivery.cli.data import Form, form_of, print_data
from pulumi_tablestore_delivery.cli.terminal import print_error, print_note


def fail(code: int, *lines: str, hints: Iterable[str] = ()) -> int:
    """Report an error on stderr and, if the user asked for JSON or YAML, on stdout too.

    Args:
        code: The exit code.
        lines: The error.
        hints: More lines for people.

    Returns:
        The exit code.
    """
    print_error(*lines)
    form = form_of(sys.argv[1:])
    if form is not Form.TABLE:
        print_data({"error": "\n".join(lines)}, form)
        return code
    for hint in hints:
        print_note(hint)
    return code
