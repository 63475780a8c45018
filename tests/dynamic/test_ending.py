"""The host's process ends after its engine, but not before the calls of other providers."""

import threading

import pytest

from pulumi_tablestore_delivery.dynamic import ending
from pulumi_tablestore_delivery.dynamic.calls import Calls
from pulumi_tablestore_delivery.frontend.engine_process import EngineProcess


class Engine(EngineProcess):
    def __init__(self, address="127.0.0.1:1"):
        super().__init__(address)
        self.watched = []

    def watch(self, when_gone):
        self.watched.append(when_gone)


@pytest.fixture
def engine(monkeypatch):
    engine = Engine()
    monkeypatch.setattr(ending, "engine", lambda: engine)
    monkeypatch.setattr(ending, "_stops", [])
    monkeypatch.setattr(ending, "own_calls", Calls())
    monkeypatch.setattr(ending, "_POLL_SECONDS", 0.01)
    return engine


@pytest.fixture
def exited(monkeypatch):
    exited = threading.Event()
    monkeypatch.setattr(ending.os, "_exit", lambda code: exited.set())
    return exited


def ended(engine):
    (when_gone,) = engine.watched
    thread = threading.Thread(target=when_gone)
    thread.start()
    return thread


def test_every_configured_provider_is_stopped_and_the_process_ends(engine, exited):
    stopped, others = [], Calls(4)
    ending.end_with_engine(lambda: stopped.append(1), others)
    ending.end_with_engine(lambda: stopped.append(2), others)
    ended(engine).join(10)
    assert stopped == [1, 2]
    assert exited.is_set()


@pytest.mark.parametrize("whose", ["own", "other"])
def test_process_ends_after_running_calls(engine, exited, whose):
    others = Calls(4)
    ending.end_with_engine(lambda: None, others)
    with ending.own_calls if whose == "own" else others:
        thread = ended(engine)
        assert not exited.wait(0.2)
    thread.join(10)
    assert exited.is_set()


def test_hanging_call_of_this_package_does_not_keep_the_process(engine, exited, monkeypatch):
    monkeypatch.setattr(ending, "_OWN_SECONDS", 0.05)
    ending.end_with_engine(lambda: None, Calls(4))
    with ending.own_calls:
        assert ended(engine).join(10) is None
    assert exited.is_set()


def test_process_stays_if_other_calls_cannot_be_counted(engine, exited):
    stopped = []
    ending.end_with_engine(lambda: stopped.append(1), None)
    ended(engine).join(10)
    assert stopped == [1]
    assert not exited.is_set()


def test_unknown_engine_is_not_watched(engine):
    engine.address = ""
    ending.end_with_engine(lambda: None, Calls(4))
    assert engine.watched == []
