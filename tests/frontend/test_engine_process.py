"""The engine's address, and whether the engine has ended."""

import errno
import socket
import threading

import pytest

from pulumi_tablestore_delivery.frontend import engine_process, transport
from pulumi_tablestore_delivery.frontend.engine_process import (
    EngineGoneError,
    EngineProcess,
    engine_address,
)


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        (["127.0.0.1:1"], "127.0.0.1:1"),
        (["--tracing", "file:./x", "127.0.0.1:1"], "127.0.0.1:1"),
        (["--tracing", "http://127.0.0.1:9411/api/v1/spans", "127.0.0.1:1"], "127.0.0.1:1"),
        (["--logtostderr", "-v=9", "--tracing", "127.0.0.1:9", "localhost:1"], "localhost:1"),
        (["--logflow", "-v", "9", "[::1]:1"], "[::1]:1"),
        (["--tracing", "127.0.0.1:9"], ""),
        (["--tracing", "file:./x"], ""),
        ([], ""),
    ],
)
def test_address_is_found_after_the_engines_options(arguments, address):
    assert engine_address(arguments) == address


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server, EngineProcess(f"127.0.0.1:{server.getsockname()[1]}")


def test_engine_is_gone_if_its_address_refuses_connections(listening, monkeypatch):
    monkeypatch.setattr(engine_process, "_FRESH_SECONDS", 0)
    server, engine = listening
    assert not engine.is_gone()
    engine.require()
    server.close()
    assert engine.is_gone()
    with pytest.raises(EngineGoneError, match="pulumi up --refresh"):
        engine.require()


def test_calls_of_one_moment_ask_the_engine_once(listening, monkeypatch):
    monkeypatch.setattr(engine_process, "_FRESH_SECONDS", 60)
    _, engine = listening
    asked = []
    engine = EngineProcess(engine.address)
    monkeypatch.setattr(engine, "is_gone", lambda: bool(asked.append(1)))
    for _ in range(3):
        engine.require()
    assert asked == [1]
    monkeypatch.setattr(engine_process, "_FRESH_SECONDS", 0)
    monkeypatch.setattr(engine, "is_gone", lambda: True)
    for _ in range(2):
        with pytest.raises(EngineGoneError):
            engine.require()


@pytest.mark.parametrize("error", [TimeoutError(), OSError(errno.EMFILE, "too many open files")])
def test_socket_error_does_not_prove_that_the_engine_is_gone(monkeypatch, error):
    def fails(*arguments, **keywords):
        raise error

    monkeypatch.setattr(socket, "create_connection", fails)
    assert not EngineProcess("127.0.0.1:1").is_gone()


@pytest.mark.parametrize("address", ["", "nonsense", "127.0.0.1:99999999"])
def test_engine_with_an_unknown_address_counts_as_running(address):
    assert not EngineProcess(address).is_gone()


def test_watch_calls_the_function_after_the_end(listening, monkeypatch):
    monkeypatch.setattr(engine_process, "_POLL_SECONDS", 0.01)
    server, engine = listening
    ended = threading.Event()
    engine.watch(ended.set)
    assert not ended.wait(0.1)
    server.close()
    assert ended.wait(10)


def test_reading_requests_are_sent_after_the_engine_ended(monkeypatch):
    monkeypatch.setattr(transport, "engine", lambda: EngineProcess("127.0.0.1:1"))
    sent = []

    class Http:
        def post(self, url, *rest):
            sent.append(url.rpartition("/")[2])

    carrier = transport.ProviderTransport()
    carrier.__dict__["_http"] = Http()
    for name in ("DescribeDeliveryTask", "ListDeliveryTask", "DescribeTable"):
        carrier.post(f"http://service/{name}", {}, b"", 1)
    for name in ("CreateDeliveryTask", "DeleteDeliveryTask"):
        with pytest.raises(EngineGoneError):
            carrier.post(f"http://service/{name}", {}, b"", 1)
    assert sent == ["DescribeDeliveryTask", "ListDeliveryTask", "DescribeTable"]
