"""Multipart uploads: parts as files, until the upload is completed or aborted.

An upload is the folder `<folder>/.uploads/<upload id>/` with a file for each part. A restart does
not remove it. Every method blocks. All methods are safe to use from several threads.
"""

import json
import re
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from threading import Lock
from typing import Final

from pulumi_tablestore_delivery.emulator.storage.objects import ObjectStore

SMALLEST_PART: Final = 100 * 1024
"""The smallest part in bytes, unless it is the last one (documented)."""

_FOLDER: Final = ".uploads"
_ID: Final = re.compile(r"[0-9A-F]{32}")
_PART: Final = re.compile(r"(\d{1,5})-([0-9A-F]{32})")
_ABOUT: Final = "upload.json"
_CHUNK: Final = 1024 * 1024


class NoSuchUploadError(Exception):
    """The upload does not exist, or it is an upload of another object."""


class InvalidPartError(Exception):
    """A part was not uploaded, or has another ETag."""


class PartTooSmallError(Exception):
    """A part that is not the last one is too small."""


@dataclass(frozen=True)
class Upload:
    """An upload that is not complete.

    Attributes:
        id: Its id.
        bucket: The bucket.
        key: The key that the object will have.
        headers: The headers to keep.
        begun: The time of its start, in nanoseconds since 1970.
    """

    id: str
    bucket: str
    key: str
    headers: Mapping[str, str]
    begun: int


@dataclass(frozen=True)
class Part:
    """A part that was uploaded.

    Attributes:
        number: Its number.
        etag: Its ETag, without quotes.
        size: Its bytes.
        modified: The time of its last write, in nanoseconds since 1970.
    """

    number: int
    etag: str
    size: int
    modified: int


class Uploads:
    """The uploads below a folder that an `ObjectStore` also has."""

    def __init__(self, folder: Path, objects: ObjectStore) -> None:
        """Use a folder, and the store of complete objects."""
        self._folder = folder / _FOLDER
        self._objects = objects
        self._lock = Lock()

    def begin(self, bucket: str, key: str, headers: Mapping[str, str]) -> str:
        """Begin an upload. Return its id."""
        upload_id = uuid.uuid4().hex.upper()
        content = {"bucket": bucket, "key": key, "headers": dict(headers)}
        folder = self._folder / upload_id
        folder.mkdir(parents=True)
        (folder / _ABOUT).write_text(json.dumps(content), encoding="utf-8")
        return upload_id

    def find(self, upload_id: str, bucket: str, key: str) -> Upload:
        """Find an upload.

        Raises:
            NoSuchUploadError: It does not exist, or it is an upload of another object.
        """
        upload = self._read(upload_id) if _ID.fullmatch(upload_id) else None
        if upload is None or (upload.bucket, upload.key) != (bucket, key):
            raise NoSuchUploadError(upload_id)
        return upload

    def all(self, bucket: str) -> list[Upload]:
        """Return a bucket's uploads, sorted by key and id."""
        paths = self._folder.iterdir() if self._folder.is_dir() else ()
        found = [self._read(path.name) for path in paths if _ID.fullmatch(path.name)]
        return sorted(
            (upload for upload in found if upload and upload.bucket == bucket),
            key=lambda upload: (upload.key, upload.id),
        )

    def put_part(self, upload: Upload, number: int, source: Path, etag: str) -> None:
        """Move a complete file to a part. It replaces an older part of that number.

        Raises:
            NoSuchUploadError: The upload was completed or aborted meanwhile.
        """
        with self._lock:
            older = [part for part in self._all_parts(upload) if part.number == number]
            self.find(upload.id, upload.bucket, upload.key)
            source.replace(self._path(upload, number, etag))
            for part in older:
                if part.etag != etag:
                    self._path(upload, number, part.etag).unlink()

    def parts(self, upload: Upload) -> list[Part]:
        """Return the parts so far, sorted by number: the newest of each number."""
        return list({part.number: part for part in self._all_parts(upload)}.values())

    def _all_parts(self, upload: Upload) -> list[Part]:
        """Return all files of parts, sorted by number and age, the newest last.

        A number has two files if the process was killed while the newer one replaced the older one.
        """
        found = []
        folder = self._folder / upload.id
        for path in folder.iterdir() if folder.is_dir() else ():
            if named := _PART.fullmatch(path.name):
                about = path.stat()
                part = Part(int(named[1]), named[2], about.st_size, about.st_mtime_ns)
                found.append((part.number, about.st_ctime_ns, part))
        return [part for _, _, part in sorted(found, key=lambda each: each[:2])]

    def complete(
        self, upload: Upload, chosen: Sequence[tuple[int, str]], *, overwrite: bool
    ) -> str:
        """Join parts to an object. Return its ETag.

        Args:
            upload: The upload.
            chosen: The numbers of the parts, ascending, each with its ETag.
            overwrite: Whether an object of that key may exist.

        Raises:
            InvalidPartError: A part was not uploaded, or has another ETag.
            PartTooSmallError: A part that is not the last one is too small.
            NoSuchBucketError: The bucket does not exist.
            NoSuchUploadError: The upload was completed or aborted meanwhile.
            ObjectExistsError: The object exists, and `overwrite` is False.
        """
        with self._lock:
            parts = self._chosen(upload, chosen)
        digests = b"".join(bytes.fromhex(part.etag) for part in parts)
        etag = f"{md5(digests, usedforsecurity=False).hexdigest().upper()}-{len(parts)}"
        target = self._objects.new_file()
        try:
            self._join(upload, parts, target)  # without the lock, because it may take long
            with self._lock:
                self._chosen(upload, chosen)
                self._objects.put(
                    *(target, upload.bucket, upload.key),
                    etag=etag,
                    headers=upload.headers,
                    overwrite=overwrite,
                )
                shutil.rmtree(self._folder / upload.id, ignore_errors=True)
        finally:
            target.unlink(missing_ok=True)
        return etag

    def _chosen(self, upload: Upload, chosen: Sequence[tuple[int, str]]) -> list[Part]:
        """Find the parts that a client has chosen. `complete` says what it raises."""
        self.find(upload.id, upload.bucket, upload.key)
        there = {(part.number, part.etag): part for part in self._all_parts(upload)}
        parts = []
        for index, (number, etag) in enumerate(chosen):
            part = there.get((number, etag.upper()))
            if part is None:
                raise InvalidPartError(number)
            if index < len(chosen) - 1 and part.size < SMALLEST_PART:
                raise PartTooSmallError(number)
            parts.append(part)
        return parts

    def _join(self, upload: Upload, parts: Sequence[Part], target: Path) -> None:
        with target.open("wb") as file:
            for part in parts:
                try:
                    source = self._path(upload, part.number, part.etag).open("rb")
                except FileNotFoundError:
                    self.find(upload.id, upload.bucket, upload.key)
                    raise InvalidPartError(part.number) from None
                with source:
                    shutil.copyfileobj(source, file, _CHUNK)

    def abort(self, upload: Upload) -> None:
        """Delete an upload and its parts."""
        with self._lock:
            shutil.rmtree(self._folder / upload.id, ignore_errors=True)

    def _path(self, upload: Upload, number: int, etag: str) -> Path:
        return self._folder / upload.id / f"{number}-{etag}"

    def _read(self, upload_id: str) -> Upload | None:
        path = self._folder / upload_id / _ABOUT
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            begun = path.stat().st_mtime_ns
            return Upload(upload_id, content["bucket"], content["key"], content["headers"], begun)
        except (OSError, ValueError, KeyError, TypeError):
            return None
