"""The context of an operation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pulumi_tablestore_delivery.emulator.api import rules
from pulumi_tablestore_delivery.emulator.api.errors import NOT_EXIST, ServiceError
from pulumi_tablestore_delivery.emulator.delivery.progress import ProgressReport
from pulumi_tablestore_delivery.emulator.faults import Faults
from pulumi_tablestore_delivery.emulator.storage.objects import ObjectStore
from pulumi_tablestore_delivery.emulator.storage.store import DeliveryTask, Store, Table

_NANOSECONDS_PER_MILLISECOND: Final = 1_000_000


def milliseconds(time: int) -> int:
    """Return a time in nanoseconds as milliseconds, the unit of cell versions."""
    return time // _NANOSECONDS_PER_MILLISECOND


@dataclass(frozen=True)
class Context:
    """The context of an operation.

    Attributes:
        instance: The instance's name.
        store: Its tables, rows and tasks.
        objects: The buckets that tasks deliver to.
        progress: The progress of the tasks.
        create_buckets: Whether creating a task creates its bucket.
        init: The time that a new task initializes, in nanoseconds.
        faults: The requested faults.
        now: The time in nanoseconds since 1970, UTC.
    """

    instance: str
    store: Store
    objects: ObjectStore
    progress: ProgressReport
    create_buckets: bool
    init: int
    faults: Faults
    now: Callable[[], int]

    def milliseconds(self) -> int:
        """Return the time in milliseconds since 1970, the unit of cell versions."""
        return milliseconds(self.now())

    def table(self, name: str) -> Table:
        """Find a table. If there is none, a name that breaks the rules gets its own error.

        Raises:
            ServiceError: It does not exist, or the name breaks a rule (documented).
        """
        table = self.store.table(self.instance, name)
        if table is None:
            rules.table_name(name)
            raise ServiceError(NOT_EXIST, "Requested table does not exist.")
        return table

    def task(self, table_name: str, name: str) -> DeliveryTask:
        """Find a task.

        Raises:
            ServiceError: It does not exist (the code is documented for tables, assumed for tasks).
        """
        task = self.store.task(self.instance, table_name, name)
        if task is None:
            self.table(table_name)
            raise ServiceError(
                NOT_EXIST, f"Requested delivery task does not exist: {table_name}/{name}"
            )
        return task
