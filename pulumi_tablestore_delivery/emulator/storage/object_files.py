"""Files and folders below a bucket's folder, without following symbolic links."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

NOT_A_PATH: Final = frozenset({
    errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL,
    errno.ENOTEMPTY, errno.ELOOP,
})  # fmt: skip
"""Errors of a key that cannot be the path of a file, because of its names or of another file."""

_READ_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # opening a named pipe must not block
    | getattr(os, "O_BINARY", 0)
)


def exists(path: Path) -> bool:
    """Return whether there is something at a path.

    Raises:
        OSError: It is not known, because the disk fails. `Path.exists` may return False then.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def remove_files(folder: Path, is_unwanted: Callable[[str], bool]) -> None:
    """Remove the files of a folder whose names are unwanted. The folder need not exist."""
    try:
        paths = list(folder.iterdir())
    except FileNotFoundError:
        return
    for path in paths:
        if is_unwanted(path.name):
            path.unlink()


def is_link(path: Path) -> bool:
    """Return whether a path is a symbolic link."""
    try:
        return stat.S_ISLNK(path.lstat().st_mode)
    except OSError:  # such as a name that is too long
        return False


def open_regular(path: Path) -> BinaryIO | None:
    """Open a regular file for reading. Return None if the path is not one."""
    try:
        number = os.open(path, _READ_FLAGS)
    except OSError as error:
        if error.errno in NOT_A_PATH or isinstance(error, FileNotFoundError):
            return None
        raise
    if stat.S_ISREG(os.fstat(number).st_mode):
        return os.fdopen(number, "rb")
    os.close(number)
    return None


def walk(root: Path, prefix: str, after: str) -> Iterator[str]:
    """Yield the relative paths of regular files, sorted. Do not follow symbolic links."""
    waiting = [_sorted_entries(root, "", prefix, after)]
    while waiting:
        found = next(waiting[-1], None)
        if found is None:
            waiting.pop()
        elif found.endswith("/"):
            waiting.append(_sorted_entries(root / found, found, prefix, after))
        else:
            yield found


def _sorted_entries(folder: Path, above: str, prefix: str, after: str) -> Iterator[str]:
    """Yield the keys of a folder's files, and the paths of its folders with a slash."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                path = above + entry.name
                if entry.is_dir(follow_symlinks=False):
                    path += "/"
                    if path > after or after.startswith(path):
                        found.append(path)
                elif entry.is_file(follow_symlinks=False) and path > after:
                    found.append(path)
    except (FileNotFoundError, NotADirectoryError):  # deleted meanwhile
        return iter(())
    return iter(
        sorted(
            path
            for path in found
            if _is_text(path)
            and (path.startswith(prefix) or (path.endswith("/") and prefix.startswith(path)))
        )
    )


def _is_text(path: str) -> bool:
    """Return whether a path is UTF-8. A file with another name is not an object."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def remove_folders(folder: Path) -> None:
    """Remove a folder and the folders in it. Fail if it has anything else in it."""
    for path, _, _ in os.walk(folder, topdown=False):
        Path(path).rmdir()
