"""Stacks of the real CLI in the fault server, whose tasks are compared with the state."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from support.pulumi_cli import Project, Run, Stack
from typing_extensions import Self

from torture import service
from torture.server import RemoteCell

TABLE = "orders"
ROLE = "acs:ram::1234567890123456:role/aliyunserviceroleforotsdatadelivery"
PROGRAM = """
import json
from pathlib import Path

import pulumi
import pulumi_tablestore_delivery as delivery

for name, inputs in json.loads(Path("tasks.json").read_text()).items():
    delivery.DeliveryTask(name, inputs)
"""
_ORDERLY = 0


def inputs(name: str, **changes: Any) -> dict[str, Any]:
    """The inputs of a task."""
    return {
        "table_name": TABLE,
        "oss_bucket": "my-lake",
        "oss_prefix": f"{name}/",
        "role_arn": ROLE,
        "parquet_schema": [{"source": "id", "type": "UTF8"}],
        "mode": "BASE_INC",
        **changes,
    }


def named_as(names: str, name: str) -> dict[str, str]:
    """The input that names a task, where names are explicit and not derived."""
    return {"task_name": name} if names == "explicit" else {}


class TaskStack:
    """A stack of delivery tasks, and the service that has them.

    Args:
        project: Its project.
        service_cell: The service.
        name: The stack's name.
    """

    def __init__(self, project: Project, service_cell: RemoteCell, name: str = "dev") -> None:
        self.project, self.service = project, service_cell
        project.program(PROGRAM)
        self.declare({})
        self.stack: Stack = project.stack(name)
        self.declared: dict[str, dict[str, Any]] = {}

    def declare(self, tasks: dict[str, dict[str, Any]]) -> None:
        """Write the program."""
        self.declared = tasks
        (self.project.folder / "tasks.json").write_text(json.dumps(tasks))

    def run(self, command: str, *arguments: str) -> Run:
        """Run a command of the CLI to its end."""
        return self.stack.run(command, *arguments, check=False)

    def start(self, command: str, *arguments: str) -> "Session":
        """Start a command of the CLI in a session of its own."""
        return Session(
            ["pulumi", command, "--yes", "--skip-preview", "--non-interactive", "--color=never",
             "--stack", self.stack.name, *arguments],
            self.project,
        )  # fmt: skip

    def cancel(self) -> None:
        """Run `pulumi cancel`, which ends the lock of a run that was killed."""
        self.stack.call("cancel", "--yes", "--stack", self.stack.name, check=False)

    def owned(self) -> dict[str, str]:
        """Ids of the entries in the state, each with what is left to do with it."""
        state = json.loads(self._state_file.read_text())["checkpoint"]["latest"] or {}
        return {
            entry["id"]: _left_to_do(entry)
            for entry in state.get("resources", [])
            if entry["type"].endswith("DeliveryTask")
        }

    def restore_torn_state(self) -> bool:
        """Repair the files of the CLI's backend that a kill cut off. Return whether there were any.

        The state comes back from the CLI's backup. A file of attributes beside it is not needed.
        """
        torn = [
            file
            for file in self._state_file.parent.iterdir()
            if file.suffix in {".json", ".attrs"} and not _is_json(file)
        ]
        for file in torn:
            if file == self._state_file:
                shutil.copyfile(file.with_name(f"{file.name}.bak"), file)
            else:
                file.unlink()
        return bool(torn)

    @property
    def _state_file(self) -> Path:
        (file,) = self.project.state.glob(f".pulumi/stacks/*/{self.stack.name}.json")
        return file

    def tasks(self) -> dict[str, Any]:
        """Tasks of the service, by id."""
        return {f"{service.INSTANCE}/{name}": found for name, found in self.service.tasks().items()}

    def differences(self) -> tuple[list[str], list[str], list[str]]:
        """What is lost, what is orphaned, and what else keeps the three from agreeing."""
        owned, tasks = self.owned(), self.tasks()
        lost = sorted(id_ for id_, what in owned.items() if what != "create" and id_ not in tasks)
        orphaned = sorted(id_ for id_ in tasks if id_ not in owned)
        wanted = sorted((each["oss_prefix"], each["mode"]) for each in self.declared.values())
        modes = {0: "BASE", 1: "INC", 2: "BASE_INC"}
        found = sorted(
            (each["taskConfig"]["ossPrefix"], modes[each["taskType"]]) for each in tasks.values()
        )
        other = [f"{id_}: {what}" for id_, what in owned.items() if what]
        if wanted != found:
            other.append(f"{len(wanted)} tasks are declared, {len(found)} exist, or differ")
        return lost, orphaned, other


def _is_json(file: Path) -> bool:
    try:
        json.loads(file.read_text())
    except ValueError:
        return False
    return True


def _left_to_do(entry: dict[str, Any]) -> str:
    if entry.get("delete"):
        return "delete"
    if entry.get("pendingReplacement"):
        return "create"
    return "wait" if entry.get("initErrors") else ""


class Session:
    """A command of the CLI and all processes that it starts, in one session."""

    def __init__(self, command: list[str], project: Project) -> None:
        self._log = project.folder / f"session-{time.monotonic_ns()}.txt"
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                command, cwd=project.folder, env=project.environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self._plugin = project.front_end.process

    def has_ended(self) -> bool:
        """Whether the CLI has ended."""
        return self.process.poll() is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def wait(self, seconds: float = 300) -> None:
        """Wait for the CLI's end; a CLI that does not come to it is killed."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.end()

    @property
    def succeeded(self) -> bool:
        """Whether the CLI has ended well."""
        return self.process.poll() == _ORDERLY

    @property
    def output(self) -> str:
        """What the CLI and its plugins wrote."""
        return self._log.read_text(errors="replace")

    def plugins(self) -> list[int]:
        """Processes of the provider that run."""
        return [pid for pid, command in self._members() if self._plugin in command]

    def kill(self, victim: str) -> None:
        """Kill the CLI, the provider, or all of the session, with SIGKILL."""
        if victim == "cli":
            _kill(self.process.pid)
        elif victim == "provider":
            for pid in self.plugins():
                _kill(pid)
        else:
            self.end()

    def end(self) -> None:
        """Kill what is left of the session."""
        for pid, _ in self._members():
            _kill(pid)
        self.process.wait(30)

    def _members(self) -> list[tuple[int, str]]:
        """Processes of the session, each with its command line."""
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    session = int((folder / "stat").read_text().rpartition(")")[2].split()[3])
                    command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                except (OSError, ValueError):
                    continue
                if session == self.process.pid:
                    found.append((int(folder.name), command))
        return found


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def new_project(folder: Path, service_cell: RemoteCell) -> Project:
    """A project that reaches the service."""
    assert sys.platform == "linux", "processes are found by /proc"
    return Project(folder, service_cell.environment)
