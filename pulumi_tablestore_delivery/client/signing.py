"""Signatures of requests and answers, V2 and V4 (seen in the official SDKs).

Each stage is a function, so that a failing test shows the first wrong stage.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal

SignatureVersion = Literal["v2", "v4"]

SIGNATURE_V2: Final = "x-ots-signature"
SIGNATURE_V4: Final = "x-ots-signaturev4"
SIGN_DATE: Final = "x-ots-signdate"
SIGN_REGION: Final = "x-ots-signregion"

_PREFIX: Final = "x-ots-"
_PRODUCT: Final = "ots"


@dataclass(frozen=True)
class Credentials:
    """A key pair, with its security token if it is temporary."""

    access_key_id: str
    access_key_secret: str = field(repr=False)
    security_token: str = field(default="", repr=False)


def content_md5(body: bytes) -> str:
    """Return base64 of the body's MD5. The protocol uses it as a checksum."""
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def canonical_headers(headers: Mapping[str, str]) -> str:
    """Return the `x-ots-*` headers without signatures: in lower case, sorted, one per line."""
    signed = [
        (lower, value)
        for name, value in headers.items()
        if (lower := name.lower()).startswith(_PREFIX) and lower not in {SIGNATURE_V2, SIGNATURE_V4}
    ]
    return "".join(f"{name}:{value.strip()}\n" for name, value in sorted(signed))


def string_to_sign(path: str, headers: Mapping[str, str], version: SignatureVersion) -> str:
    """Return the text that a request's signature is made from."""
    text = f"{path}\nPOST\n\n{canonical_headers(headers)}"
    return text + _PRODUCT if version == "v4" else text


@lru_cache(maxsize=8)
def derive_v4_key(access_key_secret: str, sign_date: str, region: str) -> str:
    """Return the key of a day and a region, as base64 text.

    Args:
        access_key_secret: The secret.
        sign_date: `yyyyMMdd`, UTC.
        region: Such as `cn-hangzhou`.
    """
    key = ("aliyun_v4" + access_key_secret).encode()
    for part in (sign_date, region, _PRODUCT, "aliyun_v4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return base64.b64encode(key).decode()


def signature(key: str, text: str, version: SignatureVersion) -> str:
    """Return base64 of the HMAC: SHA-1 for V2, SHA-256 for V4."""
    digest = "sha256" if version == "v4" else "sha1"
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), digest)).decode()


def sign_request(
    path: str,
    headers: dict[str, str],
    credentials: Credentials,
    version: SignatureVersion,
    region: str,
) -> str:
    """Add the signature to a request's headers.

    Args:
        path: `/` and the operation's name.
        headers: The `x-ots-*` headers in lower case, including `x-ots-date`; changed in place.
        credentials: The keys to sign with.
        version: `v2` or `v4`.
        region: The instance's region; V4 needs it.

    Returns:
        The key that the service signs its answer with.
    """
    if version == "v2":
        key = credentials.access_key_secret
        headers[SIGNATURE_V2] = signature(key, string_to_sign(path, headers, "v2"), "v2")
        return key
    sign_date = headers["x-ots-date"][:10].replace("-", "")
    headers[SIGN_DATE] = sign_date
    headers[SIGN_REGION] = region
    key = derive_v4_key(credentials.access_key_secret, sign_date, region)
    headers[SIGNATURE_V4] = signature(key, string_to_sign(path, headers, "v4"), "v4")
    return key


def response_authorization(
    path: str, headers: Mapping[str, str], access_key_id: str, key: str
) -> str:
    """Return the `Authorization` header that an answer with these headers must have."""
    text = canonical_headers(headers) + path
    return f"OTS {access_key_id}:{signature(key, text, 'v2')}"
