"""Convert a spec to messages and back, with the SDKs' order of fields and explicit zeros."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec
from pulumi_tablestore_delivery.spec.surroundings import TableColumns
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb
from pulumi_tablestore_delivery.wire import enums, table_pb2

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class TaskState:
    """The state of a task.

    Attributes:
        phase: INIT, FULL or INCR.
        error_code: OK, UNAUTHORIZED or INVALID_OSS_BUCKET.
        error_detail: The service's description of the error.
        synced_until: ISO 8601, UTC: rows written before are delivered; empty before the first.
    """

    phase: str
    error_code: str
    error_detail: str
    synced_until: str


NEW_TASK: Final = TaskState(phase="INIT", error_code="OK", error_detail="", synced_until="")
"""The assumed state of a task that was just created."""


def create_request(spec: DeliveryTaskSpec) -> pb.CreateDeliveryTaskRequest:
    """Build the request that creates a task."""
    config = pb.OSSTaskConfig(
        ossPrefix=spec.oss_prefix,
        ossDirtyPrefix=spec.oss_dirty_prefix,
        ossBucket=spec.oss_bucket,
        ossEndpoint=spec.oss_endpoint,
        ossStsRole=spec.role_arn,
        format=enums.number_of(enums.Format, spec.format),
        schema=[
            pb.ParquetSchema(
                columnName=column.source,
                ossColumnName=column.name,
                type=enums.number_of(enums.ParquetDataType, column.type),
                encode=enums.number_of(enums.ParquetEncoding, column.encoding),
                typeExtend=column.type_extend,
            )
            for column in spec.parquet_schema
        ],
    )
    event = spec.event_time_column
    if event is not None:
        config.eventTimeColumn.columnName = event.column
        config.eventTimeColumn.timeFormat = enums.number_of(enums.EventTimeFormat, event.format)
    return pb.CreateDeliveryTaskRequest(
        tableName=spec.table_name,
        taskName=spec.task_name,
        taskConfig=config,
        taskType=enums.number_of(enums.DeliveryTaskType, spec.mode),
    )


def described_inputs(answer: pb.DescribeDeliveryTaskResponse) -> dict[str, Any]:
    """Read the inputs from a description, without optional texts that are empty."""
    config = answer.taskConfig
    inputs: dict[str, Any] = {
        "mode": enums.name_of(enums.DeliveryTaskType, answer.taskType),
        "oss_bucket": config.ossBucket,
        "oss_endpoint": config.ossEndpoint,
        "oss_prefix": config.ossPrefix,
        "role_arn": config.ossStsRole,
        "format": enums.name_of(enums.Format, config.format),
        "parquet_schema": [
            {
                "source": column.columnName,
                "name": column.ossColumnName,
                "type": enums.name_of(enums.ParquetDataType, column.type),
                "encoding": enums.name_of(enums.ParquetEncoding, column.encode),
                **({"type_extend": column.typeExtend} if column.typeExtend else {}),
            }
            for column in config.schema
        ],
    }
    if config.ossDirtyPrefix:
        inputs["oss_dirty_prefix"] = config.ossDirtyPrefix
    if config.HasField("eventTimeColumn"):
        inputs["event_time_column"] = {
            "column": config.eventTimeColumn.columnName,
            "format": enums.name_of(enums.EventTimeFormat, config.eventTimeColumn.timeFormat),
        }
    return inputs


def described_state(answer: pb.DescribeDeliveryTaskResponse) -> TaskState:
    """Read the state from a description."""
    state = answer.task_sync_stat
    return TaskState(
        phase=enums.name_of(enums.TaskSyncPhase, state.task_sync_phase),
        error_code=enums.name_of(enums.DeliveryErrorCode, state.error_code),
        error_detail=state.detail,
        synced_until=iso_time(state.current_sync_timestamp),
    )


def task_mode(task: pb.DeliveryTaskInfo) -> str:
    """Read the mode of a task in a list."""
    return enums.name_of(enums.DeliveryTaskType, task.taskType)


def table_columns(answer: table_pb2.DescribeTableResponse) -> TableColumns:
    """Read the columns of a table that have a declared type."""
    meta = answer.table_meta
    return TableColumns(
        keys={key.name: enums.name_of(enums.PrimaryKeyType, key.type) for key in meta.primary_key},
        defined={
            column.name: enums.name_of(enums.DefinedColumnType, column.type)
            for column in meta.defined_column
        },
    )


def iso_time(nanoseconds: int) -> str:
    """Format a time as ISO 8601 in UTC with milliseconds; empty for 0 and if it is out of range."""
    if nanoseconds <= 0:
        return ""
    try:
        moment = _EPOCH + timedelta(milliseconds=nanoseconds // 1_000_000)
    except OverflowError:
        return ""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_of(time: str) -> datetime | None:
    """Read a time that `iso_time` wrote; None if it is empty."""
    return datetime.fromisoformat(time.replace("Z", "+00:00")) if time else None
