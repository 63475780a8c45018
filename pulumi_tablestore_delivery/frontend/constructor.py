"""The types of a `DeliveryTask`'s constructor.

Generated from spec/model.py by `make generate`; do not edit.

A type checker that finds no overload for a call does not say why. So each required input has an
overload for calls without this input. This overload accepts no call, because a resource's name
does not have the type of its first parameter. The checker reports that type, which names the input.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar, overload

import pulumi
from typing_extensions import Required, Unpack

from pulumi_tablestore_delivery.frontend.inputs import DeliveryTaskDict

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.frontend.given import DeliveryTaskArgs

    class _AnyOptional(TypedDict, total=False):
        instance_name: Any
        task_name: Any
        mode: Any
        oss_endpoint: Any
        oss_dirty_prefix: Any
        event_time_column: Any
        format: Any
        tablestore_endpoint: Any
        wait_for: Any
        timeout_seconds: Any
        adopt_existing: Any
        allow_undocumented_types: Any
        ignore_rules: Any

    class _WithoutTableName(_AnyOptional, total=False):
        oss_bucket: Any
        oss_prefix: Any
        role_arn: Any
        parquet_schema: Any

    class _WithoutOssBucket(_AnyOptional, total=False):
        table_name: Required[Any]
        oss_prefix: Any
        role_arn: Any
        parquet_schema: Any

    class _WithoutOssPrefix(_AnyOptional, total=False):
        table_name: Required[Any]
        oss_bucket: Required[Any]
        role_arn: Any
        parquet_schema: Any

    class _WithoutRoleArn(_AnyOptional, total=False):
        table_name: Required[Any]
        oss_bucket: Required[Any]
        oss_prefix: Required[Any]
        parquet_schema: Any

    class _WithoutParquetSchema(_AnyOptional, total=False):
        table_name: Required[Any]
        oss_bucket: Required[Any]
        oss_prefix: Required[Any]
        role_arn: Required[Any]

    class _Declared:
        @overload
        def __init__(
            self: Any,
            resource_name: str,
            args: DeliveryTaskArgs | DeliveryTaskDict,
            opts: pulumi.ResourceOptions | None = None,
        ) -> None: ...

        @overload
        def __init__(
            self: Any,
            resource_name: str,
            opts: pulumi.ResourceOptions,
            /,
            **inputs: Unpack[DeliveryTaskDict],
        ) -> None: ...

        @overload
        def __init__(
            self: Any,
            resource_name: str,
            *,
            opts: pulumi.ResourceOptions | None = None,
            **inputs: Unpack[DeliveryTaskDict],
        ) -> None: ...

        @overload
        def __init__(
            self: Any,
            resource_name: Sequence[Literal["the input table_name is required"]],
            *,
            opts: pulumi.ResourceOptions | None = None,
            **inputs: Unpack[_WithoutTableName],
        ) -> None: ...

        @overload
        def __init__(
            self: Any,
            resource_name: Sequence[Literal["the input oss_bucket is required"]],
            *,
            opts: pulumi.ResourceOptions | None = None,
            **inputs: Unpack[_WithoutOssBucket],
        ) -> None: ...

        @overload
        def __init__(
            self: Any,
            resource_name: Sequence[Literal["the input oss_prefix is required"]],
            *,
            opts: pulumi.ResourceOptions | None = None,
            **inputs: Unpack[_WithoutOssPrefix],
        ) -> None: ...

        @overload
        def __init__(
            self: Any,
            resource_name: Sequence[Literal["the input role_arn is required"]],
            *,
            opts: pulumi.ResourceOptions | None = None,
            **inputs: Unpack[_WithoutRoleArn],
        ) -> None: ...

        @overload
        def __init__(
            self: Any,
            resource_name: Sequence[Literal["the input parquet_schema is required"]],
            *,
            opts: pulumi.ResourceOptions | None = None,
            **inputs: Unpack[_WithoutParquetSchema],
        ) -> None: ...

        def __init__(
            self: Any, resource_name: Any, args: Any = None, opts: Any = None, **inputs: Any
        ) -> None: ...

    _Constructor = TypeVar("_Constructor")

    def _with_type_of(of: _Constructor) -> Callable[[Callable[..., None]], _Constructor]: ...

    constructor = _with_type_of(_Declared.__init__)
else:

    def constructor(function: Any) -> Any:
        """Give a resource's `__init__` the types of all ways to call it."""
        return function
