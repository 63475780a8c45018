"""What a Python program writes to have a task from the native provider."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Optional, Union, overload

import pulumi
from pulumi import Input, Output
from typing_extensions import Unpack

from pulumi_tablestore_delivery.frontend.declaration import declaration
from pulumi_tablestore_delivery.frontend.options import with_default_order
from pulumi_tablestore_delivery.frontend.wait_list import wait_for_id_only
from pulumi_tablestore_delivery.native.names import (
    DECLARATION,
    EXTERNAL,
    PACKAGE,
    RESOURCE,
    camel,
    snake,
)
from pulumi_tablestore_delivery.resource import (
    OUTPUTS,
    DeliveryTaskArgs,
    DeliveryTaskInputs,
    EventTimeColumn,
    EventTimeColumnArgs,
    ParquetColumnArgs,
    given_inputs,
    with_secret_location,
)

# Optional[…] and Union[…] rather than `|` throughout: Pulumi reads these types at run time.
# ruff: noqa: UP007, UP045


@pulumi.output_type
class ParquetColumn(dict):  # type: ignore[type-arg]  # the shape of Pulumi's output types
    """One column of the Parquet files.

    Attributes:
        source: Name of the table's column.
        name: Name in the files.
        type: Parquet type.
        encoding: Parquet encoding.
        type_extend: Extension of the type, if it has one.
    """

    source: str
    name: str
    type: str
    encoding: str
    type_extend: Optional[str] = pulumi.property("typeExtend", default=None)


class Provider(pulumi.ProviderResource):
    """Where tasks are and the keys for it, for the resources that name this provider.

    What is not given comes from the environment, and never from the stack's configuration.

    Args:
        resource_name: The resource's name in the program.
        endpoint: URL of the instance; that of the region by default.
        instance: The instance of tasks that name none.
        region: The region of the instance, such as cn-hangzhou.
        access_key_id: Access key id.
        access_key_secret: Access key secret; kept as a secret, however it is given.
        security_token: Security token of temporary keys; kept as a secret too.
        signature_version: v2 (the default) or v4.
        allowed_buckets: Patterns of the buckets that may be written to, such as `lake-dev*`.
        opts: Pulumi's options.
    """

    def __init__(  # noqa: PLR0913 - an account has that many parts
        self,
        resource_name: str,
        *,
        endpoint: Optional[Input[str]] = None,
        instance: Optional[Input[str]] = None,
        region: Optional[Input[str]] = None,
        access_key_id: Optional[Input[str]] = None,
        access_key_secret: Optional[Input[str]] = None,
        security_token: Optional[Input[str]] = None,
        signature_version: Optional[Input[str]] = None,
        allowed_buckets: Optional[Sequence[Input[str]]] = None,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        super().__init__(
            PACKAGE,
            resource_name,
            {
                "endpoint": endpoint,
                "instance": instance,
                "region": region,
                "accessKeyId": access_key_id,
                "accessKeySecret": _secret(access_key_secret),
                "securityToken": _secret(security_token),
                "signatureVersion": signature_version,
                "allowedBuckets": None
                if allowed_buckets is None
                else Output.all(*allowed_buckets).apply(",".join),
            },
            opts,
        )


class DeliveryTask(pulumi.CustomResource):
    """A task that delivers a Tablestore table's rows to an OSS bucket as Parquet files.

    Takes the same inputs as the `DeliveryTask` of the dynamic provider, in the same ways.

    Args:
        resource_name: The resource's name in the program.
        args: The inputs as one object.
        opts: Pulumi's options.
        **inputs: The inputs, see `DeliveryTaskInputs`.

    Raises:
        TypeError: A name is not one of an input, or inputs are given in two ways.
    """

    instance_name: Output[str] = pulumi.property("instanceName")
    table_name: Output[str] = pulumi.property("tableName")
    task_name: Output[str] = pulumi.property("taskName")
    mode: Output[str]
    oss_bucket: Output[str] = pulumi.property("ossBucket")
    oss_endpoint: Output[str] = pulumi.property("ossEndpoint")
    oss_prefix: Output[str] = pulumi.property("ossPrefix")
    oss_dirty_prefix: Output[Optional[str]] = pulumi.property("ossDirtyPrefix")
    role_arn: Output[str] = pulumi.property("roleArn")
    event_time_column: Output[Optional[EventTimeColumn]] = pulumi.property("eventTimeColumn")
    parquet_schema: Output[Sequence[ParquetColumn]] = pulumi.property("parquetSchema")
    format: Output[str]
    tablestore_endpoint: Output[Optional[str]] = pulumi.property("tablestoreEndpoint")
    wait_for: Output[str] = pulumi.property("waitFor")
    timeout_seconds: Output[int] = pulumi.property("timeoutSeconds")
    adopt_existing: Output[bool] = pulumi.property("adoptExisting")
    allow_undocumented_types: Output[bool] = pulumi.property("allowUndocumentedTypes")
    ignore_rules: Output[Optional[Sequence[str]]] = pulumi.property("ignoreRules")

    phase: Output[str]
    """INIT, FULL or INCR."""
    synced_until: Output[str] = pulumi.property("syncedUntil")
    """ISO 8601, UTC: what was written before is delivered; empty if nothing is yet."""
    error_code: Output[str] = pulumi.property("errorCode")
    """OK, UNAUTHORIZED or INVALID_OSS_BUCKET."""
    error_detail: Output[str] = pulumi.property("errorDetail")
    """The service's words for the error."""
    location: Output[str]
    """`oss://<bucket>/<prefix>`."""
    request_id: Output[str] = pulumi.property("requestId")
    """The service's id of the request that created the task."""
    trace_id: Output[str] = pulumi.property("traceId")
    """The id that the request carried."""

    @overload
    def __init__(
        self,
        resource_name: str,
        args: Union[DeliveryTaskArgs, Mapping[str, Any]],
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None: ...

    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions,
        /,
        **inputs: Unpack[DeliveryTaskInputs],
    ) -> None: ...

    @overload
    def __init__(
        self,
        resource_name: str,
        *,
        opts: Optional[pulumi.ResourceOptions] = None,
        **inputs: Unpack[DeliveryTaskInputs],
    ) -> None: ...

    def __init__(
        self,
        resource_name: str,
        args: Union[DeliveryTaskArgs, Mapping[str, Any], pulumi.ResourceOptions, None] = None,
        opts: Optional[pulumi.ResourceOptions] = None,
        **inputs: Any,
    ) -> None:
        given, opts = with_secret_location(*given_inputs(args, opts, inputs))
        properties = {
            **{name: _plain(value) for name, value in given.items()},
            **dict.fromkeys(OUTPUTS),
            DECLARATION: declaration(resource_name, given, opts),
            EXTERNAL: True if opts and opts.id is not None else None,
        }
        super().__init__(RESOURCE, resource_name, properties, with_default_order(given, opts))
        wait_for_id_only(self)

    @staticmethod
    def get(
        resource_name: str,
        id: Input[str],  # noqa: A002 - Pulumi's term
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> "DeliveryTask":
        """Reads a task that exists into the program, without owning it.

        Args:
            resource_name: The resource's name in the program.
            id: `<instance>/<table>/<task>`.
            opts: Pulumi's options.
        """
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        return DeliveryTask(resource_name, {}, opts)

    def translate_input_property(self, prop: str) -> str:
        """The name of an input, or a path to it, in the package's schema."""
        return camel(prop)

    def translate_output_property(self, prop: str) -> str:
        """The name of an output in Python."""
        return snake(prop)


def _secret(value: Optional[Input[str]]) -> Optional[Output[str]]:
    return None if value is None else Output.secret(value)


def _plain(value: Any) -> Any:
    """An input as plain values; Pulumi would send the fields of args classes by Python's names."""
    if isinstance(value, (EventTimeColumnArgs, ParquetColumnArgs)):
        return {name: getattr(value, name) for name in type(value).__annotations__}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value
