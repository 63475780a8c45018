"""What the exit codes say, the same for every command."""

from typing import Final

FAILED: Final = 1
"""The command could not do its work: no keys, no service, no such task or file."""

USAGE: Final = 2
"""A mistake in the arguments, or an extra that is not installed."""

NO: Final = 3
"""The command did its work, and the answer is no: unhealthy, rules broken, stacks differ."""

TIME_UP: Final = 4
"""What was waited for did not happen in time."""
