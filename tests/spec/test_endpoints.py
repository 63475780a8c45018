"""Endpoints: which text is one, which are the same, and what a message may show of them."""

import pytest

from pulumi_tablestore_delivery.spec.endpoints import (
    is_endpoint,
    is_unencrypted,
    mask_user_info,
    same_endpoint,
    spellings,
)


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("https://host/", "https://host/"),
        ("host:80", "host:80"),
        ("https://me:hush@host:80", "https://…@host:80"),
        ("me:hush@host", "…@host"),
        ("//me@host", "//…@host"),
        ("https://me:hu/sh@host", "https://…@host"),
        ("https://me:hu@sh@host", "https://…@host"),
        ("https://me:hu://sh@host", "https://…@host"),
        ("https://me:hu\nsh@host", "https://…@host"),
    ],
)
def test_message_shows_an_endpoint_without_user_and_password(url, masked):
    assert mask_user_info(url) == masked


@pytest.mark.parametrize("character", ["\n", "\r", "\t", "\x00", "\x1f", " ", "\x7f", "\u3000"])
@pytest.mark.parametrize("form", ["{}https://host", "https://ho{}st", "https://host{}"])
def test_text_with_an_invisible_character_is_not_an_endpoint(character, form):
    assert is_endpoint("https://host", with_scheme=True)
    assert not is_endpoint(form.format(character), with_scheme=True)


def test_plain_http_to_another_machine_is_unencrypted_in_any_case():
    assert is_unencrypted("http://host")
    assert is_unencrypted("HTTP://host:80/")
    for endpoint in ("https://host", "HTTPS://host", "host", "http://127.0.0.1:1", "http://["):
        assert not is_unencrypted(endpoint)


@pytest.mark.parametrize("endpoint", ["oss.test", "https://oss.test/", "http://OSS.test:80", "["])
def test_spellings_are_those_of_the_same_endpoint(endpoint):
    first, *others = spellings(endpoint)
    assert first == endpoint
    assert endpoint not in others
    assert all(same_endpoint(endpoint, other) for other in others)
    assert (
        len(others)
        == {"oss.test": 5, "https://oss.test/": 3, "http://OSS.test:80": 3, "[": 0}[endpoint]
    )
