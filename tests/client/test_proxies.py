"""Proxies of the environment that cannot work are named."""

import pytest

from pulumi_tablestore_delivery.client.http import RequestsTransport
from pulumi_tablestore_delivery.client.proxies import proxy_problem
from pulumi_tablestore_delivery.client.transport import NotSentError

URL = "https://shop.cn-hangzhou.ots.aliyuncs.com/ListTable"


@pytest.fixture
def failure(monkeypatch):
    """Return the reason why a request through a proxy fails."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "NO_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)

    def send(proxy):
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        with pytest.raises(NotSentError) as error:
            RequestsTransport().post(URL, {}, b"", 5.0)
        assert "secret" not in str(error.value)
        return str(error.value)

    return send


@pytest.mark.parametrize(
    "proxy",
    ["http://", "http://:80", "ftp://host:1", "http://host:99999", "http://[::1", "http://a b:1",
     "http://me:secret@:80", "http://host:0"],
)  # fmt: skip
def test_url_that_is_not_a_proxy_is_named_with_its_variables(failure, proxy):
    reason = failure(proxy)
    assert "is not the URL of a proxy (HTTPS_PROXY, HTTP_PROXY)" in reason
    assert not reason.endswith(".")


@pytest.mark.parametrize("scheme", ["socks4", "socks5", "socks5h"])
def test_socks_proxy_without_its_package_names_the_package(failure, monkeypatch, scheme):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    reason = failure(f"{scheme}://me:secret@127.0.0.1:9")
    assert reason.startswith(f"the proxy {scheme}://127.0.0.1:9 needs support for SOCKS")
    assert "pip install 'requests[socks]'" in reason


@pytest.mark.parametrize(
    ("proxy", "text"),
    [("host:99999", "'host:99999'"), ("me:secret@host:0", "'host:0'"), (" ", "' '")],
)
def test_proxy_without_a_scheme_is_reported_as_it_is_set(failure, proxy, text):
    assert failure(proxy).startswith(f"{text} is not the URL of a proxy")


def test_proxy_that_does_not_answer_is_named(failure):
    assert failure("http://me:secret@127.0.0.1:9") == (
        "the proxy http://127.0.0.1:9: Connection refused"
    )


def test_valid_proxies_are_not_a_problem(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())
    for proxy in (
        "http://host:1",
        "https://host",
        "host:8080",
        "http://[::1]:8080",
        "socks5://h:1",
    ):
        assert proxy_problem(proxy) == ""
