"""The results of functions.

Generated from spec/model.py by `make generate`; do not edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi_tablestore_delivery.frontend.inputs import EventTimeColumn, ParquetColumn


@dataclass(frozen=True)
class GetDeliveryTaskResult:
    """A delivery task of the service.

    Attributes:
        id: `<instance>/<table>/<task>`.
        instance_name: The Tablestore instance.
        table_name: The table whose rows are delivered.
        task_name: The task's name in the table; derived automatically by default.
        mode: BASE_INC (all rows, then changes), INC (changes only) or BASE (all rows, once).
        oss_bucket: The OSS bucket.
        oss_endpoint: The OSS endpoint; that of the instance's region by default.
        oss_prefix: Folder in the bucket; may hold $yyyy, $MM, $dd, $HH and $mm.
        oss_dirty_prefix: Folder for values that do not match the schema; undocumented.
        role_arn: ARN of the role that writes to the bucket.
        event_time_column: The column that holds the time of the partition; the write time by
            default.
        parquet_schema: The files' columns, in order.
        format: The files' format.
        phase: INIT, FULL or INCR, as of the last create, update or refresh.
        synced_until: The time (ISO 8601, UTC) up to which rows are delivered; empty if none are
            yet.
        error_code: OK, UNAUTHORIZED or INVALID_OSS_BUCKET.
        error_detail: The service's description of the error.
        location: `oss://<bucket>/<prefix>`.
    """

    id: str
    instance_name: str
    table_name: str
    task_name: str
    mode: str
    oss_bucket: str
    oss_endpoint: str
    oss_prefix: str
    oss_dirty_prefix: str | None
    role_arn: str
    event_time_column: EventTimeColumn | None
    parquet_schema: Sequence[ParquetColumn]
    format: str
    phase: str
    synced_until: str
    error_code: str
    error_detail: str
    location: str


@dataclass(frozen=True)
class ListedDeliveryTask:
    """A delivery task in a list.

    Attributes:
        id: `<instance>/<table>/<task>`.
        table_name: The table whose rows are delivered.
        task_name: The task's name in the table; derived automatically by default.
        mode: BASE_INC (all rows, then changes), INC (changes only) or BASE (all rows, once).
    """

    id: str
    table_name: str
    task_name: str
    mode: str


@dataclass(frozen=True)
class ListDeliveryTasksResult:
    """Delivery tasks.

    Attributes:
        tasks: Sorted by table and name.
    """

    tasks: Sequence[ListedDeliveryTask]
