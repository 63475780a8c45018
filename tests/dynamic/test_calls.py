"""Calls of other dynamic providers in the host: at most 4 run at once, and they are counted."""

import sys
import threading
import time
import types
from pathlib import Path

import pulumi
import pytest

from pulumi_tablestore_delivery.dynamic import calls
from pulumi_tablestore_delivery.dynamic.calls import Calls, limit_other_providers
from pulumi_tablestore_delivery.dynamic.host import serve_more_calls_at_once

HOST = """
class DynamicResourceProviderServicer:
    def Create(self, request, context):
        props = {"__provider": request}
        provider = get_provider(props, {})
        return provider.create(props)


def get_provider(props, config):
    return providers[props["__provider"]]
"""


class Slow:
    """Counts how many calls run at once."""

    name = "slow"

    def __init__(self):
        self.lock, self.running, self.most = threading.Lock(), 0, 0
        self.go_on = threading.Event()

    def create(self, props):
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.go_on.wait(10)
        with self.lock:
            self.running -= 1
        return "made"


class OurSlow(Slow):
    pass


class Context:
    """A gRPC context: it reports the end of a call as soon as the engine has ended."""

    def add_callback(self, callback):
        callback()
        return True


@pytest.fixture
def host(monkeypatch):
    host = types.ModuleType("__main__")
    host.providers = {"other": Slow(), "ours": OurSlow()}
    exec(compile(HOST, "<host>", "exec"), host.__dict__)
    monkeypatch.setitem(sys.modules, "__main__", host)
    return host


class Servers(list):
    """Threads that answer calls as the host does."""

    def call(self, host, text):
        def serve():
            host.DynamicResourceProviderServicer().Create(text, Context())

        self.append(threading.Thread(target=serve))
        self[-1].start()

    def finish(self, *providers):
        for provider in providers:
            provider.go_on.set()
        for thread in self:
            thread.join(10)


def until(condition):
    ends = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.005)


def test_only_calls_of_other_providers_are_limited(host):
    other, ours, servers = host.providers["other"], host.providers["ours"], Servers()
    under_way = limit_other_providers(OurSlow)
    assert not under_way.are_under_way
    for _ in range(10):
        servers.call(host, "other")
        servers.call(host, "ours")
    until(lambda: (other.running, ours.running) == (4, 10))
    assert under_way.are_under_way
    servers.finish(other, ours)
    assert (other.most, ours.most) == (4, 10)
    assert not under_way.are_under_way


def test_calls_that_began_before_the_limit_are_counted(host):
    other, servers = host.providers["other"], Servers()
    for _ in range(3):
        servers.call(host, "other")
    until(lambda: other.running == 3)
    under_way = limit_other_providers(OurSlow)
    assert under_way.are_under_way
    for _ in range(5):
        servers.call(host, "other")
    until(lambda: other.running == 4)
    time.sleep(0.1)
    servers.finish(other)
    assert other.most == 4
    until(lambda: not under_way.are_under_way)


def test_second_configuration_keeps_the_limit(host):
    first = limit_other_providers(OurSlow)
    replaced = host.get_provider
    assert limit_other_providers(OurSlow) is first
    assert host.get_provider is replaced


def test_limited_provider_keeps_its_other_attributes(host):
    limit_other_providers(OurSlow)
    provider = host.get_provider({"__provider": "other"}, {})
    assert provider.name == "slow"
    with pytest.raises(AttributeError):
        _ = provider.update
    assert host.get_provider({"__provider": "ours"}, {}) is host.providers["ours"]


@pytest.mark.parametrize("missing", ["get_provider", "DynamicResourceProviderServicer"])
def test_unfamiliar_host_is_not_changed(host, missing):
    delattr(host, missing)
    before = dict(vars(host))
    assert limit_other_providers(OurSlow) is None
    assert serve_more_calls_at_once(OurSlow) is None
    assert vars(host) == before


def test_unfamiliar_methods_are_not_limited(host):
    host.DynamicResourceProviderServicer.Create = lambda self, request, context: None
    assert limit_other_providers(OurSlow) is None


def test_failed_call_is_no_longer_counted():
    under_way = Calls(1)
    for _ in range(2):
        with pytest.raises(ValueError, match="fault"), under_way:
            raise ValueError("fault")
    assert not under_way.are_under_way


def test_limit_is_that_of_the_real_host():
    text = (Path(pulumi.__file__).parent / "dynamic" / "__main__.py").read_text()
    assert f"max_workers={calls.STOCK_WORKERS})" in text
