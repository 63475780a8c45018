"""Tasks that a preview would create, for lookups in the same preview.

Some languages call a function before the resources that it depends on are created. The engine does
not accept unknown values in the answer. So the answer has the values that are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_tablestore_delivery.lifecycle import TaskId
from pulumi_tablestore_delivery.spec.model import OUTPUTS
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN, contains_unknown


class PreviewedTasks:
    """The tasks that this preview would create."""

    def __init__(self) -> None:
        self._expected: dict[TaskId, dict[str, Any]] = {}

    def add(self, expected: Mapping[str, Any]) -> None:
        """Add a task, if all of its inputs are known.

        Args:
            expected: The outputs that a preview expects. Unknown ones become empty.
        """
        known = {
            name: "" if value is UNKNOWN else value
            for name, value in expected.items()
            if not name.startswith("__")  # not properties of the task
        }
        if not any(
            contains_unknown(value) for name, value in expected.items() if name not in OUTPUTS
        ):
            names = (known["instance_name"], known["table_name"], known["task_name"])
            self._expected[TaskId(*names)] = known

    def find(self, task: TaskId) -> dict[str, Any] | None:
        """Return the outputs of a task that this preview would create; None for other tasks."""
        return self._expected.get(task)

    def list(self, instance: str, table: str | None) -> dict[TaskId, str]:
        """Return the mode of each task of an instance or of a table, by the task's id."""
        return {
            task: outputs["mode"]
            for task, outputs in self._expected.items()
            if task.instance_name == instance and table in {None, task.table_name}
        }
