"""What a program writes: `DeliveryTask` and the types of its inputs and outputs."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Final, Optional, TypeAlias, TypedDict, Union, overload

import pulumi
from pulumi import Input, Output
from pulumi.dynamic import Resource
from typing_extensions import Required, Unpack

from pulumi_tablestore_delivery import engine
from pulumi_tablestore_delivery.frontend.declaration import declaration
from pulumi_tablestore_delivery.frontend.mistakes import fail_for_mistakes
from pulumi_tablestore_delivery.frontend.options import with_default_order, with_former_type
from pulumi_tablestore_delivery.frontend.wait_list import wait_for_id_only
from pulumi_tablestore_delivery.provider import (
    DECLARATION,
    PROVIDER_KEY,
    PROVIDER_TEXT,
    load_provider,
)

# Optional[…] and Union[…] rather than `|` throughout: Pulumi reads these types at run time.
# ruff: noqa: UP007, UP045


class Mode(str, Enum):
    """What a task delivers (documented)."""

    BASE_INC = "BASE_INC"
    """All rows there are, then every change."""
    INC = "INC"
    """Changes from now on."""
    BASE = "BASE"
    """All rows there are, once."""


class ParquetType(str, Enum):
    """Parquet types that are documented, one for each Tablestore type but Binary."""

    BOOL = "BOOL"
    """For Boolean."""
    INT64 = "INT64"
    """For Integer."""
    UTF8 = "UTF8"
    """For String."""
    DOUBLE = "DOUBLE"
    """For Double."""


class ParquetEncoding(str, Enum):
    """Parquet encodings that the protocol knows."""

    PLAIN = "PLAIN"
    PLAIN_DICTIONARY = "PLAIN_DICTIONARY"
    DELTA_BINARY_PACKED = "DELTA_BINARY_PACKED"
    DELTA_BYTE_ARRAY = "DELTA_BYTE_ARRAY"
    DELTA_LENGTH_BYTE_ARRAY = "DELTA_LENGTH_BYTE_ARRAY"


class EventTimeFormat(str, Enum):
    """How an event time is written (documented)."""

    RFC822 = "RFC822"
    RFC850 = "RFC850"
    RFC1123 = "RFC1123"
    RFC3339 = "RFC3339"
    UNIX = "Unix"


class WaitFor(str, Enum):
    """What the creation of a task waits for."""

    NONE = "none"
    """Nothing."""
    INITIALIZED = "initialized"
    """The task has left its phase INIT: it can deliver, and it can be deleted."""
    SYNCHRONIZED = "synchronized"
    """All rows there were are delivered."""


@pulumi.input_type
class EventTimeColumnArgs:
    """The column whose time decides a row's partition.

    Args:
        column: Name of the table's column.
        format: How the time is written.
    """

    column: Input[str]
    format: Input[Union[str, EventTimeFormat]]

    def __init__(self, *, column: Input[str], format: Input[Union[str, EventTimeFormat]]) -> None:  # noqa: A002 - the service's term
        pulumi.set(self, "column", column)
        pulumi.set(self, "format", format)


@pulumi.input_type
class ParquetColumnArgs:
    """One column of the Parquet files.

    Args:
        source: Name of the table's column.
        type: Parquet type. Undocumented ones need `allow_undocumented_types`.
        name: Name in the files; the source's by default.
        encoding: Parquet encoding; PLAIN by default.
        type_extend: Extension of the type; undocumented.
    """

    source: Input[str]
    type: Input[Union[str, ParquetType]]
    name: Optional[Input[str]]
    encoding: Optional[Input[Union[str, ParquetEncoding]]]
    type_extend: Optional[Input[str]]

    def __init__(
        self,
        *,
        source: Input[str],
        type: Input[Union[str, ParquetType]],  # noqa: A002 - the service's term
        name: Optional[Input[str]] = None,
        encoding: Optional[Input[Union[str, ParquetEncoding]]] = None,
        type_extend: Optional[Input[str]] = None,
    ) -> None:
        pulumi.set(self, "source", source)
        pulumi.set(self, "type", type)
        pulumi.set(self, "name", name)
        pulumi.set(self, "encoding", encoding)
        pulumi.set(self, "type_extend", type_extend)


@pulumi.output_type
class EventTimeColumn(dict):  # type: ignore[type-arg]  # the shape of Pulumi's output types
    """The column whose time decides a row's partition.

    Attributes:
        column: Name of the table's column.
        format: How the time is written.
    """

    column: str
    format: str


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
    type_extend: Optional[str] = None


class EventTimeColumnDict(TypedDict):
    """`EventTimeColumnArgs` as a plain dict."""

    column: Input[str]
    format: Input[Union[str, EventTimeFormat]]


class ParquetColumnDict(TypedDict, total=False):
    """`ParquetColumnArgs` as a plain dict."""

    source: Required[Input[str]]
    type: Required[Input[Union[str, ParquetType]]]
    name: Input[str]
    encoding: Input[Union[str, ParquetEncoding]]
    type_extend: Input[str]


class OptionalInputs(TypedDict, total=False):
    """The inputs of a `DeliveryTask` that may be left out; docs/inputs.md tells them all.

    Changing one of the last six updates the resource and sends nothing to the service;
    changing any other replaces the task, because the service has no call to change one.
    """

    instance_name: Optional[Input[str]]
    """The Tablestore instance; from the configuration `tablestore:instance` by default."""
    task_name: Optional[Input[str]]
    """The task's name in the table, 3 to 16 characters; derived automatically by default."""
    mode: Optional[Input[Union[str, Mode]]]
    """BASE_INC (default), INC or BASE."""
    oss_endpoint: Optional[Input[str]]
    """The OSS endpoint; `oss-<region of the instance>.aliyuncs.com` by default."""
    oss_dirty_prefix: Optional[Input[str]]
    """Folder for values that do not fit; in the protocol, in no documentation."""
    event_time_column: Optional[Input[Union[EventTimeColumnArgs, EventTimeColumnDict]]]
    """The column whose time decides the partition; the time of writing by default."""
    format: Optional[Input[str]]
    """`Parquet`, the default and the only one."""
    tablestore_endpoint: Optional[Input[str]]
    """URL of the instance; from the configuration `tablestore:endpoint` by default."""
    wait_for: Optional[Input[Union[str, WaitFor]]]
    """What create waits for: none, initialized (default) or synchronized."""
    timeout_seconds: Optional[Input[int]]
    """Seconds to wait at most; 180 by default."""
    adopt_existing: Optional[Input[bool]]
    """Whether a task of that name that exists already is taken over; False by default."""
    allow_undocumented_types: Optional[Input[bool]]
    """Whether Parquet types that the documentation does not name are allowed; False by default."""
    ignore_rules: Optional[Input[Sequence[Input[str]]]]
    """Ids of rules that are not to stop this task; docs/rules.md tells them all."""


ParquetSchema: TypeAlias = Input[Sequence[Input[Union[ParquetColumnArgs, ParquetColumnDict]]]]


class DeliveryTaskInputs(OptionalInputs, total=False):
    """The inputs of a `DeliveryTask`: those that are required, and `OptionalInputs`.

    Changing one of these replaces the task.
    """

    table_name: Required[Input[str]]
    """The table whose rows are delivered."""
    oss_bucket: Required[Input[str]]
    """The OSS bucket, in the instance's region."""
    oss_prefix: Required[Input[str]]
    """Folder in the bucket; may hold $yyyy, $MM, $dd, $HH and $mm."""
    role_arn: Required[Input[str]]
    """ARN of the role that writes to the bucket."""
    parquet_schema: Required[ParquetSchema]
    """The files' columns, in order."""


_INPUTS = tuple(DeliveryTaskInputs.__annotations__)
OUTPUTS = (
    "phase",
    "synced_until",
    "error_code",
    "error_detail",
    "location",
    "request_id",
    "trace_id",
)


_LOCATION = ("oss_bucket", "oss_prefix")
"""The inputs that the output `location` is made of."""


class DeliveryTaskArgs:
    """The inputs of a `DeliveryTask` as one object; see `DeliveryTaskInputs`.

    Raises:
        TypeError: A name is not one of an input.
    """

    def __init__(self, **inputs: Unpack[DeliveryTaskInputs]) -> None:
        _refuse_unknown(inputs)
        self.__dict__.update(inputs)

    def __getattr__(self, name: str) -> Any:
        """An input that was not given is None."""
        if name in _INPUTS:
            return None
        raise AttributeError(name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Sets an input after the fact."""
        _refuse_unknown({name: value})
        self.__dict__[name] = value


_former_types: Final[dict[type, str]] = {}
"""The types that subclasses of `DeliveryTask` have in states of earlier versions."""


class DeliveryTask(Resource, module="tablestore", name="DeliveryTask"):
    """A task that delivers a Tablestore table's rows to an OSS bucket as Parquet files.

    The inputs are keyword arguments, a `DeliveryTaskArgs`, or a plain dict; each may be an
    output of another resource.

    Args:
        resource_name: The resource's name in the program.
        args: The inputs as one object.
        opts: Pulumi's options.
        **inputs: The inputs, see `DeliveryTaskInputs`.

    Raises:
        TypeError: A name is not one of an input, or inputs are given in two ways.
    """

    instance_name: Output[str]
    table_name: Output[str]
    task_name: Output[str]
    mode: Output[str]
    oss_bucket: Output[str]
    oss_endpoint: Output[str]
    oss_prefix: Output[str]
    oss_dirty_prefix: Output[Optional[str]]
    role_arn: Output[str]
    event_time_column: Output[Optional[EventTimeColumn]]
    parquet_schema: Output[Sequence[ParquetColumn]]
    format: Output[str]
    tablestore_endpoint: Output[Optional[str]]
    wait_for: Output[str]
    timeout_seconds: Output[int]
    adopt_existing: Output[bool]
    allow_undocumented_types: Output[bool]
    ignore_rules: Output[Optional[Sequence[str]]]

    phase: Output[str]
    """INIT, FULL or INCR."""
    synced_until: Output[str]
    """ISO 8601, UTC: what was written before is delivered; empty if nothing is yet."""
    error_code: Output[str]
    """OK, UNAUTHORIZED or INVALID_OSS_BUCKET."""
    error_detail: Output[str]
    """The service's words for the error."""
    location: Output[str]
    """`oss://<bucket>/<prefix>`."""
    request_id: Output[str]
    """The service's id of the request that created the task."""
    trace_id: Output[str]
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
            **given,
            **dict.fromkeys(OUTPUTS),
            DECLARATION: declaration(resource_name, given, opts),
        }
        opts = with_former_type(with_default_order(given, opts), _former_types.get(type(self)))
        if engine.can_write_provider(PROVIDER_KEY):
            pulumi.CustomResource.__init__(
                self,
                f"pulumi-python:{self._resource_type_name}",
                resource_name,
                {**properties, PROVIDER_KEY: PROVIDER_TEXT},
                opts,
            )
        else:
            super().__init__(load_provider(), resource_name, properties, opts)
        fail_for_mistakes(self.__dict__.get(DECLARATION))
        wait_for_id_only(self)

    def __init_subclass__(cls, module: str = "", name: str = "Resource", **kwargs: Any) -> None:
        """Give a subclass the type of `DeliveryTask`.

        Args:
            module: The module of the type that the subclass had in earlier versions.
            name: The name of that type; states of earlier versions know the resource by it.
            **kwargs: What the base class takes.
        """
        super().__init_subclass__(module=module, name=name, **kwargs)
        ours = DeliveryTask._resource_type_name
        if cls._resource_type_name != ours:
            _former_types[cls] = f"pulumi-python:{cls._resource_type_name}"
        cls._resource_type_name = ours

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


def given_inputs(
    args: Union[DeliveryTaskArgs, Mapping[str, Any], pulumi.ResourceOptions, None],
    opts: Optional[pulumi.ResourceOptions],
    inputs: Mapping[str, Any],
) -> tuple[dict[str, Any], Optional[pulumi.ResourceOptions]]:
    """What a resource's constructor was given: every input (None if it was not), and the options.

    Args:
        args: The inputs as one object; or the options, where inputs are keyword arguments.
        opts: The options.
        inputs: The inputs as keyword arguments.

    Raises:
        TypeError: A name is not one of an input, or inputs are given in two ways.
    """
    if isinstance(args, pulumi.ResourceOptions):
        args, opts = None, args
    if args is not None and inputs:
        raise TypeError("give the inputs as one object or as keyword arguments, not both")
    given = args.__dict__ if isinstance(args, DeliveryTaskArgs) else args or inputs
    _refuse_unknown(given)
    return {name: given.get(name) for name in _INPUTS}, opts


def with_secret_location(
    given: dict[str, Any], opts: Optional[pulumi.ResourceOptions]
) -> tuple[dict[str, Any], Optional[pulumi.ResourceOptions]]:
    """Mark the output `location` as a secret where the bucket or the prefix is one.

    The engine encrypts an output of the same name as a secret input, but `location` has another
    name. Whether an input is a secret is known only when its value is. So the list of secret
    outputs grows while the inputs are resolved, which the SDK does before it reads the options.

    Args:
        given: The inputs.
        opts: The options; they are copied if they change.
    """
    sources = [value for name in _LOCATION if isinstance(value := given[name], Output)]
    if not sources:
        return given, opts
    opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions())
    names = opts.additional_secret_outputs = [*(opts.additional_secret_outputs or [])]

    async def mark() -> None:
        if any([await source.is_secret() for source in sources]):
            names.append("location")

    marked = Output.all(given[_LOCATION[0]], mark())
    return {**given, _LOCATION[0]: marked.apply(lambda values: values[0])}, opts


def unknown_inputs(given: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """Says of each name that is not known that it is no input, and what is near."""
    known = tuple(known)
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            yield f"has no input {name!r}{hint}"


def _refuse_unknown(given: Iterable[str]) -> None:
    for problem in unknown_inputs(given, _INPUTS):
        raise TypeError(f"DeliveryTask {problem}")
