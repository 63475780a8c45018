"""Check the signatures of requests, and sign answers.

Everything here is seen in the official SDKs. Header names are in lower case.
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha1, sha256
from typing import Final

from pulumi_tablestore_delivery.emulator.api.errors import (
    AUTH_FAILED,
    PARAMETER_INVALID,
    ServiceError,
)

SKEW_SECONDS: Final = 15 * 60
"""How far the clocks of a client and of the emulator may be apart.

Seen in an SDK, which allows the service as much; documented for OSS.
"""

HEADER_PREFIX: Final = "x-ots-"
SIGNATURE_V2: Final = "x-ots-signature"
SIGNATURE_V4: Final = "x-ots-signaturev4"
SIGN_DATE: Final = "x-ots-signdate"
SIGN_REGION: Final = "x-ots-signregion"
_UNSIGNED: Final = frozenset({SIGNATURE_V2, SIGNATURE_V4})


def canonical_headers(headers: Mapping[str, str]) -> str:
    """Return the signed headers: sorted `name:value` lines, without the signature."""
    return "".join(
        f"{name}:{value.strip()}\n"
        for name, value in sorted(headers.items())
        if name.startswith(HEADER_PREFIX) and name not in _UNSIGNED
    )


def request_string(path: str, headers: Mapping[str, str]) -> str:
    """Return the text that a V2 signature signs. `path` starts with a slash."""
    return f"{path}\nPOST\n\n{canonical_headers(headers)}"


def request_string_v4(path: str, headers: Mapping[str, str]) -> str:
    """Return the text that a V4 signature signs."""
    return request_string(path, headers) + "ots"


def response_string(path: str, headers: Mapping[str, str]) -> str:
    """Return the text that the signature of an answer signs."""
    return canonical_headers(headers) + path


@lru_cache(maxsize=64)
def derived_key(secret: str, date: str, region: str) -> bytes:
    """Derive the V4 key of a day (yyyyMMdd) and a region. It is used as base64 text."""
    key = f"aliyun_v4{secret}".encode()
    for part in (date, region, "ots", "aliyun_v4_request"):
        key = hmac.digest(key, sent_bytes(part), sha256)
    return b64encode(key)


def sign_sha1(key: bytes, string: str) -> str:
    """Return the signature of a V2 request or of any answer."""
    return b64encode(hmac.digest(key, sent_bytes(string), sha1)).decode()


def sign_sha256(key: bytes, string: str) -> str:
    """Return the signature of a V4 request."""
    return b64encode(hmac.digest(key, sent_bytes(string), sha256)).decode()


def signing_key(secret: str, headers: Mapping[str, str]) -> bytes:
    """Return the key of a request and its answer: the secret, or the V4 key."""
    if SIGNATURE_V4 in headers and SIGN_DATE in headers and SIGN_REGION in headers:
        return derived_key(secret, headers[SIGN_DATE], headers[SIGN_REGION])
    return secret.encode()


def verify(secret: str, path: str, headers: Mapping[str, str]) -> None:
    """Check a request's V4 signature if it has one, else its V2 signature.

    Raises:
        ServiceError: The signature is missing or wrong.
    """
    key = signing_key(secret, headers)
    if SIGNATURE_V4 in headers:
        for name in (SIGN_DATE, SIGN_REGION):
            if name not in headers:
                raise ServiceError(PARAMETER_INVALID, f"Missing header: '{name}'.")
        given = headers[SIGNATURE_V4]
        expected = sign_sha256(key, request_string_v4(path, headers))
    elif SIGNATURE_V2 in headers:
        given = headers[SIGNATURE_V2]
        expected = sign_sha1(key, request_string(path, headers))
    else:
        raise ServiceError(PARAMETER_INVALID, f"Missing header: '{SIGNATURE_V2}'.")
    if not hmac.compare_digest(sent_bytes(given.strip()), expected.encode()):
        raise ServiceError(AUTH_FAILED, "Signature mismatch.")


def sent_bytes(text: str) -> bytes:
    """Return the bytes of a received text. Text that was not UTF-8 has surrogates."""
    return text.encode("utf-8", "surrogateescape")
