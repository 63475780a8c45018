"""The tables, buckets and roles that are checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pulumi_tablestore_delivery.inspection.stacks import Stack
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN


@dataclass(frozen=True)
class Bucket:
    """A bucket, and its OSS endpoint; empty for the region's."""

    name: str
    endpoint: str = ""


@dataclass(frozen=True)
class Targets:
    """Names that a person gives, or that a stack's state has.

    Attributes:
        tables: The tables; those of the instance if empty.
        buckets: The buckets; those of the tasks that are found if empty.
        roles: The roles' ARNs; those of the tasks that are found if empty.
    """

    tables: tuple[str, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    roles: tuple[str, ...] = ()

    def or_those_of(self, stack: Stack) -> Targets:
        """Return these targets, and those of the stack's tasks for each kind without any.

        Raises:
            ConfigurationError: The stack cannot be read.
        """
        tasks = [
            {name: str(value) for name, value in task.properties.items() if value is not UNKNOWN}
            for task in stack.tasks()
        ]
        buckets = [
            Bucket(task["oss_bucket"], task.get("oss_endpoint", ""))
            for task in tasks
            if task.get("oss_bucket")
        ]
        return Targets(
            tables=self.tables or _values(tasks, "table_name"),
            buckets=self.buckets or tuple(dict.fromkeys(buckets)),
            roles=self.roles or _values(tasks, "role_arn"),
        )


def _values(tasks: Iterable[dict[str, str]], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(task[name] for task in tasks if task.get(name)))
