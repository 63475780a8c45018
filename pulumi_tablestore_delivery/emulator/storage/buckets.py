"""Buckets of delivery tasks: folders below the data folder. Nothing is cached."""

import contextlib
import re
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


def is_bucket_name(name: str) -> bool:
    """Return whether a name follows OSS's rule (documented)."""
    return _NAME.fullmatch(name) is not None


class MissingBucketError(Exception):
    """The bucket does not exist."""


class Buckets:
    """The buckets that the emulator's tasks may deliver to."""

    def __init__(self, folder: Path) -> None:
        """Use a folder that has one folder for each bucket. It need not exist."""
        self._folder = folder

    @property
    def staging(self) -> Path:
        """Return the folder for files that are not in a bucket yet, on the same disk."""
        return self._folder / ".writing"

    def exists(self, name: str) -> bool:
        """Return whether a bucket exists."""
        return self._path(name).is_dir()

    def create(self, name: str) -> None:
        """Create the bucket if it does not exist."""
        self._path(name).mkdir(parents=True, exist_ok=True)

    def has(self, bucket: str, key: str) -> bool:
        """Return whether a bucket has an object."""
        return (self._path(bucket) / key).exists()

    def put(self, source: Path, bucket: str, key: str) -> None:
        """Move a file from `staging` to an object, in one step. It replaces an older object.

        Raises:
            MissingBucketError: The bucket does not exist.
        """
        folder = self._path(bucket)
        *above, name = key.split("/")
        try:
            for part in above:  # one by one, so that a missing bucket is not created
                folder /= part
                with contextlib.suppress(FileExistsError):
                    folder.mkdir()
            source.replace(folder / name)
        except FileNotFoundError:
            if self.exists(bucket):
                raise
            raise MissingBucketError(bucket) from None

    def _path(self, name: str) -> Path:
        if not is_bucket_name(name):  # it could be the path of another folder
            raise ValueError(f"{name!r} is not the name of a bucket")
        return self._folder / name
