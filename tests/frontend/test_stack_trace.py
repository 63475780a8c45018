"""The stack that the SDK records with a resource ends at the program's main module."""

import runpy
import sys

import pulumi
import pytest
from pulumi.runtime.mocks import MockMonitor

PROGRAM = """
import pulumi
import pulumi_tablestore_delivery as dynamic
from pulumi_tablestore_delivery import native


def declare(package, depth):
    if depth:
        declare(package, depth - 1)
    else:
        package.DeliveryTask(package.__name__, table_name="orders")


declare(dynamic, 3)
declare(native, 3)


class Other(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("shop:index:Other", name)


Other("other")
"""


class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        return f"{args.name}-id", args.inputs

    def call(self, args):
        return {}


@pytest.fixture
def traces(monkeypatch):
    """The recorded frames as (file, line), by the resource's name."""
    found = {}
    register = MockMonitor.RegisterResource

    def recorded(monitor, request):
        found[request.name] = [
            (frame.pc.uri.rpartition("/")[2], frame.pc.line) for frame in request.stackTrace.frames
        ]
        return register(monitor, request)

    monkeypatch.setattr(MockMonitor, "RegisterResource", recorded)
    pulumi.runtime.set_mocks(Mocks(), project="shop", stack="dev")
    return found


def run(path, program=PROGRAM, name="__main__"):
    path.write_text(program)

    @pulumi.runtime.test
    def in_sdk():
        runpy.run_path(str(path), run_name=name)

    in_sdk()


def frames_of(trace, file):
    return [line for name, line in trace if name == file]


@pytest.mark.parametrize(
    "package", ["pulumi_tablestore_delivery", "pulumi_tablestore_delivery.native"]
)
def test_trace_of_a_task_has_each_frame_of_the_program_and_none_of_the_runtime(
    traces, tmp_path, package
):
    run(tmp_path / "program.py", PROGRAM)
    trace = traces[package]
    outermost = 14 if package.endswith("delivery") else 15
    assert frames_of(trace, "program.py") == [11, 9, 9, 9, outermost]
    assert trace[0] == ("program.py", 11)
    assert {name for name, _ in trace} <= {"program.py", ""}


def test_trace_of_another_resource_is_whole(traces, tmp_path):
    run(tmp_path / "program.py")
    assert len(traces["other"]) > 10


def test_trace_is_whole_without_a_main_module(traces, tmp_path):
    run(tmp_path / "program.py", name="program")
    assert len(traces["pulumi_tablestore_delivery"]) > 10


def test_limit_of_the_program_itself_stays(traces, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "tracebacklimit", 50, raising=False)
    run(tmp_path / "program.py")
    assert sys.tracebacklimit == 50
    assert len(traces["pulumi_tablestore_delivery"]) > 10


def test_no_limit_stays_after_a_constructor_failed(traces, tmp_path):
    fails = "opts=pulumi.ResourceOptions(transformations=[lambda args: 1 / 0])"
    program = PROGRAM.replace('table_name="orders"', f'table_name="orders", {fails}')
    with pytest.raises(ZeroDivisionError):
        run(tmp_path / "program.py", program)
    assert not hasattr(sys, "tracebacklimit")
