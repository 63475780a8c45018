"""The private parts of Pulumi: used if they are there, with a fallback if they are not."""

import sys
import traceback
import types

import pytest
from google.protobuf import struct_pb2
from pulumi.dynamic import dynamic
from pulumi.runtime.proto import provider_pb2, status_pb2

from pulumi_tablestore_delivery.dynamic import host, registration
from pulumi_tablestore_delivery.frontend import engine_process
from pulumi_tablestore_delivery.lifecycle import MARKS


class Context:
    def __init__(self):
        self.metadata = None

    def set_trailing_metadata(self, metadata):
        self.metadata = metadata


def as_host(code, **names):
    """Runs code as the host's `__main__` does: with a request and a context in its frame."""
    space = {"__name__": "__main__", "host": host, **names}
    exec(compile(code, "<host>", "exec"), space)
    return space


SERVE = """
def serve(request, context):
    return (lambda: work())()
result = serve(request, context)
"""


def in_call(work, urn="urn:pulumi:dev::shop::t::orders", **fields):
    context = Context()
    request = types.SimpleNamespace(urn=urn, **fields)
    space = as_host(SERVE, work=work, request=request, context=context)
    return space["result"], context


def test_call_is_found_several_frames_away():
    call, context = in_call(host.current_call)
    assert call.urn.endswith("::orders")
    assert call.context is context


def test_no_call_is_found_outside_the_host():
    assert host.current_call() is None
    call, _ = in_call(host.current_call, urn=None)
    assert call is None


def test_marks_are_read_from_the_request_whatever_the_host_leaves_out():
    olds = struct_pb2.Struct()
    olds.update({"__unconfirmed": True, "__other": True, "table_name": "t"})
    marks, _ = in_call(lambda: host.sent_marks("olds", MARKS), olds=olds)
    assert marks == {"__unconfirmed": True}
    marks, _ = in_call(lambda: host.sent_marks("news", MARKS), olds=olds)
    assert marks == {}
    assert host.sent_marks("olds", MARKS) == {}


def test_warnings_go_to_stderr_without_an_engine(capsys):
    reporter = host.RowReporter()
    reporter.status("working")
    reporter.warn("careful")
    assert capsys.readouterr().err == "warning: careful\n"


@pytest.fixture
def no_engine(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["host"])
    engine_process.engine.cache_clear()
    yield
    engine_process.engine.cache_clear()


@pytest.mark.usefixtures("no_engine")
def test_unreachable_engine_does_not_fail_a_call(capsys):
    reporter, _ = in_call(host.RowReporter)
    reporter.status("working")
    reporter.warn("careful")
    assert capsys.readouterr().err == "warning: careful\n"


def test_engine_keeps_a_resource_whose_create_failed():
    kept, context = in_call(
        lambda: host.keep_despite_failure("i/t/n", {"a": 1, "b": [{"c": "d"}]}, "why")
    )
    assert kept is True
    ((name, value),) = context.metadata
    assert name == "grpc-status-details-bin"
    status = status_pb2.Status.FromString(value)
    detail = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(detail)
    assert (detail.id, list(detail.reasons)) == ("i/t/n", ["why"])
    assert detail.properties["b"][0]["c"] == "d"


def test_caller_learns_if_the_engine_cannot_keep_a_resource():
    assert host.keep_despite_failure("i/t/n", {}, "why") is False
    kept, _ = in_call(lambda: host.keep_despite_failure("i/t/n", {"a": object()}, "why"))
    assert kept is False


def test_only_own_errors_lose_their_traceback(monkeypatch):
    process = types.ModuleType("__main__")
    process.traceback = traceback
    process.DynamicResourceProviderServicer = object
    monkeypatch.setitem(sys.modules, "__main__", process)
    host.show_plain_errors()

    def shown(error):
        try:
            raise error  # noqa: TRY301 - as a provider's method does
        except Exception:  # noqa: BLE001 - as the host does
            return process.traceback.format_exc()

    assert shown(host.PlainError("what to do")) == "what to do"
    assert "Traceback" in shown(ValueError("a fault"))
    assert process.traceback.format_tb is traceback.format_tb
    host.show_plain_errors()  # configured again: still the same
    assert shown(host.PlainError("what to do")) == "what to do"


def test_unfamiliar_host_is_not_changed(monkeypatch):
    process = types.ModuleType("__main__")
    process.traceback = traceback
    monkeypatch.setitem(sys.modules, "__main__", process)
    host.show_plain_errors()
    assert process.traceback is traceback


@pytest.fixture
def constructor_looked_at_anew():
    registration.can_write_provider.cache_clear()
    yield
    registration.can_write_provider.cache_clear()


@pytest.mark.usefixtures("constructor_looked_at_anew")
@pytest.mark.parametrize(
    ("name", "value"),
    [("PROVIDER_KEY", "__other"), ("serialize_provider", None), ("Resource", object)],
)
def test_unfamiliar_constructor_is_called(monkeypatch, name, value):
    assert registration.can_write_provider()
    registration.can_write_provider.cache_clear()
    monkeypatch.setattr(dynamic, name, value)
    assert not registration.can_write_provider()
