"""Break long lines of text between words."""

from __future__ import annotations

import re
from textwrap import TextWrapper
from typing import Final

PAGE_WIDTH: Final = 80
"""Columns of text that is also written to files, so it does not depend on a terminal."""

_IN_BACKTICKS: Final = re.compile(r"`[^`]*`")
_UNBROKEN: Final = "\N{NO-BREAK SPACE}"


def wrap(text: str, first: str, following: str, width: int = PAGE_WIDTH) -> list[str]:
    """Break a text into lines. Long words, such as URLs, and text in backticks stay whole.

    Args:
        text: The text. Its own line breaks count as spaces.
        first: The beginning of the first line, such as `# `.
        following: The beginning of the other lines.
        width: The columns of a line.
    """
    wrapper = TextWrapper(
        width,
        initial_indent=first,
        subsequent_indent=following,
        break_long_words=False,
        break_on_hyphens=False,
    )
    joined = _IN_BACKTICKS.sub(lambda found: found[0].replace(" ", _UNBROKEN), text)
    return [line.replace(_UNBROKEN, " ") for line in wrapper.wrap(joined)] or [first.rstrip()]
