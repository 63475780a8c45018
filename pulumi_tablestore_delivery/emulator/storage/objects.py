"""Objects of buckets, as files.

An object is the file `<folder>/<bucket>/<key>` if its key can be such a path. So a file of a
delivery task is an object, and an object that a client puts is a file. Objects of all other keys
(`a//b`, `../a`, `a/`, a key below another object) are in `<folder>/.objects/<bucket>/`. Their file
names are the SHA-256 of the key, so that a key never reaches a file outside its bucket. The same
folder has the ETags and the headers of objects, which are not part of the files. The file of an
object and its headers change in two steps. Readers never see one step without the other, and a
crash between the two loses neither the older object nor its headers.

Every method blocks. All methods are safe to use from several threads.
"""

import contextlib
import errno
import heapq
import json
import os
import shutil
import stat
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Final

from pulumi_tablestore_delivery.emulator.storage.database import ADVICE, StoreError
from pulumi_tablestore_delivery.emulator.storage.object_files import (
    NOT_A_PATH,
    exists,
    is_link,
    open_regular,
    remove_folders,
    walk,
)
from pulumi_tablestore_delivery.emulator.storage.object_keys import is_bucket_name, plain_segments

_EXTRAS: Final = ".objects"
_INCOMING: Final = ".incoming"
_STAGING: Final = ".writing"
_DATA: Final = ".data"


class NoSuchBucketError(Exception):
    """The bucket does not exist."""


class BucketNotEmptyError(Exception):
    """The bucket has objects."""


class ObjectExistsError(Exception):
    """An object of that key exists and must not be overwritten."""


@dataclass(frozen=True)
class Bucket:
    """A bucket.

    Attributes:
        name: Its name.
        created: The time that counts as its creation (assumed), in nanoseconds since 1970. It is
            that of the last change of its folder: Linux does not report the creation everywhere.
    """

    name: str
    created: int


@dataclass(frozen=True)
class StoredObject:
    """The description of an object.

    Attributes:
        key: Its key.
        size: Its bytes.
        modified: The time of its last write, in nanoseconds since 1970.
        etag: Its ETag, without quotes. For a file that a client did not put, it is made from the
            file's size, time and inode. It ends with -1, as multipart ETags do, so nobody takes it
            for an MD5.
        headers: Its headers by their names in lower case.
    """

    key: str
    size: int
    modified: int
    etag: str
    headers: Mapping[str, str] = field(default_factory=dict)


class ObjectStore:
    """The buckets below a folder, and their objects."""

    def __init__(self, folder: Path) -> None:
        """Use a folder that has one folder for each bucket. It need not exist.

        Remove incomplete files of an earlier process.

        Raises:
            StoreError: The path is not a folder, or it cannot be read.
        """
        try:
            if exists(folder) and not folder.is_dir():
                raise StoreError(f"Cannot use {folder}: it is not a folder; {ADVICE}")
        except OSError as error:
            raise StoreError(f"Cannot use {folder}: {error.strerror}; {ADVICE}") from None
        self._folder = folder
        self._lock = Lock()
        shutil.rmtree(folder / _INCOMING, ignore_errors=True)

    def buckets(self) -> list[Bucket]:
        """Return all buckets, sorted by name."""
        try:
            with os.scandir(self._folder) as entries:
                found = [
                    Bucket(entry.name, entry.stat().st_ctime_ns)
                    for entry in entries
                    if is_bucket_name(entry.name) and entry.is_dir()
                ]
        except FileNotFoundError:
            return []
        return sorted(found, key=lambda bucket: bucket.name)

    def bucket(self, name: str) -> Bucket:
        """Find a bucket.

        Raises:
            NoSuchBucketError: It does not exist.
        """
        path = self._bucket_path(name)
        try:
            found = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            raise NoSuchBucketError(name) from None
        if not stat.S_ISDIR(found.st_mode):
            raise NoSuchBucketError(name)
        return Bucket(name, found.st_ctime_ns)

    def has_bucket(self, name: str) -> bool:
        """Return whether a bucket exists."""
        try:
            self.bucket(name)
        except NoSuchBucketError:
            return False
        return True

    def create_bucket(self, name: str) -> None:
        """Create a bucket if it does not exist."""
        self._bucket_path(name).mkdir(parents=True, exist_ok=True)

    def delete_bucket(self, name: str) -> None:
        """Delete a bucket without objects.

        Raises:
            NoSuchBucketError: It does not exist.
            BucketNotEmptyError: It has objects.
        """
        with self._lock:
            if next(self.keys(name), None) is not None:
                raise BucketNotEmptyError(name)
            try:
                remove_folders(self._bucket_path(name))
            except OSError as error:
                if error.errno != errno.ENOTEMPTY:
                    raise
                raise BucketNotEmptyError(name) from None
            shutil.rmtree(self._folder / _EXTRAS / name, ignore_errors=True)

    def find(self, bucket: str, key: str) -> StoredObject | None:
        """Find an object.

        Raises:
            NoSuchBucketError: The bucket does not exist.
        """
        opened = self.open(bucket, key)
        if opened is None:
            return None
        opened[0].close()
        return opened[1]

    def open(self, bucket: str, key: str) -> tuple[BinaryIO, StoredObject] | None:
        """Open an object for reading. The content stays the same if the object is put again.

        Raises:
            NoSuchBucketError: The bucket does not exist.
        """
        with self._lock:
            return self._open(bucket, key)

    def has(self, bucket: str, key: str) -> bool:
        """Return whether there is an object of a key, or anything else at its path."""
        plain = self._plain_path(bucket, key)
        return (plain is not None and exists(plain)) or exists(self._extra(bucket, key, _DATA))

    def keys(self, bucket: str, prefix: str = "", after: str = "") -> Iterator[str]:
        """Yield the keys that start with a prefix and follow a key, in the order of their bytes.

        Raises:
            NoSuchBucketError: The bucket does not exist.
        """
        self.bucket(bucket)
        last = None
        plain = walk(self._bucket_path(bucket), prefix, after)
        for key in heapq.merge(plain, self._other_keys(bucket, prefix, after)):
            if key != last:
                yield key
            last = key

    def newest(self, bucket: str, keys: Iterable[str], most: int) -> list[str]:
        """Return those of many keys whose objects were written last, the newest first."""
        folder = self._bucket_path(bucket)

        def modified(key: str) -> tuple[int, str]:
            with contextlib.suppress(OSError, ValueError):
                if ".." not in key:  # else it may be a path outside the bucket's folder
                    return os.lstat(f"{folder}/{key}").st_mtime_ns, key
            with contextlib.suppress(OSError):
                return os.lstat(self._extra(bucket, key, _DATA)).st_mtime_ns, key
            return 0, key

        return heapq.nlargest(most, keys, modified)

    @property
    def staging(self) -> Path:
        """Return the folder for files of delivery tasks that are not in a bucket yet."""
        return self._folder / _STAGING

    def put_delivered(self, source: Path, bucket: str, key: str) -> None:
        """Move a file from `staging` to an object, in one step. There is no object of that key.

        Raises:
            NoSuchBucketError: The bucket does not exist.
        """
        with self._lock:
            if not self._put_plain(source, bucket, key):
                self.bucket(bucket)
                self._write_extras(bucket, key, {"key": key})
                source.replace(self._extra(bucket, key, _DATA))

    def new_file(self) -> Path:
        """Return the path for a new file that `put` can move. Its folder exists."""
        folder = self._folder / _INCOMING
        folder.mkdir(parents=True, exist_ok=True)
        return folder / uuid.uuid4().hex

    def put(
        self,
        source: Path,
        bucket: str,
        key: str,
        *,
        etag: str,
        headers: Mapping[str, str],
        overwrite: bool = True,
    ) -> None:
        """Move a complete file to an object, in one step. It replaces an older object.

        Args:
            source: The file, on the same disk (see `new_file`).
            bucket: The bucket.
            key: The object's key, which breaks no rule.
            etag: Its ETag.
            headers: The headers to keep.
            overwrite: Whether an object of that key may exist.

        Raises:
            NoSuchBucketError: The bucket does not exist.
            ObjectExistsError: The object exists, and `overwrite` is False.
        """
        found = source.stat()
        new = StoredObject(key, found.st_size, found.st_mtime_ns, etag, dict(headers))
        with self._lock:
            before = None
            if older := self._open(bucket, key):
                older[0].close()
                if not overwrite:
                    raise ObjectExistsError(key)
                before = asdict(older[1])
            self._write_extras(bucket, key, {**asdict(new), "before": before})
            if self._put_plain(source, bucket, key):
                self._extra(bucket, key, _DATA).unlink(missing_ok=True)
            else:
                source.replace(self._extra(bucket, key, _DATA))

    def delete(self, bucket: str, key: str) -> None:
        """Delete an object if it exists.

        Raises:
            NoSuchBucketError: The bucket does not exist.
        """
        with self._lock:
            self.bucket(bucket)
            plain = self._plain_path(bucket, key)
            if plain is not None:
                with contextlib.suppress(FileNotFoundError, IsADirectoryError, NotADirectoryError):
                    if stat.S_ISREG(plain.lstat().st_mode):
                        plain.unlink()
            for suffix in (_DATA, ".json"):
                self._extra(bucket, key, suffix).unlink(missing_ok=True)

    def _open(self, bucket: str, key: str) -> tuple[BinaryIO, StoredObject] | None:
        self.bucket(bucket)
        for path in filter(None, (self._plain_path(bucket, key), self._extra(bucket, key, _DATA))):
            file = open_regular(path)
            if file is not None:
                return file, self._describe(bucket, key, os.fstat(file.fileno()))
        return None

    def _bucket_path(self, name: str) -> Path:
        if not is_bucket_name(name):  # it could be the path of another folder
            raise NoSuchBucketError(name)
        return self._folder / name

    def _plain_path(self, bucket: str, key: str) -> Path | None:
        """Return the path of a key below the bucket's folder, or None if it cannot be a path."""
        segments = plain_segments(key)
        if segments is None:
            return None
        folder = self._bucket_path(bucket)
        for segment in segments[:-1]:
            folder /= segment
            if is_link(folder):  # it may lead out of the bucket
                return None
        return folder / segments[-1]

    def _put_plain(self, source: Path, bucket: str, key: str) -> bool:
        path = self._plain_path(bucket, key)
        if path is None:
            return False
        folder = self._bucket_path(bucket)
        try:
            # One by one, so that a missing bucket is not created.
            for segment in key.split("/")[:-1]:
                folder /= segment
                with contextlib.suppress(FileExistsError):
                    folder.mkdir()
            if path.is_symlink():
                return False
            source.replace(path)
        except OSError as error:
            if error.errno in NOT_A_PATH or path.is_dir():
                return False
            if isinstance(error, FileNotFoundError):
                self.bucket(bucket)
            raise
        return True

    def _extra(self, bucket: str, key: str, suffix: str) -> Path:
        name = sha256(key.encode()).hexdigest()
        return self._folder.joinpath(_EXTRAS, bucket, name[:2], f"{name}{suffix}")

    def _write_extras(self, bucket: str, key: str, content: Mapping[str, Any]) -> None:
        path = self._extra(bucket, key, ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        new = self.new_file()
        new.write_text(json.dumps(content), encoding="utf-8")
        new.replace(path)

    def _read_extras(self, path: Path) -> dict[str, Any]:
        """Return the extras of an object; empty if there are none, or if they are damaged."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def _describe(self, bucket: str, key: str, found: os.stat_result) -> StoredObject:
        size, modified = found.st_size, found.st_mtime_ns
        extras = self._read_extras(self._extra(bucket, key, ".json"))
        for each in (extras, extras.get("before")):
            if isinstance(each, dict) and (each.get("size"), each.get("modified")) == (
                size,
                modified,
            ):
                return StoredObject(key, size, modified, each["etag"], each["headers"])
        # A delivery task or another program wrote the file.
        derived = sha256(f"{found.st_ino}/{size}/{modified}".encode()).hexdigest()[:32].upper()
        return StoredObject(key, size, modified, f"{derived}-1")

    def _other_keys(self, bucket: str, prefix: str, after: str) -> list[str]:
        """Return the keys that are not plain paths, sorted."""
        found = []
        for path in (self._folder / _EXTRAS / bucket).glob(f"*/*{_DATA}"):
            key = self._read_extras(path.with_suffix(".json")).get("key", "")
            if key.startswith(prefix) and key > after:
                found.append(key)
        return sorted(found)
