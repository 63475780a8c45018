"""The draft of a delivery task: its values may be unknown.

Generated from spec/model.py by `make generate`; do not edit.
"""

from __future__ import annotations

from pydantic import StrictBool

from pulumi_tablestore_delivery.spec.fields import Items, Maybe, Model, OptionalText


class EventTimeColumnDraft(Model):
    """A `EventTimeColumn` whose values may be unknown."""

    column: Maybe[str]
    format: Maybe[str]


class ParquetColumnDraft(Model):
    """A `ParquetColumn` whose values may be unknown."""

    source: Maybe[str]
    name: Maybe[str] = ""
    type: Maybe[str]
    encoding: Maybe[str] = "PLAIN"
    type_extend: Maybe[OptionalText] = None


class DeliveryTaskDraft(Model):
    """A `DeliveryTaskSpec` whose values may be unknown."""

    instance_name: Maybe[str]
    table_name: Maybe[str]
    task_name: Maybe[str] = ""
    mode: Maybe[str] = "BASE_INC"
    oss_bucket: Maybe[str]
    oss_endpoint: Maybe[str]
    oss_prefix: Maybe[str]
    oss_dirty_prefix: Maybe[OptionalText] = None
    role_arn: Maybe[str]
    event_time_column: Maybe[EventTimeColumnDraft | None] = None
    parquet_schema: Maybe[Items[Maybe[ParquetColumnDraft]]]
    format: Maybe[str] = "Parquet"
    tablestore_endpoint: Maybe[OptionalText] = None
    wait_for: Maybe[str] = "initialized"
    timeout_seconds: Maybe[int] = 180
    adopt_existing: Maybe[StrictBool] = False
    allow_undocumented_types: Maybe[StrictBool] = False
    ignore_rules: Maybe[Items[Maybe[str]] | None] = None
