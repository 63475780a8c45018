"""Pages of lists: keys, and folders of keys that have the same part before a delimiter."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pulumi_tablestore_delivery.emulator.http.oss.errors import INVALID_ARGUMENT, OssError


@dataclass(frozen=True)
class Position:
    """The place where a listing continues.

    Attributes:
        after: The last key or folder that was listed.
        is_folder: Whether it was a folder, whose keys are all skipped.
    """

    after: str = ""
    is_folder: bool = False

    def token(self) -> str:
        """Return the continuation token."""
        content = json.dumps([self.after, self.is_folder]).encode()
        return urlsafe_b64encode(content).decode().rstrip("=")  # it needs no escape in URLs


def parse_token(token: str) -> Position:
    """Read a continuation token.

    Raises:
        OssError: The emulator did not issue it.
    """
    try:
        padded = token + "=" * (-len(token) % 4)
        after, is_folder = json.loads(urlsafe_b64decode(padded.encode()))
        after.encode()
    except (binascii.Error, ValueError, TypeError, AttributeError, RecursionError):
        after = None
    if not isinstance(after, str):
        raise OssError(INVALID_ARGUMENT, "The continuation token is not valid.")
    return Position(after, bool(is_folder))


@dataclass
class Page:
    """A page of a listing.

    Attributes:
        keys: The keys.
        folders: The prefixes of keys up to the delimiter, each once.
        next: The position of the next page; None after the last page.
    """

    keys: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    next: Position | None = None


def list_page(
    keys: Callable[[str, str], Iterator[str]],
    *,
    prefix: str,
    delimiter: str,
    position: Position,
    most: int,
) -> Page:
    """List keys.

    Args:
        keys: Yields the keys that start with a prefix and follow a key, in order.
        prefix: The prefix of the keys.
        delimiter: Keys that have it after the prefix are listed as one folder; may be empty.
        position: The position to start from.
        most: The largest number of keys and folders.
    """
    page, last = Page(), position
    if most == 0:
        return page
    for key in keys(prefix, position.after):
        if last.is_folder and key.startswith(last.after):
            continue
        if len(page.keys) + len(page.folders) == most:
            page.next = last
            break
        folder = folder_of(key, prefix, delimiter)
        if folder is None:
            page.keys.append(key)
            last = Position(key)
        else:
            page.folders.append(folder)
            last = Position(folder, is_folder=True)
    return page


def folder_of(key: str, prefix: str, delimiter: str) -> str | None:
    """Return the folder that a key with the prefix is listed as; None for the key itself."""
    end = key.find(delimiter, len(prefix)) if delimiter else -1
    return None if end < 0 else key[: end + len(delimiter)]
