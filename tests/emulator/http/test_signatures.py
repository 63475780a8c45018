"""The emulator's signatures, compared with recorded requests of the official SDKs."""

import pytest
from support.wire_cases import RESPONSES, SIGNED_REQUESTS, case_id

from pulumi_tablestore_delivery.emulator.api.errors import ServiceError
from pulumi_tablestore_delivery.emulator.http import signatures


def is_v4(case):
    return "x-ots-signaturev4" in case["x_ots_headers"]


@pytest.mark.parametrize("case", SIGNED_REQUESTS, ids=case_id)
def test_string_to_sign_is_that_of_the_sdk(case):
    stage = signatures.request_string_v4 if is_v4(case) else signatures.request_string
    assert stage(case["path"], case["x_ots_headers"]) == case["signature"]["string_to_sign"]


@pytest.mark.parametrize("case", SIGNED_REQUESTS, ids=case_id)
def test_signature_is_that_of_the_sdk(case):
    signature, headers = case["signature"], case["x_ots_headers"]
    key = signatures.signing_key(signature["access_key_secret"], headers)
    sign = signatures.sign_sha256 if is_v4(case) else signatures.sign_sha1
    assert sign(key, signature["string_to_sign"]) == signature["expected"]


@pytest.mark.parametrize("case", SIGNED_REQUESTS, ids=case_id)
def test_signed_request_is_accepted_and_changed_ones_are_refused(case):
    headers, path = case["x_ots_headers"], case["path"]
    signatures.verify("test-sk", path, headers)
    for name, value in headers.items():
        with pytest.raises(ServiceError) as error:
            signatures.verify("test-sk", path, {**headers, name: f"{value}0"})
        assert error.value.code == "OTSAuthFailed"
    for secret, other in (("test-sx", path), ("test-sk", f"{path}s")):
        with pytest.raises(ServiceError, match="Signature mismatch"):
            signatures.verify(secret, other, headers)


@pytest.mark.parametrize("case", RESPONSES, ids=case_id)
def test_authorization_of_an_answer_is_that_of_the_service(case):
    headers = {name.lower(): value for name, value in case["headers"].items()}
    string = signatures.response_string(f"/{case['operation']}", headers)
    assert string == case["string_to_sign"]
    assert f"OTS test-ak:{signatures.sign_sha1(b'test-sk', string)}" == headers["authorization"]


@pytest.mark.parametrize("gone", ["x-ots-signdate", "x-ots-signregion"])
def test_v4_signature_without_its_headers_is_refused(gone):
    case = next(case for case in SIGNED_REQUESTS if is_v4(case))
    headers = {name: value for name, value in case["x_ots_headers"].items() if name != gone}
    with pytest.raises(ServiceError, match=f"Missing header: '{gone}'"):
        signatures.verify("test-sk", case["path"], headers)
