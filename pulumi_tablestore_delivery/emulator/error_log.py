"""The log of errors.

A repeated error is logged once, so neither a client nor a full disk can fill the log.
"""

import logging
import sys
import traceback
from threading import Lock
from typing import Final

_MOST: Final = 1000  # different errors


class ErrorLog:
    """Logs to a logger. Safe to use from several threads."""

    def __init__(self, logger: logging.Logger) -> None:
        """Log to this logger."""
        self._logger = logger
        self._logged: set[str] = set()
        self._lock = Lock()

    def bug(self, what: str) -> None:
        """Log the handled exception with its traceback, once for each place in the code."""
        kind, _, trace = sys.exc_info()
        frames = traceback.extract_tb(trace)
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        if self._is_new(f"{kind} {place}"):
            text = "%s. The same failure is not logged again."
            self._logger.error(text, _one_line(what), exc_info=sys.exc_info())

    def trouble(self, subject: str, why: object) -> None:
        """Log one line about a problem that is not a bug. Repeat it only after `over`."""
        if self._is_new(subject):
            self._logger.error("%s: %s", _one_line(subject), _one_line(str(why)))

    def over(self, subject: str) -> None:
        """Record that a problem is over, so the next one is logged."""
        with self._lock:
            self._logged.discard(subject)

    def _is_new(self, key: str) -> bool:
        with self._lock:
            if key in self._logged or len(self._logged) >= _MOST:
                return False
            self._logged.add(key)
            return True


def _one_line(text: str) -> str:
    """Escape control characters, so untrusted text cannot forge lines of the log."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
