"""The exit codes, the same for every command."""

from typing import Final

FAILED: Final = 1
"""The command could not do its work: the keys, the service, the task or the file is missing."""

USAGE: Final = 2
"""An argument is wrong, or an extra is not installed."""

NO: Final = 3
"""The command did its work, and the answer is no: a task is unhealthy, or a rule is broken."""

TIME_UP: Final = 4
"""The wait ended before the tasks were ready."""

INTERRUPTED: Final = 130
"""Ctrl-C ended the command: 128 and the number of SIGINT, as in shells."""
