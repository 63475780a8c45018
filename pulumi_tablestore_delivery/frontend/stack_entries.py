"""The delivery tasks in the state of the program's stack.

Each call to a provider is about one resource, and with `--target` and `--exclude` the engine does
not check the other resources. Only the program can request the whole stack from the engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

import pulumi
from google.protobuf import struct_pb2
from pulumi.runtime import settings
from pulumi.runtime.proto import resource_pb2, resource_pb2_grpc

from pulumi_tablestore_delivery.frontend.shared_text import as_property

_TOKEN: Final = "pulumi:pulumi:readStackResourceOutputs"  # noqa: S105 - a function's token
_TYPE_SUFFIX: Final = "DeliveryTask"
_EXTERNAL: Final = "__external"  # `lifecycle.EXTERNAL`, which a program does not import
_SECONDS: Final = 5.0
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_NAMES: Final = (
    ("instance_name", "instanceName"),
    ("table_name", "tableName"),
    ("task_name", "taskName"),
)


@dataclass(frozen=True)
class Entry:
    """A delivery task in the stack's state.

    Attributes:
        urn: The resource's URN.
        instance: The Tablestore instance.
        table: The task's table.
        task: The task's name in the table.
        has_secret: Whether one of these names is a secret in the state.
    """

    urn: str
    instance: str
    table: str
    task: str
    has_secret: bool = False

    @property
    def resource_name(self) -> str:
        """The resource's name in the program."""
        return self.urn.rpartition("::")[2]

    def __str__(self) -> str:
        return f"{self.urn}\t{self.instance}/{self.table}/{self.task}"


class StackEntries:
    """The delivery tasks in a stack's state.

    A stack may have thousands, and each resource asks for some: what a resource asks for does not
    take longer the more entries there are.

    Attributes:
        entries: All of them, sorted.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries: Final = tuple(sorted(entries, key=str))
        self._of_resource: dict[str, list[Entry]] = {}
        self._of_task: dict[tuple[str, str, str], list[Entry]] = {}
        self._of_table: dict[str, list[Entry]] = {}
        for entry in self.entries:
            self._of_resource.setdefault(entry.resource_name, []).append(entry)
            task = (entry.instance, entry.table, entry.task)
            self._of_task.setdefault(task, []).append(entry)
            self._of_table.setdefault(entry.table, []).append(entry)
        self._properties: dict[str | None, str | dict[str, str]] = {}

    def of_resource(self, resource_name: str) -> Sequence[Entry]:
        """Return the entries of the resources of this name; there may be several, of any type."""
        return self._of_resource.get(resource_name, ())

    def of_task(self, instance: str, table: str, task: str) -> Sequence[Entry]:
        """Return the entries that hold a task."""
        return self._of_task.get((instance, table, task), ())

    def as_property(self, table: str | None) -> str | dict[str, str]:
        """Return a table's entries for the provider, one per line; None for all tables.

        A long text is in a file (see `shared_text`), unless a name in it is a secret.
        """
        if table not in self._properties:
            entries = self.entries if table is None else self._of_table.get(table, ())
            text = "\n".join(map(str, entries))
            is_secret = any(entry.has_secret for entry in entries)
            self._properties[table] = text if is_secret else as_property(text)
        return self._properties[table]


_Answer = StackEntries | None


@dataclass(frozen=True)
class _Read:
    """The request of one run, for callers that wait in a thread and for callers that await it."""

    answer: Future[_Answer]
    awaitable: Awaitable[_Answer]


# Each run of a program has its own monitor. One process may run several programs.
_reads: WeakKeyDictionary[Any, _Read] = WeakKeyDictionary()


def read_stack_entries() -> Awaitable[_Answer] | None:
    """Read the stack's delivery tasks, once per run.

    Returns:
        An awaitable of the entries at the start of the run, or of None if the engine did not
        answer in time. None if there is no engine, as in a program's unit tests.
    """
    read = _started_read()
    return read.awaitable if read else None


def wait_for_stack_entries() -> _Answer:
    """Read the stack's delivery tasks, once per run, and wait for the answer.

    Returns:
        The entries; None if the engine did not answer in time, or if there is no engine.
    """
    read = _started_read()
    try:
        return read.answer.result(_SECONDS) if read else None
    except FutureTimeoutError:
        return None


def _started_read() -> _Read | None:
    monitor = settings.get_monitor()
    if not isinstance(monitor, resource_pb2_grpc.ResourceMonitorStub):
        return None
    try:
        if monitor not in _reads:
            pool = ThreadPoolExecutor(1, thread_name_prefix="stack-entries")
            answer = pool.submit(_read, monitor, _stack_name())
            pool.shutdown(wait=False)
            _reads[monitor] = _Read(answer, asyncio.ensure_future(_within_time(answer)))
        return _reads[monitor]
    except (RuntimeError, TypeError):  # no event loop, or a monitor without weak references
        return None


async def _within_time(answer: Future[_Answer]) -> _Answer:
    try:
        return await asyncio.wait_for(asyncio.wrap_future(answer), _SECONDS)
    except (asyncio.TimeoutError, TimeoutError):
        return None


def _stack_name() -> str:
    return f"{settings.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"


def _read(monitor: Any, stack: str) -> _Answer:
    arguments = struct_pb2.Struct()
    arguments.update({"stackName": stack})
    request = resource_pb2.ResourceInvokeRequest(tok=_TOKEN, args=arguments)
    try:
        response = monitor.Invoke(request, timeout=_SECONDS)
        if response.failures:
            return None
        return StackEntries(_entries(getattr(response, "return")))
    except Exception:  # noqa: BLE001 - the entries are a precaution, so a run continues without them
        return None


def _entries(answer: struct_pb2.Struct) -> Iterator[Entry]:
    """Find the delivery tasks in the engine's answer.

    The answer stays a protobuf message, because converting a large stack takes long.
    """
    for urn, resource in answer.fields["outputs"].struct_value.fields.items():
        if not urn.partition("::")[2].split("::")[1].endswith(_TYPE_SUFFIX):
            continue
        outputs = resource.struct_value.fields["outputs"].struct_value.fields
        if _EXTERNAL in outputs:
            continue  # the program only reads this task
        names = [_text(outputs, *keys) for keys in _NAMES]
        if all(text for text, _ in names):
            instance, table, task = (text for text, _ in names)
            yield Entry(urn, instance, table, task, any(is_secret for _, is_secret in names))


def _text(outputs: Mapping[str, struct_pb2.Value], *keys: str) -> tuple[str, bool]:
    """Return the string of the first of these keys that exists, and whether it is a secret."""
    for key in keys:
        if key in outputs:
            value = outputs[key]
            wrapped = value.struct_value.fields
            if _SIGNATURE in wrapped:
                return wrapped["value"].string_value, True
            return value.string_value, False
    return "", False
