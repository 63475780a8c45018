"""Functions for programs: SQL, object keys and RAM policies for a delivery task, as text.

External tables and object keys are for readers of the files, RAM policies for their writers. No
service is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

import pulumi
from pulumi import Input, Output
from typing_extensions import TypedDict, Unpack

from pulumi_tablestore_delivery import permissions
from pulumi_tablestore_delivery.consumers import paths
from pulumi_tablestore_delivery.consumers.external_table import TableOptions, external_table
from pulumi_tablestore_delivery.consumers.paths import ObjectKeys, ObjectListing
from pulumi_tablestore_delivery.dynamic.resource import DeliveryTask
from pulumi_tablestore_delivery.errors import DeliveryError, InvalidInputError
from pulumi_tablestore_delivery.frontend.given import DeliveryTaskArgs
from pulumi_tablestore_delivery.frontend.plain import plain_form
from pulumi_tablestore_delivery.frontend.results import GetDeliveryTaskResult
from pulumi_tablestore_delivery.spec.properties import read_properties

__all__ = [
    "ObjectKeys",
    "ObjectListing",
    "deployer_policy",
    "deployer_policy_output",
    "external_table_ddl",
    "external_table_ddl_output",
    "object_keys",
    "object_keys_output",
    "role_policy",
    "role_policy_output",
    "role_trust_policy",
]

TaskInputs: TypeAlias = GetDeliveryTaskResult | DeliveryTaskArgs | Mapping[str, Any]
"""A task with plain values as inputs."""

_REQUIRED: Final = ("table_name", "oss_bucket", "oss_prefix", "parquet_schema")
_USED: Final = (*_REQUIRED, "oss_endpoint")
_EXAMPLE_TIME: Final = "2020-01-01"


class ExternalTableOptions(TypedDict, total=False):
    """The options of `external_table_ddl`."""

    name: str | None
    """The external table's name; the Tablestore table's by default."""
    database: str | None
    """Its database; the session's current one by default."""
    exclude_columns: Sequence[str]
    """Columns of the files that the table does not have; none by default."""
    time: str
    """The time (ISO 8601) in the example of a partition; 2020-01-01 by default."""
    partition_type: str
    """The type of partition columns: `STRING` (default) or `INT`."""


class ExternalTableOutputOptions(TypedDict, total=False):
    """The options of `external_table_ddl_output`: those of `external_table_ddl`, or outputs."""

    name: Input[str | None]
    database: Input[str | None]
    exclude_columns: Input[Sequence[Input[str]]]
    time: Input[str]
    partition_type: Input[str]


class DeployerPolicyOptions(TypedDict, total=False):
    """The options of `deployer_policy`."""

    region: str
    """The instance's region; any by default."""
    account_id: str
    """The account that owns the instance; any by default."""
    read_only: bool
    """Allow only reading, which is enough for preview and refresh; False by default."""
    list_tables: bool
    """Also allow listing the tables; False by default."""
    sample_rows: bool
    """Also allow reading rows; False by default."""
    create_role: bool
    """Also allow creating the service-linked role; False by default."""


class DeployerPolicyOutputOptions(TypedDict, total=False):
    """The options of `deployer_policy_output`: those of `deployer_policy`, or outputs."""

    region: Input[str]
    account_id: Input[str]
    read_only: Input[bool]
    list_tables: Input[bool]
    sample_rows: Input[bool]
    create_role: Input[bool]


def external_table_ddl(
    task: TaskInputs, engine: str = "hive", **options: Unpack[ExternalTableOptions]
) -> str:
    """Return SQL that creates an external table of a task's files; see docs/consumers.md.

    Args:
        task: The task: a result of `get_delivery_task`, or a task's inputs.
        engine: `hive`, `spark`, `emr`, `duckdb`, `trino` or `maxcompute`.
        **options: Keyword arguments, all optional:
            `name`: The external table's name; the Tablestore table's by default.
            `database`: Its database; the session's current one by default.
            `exclude_columns`: Columns of the files that the table does not have.
            `time`: The time (ISO 8601) in the example of a partition, for engines that need a
            statement for each partition. A fixed time by default, so that an exported text does
            not change.
            `partition_type`: The type of partition columns: `STRING` (default) or `INT`.

    Raises:
        pulumi.RunError: An external table is not possible. The message lists all reasons.
    """
    _refuse_unknown("external_table_ddl", options, ExternalTableOptions)
    inputs = _inputs(task)
    name, database = options.get("name"), options.get("database")
    exclude_columns = options.get("exclude_columns", ())
    _refuse_outputs("external_table_ddl", *inputs.values(), name, database)
    _refuse_text(exclude_columns=exclude_columns)
    with _as_run_errors():
        parsed = read_properties(plain_form(inputs))
        if wrong := [each for each in parsed.violations if each.path.startswith(_REQUIRED)]:
            raise InvalidInputError(wrong)
        table = TableOptions(
            engine,
            paths.parse_time(options.get("time", _EXAMPLE_TIME)),
            name,
            database,
            exclude_columns,
            options.get("partition_type", "STRING"),
        )
        return external_table(parsed.draft, table).script


def external_table_ddl_output(
    task: DeliveryTask | TaskInputs,
    engine: Input[str] = "hive",
    **options: Unpack[ExternalTableOutputOptions],
) -> Output[str]:
    """Return `external_table_ddl` for a resource, or for inputs that are outputs."""
    _refuse_unknown("external_table_ddl_output", options, ExternalTableOutputOptions)
    inputs = Output.all(**_inputs(task))
    return Output.all(task=inputs, engine=engine, **options).apply(
        lambda given: external_table_ddl(**given)
    )


def object_keys(oss_prefix: str, time: str, task_name: str = "task") -> ObjectKeys:
    """Return the keys of the files of a time, and the folders to list; see docs/consumers.md.

    Args:
        oss_prefix: The task's prefix.
        time: The time, ISO 8601, in UTC if it does not have a zone. We assume that folders are in
            UTC.
        task_name: The task's name.

    Raises:
        pulumi.RunError: The prefix breaks a rule, or the time is not valid.
    """
    _refuse_outputs("object_keys", oss_prefix, time, task_name)
    with _as_run_errors():
        return paths.object_keys(oss_prefix, paths.parse_time(time), task_name)


def object_keys_output(
    oss_prefix: Input[str], time: Input[str], task_name: Input[str] = "task"
) -> Output[ObjectKeys]:
    """Return `object_keys` for values that are outputs."""
    return Output.all(oss_prefix, time, task_name).apply(lambda given: object_keys(*given))


def deployer_policy(
    instance_name: str,
    table_names: Sequence[str] = (),
    **options: Unpack[DeployerPolicyOptions],
) -> str:
    """Return the RAM policy of the user that runs `pulumi up`, as JSON; see docs/permissions.md.

    Args:
        instance_name: The Tablestore instance.
        table_names: The tables whose tasks the user manages; all of the instance by default.
        **options: Keyword arguments, all optional:
            `region`: The instance's region; any by default.
            `account_id`: The account that owns the instance; any by default.
            `read_only`: Allow only reading, which is enough for preview and refresh.
            `list_tables`: Also allow listing the tables (`list_delivery_tasks` without a table).
            `sample_rows`: Also allow reading rows (previews, `tablestore-delivery infer-schema`).
            `create_role`: Also allow creating the service-linked role.

    Raises:
        pulumi.RunError: A name is empty.
    """
    _refuse_unknown("deployer_policy", options, DeployerPolicyOptions)
    _refuse_outputs("deployer_policy", instance_name, *table_names)
    _refuse_text(table_names=table_names)
    with _as_run_errors():
        rights = permissions.DeployerOptions(table_names, **options)
        return permissions.deployer_policy(instance_name, rights).json()


def deployer_policy_output(
    instance_name: Input[str],
    table_names: Input[Sequence[Input[str]]] = (),
    **options: Unpack[DeployerPolicyOutputOptions],
) -> Output[str]:
    """Return `deployer_policy` for values that are outputs."""
    _refuse_unknown("deployer_policy_output", options, DeployerPolicyOutputOptions)
    return Output.all(instance_name=instance_name, table_names=table_names, **options).apply(
        lambda given: deployer_policy(**given)
    )


def role_policy(oss_bucket: str, oss_prefixes: Sequence[str]) -> str:
    """Return the RAM policy of a role that writes the files, as JSON; see docs/permissions.md.

    The service-linked role does not need one: it has its own policy, for all buckets.

    Args:
        oss_bucket: The bucket.
        oss_prefixes: The prefixes and dirty prefixes of the role's tasks.

    Raises:
        pulumi.RunError: A name is empty, or a prefix has a wildcard.
    """
    _refuse_outputs("role_policy", oss_bucket, *oss_prefixes)
    _refuse_text(oss_prefixes=oss_prefixes)
    with _as_run_errors():
        return permissions.role_policy(oss_bucket, oss_prefixes).json()


def role_policy_output(
    oss_bucket: Input[str], oss_prefixes: Input[Sequence[Input[str]]]
) -> Output[str]:
    """Return `role_policy` for values that are outputs."""
    return Output.all(oss_bucket, oss_prefixes).apply(lambda given: role_policy(*given))


def role_trust_policy() -> str:
    """Return the policy that lets data delivery assume a role, as JSON; see docs/permissions.md."""
    return permissions.role_trust_policy().json()


def _inputs(task: DeliveryTask | TaskInputs) -> dict[str, Any]:
    if isinstance(task, Mapping):
        return {name: task.get(name) for name in _USED}
    return {name: getattr(task, name) for name in _USED}


def _refuse_unknown(function: str, options: Mapping[str, object], known: type) -> None:
    """Refuse unknown keyword arguments, as Python does for those that a function names."""
    for name in options:
        if name not in known.__annotations__:
            raise TypeError(f"{function}() got an unexpected keyword argument {name!r}")


def _refuse_outputs(function: str, *values: Any) -> None:
    if any(isinstance(value, Output) for value in values):
        raise TypeError(f"{function} takes plain values. Use {function}_output for outputs.")


def _refuse_text(**lists: Sequence[str]) -> None:
    """Refuse a string in place of a list: it would be read as a list of its letters."""
    for name, value in lists.items():
        if isinstance(value, str):
            raise TypeError(f"{name} is a list of strings, not the string {value!r}")


@contextmanager
def _as_run_errors() -> Iterator[None]:
    """Make an error end the program with its message alone."""
    try:
        yield
    except DeliveryError as error:
        raise pulumi.RunError(str(error)) from None
