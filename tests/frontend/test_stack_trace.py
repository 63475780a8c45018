"""The stack that the SDK records with a resource ends at the program's main module."""

import runpy
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pulumi
import pytest
from pulumi.runtime import resource as registration
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import source_pb2
from support.pulumi_mocks import use_mocks

from pulumi_tablestore_delivery.frontend import stack_trace

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


TRIED = """
try:
    declare(dynamic, 3)
except ZeroDivisionError:
    pass
"""


DECLARING = """from pulumi.runtime import resource
from pulumi_tablestore_delivery.frontend.stack_trace import only_frames_of_program
with only_frames_of_program():
    trace = resource._get_stack_trace(*arguments)
"""


def trace_of(*places):
    frames = [
        source_pb2.StackFrame(
            pc=source_pb2.SourcePosition(uri=Path(file).absolute().as_uri(), line=line)
        )
        for file, line in places
    ]
    return source_pb2.StackTrace(frames=frames)


@pytest.fixture
def sdk_function(monkeypatch):
    """Give the SDK another function that records stacks."""
    return lambda function: monkeypatch.setattr(registration, "_get_stack_trace", function)


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
    use_mocks()
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
def test_trace_of_a_task_has_the_frames_of_the_program(traces, tmp_path, package, outermost):
    run(tmp_path / "program.py")
    lines = [11, 9, 9, 9, outermost]
    assert traces[package] == [("program.py", line) for line in lines]


def test_trace_of_another_resource_is_whole(traces, tmp_path):
    run(tmp_path / "program.py")
    assert len(traces["other"]) > 10


def test_trace_is_whole_without_a_main_module(sdk_function):
    """An inline program of the Automation API runs in a thread, which has no such module."""

    def recorded():
        with stack_trace.only_frames_of_program():
            return registration._get_stack_trace()

    sdk_function(lambda: trace_of(("program.py", 1), ("host.py", 2)))
    with ThreadPoolExecutor(1) as thread:
        assert len(thread.submit(recorded).result().frames) == 2


def test_trace_has_the_limit_of_the_program(traces, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "tracebacklimit", 9, raising=False)
    run(tmp_path / "program.py")
    assert traces["pulumi_tablestore_delivery"] == [("program.py", line) for line in (11, 9, 9)]


def test_trace_of_a_task_in_a_transformation_is_that_of_the_program(traces, tmp_path):
    declare = "lambda args: print(package.DeliveryTask('inner'))"
    opts = f"opts=pulumi.ResourceOptions(transformations=[{declare}])"
    program = PROGRAM.replace('table_name="orders"', f'table_name="orders", {opts}')
    run(tmp_path / "program.py", program)
    lines = [11, 9, 9, 9, 14]
    assert traces["pulumi_tablestore_delivery"] == [("program.py", line) for line in lines]
    outermost = [name for name, _ in traces["inner"][-5:]]
    assert outermost == ["program.py"] * 5


def test_trace_of_a_resource_after_a_failed_constructor_is_whole(traces, tmp_path):
    fails = "opts=pulumi.ResourceOptions(transformations=[lambda args: 1 / 0])"
    program = PROGRAM.replace('table_name="orders"', f'table_name="orders", {fails}')
    program = program.replace("declare(dynamic, 3)", TRIED).replace("declare(native, 3)", "")
    run(tmp_path / "program.py", program)
    assert len(traces["other"]) > 10


class TestOfAnotherSdk:
    def recorded(self, tmp_path, *arguments):
        """The result of the SDK's function for a task on line 4 of the main module."""
        path = tmp_path / "program.py"
        path.write_text(DECLARING)
        return runpy.run_path(str(path), {"arguments": arguments}, run_name="__main__")["trace"]

    def test_function_with_other_parameters_gets_them(self, sdk_function, tmp_path):
        sdk_function(lambda skip: trace_of((str(tmp_path / "program.py"), 4), ("host.py", skip)))
        assert len(self.recorded(tmp_path, 3).frames) == 1

    @pytest.mark.parametrize("result", [None, [], "trace"])
    def test_result_of_another_type_is_passed_on(self, sdk_function, tmp_path, result):
        sdk_function(lambda: result)
        assert self.recorded(tmp_path) is result

    def test_trace_without_the_main_module_is_whole(self, sdk_function, tmp_path):
        sdk_function(lambda: trace_of(("other.py", 1), ("host.py", 2)))
        assert len(self.recorded(tmp_path).frames) == 2

    def test_missing_function_is_not_needed(self, monkeypatch):
        monkeypatch.delattr(registration, "_get_stack_trace")
        with stack_trace.only_frames_of_program():
            assert not hasattr(registration, "_get_stack_trace")
