"""The exit codes, the same for every command."""

from typing import Final

FAILED: Final = 1
"""The command could not do its work: keys, service, task or file are missing."""

USAGE: Final = 2
"""A mistake in the arguments, or an extra that is not installed."""

NO: Final = 3
"""The command did its work, and the answer is no: a task is unhealthy, a rule is broken, …"""

TIME_UP: Final = 4
"""The wait ended before the tasks were ready."""
