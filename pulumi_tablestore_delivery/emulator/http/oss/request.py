"""A request to OSS: its bucket, key, parameters and headers."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

from pulumi_tablestore_delivery.emulator.http.oss.errors import (
    INVALID_BUCKET,
    INVALID_KEY,
    INVALID_URI,
    OssError,
)
from pulumi_tablestore_delivery.emulator.storage.object_keys import is_bucket_name, key_problem

_ENDPOINT: Final = re.compile(r"(?:oss|s3\.oss)-[a-z0-9-]+\.aliyuncs\.com")
_BAD_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True)
class OssRequest:
    """A request without its body.

    Attributes:
        method: The HTTP method.
        host: The Host header.
        segments: The parts of the path between slashes, decoded.
        parameters: The query's names and values, decoded, in their order.
        headers: The headers by their names in lower case. Values of a repeated header are joined
            by commas.
        bucket: The bucket's name; empty if there is none.
        key: The object's key; empty if there is none.
    """

    method: str
    host: str
    segments: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    bucket: str
    key: str

    def parameter(self, name: str, default: str = "") -> str:
        """Return the first value of a parameter."""
        return next((value for each, value in self.parameters if each == name), default)

    def has(self, name: str) -> bool:
        """Return whether there is a parameter with this name."""
        return any(each == name for each, _ in self.parameters)

    def check_names(self) -> None:
        """Check the bucket's and the object's names against OSS's rules.

        Raises:
            OssError: A name breaks a rule.
        """
        if self.bucket and not is_bucket_name(self.bucket):
            raise OssError(
                INVALID_BUCKET, "The specified bucket is not valid.", {"BucketName": self.bucket}
            )
        if self.key and (problem := key_problem(self.key)):
            raise OssError(INVALID_KEY, problem, {"ObjectName": self.key})


def parse_request(
    method: str, target: str, headers: Iterable[tuple[str, str]], bases: Iterable[str] = ()
) -> OssRequest:
    """Read a request's line and headers.

    Args:
        method: The HTTP method.
        target: The target of the request line, undecoded.
        headers: The headers' names and values.
        bases: Host names whose subdomains are buckets, besides `localhost` and OSS's endpoints.

    Raises:
        OssError: The path or query cannot be decoded.
    """
    joined: dict[str, str] = {}
    for name, value in headers:
        lower = name.lower()
        joined[lower] = f"{joined[lower]},{value}" if lower in joined else value
    raw_path, _, raw_query = target.partition("?")
    if not raw_path.startswith("/"):  # the form in requests to a proxy
        raw_path = raw_path.partition("://")[2].partition("/")[2]
        raw_path = f"/{raw_path}"
    segments = tuple(map(_decode, raw_path.split("/")))
    pairs = [pair.partition("=") for pair in raw_query.split("&") if pair]
    host = joined.get("host", "")
    bucket, key = _bucket_of(host, bases), "/".join(segments[1:])
    if not bucket:
        bucket, key = segments[1], "/".join(segments[2:])
    return OssRequest(
        method,
        host,
        segments,
        tuple((_decode(name), _decode(value)) for name, _, value in pairs),
        joined,
        bucket,
        key,
    )


def host_name(host: str) -> str:
    """Return a Host header's name without the port, in lower case; empty if it is not valid."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _bucket_of(host: str, bases: Iterable[str]) -> str:
    """Return the bucket of virtual-hosted style; empty for path style."""
    name = host_name(host)
    if _is_address(name):
        return ""
    bucket, _, rest = name.partition(".")
    if rest in {"localhost", *bases} or _is_address(rest) or _ENDPOINT.fullmatch(rest):
        return bucket
    return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _decode(text: str) -> str:
    """Decode percent escapes, which must be valid UTF-8."""
    refusal = OssError(INVALID_URI, "The path or query is not a valid UTF-8 URL.")
    if _BAD_ESCAPE.search(text):
        raise refusal
    try:
        return unquote_to_bytes(text.encode("utf-8", "surrogateescape")).decode()
    except UnicodeError:
        raise refusal from None
