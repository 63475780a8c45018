"""Buckets: folders below the data folder, looked at anew whenever one is asked for."""

import contextlib
import os
import re
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


def is_bucket_name(name: str) -> bool:
    """Whether a name follows OSS's rule (documented)."""
    return _NAME.fullmatch(name) is not None


class MissingBucketError(Exception):
    """There is no such bucket."""


class Buckets:
    """The buckets that the emulator's tasks may deliver to."""

    def __init__(self, folder: Path) -> None:
        """Take a folder that holds one folder a bucket; it need not exist."""
        self._folder = folder

    @property
    def staging(self) -> Path:
        """Where files are written before they appear in a bucket: on the same disk, no bucket."""
        return self._folder / ".writing"

    def exists(self, name: str) -> bool:
        """Tell whether there is such a bucket."""
        return self._path(name).is_dir()

    def create(self, name: str) -> None:
        """Make the bucket, unless it is there."""
        self._path(name).mkdir(parents=True, exist_ok=True)

    def has(self, bucket: str, key: str) -> bool:
        """Tell whether a bucket has an object."""
        return (self._path(bucket) / key).exists()

    def put(self, source: Path, bucket: str, key: str) -> None:
        """Let a file of `staging` appear as an object, whole, in the place of an older one.

        Raises:
            MissingBucketError: There is no such bucket.
        """
        folder = self._path(bucket)
        *above, name = key.split("/")
        try:
            for part in above:  # one by one, so that a missing bucket is not made
                folder /= part
                with contextlib.suppress(FileExistsError):
                    folder.mkdir()
            os.replace(source, folder / name)  # noqa: PTH105 - Path.replace says the same
        except FileNotFoundError:
            if self.exists(bucket):
                raise
            raise MissingBucketError(bucket) from None

    def _path(self, name: str) -> Path:
        if not is_bucket_name(name):  # such a name could reach another folder
            raise ValueError(f"{name!r} is not the name of a bucket")
        return self._folder / name
