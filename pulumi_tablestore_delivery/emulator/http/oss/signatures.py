"""Signatures of requests: OSS V4 and AWS V4, in headers and in the URL.

OSS V4 is seen in the official SDKs. S3 clients send AWS V4, which OSS also accepts
(documented). The older signatures, OSS V1 and AWS V2, are refused by name.
"""

import hmac
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from enum import Enum
from functools import lru_cache
from hashlib import sha256
from typing import Final
from urllib.parse import quote

from pulumi_tablestore_delivery.emulator.http.oss.errors import (
    ACCESS_DENIED,
    CLOCKS_APART,
    INVALID_ARGUMENT,
    NOT_IMPLEMENTED,
    UNKNOWN_KEY,
    WRONG_SIGNATURE,
    OssError,
)
from pulumi_tablestore_delivery.emulator.http.oss.request import OssRequest
from pulumi_tablestore_delivery.emulator.http.signatures import SKEW_SECONDS, sent_bytes

UNSIGNED_PAYLOAD: Final = "UNSIGNED-PAYLOAD"
_LONGEST_SECONDS: Final = 7 * 24 * 3600
_DATE: Final = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
_EXPIRES: Final = re.compile(r"\d{1,9}", re.ASCII)
_SPACES: Final = re.compile(r" +")
_ALWAYS_SIGNED: Final = frozenset({"content-type", "content-md5"})  # OSS V4 signs it if it is given


class Dialect(Enum):
    """The protocol of a request's headers and signature."""

    OSS = "oss"
    AWS = "amz"


@dataclass(frozen=True)
class Credentials:
    """The only access key that the emulator accepts. Its repr does not have the secrets.

    Attributes:
        key_id: The access key's id.
        secret: Its secret.
        security_token: The token that every request must have; None accepts any signed token.
    """

    key_id: str
    secret: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Signed:
    """A request's verified signature.

    Attributes:
        dialect: Its protocol.
        payload: The SHA-256 of the body, or a name such as `UNSIGNED-PAYLOAD`.
        signature: The signature. The signature of a first chunk depends on it.
        sign: Signs a chunk's text with the request's key.
        date: The request's date as it was signed.
        scope: The scope of its key.
    """

    dialect: Dialect
    payload: str
    signature: str
    sign: Callable[[str], str] = field(repr=False)
    date: str
    scope: str


@dataclass(frozen=True)
class _Scheme:
    """The constants in which OSS V4 and AWS V4 differ."""

    dialect: Dialect
    algorithm: str
    key_prefix: str
    service: str
    end: str
    header_list: str
    prefix: str
    in_url: Mapping[str, str]


_OSS: Final = _Scheme(
    dialect=Dialect.OSS,
    algorithm="OSS4-HMAC-SHA256",
    key_prefix="aliyun_v4",
    service="oss",
    end="aliyun_v4_request",
    header_list="AdditionalHeaders",
    prefix="x-oss-",
    in_url={
        "algorithm": "x-oss-signature-version",
        "Credential": "x-oss-credential",
        "date": "x-oss-date",
        "expires": "x-oss-expires",
        "AdditionalHeaders": "x-oss-additional-headers",
        "Signature": "x-oss-signature",
        "token": "x-oss-security-token",
    },
)
_AWS: Final = _Scheme(
    dialect=Dialect.AWS,
    algorithm="AWS4-HMAC-SHA256",
    key_prefix="AWS4",
    service="s3",
    end="aws4_request",
    header_list="SignedHeaders",
    prefix="x-amz-",
    in_url={
        "algorithm": "X-Amz-Algorithm",
        "Credential": "X-Amz-Credential",
        "date": "X-Amz-Date",
        "expires": "X-Amz-Expires",
        "SignedHeaders": "X-Amz-SignedHeaders",
        "Signature": "X-Amz-Signature",
        "token": "X-Amz-Security-Token",
    },
)
SIGNATURE_PARAMETERS: Final = frozenset({*_OSS.in_url.values(), *_AWS.in_url.values()})
"""Query parameters that belong to the signature."""


@dataclass(frozen=True)
class _Claim:
    """The parts of a request's signature, not verified yet."""

    scheme: _Scheme
    credential: str
    date: str
    names: tuple[str, ...]
    signature: str
    token: str
    expires: int | None  # in a URL


def verify(
    request: OssRequest, credentials: Credentials, now: Callable[[], float] = time.time
) -> Signed:
    """Verify the signature of a request.

    Raises:
        OssError: The request is not signed with the credentials, or its date is too old.
    """
    claim = _claim_of(request)
    scheme = claim.scheme
    key_id, scope = _split_credential(claim.credential, scheme)
    if not hmac.compare_digest(sent_bytes(key_id), sent_bytes(credentials.key_id)):
        raise OssError(
            UNKNOWN_KEY,
            "The OSS Access Key Id you provided does not exist in our records.",
            {"OSSAccessKeyId": key_id},
        )
    if scope.partition("/")[0] != claim.date[:8]:
        raise OssError(INVALID_ARGUMENT, "The credential's date is not the request's date.")
    _check_time(claim, now())
    payload = _payload_of(request, claim)
    canonical = _canonical_request(request, claim, payload)
    key = _derived_key(scheme.key_prefix, credentials.secret, scope)
    _check_signature(claim, key_id, scope, key, canonical)
    if credentials.security_token is not None and not hmac.compare_digest(
        sent_bytes(claim.token), sent_bytes(credentials.security_token)
    ):
        raise OssError(ACCESS_DENIED, "The security token is missing or wrong.")
    return Signed(
        scheme.dialect,
        payload,
        claim.signature,
        lambda text: hmac.digest(key, sent_bytes(text), sha256).hex(),
        claim.date,
        scope,
    )


def _check_signature(claim: _Claim, key_id: str, scope: str, key: bytes, canonical: str) -> None:
    digest = sha256(sent_bytes(canonical)).hexdigest()
    string = f"{claim.scheme.algorithm}\n{claim.date}\n{scope}\n{digest}"
    expected = hmac.digest(key, sent_bytes(string), sha256).hex()
    if not hmac.compare_digest(sent_bytes(claim.signature), expected.encode()):
        raise OssError(
            WRONG_SIGNATURE,
            "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method.",
            {
                "OSSAccessKeyId": key_id,
                "SignatureProvided": claim.signature,
                "StringToSign": string,
                "CanonicalRequest": canonical,
            },
        )


def _claim_of(request: OssRequest) -> _Claim:
    for scheme in (_OSS, _AWS):
        if request.has(scheme.in_url["algorithm"]):
            return _claim_in_url(request, scheme)
    if request.has("Signature") and (
        request.has("OSSAccessKeyId") or request.has("AWSAccessKeyId")
    ):
        raise _old_signature()
    authorization = request.headers.get("authorization", "")
    algorithm, _, rest = authorization.partition(" ")
    for scheme in (_OSS, _AWS):
        if algorithm == scheme.algorithm:
            return _claim_in_header(request, scheme, rest)
    if algorithm in {"OSS", "AWS"}:
        raise _old_signature()
    if authorization:
        raise OssError(INVALID_ARGUMENT, "Authorization: the signing method is not known.")
    raise OssError(ACCESS_DENIED, "The request is not signed. Buckets are private.")


def _old_signature() -> OssError:
    return OssError(
        NOT_IMPLEMENTED,
        "The emulator does not accept signatures of OSS V1 or AWS V2. Use signature version 4.",
    )


def _claim_in_header(request: OssRequest, scheme: _Scheme, rest: str) -> _Claim:
    parts = {}
    for part in rest.split(","):
        name, _, value = part.strip().partition("=")
        parts[name] = value.strip()
    names = parts.get(scheme.header_list, "")
    return _Claim(
        scheme,
        parts.get("Credential", ""),
        request.headers.get(f"{scheme.prefix}date", ""),
        _header_names(names),
        parts.get("Signature", ""),
        request.headers.get(f"{scheme.prefix}security-token", ""),
        None,
    )


def _claim_in_url(request: OssRequest, scheme: _Scheme) -> _Claim:
    name = scheme.in_url
    if request.parameter(name["algorithm"]) != scheme.algorithm:
        raise OssError(INVALID_ARGUMENT, f"{name['algorithm']} must be {scheme.algorithm}.")
    expires = request.parameter(name["expires"])
    if not _EXPIRES.fullmatch(expires) or not 1 <= int(expires) <= _LONGEST_SECONDS:
        raise OssError(
            INVALID_ARGUMENT, f"{name['expires']} must be a number from 1 to {_LONGEST_SECONDS}."
        )
    return _Claim(
        scheme,
        request.parameter(name["Credential"]),
        request.parameter(name["date"]),
        _header_names(request.parameter(name[scheme.header_list])),
        request.parameter(name["Signature"]),
        request.parameter(name["token"]),
        int(expires),
    )


def _header_names(listed: str) -> tuple[str, ...]:
    return tuple(name for name in listed.lower().split(";") if name)


def _split_credential(credential: str, scheme: _Scheme) -> tuple[str, str]:
    """Return the access key's id and the scope."""
    key_id, *scope = credential.rsplit("/", 4)
    if scope[2:] != [scheme.service, scheme.end]:
        raise OssError(
            INVALID_ARGUMENT,
            "The credential must be <access key id>/<yyyyMMdd>/<region>/"
            f"{scheme.service}/{scheme.end}.",
        )
    return key_id, "/".join(scope)


def _check_time(claim: _Claim, now: float) -> None:
    parts = _DATE.fullmatch(claim.date)
    year, month, day, hour, minute, second = map(int, parts.groups()) if parts else (0,) * 6
    try:
        sent = datetime(year, month, day, hour, minute, second, tzinfo=timezone.utc).timestamp()
    except ValueError:  # so is a year of 0
        raise OssError(
            ACCESS_DENIED,
            f"{claim.scheme.prefix}date must be a date such as 20240229T235959Z.",
        ) from None
    if claim.expires is None:
        if abs(now - sent) > SKEW_SECONDS:
            raise OssError(
                CLOCKS_APART,
                "The difference between the request time and the current time is too large.",
            )
    elif sent - now > SKEW_SECONDS:
        raise OssError(ACCESS_DENIED, "Request is not valid yet.")
    elif now > sent + claim.expires:
        raise OssError(ACCESS_DENIED, "Request has expired.")


def _payload_of(request: OssRequest, claim: _Claim) -> str:
    name = f"{claim.scheme.prefix}content-sha256"
    payload = request.headers.get(name, "")
    if not payload:
        if claim.expires is None:
            raise OssError(INVALID_ARGUMENT, f"The header {name} is missing.")
        return UNSIGNED_PAYLOAD
    return payload


def _canonical_request(request: OssRequest, claim: _Claim, payload: str) -> str:
    scheme = claim.scheme
    query = sorted(
        (_quoted(name), _quoted(value))
        for name, value in request.parameters
        if claim.expires is None or name != scheme.in_url["Signature"]
    )
    if scheme.dialect is Dialect.OSS:
        resource = "/" + (f"{request.bucket}/" if request.bucket else "") + request.key
        path = quote(resource)
        written = "&".join(f"{name}={value}" if value else name for name, value in query)
        names = sorted(
            name
            for name in request.headers
            if name.startswith(scheme.prefix) or name in _ALWAYS_SIGNED or name in claim.names
        )
        lines = [(name, request.headers[name].strip()) for name in names]
    else:
        path = "/".join(map(_quoted, request.segments))
        written = "&".join(f"{name}={value}" for name, value in query)
        _check_signed_names(request, claim)
        lines = [
            (name, _SPACES.sub(" ", request.headers.get(name, "").strip())) for name in claim.names
        ]
    headers = "".join(f"{name}:{value}\n" for name, value in lines)
    return "\n".join((request.method, path, written, headers, ";".join(claim.names), payload))


def _check_signed_names(request: OssRequest, claim: _Claim) -> None:
    """Check that AWS V4 signs the host and all headers of AWS, so none of them can be added."""
    needed: Iterable[str] = (name for name in request.headers if name.startswith(_AWS.prefix))
    for name in ("host", *needed):
        if name not in claim.names:
            raise OssError(ACCESS_DENIED, f"The header {name} is not among the signed headers.")


@lru_cache(maxsize=64)
def _derived_key(prefix: str, secret: str, scope: str) -> bytes:
    key = sent_bytes(prefix + secret)
    for part in scope.split("/"):
        key = hmac.digest(key, sent_bytes(part), sha256)
    return key


def _quoted(text: str) -> str:
    return quote(text, safe="")
