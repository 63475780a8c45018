"""Progress on standard error: in place on a terminal, now and then a line elsewhere."""

import os
import time
from collections.abc import Mapping
from typing import TextIO

EVERY = 15.0  # seconds between two lines where a line cannot be rewritten


class Progress:
    """Shows what a long step is at, without colors."""

    def __init__(self, stream: TextIO, environment: Mapping[str, str] = os.environ) -> None:
        """Write to the stream; rewrite lines only on a terminal that can."""
        self._stream = stream
        self._live = stream.isatty() and environment.get("TERM") != "dumb"
        self._shown = ""
        self._last = time.monotonic()

    def line(self, text: str) -> None:
        """Write a line that stays."""
        self._clear()
        print(text, file=self._stream, flush=True)
        self._last = time.monotonic()

    def update(self, text: str) -> None:
        """Say how far the step is."""
        if self._live:
            self._stream.write("\r" + text.ljust(len(self._shown)))
            self._stream.flush()
            self._shown = text
        elif time.monotonic() - self._last >= EVERY:
            self.line(text)

    def _clear(self) -> None:
        if self._shown:
            self._stream.write("\r" + " " * len(self._shown) + "\r")
            self._shown = ""
