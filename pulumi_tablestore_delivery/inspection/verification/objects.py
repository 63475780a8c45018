"""List the delivered files and read them through OSS, with the official SDK."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from itertools import repeat
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import alibabacloud_oss_v2 as oss
import pyarrow as pa
import pyarrow.dataset as ds
import requests
from alibabacloud_oss_v2.transport import RequestsHttpClient

from pulumi_tablestore_delivery.client.signing import Credentials
from pulumi_tablestore_delivery.errors import DeliveryError, printable
from pulumi_tablestore_delivery.inspection.verification.columns import Column, OtherTypeError, Plain
from pulumi_tablestore_delivery.inspection.verification.location import BucketLocation

_AT_ONCE: Final = 4
"""Files that are downloaded at once. Each is on disk until it is read."""
_BATCH_ROWS: Final = 8192
_ATTEMPTS: Final = 4
_CONNECT_SECONDS: Final = 10
_READ_SECONDS: Final = 30
_AFTER_TASK: Final = (
    r"_\d+_.*__(?P<sequence>\d+)(?:\.[A-Za-z0-9.]+)?"  # an ending is not documented
)
_NAME: Final = re.compile(f"(?P<task>.+?){_AFTER_TASK}", re.DOTALL)
_MISSING: Final = "NoSuchKey"
_NOT_OSS: Final = "BadErrorResponse"
_REMEDIES: Final = {
    "AccessDenied": "These keys need oss:ListObjects on the bucket and oss:GetObject on its files.",
    "NoSuchBucket": "Check the bucket, and --oss-endpoint: it must be that of the bucket's region.",
    "InvalidAccessKeyId": "Check the keys.",
    "SignatureDoesNotMatch": "Check the keys and the region.",
    "BadErrorResponse": "The server does not answer as OSS does: check --oss-endpoint.",
}


class OssError(DeliveryError):
    """OSS could not be called, or refused."""


class MissingObjectError(OssError):
    """A file does not exist any more."""


class UnreadableFileError(Exception):
    """A file is not Parquet; the text is the reason."""


@dataclass(frozen=True, order=True, slots=True)  # with slots, because there may be many
class DeliveredFile:
    """A file in a task's folder. Files are ordered as they were delivered.

    Attributes:
        modified: When it was written, in seconds since 1970.
        sequence: The number at the end of its name.
        key: Its key.
        folder: Its folder, with a slash at the end.
        task: The task in its name; empty if delivery does not give such a name.
        size: Its bytes.
    """

    modified: float
    sequence: int
    key: str
    folder: str
    task: str
    size: int

    def is_of(self, task: str) -> bool:
        """Return whether a task delivers files with this name. A task's name may end in `_29`."""
        name = self.key.removeprefix(self.folder)
        return re.fullmatch(re.escape(task) + _AFTER_TASK, name, re.DOTALL) is not None


@dataclass(frozen=True)
class FileRows:
    """Rows of a file.

    Attributes:
        count: The number of rows.
        values: The values by column, in the order of the given columns; all None for a column
            that the file does not have.
        other_types: Columns that have another type than declared, and that type; empty for a
            column that the file does not have.
    """

    count: int
    values: list[list[Plain]]
    other_types: Mapping[str, str]

    def __iter__(self) -> Iterator[tuple[Plain, ...]]:
        """Yield the values of each row."""
        return zip(*self.values, strict=True) if self.values else repeat((), self.count)


class Bucket:
    """A bucket.

    Args:
        location: Its location.
        credentials: Returns the keys.
    """

    def __init__(self, location: BucketLocation, credentials: Callable[[], Credentials]) -> None:
        self._name = location.bucket
        config = oss.config.load_default()
        config.credentials_provider = _Keys(credentials)
        config.region = location.region
        config.endpoint = location.endpoint
        config.retry_max_attempts = _ATTEMPTS
        config.connect_timeout = _CONNECT_SECONDS
        config.readwrite_timeout = _READ_SECONDS
        config.use_path_style = location.is_emulated
        if location.is_emulated:
            # No proxies: the emulator is on this machine, and its keys must not leave it.
            session = requests.Session()
            session.trust_env = False
            config.http_client = RequestsHttpClient(
                session=session, connect_timeout=_CONNECT_SECONDS, readwrite_timeout=_READ_SECONDS
            )
        self._client = oss.Client(config)

    def files(self, prefix: str) -> Iterator[DeliveredFile]:
        """List files whose key starts with a prefix.

        Raises:
            OssError: OSS could not be called, or refused.
        """
        with self._errors(f"list {prefix}"):
            pages = self._client.list_objects_v2_paginator().iter_page(
                oss.ListObjectsV2Request(bucket=self._name, prefix=prefix)
            )
            for page in self._answers(pages):
                for found in page.contents or []:
                    if not found.key.endswith("/"):  # a folder, as consoles make them
                        yield _file(found)

    def _answers(self, pages: Iterable[Any]) -> Iterator[Any]:
        """Yield the pages of a list. Refuse any other answer, such as a proxy's page."""
        with suppress(ValueError, ParseError):  # the SDK parses without checking
            for page in pages:
                if page.name != self._name or not all(map(_is_whole, page.contents or [])):
                    break
                yield page
            else:
                return
        raise OssError(
            f"oss://{self._name}: the answer is not a list of this bucket's files. Check "
            "--oss-endpoint and the proxy settings (HTTPS_PROXY, NO_PROXY)."
        )

    def download(self, files: Iterable[DeliveredFile], folder: Path) -> Iterator[_Download]:
        """Download files, some of them ahead, and yield them in order. The caller deletes them.

        Args:
            files: The files.
            folder: The folder for the downloads.
        """
        waiting: deque[_Download] = deque()
        for number, file in enumerate(files):
            waiting.append(self._start(file, folder / f"{number}.parquet"))
            if len(waiting) >= _AT_ONCE:
                yield waiting.popleft()
        yield from waiting

    def _start(self, file: DeliveredFile, path: Path) -> _Download:
        future: Future[None] = Future()

        def run() -> None:
            try:
                self._get(file, path)
            except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
                future.set_exception(error)
            else:
                future.set_result(None)

        # A daemon, because Ctrl-C must not wait for a download that hangs.
        threading.Thread(target=run, name="oss-download", daemon=True).start()
        return _Download(file, path, future)

    def _get(self, file: DeliveredFile, path: Path) -> None:
        request = oss.GetObjectRequest(bucket=self._name, key=file.key)
        with self._errors(f"read {file.key}"):
            self._client.get_object_to_file(request, str(path))

    @contextmanager
    def _errors(self, action: str) -> Iterator[None]:
        try:
            yield
        except (oss.exceptions.BaseError, requests.RequestException) as error:  # an answer cut off
            raise self._error(action, error) from None

    def _error(self, action: str, error: Exception) -> OssError:
        cause: Any = error
        while hasattr(cause, "unwrap") and isinstance(cause.unwrap(), Exception):
            cause = cause.unwrap()
        where = printable(f"oss://{self._name}: cannot {action}")
        if not isinstance(cause, oss.exceptions.ServiceError):
            return OssError(
                f"{where}: {printable(str(cause))}. Check the network, --oss-endpoint and the "
                "proxy settings (HTTPS_PROXY, NO_PROXY)."
            )
        kind = MissingObjectError if cause.code == _MISSING else OssError
        message = f"{cause.code}: {cause.message}"
        if cause.code == _NOT_OSS:  # its message quotes the answer's bytes
            message = f"HTTP {cause.status_code}"
        answer = printable(f"{message} [request id {cause.request_id}].")
        remedy = _REMEDIES.get(str(cause.code), "")
        if cause.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            remedy = "Try again later."
        return kind(f"{where}: {answer} {remedy}".rstrip())


@dataclass(frozen=True)
class _Download:
    """A file that is being downloaded.

    Attributes:
        file: The file.
        path: The path of the download.
    """

    file: DeliveredFile
    path: Path
    _future: Future[None]

    def wait(self) -> Path:
        """Wait for the end of the download, and return its path.

        Raises:
            OssError: OSS could not be called, or refused.
        """
        self._future.result()
        return self.path


class _Keys(oss.credentials.CredentialsProvider):  # type: ignore[misc] # the SDK is not typed strictly
    """The keys of this package's settings, for the SDK."""

    def __init__(self, credentials: Callable[[], Credentials]) -> None:
        self._credentials = credentials

    def get_credentials(self) -> oss.credentials.Credentials:
        keys = self._credentials()
        return oss.credentials.Credentials(
            keys.access_key_id, keys.access_key_secret, keys.security_token or None
        )


def read_file(
    path: Path, columns: list[Column], wanted: tuple[Column, pa.Array] | None
) -> Iterator[FileRows]:
    """Yield the rows of a Parquet file in batches.

    Args:
        path: The file.
        columns: The columns to read.
        wanted: A column, and the values of the rows to read, as the table has them; None for all
            rows. Other rows may be read too.

    Raises:
        UnreadableFileError: It is not a Parquet file.
    """
    try:
        data = ds.dataset(path, format="parquet")
        names = [column.name for column in columns if column.name in data.schema.names]
        selected = None
        if wanted is not None and wanted[0].name in names:
            name, values = wanted[0].name, wanted[1]
            if data.schema.field(name).type == values.type:
                selected = ds.field(name).isin(values)
        scanner = data.scanner(
            columns=names,
            filter=selected,
            batch_size=_BATCH_ROWS,
            batch_readahead=1,
            fragment_readahead=1,
            use_threads=False,
        )
        for batch in scanner.to_batches():
            yield _rows(batch, columns)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).rpartition(f"{path}': ")[2]  # the path is of a temporary copy
        raise UnreadableFileError(reason.rstrip(".")) from None


def _rows(batch: pa.RecordBatch, columns: list[Column]) -> FileRows:
    values: list[list[Plain]] = []
    other_types = {}
    for column in columns:
        nothing: list[Plain] = [None] * batch.num_rows
        if column.name not in batch.schema.names:
            values.append(nothing)
            other_types[column.name] = ""
            continue
        try:
            values.append(column.delivered(batch.column(column.name)))
        except OtherTypeError as error:
            other_types[column.name] = str(error)
            values.append(nothing)
    return FileRows(batch.num_rows, values, other_types)


def _is_whole(found: Any) -> bool:
    return None not in {found.key, found.last_modified, found.size}


def _file(found: Any) -> DeliveredFile:
    key = str(found.key)
    above, slash, name = key.rpartition("/")
    match = _NAME.fullmatch(name)
    return DeliveredFile(
        modified=found.last_modified.timestamp(),
        sequence=int(match["sequence"]) if match else 0,
        key=key,
        folder=above + slash,
        task=match["task"] if match else "",
        size=int(found.size),
    )
