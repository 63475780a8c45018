"""The stack that the SDK records with a resource ends at the program's main module."""

import runpy
import sys
from concurrent.futures import ThreadPoolExecutor

import pulumi
import pytest
from pulumi.runtime.mocks import MockMonitor

from pulumi_tablestore_delivery.frontend.stack_trace import only_frames_of_program

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


def run(path, program=PROGRAM):
    path.write_text(program)

    @pulumi.runtime.test
    def in_sdk():
        runpy.run_path(str(path), run_name="__main__")

    in_sdk()


@pytest.mark.parametrize(
    ("package", "outermost"),
    [("pulumi_tablestore_delivery", 14), ("pulumi_tablestore_delivery.native", 15)],
)
def test_trace_of_a_task_has_each_frame_of_the_program_and_two_others(
    traces, tmp_path, package, outermost
):
    run(tmp_path / "program.py")
    trace = traces[package]
    assert [line for _, line in trace[:5]] == [11, 9, 9, 9, outermost]
    assert {name for name, _ in trace[:5]} == {"program.py"}
    # Newer Pythons have `runpy` built in, without a file.
    assert [name for name, _ in trace[5:]] in (["", ""], ["runpy.py", "runpy.py"])


def test_trace_of_another_resource_is_whole(traces, tmp_path):
    run(tmp_path / "program.py")
    assert len(traces["other"]) > 10


def test_trace_is_whole_without_a_main_module():
    """An inline program of the Automation API runs in a thread, which has no such module."""

    def has_limit():
        with only_frames_of_program():
            return hasattr(sys, "tracebacklimit")

    with ThreadPoolExecutor(1) as thread:
        assert not thread.submit(has_limit).result()


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


def test_no_limit_stays_after_nested_constructors(traces, tmp_path):
    declare = "lambda args: print(package.DeliveryTask('inner'))"
    opts = f"opts=pulumi.ResourceOptions(transformations=[{declare}])"
    program = PROGRAM.replace('table_name="orders"', f'table_name="orders", {opts}')
    run(tmp_path / "program.py", program)
    assert "inner" in traces
    assert not hasattr(sys, "tracebacklimit")


def test_no_limit_stays_after_two_threads():
    first, second = only_frames_of_program(), only_frames_of_program()
    with first:
        second.__enter__()
        assert sys.tracebacklimit > 0
    second.__exit__(None, None, None)
    assert not hasattr(sys, "tracebacklimit")
