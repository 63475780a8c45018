"""The service over HTTP, with faults on request; one process for all cells of a matrix.

Each cell has a port and a `Service` of its own. Plain HTTP on loopback, spoken by hand, because the
faults are below what an HTTP library lets through. `python -m torture.server` prints its control
address; `FaultServer` starts it and talks to it.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from google.protobuf import json_format
from typing_extensions import Self

from pulumi_tablestore_delivery.wire import delivery_pb2 as pb
from torture import faults, service
from torture.faults import Exchange, Fault
from torture.service import Answer, RefusedError, Service

_FIRST_PORT = (
    20_000  # below those that the system gives to clients, so that a port can be had again
)
_LAST_PORT = 32_000
_LARGEST_HEAD = 65_536


@dataclass
class Entry:
    """A request that came in.

    Attributes:
        operation: What it asks for.
        attempt: The number of the request for this operation since the faults were set, from 1.
        trace: The id that all attempts of one call share.
        fault: The fault that it met.
        started: When it came (monotonic seconds).
        ended: When its answer was out or its connection closed.
    """

    operation: str
    attempt: int
    trace: str
    fault: str
    started: float
    ended: float = 0.0


@dataclass
class Cell:
    """One service with its port, its faults and its log."""

    service: Service
    port: int
    latency: float = 0.0
    server: asyncio.Server | None = None
    listening: asyncio.Lock = field(default_factory=asyncio.Lock)
    plan: list[dict[str, Any]] = field(default_factory=list)
    attempts: Counter[str] = field(default_factory=Counter)
    log: list[Entry] = field(default_factory=list)
    late: list[tuple[str, bytes]] = field(default_factory=list)
    pid: int = 0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def fault_of(self, operation: str, attempt: int) -> Fault:
        """The fault that a request meets."""
        for planned in self.plan:
            if planned["operation"] in {operation, "*"}:
                number = attempt if planned["operation"] == operation else sum(
                    self.attempts.values()
                )  # fmt: skip
                if planned["attempts"] is None or number in planned["attempts"]:
                    return faults.FAULTS[planned["fault"]]
        return faults.NONE

    async def listen(self) -> None:
        """Accept connections."""
        async with self.listening:
            if self.server is None:
                self.server = await asyncio.start_server(
                    lambda reader, writer: _Connection(self, reader, writer).serve(),
                    "127.0.0.1", self.port, limit=_LARGEST_HEAD, backlog=64,
                )  # fmt: skip

    def refuse(self) -> None:
        """Refuse connections, and end those that are open."""
        if self.server is not None:
            self.server.close()
            self.server = None
        for writer in list(self.writers):
            writer.close()

    def carry_out_late(self, request: tuple[str, bytes]) -> None:
        """Carry out a request whose client is gone, unless that is done."""
        if request in self.late:
            self.late.remove(request)
            with contextlib.suppress(RefusedError):
                self.service.carry_out(*request)


class _Connection:
    """One connection of a client."""

    def __init__(
        self, cell: Cell, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.cell, self.reader, self.writer = cell, reader, writer

    async def serve(self) -> None:
        self.cell.writers.add(self.writer)
        try:
            while await self._exchange():
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            self.cell.writers.discard(self.writer)
            self.writer.close()

    async def _exchange(self) -> bool:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        path = head[0].split(" ")[1]
        headers = {}
        for line in head[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        operation = path[1:]
        self.cell.attempts[operation] += 1
        attempt = self.cell.attempts[operation]
        fault = self.cell.fault_of(operation, attempt)
        entry = Entry(
            operation, attempt, headers.get("x-ots-sdk-traceid", ""), fault.name, time.monotonic()
        )
        self.cell.log.append(entry)
        if self.cell.latency:
            await asyncio.sleep(self.cell.latency)
        try:
            return await self._answer(path, headers, body, fault)
        finally:
            entry.ended = time.monotonic()

    async def _answer(self, path: str, headers: dict[str, str], body: bytes, fault: Fault) -> bool:
        operation = path[1:]
        if fault.name in faults.REMOVED_BEFORE and self._is_a_fact(operation):
            self.cell.service.remove(body)
        try:
            service.verify(path, headers, body)
            real = self._carry_out(operation, body, fault)
        except RefusedError as refused:
            real = service.answer(
                path, refused.status, service.error_body(refused.code, refused.message)
            )
        answer = fault.answers(Exchange(operation, real))
        send = getattr(self, f"_send_{fault.travels.replace(' ', '_')}")
        goes_on: bool = await send(answer)
        for planned in self.cell.plan:
            if planned["fault"] == "refused" and planned["after"] == operation:
                self.cell.refuse()
                if planned["attempts"] is not None:
                    _reopen_soon(self.cell)
                return False
        return goes_on

    def _is_a_fact(self, operation: str) -> bool:
        """Whether "does not exist" has to be true: only a task that was just made may not show."""
        created = any(entry.operation == "CreateDeliveryTask" for entry in self.cell.log)
        return operation == "DeleteDeliveryTask" or (
            operation == "DescribeDeliveryTask" and not created
        )

    def _carry_out(self, operation: str, body: bytes, fault: Fault) -> Answer:
        """The real answer; where the fault keeps the request from being done, that of success."""
        if fault.carried_out == "yes":
            return service.answer(
                f"/{operation}", 200, self.cell.service.carry_out(operation, body)
            )
        if fault.carried_out in {"soon", "late"}:
            self.cell.late.append((operation, body))
        if fault.carried_out == "soon":
            asyncio.get_running_loop().call_later(
                faults.SOON_SECONDS, self.cell.carry_out_late, (operation, body)
            )
        return service.answer(f"/{operation}", 200, b"")

    async def _write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def _gone(self, seconds: float) -> bool:
        """Wait; return whether the client closed the connection meanwhile."""
        try:
            return not await asyncio.wait_for(self.reader.read(1), seconds)
        except asyncio.TimeoutError:
            return False

    async def _send_whole(self, answer: Answer) -> bool:
        await self._write(head_of(answer) + answer.body)
        return True

    async def _send_slow(self, answer: Answer) -> bool:
        await asyncio.sleep(faults.SLOW_SECONDS)
        return await self._send_whole(answer)

    async def _send_reset(self, _: Answer) -> bool:
        connection: socket.socket = self.writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        return False

    async def _send_close(self, _: Answer) -> bool:
        return False

    async def _send_hang(self, _: Answer) -> bool:
        await self.reader.read(1)
        return False

    async def _send_drip_head(self, answer: Answer) -> bool:
        await self._write(f"HTTP/1.1 {answer.status} OK\r\nX-Drip: ".encode())
        while not await self._gone(faults.DRIP_SECONDS):
            await self._write(b"x")
        return False

    async def _send_drip_body(self, answer: Answer) -> bool:
        await self._write(head_of(answer, length=1_000_000))
        while not await self._gone(faults.DRIP_SECONDS):
            await self._write(b"\0")
        return False

    async def _send_continue(self, _: Answer) -> bool:
        while not await self._gone(0.2):
            await self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return False

    async def _send_continue_first(self, answer: Answer) -> bool:
        await self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return await self._send_whole(answer)

    async def _send_truncated(self, answer: Answer) -> bool:
        await self._write(head_of(answer, length=len(answer.body) + 10) + answer.body)
        return False

    async def _send_chunked(self, answer: Answer) -> bool:
        await self._write(head_of(answer, length=None))
        for start in range(0, len(answer.body), 3):
            piece = answer.body[start : start + 3]
            await self._write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        await self._write(b"0\r\n\r\n")
        return True

    async def _send_kill(self, _: Answer) -> bool:
        """Kill the process that runs engine and provider; the harness started it."""
        os.kill(self.cell.pid, signal.SIGKILL)
        return False


def _reopen_soon(cell: Cell) -> None:
    loop = asyncio.get_running_loop()
    loop.call_later(0.25, lambda: asyncio.ensure_future(cell.listen()))


def head_of(answer: Answer, length: int | None = -1) -> bytes:
    """The head of an answer: status line and headers.

    Args:
        answer: The answer.
        length: What it says of the body's length; the truth if -1, chunks if None.
    """
    headers = dict(answer.headers)
    if length is None:
        headers["Transfer-Encoding"] = "chunked"
    elif "Content-Length" not in headers:
        headers["Content-Length"] = str(len(answer.body) if length == -1 else length)
    lines = [f"HTTP/1.1 {answer.status} Status", *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class _Control:
    """The cells, and the requests of the harness about them."""

    def __init__(self) -> None:
        self.cells: dict[str, Cell] = {}
        self.next_port = _FIRST_PORT + os.getpid() * 7 % 5000

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = 0
            for line in head.split("\r\n"):
                if line.lower().startswith("content-length:"):
                    length = int(line.partition(":")[2])
            request = json.loads(await reader.readexactly(length))
            done = await getattr(self, request.pop("do"))(**request)
            text = json.dumps(done).encode()
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
            await writer.drain()
        writer.close()

    async def open(self, tables: list[str], init_seconds: float, latency: float) -> int:
        while True:
            port = self.next_port
            self.next_port = port + 1 if port < _LAST_PORT else _FIRST_PORT
            cell = Cell(Service(tables, init_seconds), port, latency)
            try:
                await cell.listen()
            except OSError:
                continue
            self.cells[str(port)] = cell
            return port

    async def close(self, port: int) -> None:
        self.cells.pop(str(port)).refuse()

    async def set_faults(self, port: int, plan: list[dict[str, Any]], pid: int) -> None:
        """Set faults, and count attempts from now on."""
        cell = self.cells[str(port)]
        cell.plan, cell.pid = plan, pid
        cell.attempts.clear()
        cell.log.clear()
        for planned in plan:
            if planned["fault"] == "refused" and planned["after"] is None:
                cell.refuse()
                if planned["attempts"] is not None:
                    _reopen_soon(cell)

    async def clear_faults(self, port: int) -> None:
        """End the faults; carry out what is not carried out yet."""
        cell = self.cells[str(port)]
        cell.plan = []
        for request in list(cell.late):
            cell.carry_out_late(request)
        await cell.listen()

    async def set_latency(self, port: int, seconds: float) -> None:
        self.cells[str(port)].latency = seconds

    async def create(self, port: int, request: dict[str, Any]) -> None:
        """Create a task as somebody else would."""
        message = json_format.ParseDict(request, pb.CreateDeliveryTaskRequest())
        self.cells[str(port)].service.carry_out("CreateDeliveryTask", message.SerializeToString())

    async def delete(self, port: int, table: str, task: str) -> None:
        """Delete a task as somebody else would."""
        message = pb.DeleteDeliveryTaskRequest(tableName=table, taskName=task)
        self.cells[str(port)].service.remove(message.SerializeToString())

    async def tasks(self, port: int) -> dict[str, Any]:
        """Each task as `table/name`: the request that created it."""
        return {
            f"{table}/{name}": json_format.MessageToDict(task.request)
            for table, tasks in self.cells[str(port)].service.tables.items()
            for name, task in tasks.items()
        }

    async def log(self, port: int) -> list[dict[str, Any]]:
        return [asdict(entry) for entry in self.cells[str(port)].log]


async def _main() -> None:
    server = await asyncio.start_server(_Control().serve, "127.0.0.1", 0, backlog=512)
    port = server.sockets[0].getsockname()[1]
    print(port, flush=True)  # noqa: T201 - the process that started this one reads it
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # until that one ends
    server.close()


class FaultServer:
    """Starts the server as a process of its own, and asks it for cells."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "torture.server"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )  # fmt: skip
        assert self._process.stdout is not None
        self.control = f"http://127.0.0.1:{int(self._process.stdout.readline())}/"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def cell(self, *tables: str, init_seconds: float = 0, latency: float = 0) -> "RemoteCell":
        """Open a cell with these tables."""
        return RemoteCell(self.control, list(tables), init_seconds, latency)


class RemoteCell:
    """A cell of the server, as the harness uses it."""

    def __init__(
        self, control: str, tables: list[str], init_seconds: float, latency: float
    ) -> None:
        self._control = control
        self.port: int = self._do("open", tables=tables, init_seconds=init_seconds, latency=latency)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._do("close", port=self.port)

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables by which the package reaches the cell."""
        return {
            "TABLESTORE_ENDPOINT": f"http://127.0.0.1:{self.port}",
            "TABLESTORE_INSTANCE": service.INSTANCE,
            "TABLESTORE_REGION": "cn-hangzhou",
            "ALIBABA_CLOUD_ACCESS_KEY_ID": service.ACCESS_KEY_ID,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": service.ACCESS_KEY_SECRET,
        }

    def set_fault(
        self,
        operation: str,
        fault: str,
        attempts: list[int] | None = None,
        after: str | None = None,
        pid: int = 0,
    ) -> None:
        """Let requests meet a fault.

        Args:
            operation: The operation; `*` for every one.
            fault: Name of the fault.
            attempts: Which requests for the operation meet it, from 1; all if None.
            after: For `refused`: the operation after whose answer the port refuses.
            pid: For a kill: the process.
        """
        plan = [{"operation": operation, "fault": fault, "attempts": attempts, "after": after}]
        self._do("set_faults", port=self.port, plan=plan, pid=pid)

    def clear_faults(self) -> None:
        """End all faults; the service then carries out what comes late."""
        self._do("clear_faults", port=self.port)

    def set_latency(self, seconds: float) -> None:
        """Let every request take so long."""
        self._do("set_latency", port=self.port, seconds=seconds)

    def create(self, request: dict[str, Any]) -> None:
        """Create a task as somebody else would."""
        self._do("create", port=self.port, request=request)

    def delete(self, table: str, task: str) -> None:
        """Delete a task as somebody else would."""
        self._do("delete", port=self.port, table=table, task=task)

    def tasks(self) -> dict[str, Any]:
        """Each task as `table/name`: the request that created it."""
        found: dict[str, Any] = self._do("tasks", port=self.port)
        return found

    def log(self) -> list[Entry]:
        """The requests since the last `set_fault`."""
        return [Entry(**entry) for entry in self._do("log", port=self.port)]

    def _do(self, what: str, **arguments: Any) -> Any:
        request = urllib.request.Request(
            self._control, json.dumps({"do": what, **arguments}).encode()
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            return json.load(answer)


if __name__ == "__main__":
    asyncio.run(_main())
