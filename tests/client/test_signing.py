"""Signatures, stage by stage, compared with recorded requests of the official SDKs."""

import pytest
from support.wire_cases import RESPONSES, SIGNED_REQUESTS, case_id

from pulumi_tablestore_delivery.client import signing

SIGNATURES = {signing.SIGNATURE_V2, signing.SIGNATURE_V4}


def version_of(case):
    return "v4" if signing.SIGNATURE_V4 in case["x_ots_headers"] else "v2"


def unsigned(case):
    return {k: v for k, v in case["x_ots_headers"].items() if k not in SIGNATURES}


@pytest.mark.parametrize("case", SIGNED_REQUESTS, ids=case_id)
class TestRequest:
    def test_has_the_md5_of_its_body(self, case):
        body = bytes.fromhex(case["body_hex"])
        assert signing.content_md5(body) == case["x_ots_headers"]["x-ots-contentmd5"]

    def test_string_to_sign_is_that_of_the_sdk(self, case):
        text = signing.string_to_sign(case["path"], case["x_ots_headers"], version_of(case))
        assert text == case["signature"]["string_to_sign"]

    def test_signature_is_that_of_the_sdk(self, case):
        headers, version = case["x_ots_headers"], version_of(case)
        key = case["signature"]["access_key_secret"]
        if version == "v4":
            key = signing.derive_v4_key(
                key, headers[signing.SIGN_DATE], headers[signing.SIGN_REGION]
            )
        text = case["signature"]["string_to_sign"]
        assert signing.signature(key, text, version) == case["signature"]["expected"]

    def test_headers_are_those_of_the_sdk(self, case):
        """Signing the SDK's headers anew gives the SDK's headers."""
        headers = unsigned(case)
        credentials = signing.Credentials("test-ak", case["signature"]["access_key_secret"])
        region = headers.pop(signing.SIGN_REGION, "")
        headers.pop(signing.SIGN_DATE, None)
        signing.sign_request(case["path"], headers, credentials, version_of(case), region)
        assert headers == case["x_ots_headers"]


@pytest.mark.parametrize("case", RESPONSES, ids=case_id)
def test_authorization_of_an_answer_is_that_of_the_service(case):
    headers = {name.lower(): value for name, value in case["headers"].items()}
    path = f"/{case['operation']}"
    assert signing.canonical_headers(headers) + path == case["string_to_sign"]
    authorization = signing.response_authorization(path, headers, "test-ak", "test-sk")
    assert authorization == headers["authorization"]


def test_header_names_are_signed_in_lower_case_and_values_trimmed():
    assert signing.canonical_headers(
        {"X-OTS-Date": " then ", "x-ots-apiversion": "1", "Host": "h"}
    ) == ("x-ots-apiversion:1\nx-ots-date:then\n")


def test_repr_of_credentials_hides_the_secret():
    text = repr(signing.Credentials("ak", "the-secret", "the-token"))
    assert "the-secret" not in text
    assert "the-token" not in text
