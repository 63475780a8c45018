"""The outputs of a `DeliveryTask`.

Generated from spec/model.py by `make generate`; do not edit.
"""

from collections.abc import Sequence
from typing import Optional

import pulumi
from pulumi import Output

from pulumi_tablestore_delivery.frontend.inputs import EventTimeColumn


@pulumi.output_type
class ParquetColumn(dict):  # type: ignore[type-arg]  # as Pulumi's output types are
    """One column of the Parquet files.

    Attributes:
        source: Name of the table's column.
        name: Name in the Parquet files; the table column's name by default.
        type: Parquet type: BOOL, INT64, UTF8 or DOUBLE (documented).
        encoding: Parquet encoding.
        type_extend: Extension of the type; undocumented.
    """

    source: str
    name: str
    type: str
    encoding: str
    type_extend: Optional[str] = pulumi.property("typeExtend", default=None)


class DeliveryTaskOutputs:
    """A task that delivers a Tablestore table's rows to an OSS bucket as Parquet files.

    The inputs are keyword arguments, a `DeliveryTaskArgs`, or a plain dict. Each may be
    an output of another resource. docs/inputs.md lists them too.

    Args:
        resource_name: The resource's name in the program.
        args: The inputs as one object, in place of keyword arguments.
        opts: Pulumi's options.
        table_name: Required. The table whose rows are delivered.
        oss_bucket: Required. The OSS bucket.
        oss_prefix: Required. Folder in the bucket; may hold $yyyy, $MM, $dd, $HH and $mm.
        role_arn: Required. ARN of the role that writes to the bucket.
        parquet_schema: Required. The files' columns, in order.
        instance_name: The Tablestore instance.
        task_name: The task's name in the table; derived automatically by default.
        mode: BASE_INC (all rows, then changes), INC (changes only) or BASE (all rows, once).
            Default: BASE_INC.
        oss_endpoint: The OSS endpoint; that of the instance's region by default.
        oss_dirty_prefix: Folder for values that do not match the schema; undocumented.
        event_time_column: The column that holds the time of the partition; the write time by
            default.
        format: The files' format. Default: Parquet.
        tablestore_endpoint: URL of the instance; from the configuration by default.
        wait_for: The state that create waits for: none, initialized or synchronized. Default:
            initialized.
        timeout_seconds: Timeout of a wait in seconds. Default: 180.
        adopt_existing: Whether an existing task of this name is taken over. Default: False.
        allow_undocumented_types: Whether undocumented Parquet types are allowed. Default: False.
        ignore_rules: Ids of rules that this task ignores (docs/rules.md).

    Raises:
        TypeError: There is no input of this name, or inputs are given in two ways.
    """

    @property
    @pulumi.getter(name="instanceName")
    def instance_name(self) -> Output[str]:
        """The Tablestore instance."""
        return pulumi.get(self, "instance_name")

    @property
    @pulumi.getter(name="tableName")
    def table_name(self) -> Output[str]:
        """The table whose rows are delivered."""
        return pulumi.get(self, "table_name")

    @property
    @pulumi.getter(name="taskName")
    def task_name(self) -> Output[str]:
        """The task's name in the table; derived automatically by default."""
        return pulumi.get(self, "task_name")

    @property
    @pulumi.getter(name="mode")
    def mode(self) -> Output[str]:
        """BASE_INC (all rows, then changes), INC (changes only) or BASE (all rows, once)."""
        return pulumi.get(self, "mode")

    @property
    @pulumi.getter(name="ossBucket")
    def oss_bucket(self) -> Output[str]:
        """The OSS bucket."""
        return pulumi.get(self, "oss_bucket")

    @property
    @pulumi.getter(name="ossEndpoint")
    def oss_endpoint(self) -> Output[str]:
        """The OSS endpoint; that of the instance's region by default."""
        return pulumi.get(self, "oss_endpoint")

    @property
    @pulumi.getter(name="ossPrefix")
    def oss_prefix(self) -> Output[str]:
        """Folder in the bucket; may hold $yyyy, $MM, $dd, $HH and $mm."""
        return pulumi.get(self, "oss_prefix")

    @property
    @pulumi.getter(name="ossDirtyPrefix")
    def oss_dirty_prefix(self) -> Output[Optional[str]]:
        """Folder for values that do not match the schema; undocumented."""
        return pulumi.get(self, "oss_dirty_prefix")

    @property
    @pulumi.getter(name="roleArn")
    def role_arn(self) -> Output[str]:
        """ARN of the role that writes to the bucket."""
        return pulumi.get(self, "role_arn")

    @property
    @pulumi.getter(name="eventTimeColumn")
    def event_time_column(self) -> Output[Optional[EventTimeColumn]]:
        """The column that holds the time of the partition; the write time by default."""
        return pulumi.get(self, "event_time_column")

    @property
    @pulumi.getter(name="parquetSchema")
    def parquet_schema(self) -> Output[Sequence[ParquetColumn]]:
        """The files' columns, in order."""
        return pulumi.get(self, "parquet_schema")

    @property
    @pulumi.getter(name="format")
    def format(self) -> Output[str]:
        """The files' format."""
        return pulumi.get(self, "format")

    @property
    @pulumi.getter(name="tablestoreEndpoint")
    def tablestore_endpoint(self) -> Output[Optional[str]]:
        """URL of the instance; from the configuration by default."""
        return pulumi.get(self, "tablestore_endpoint")

    @property
    @pulumi.getter(name="waitFor")
    def wait_for(self) -> Output[str]:
        """The state that create waits for: none, initialized or synchronized."""
        return pulumi.get(self, "wait_for")

    @property
    @pulumi.getter(name="timeoutSeconds")
    def timeout_seconds(self) -> Output[int]:
        """Timeout of a wait in seconds."""
        return pulumi.get(self, "timeout_seconds")

    @property
    @pulumi.getter(name="adoptExisting")
    def adopt_existing(self) -> Output[bool]:
        """Whether an existing task of this name is taken over."""
        return pulumi.get(self, "adopt_existing")

    @property
    @pulumi.getter(name="allowUndocumentedTypes")
    def allow_undocumented_types(self) -> Output[bool]:
        """Whether undocumented Parquet types are allowed."""
        return pulumi.get(self, "allow_undocumented_types")

    @property
    @pulumi.getter(name="ignoreRules")
    def ignore_rules(self) -> Output[Optional[Sequence[str]]]:
        """Ids of rules that this task ignores (docs/rules.md)."""
        return pulumi.get(self, "ignore_rules")

    @property
    @pulumi.getter(name="phase")
    def phase(self) -> Output[str]:
        """INIT, FULL or INCR, as of the last create, update or refresh."""
        return pulumi.get(self, "phase")

    @property
    @pulumi.getter(name="syncedUntil")
    def synced_until(self) -> Output[str]:
        """The time (ISO 8601, UTC) up to which rows are delivered; empty if none are yet."""
        return pulumi.get(self, "synced_until")

    @property
    @pulumi.getter(name="errorCode")
    def error_code(self) -> Output[str]:
        """OK, UNAUTHORIZED or INVALID_OSS_BUCKET."""
        return pulumi.get(self, "error_code")

    @property
    @pulumi.getter(name="errorDetail")
    def error_detail(self) -> Output[str]:
        """The service's description of the error."""
        return pulumi.get(self, "error_detail")

    @property
    @pulumi.getter(name="location")
    def location(self) -> Output[str]:
        """`oss://<bucket>/<prefix>`."""
        return pulumi.get(self, "location")

    @property
    @pulumi.getter(name="requestId")
    def request_id(self) -> Output[str]:
        """The service's id of the request that created the task."""
        return pulumi.get(self, "request_id")

    @property
    @pulumi.getter(name="traceId")
    def trace_id(self) -> Output[str]:
        """The id that this request carried, for the service's support."""
        return pulumi.get(self, "trace_id")
