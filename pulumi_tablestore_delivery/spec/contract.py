"""The contract of a delivery task, as a table of rules.

Each rule has an id, says where it comes from and how grave a breach is, and names the
remedy. `judge` applies all of them, so that a preview shows every breach at once. A value
that is not known yet is passed over, never guessed. A rule of the service can be switched
off for a task by its id (`ignore_rules`), so that a wrong document never blocks anybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise
from typing import Final

from pulumi_tablestore_delivery.errors import Violation
from pulumi_tablestore_delivery.spec import endpoints
from pulumi_tablestore_delivery.spec.model import (
    DeliveryTaskSpec,
    ParquetColumn,
    is_known,
    is_unknown,
)
from pulumi_tablestore_delivery.spec.properties import suggestion
from pulumi_tablestore_delivery.wire import enums


class Source(Enum):
    """Where a rule comes from."""

    DOCUMENTED = "documented"
    SDK = "seen in an SDK"
    PARQUET = "the Parquet format"
    ASSUMED = "assumed"
    PACKAGE = "this package"


class Severity(Enum):
    """How grave a breach is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class TableColumns:
    """The columns of a table whose type is declared; others may hold anything.

    Attributes:
        keys: Primary key columns: name to INTEGER, STRING or BINARY.
        defined: Defined columns: name to INTEGER, DOUBLE, BOOLEAN, STRING or BINARY.
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    defined: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Surroundings:
    """What a task's rules need to know beside the task.

    Attributes:
        region: The instance's region; empty if nobody said.
        endpoint: The URL the calls go to.
        existing_name: The name the task already has; it is not judged again.
        table: The table's columns; none are known if it was not asked.
    """

    region: str = ""
    endpoint: str = ""
    existing_name: str = ""
    table: TableColumns = TableColumns()


Finding = tuple[str, str]
"""A breach: the input's path, and what is wrong with its value."""

Find = Callable[[DeliveryTaskSpec, Surroundings], Iterator[Finding]]
"""Finds the breaches of a rule."""


@dataclass(frozen=True)
class Rule:
    """One rule of the contract.

    Attributes:
        id: Its name, for `ignore_rules`.
        severity: How grave a breach is.
        source: Where the rule comes from.
        says: The rule in words.
        remedy: What to do about a breach.
        find: Finds the breaches.
    """

    id: str
    severity: Severity
    source: Source
    says: str
    remedy: str
    find: Find

    @property
    def can_be_ignored(self) -> bool:
        """Whether `ignore_rules` may name it: rules about the service, not about this package."""
        return self.source is not Source.PACKAGE


@dataclass(frozen=True)
class Judgement:
    """All breaches of a task, by how grave they are."""

    errors: list[Violation]
    warnings: list[Violation]


def judge(
    spec: DeliveryTaskSpec, surroundings: Surroundings, rules: tuple[Rule, ...] | None = None
) -> Judgement:
    """Applies the rules (all by default) that the task does not ignore."""
    judgement = Judgement([], [])
    ignored = (spec.ignore_rules or []) if is_known(spec.ignore_rules) else []
    for rule in RULES if rules is None else rules:
        if rule.can_be_ignored and rule.id in ignored:
            continue
        found = [
            Violation(path, problem, rule.id, rule.remedy, rule.source.value)
            for path, problem in rule.find(spec, surroundings)
        ]
        (judgement.errors if rule.severity is Severity.ERROR else judgement.warnings).extend(found)
    return judgement


DOCUMENTED_TYPES: Final = ("BOOL", "INT64", "UTF8", "DOUBLE")
WAIT_FOR: Final = ("none", "initialized", "synchronized")
PREFIX_VARIABLES: Final = ("$yyyy", "$MM", "$dd", "$HH", "$mm")

_TASK_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,14}[a-z0-9]")
_INSTANCE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,14}[A-Za-z0-9]")
_TABLE_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
_BUCKET_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_ROLE_ARN: Final = re.compile(r"acs:ram::\d+:role/[A-Za-z0-9._-]{1,64}")
_VARIABLE: Final = re.compile(r"\$(?:\{[^}]*\}?|[A-Za-z]*)")
_OSS_KEY_BYTES: Final = 1023
# `/` + task + `_0_` + prefix again + `__` + sequence: what the service adds to a prefix.
_OSS_KEY_SUFFIX_BYTES: Final = 40
_TYPES_OF_ENCODING: Final = {
    "DELTA_BINARY_PACKED": ("INT64", "INT32", "TIME_MILLIS", "TIME_MICROS", "TIMESTAMP_MILLIS",
                            "TIMESTAMP_MICROS", "DATE"),
    "DELTA_BYTE_ARRAY": ("UTF8", "DECIMAL", "INTERVAL"),
    "DELTA_LENGTH_BYTE_ARRAY": ("UTF8", "DECIMAL"),
}  # fmt: skip
_NO_DICTIONARY: Final = "BOOL"
_TYPE_OF_TABLE_TYPE: Final = {
    "INTEGER": "INT64",
    "STRING": "UTF8",
    "DOUBLE": "DOUBLE",
    "BOOLEAN": "BOOL",
}


def _instance_name(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    name = spec.instance_name
    if not is_unknown(name) and not _INSTANCE_NAME.fullmatch(name):
        yield "instance_name", f"{name!r} is not an instance name."


def _endpoint_url(_: DeliveryTaskSpec, around: Surroundings) -> Iterator[Finding]:
    url = around.endpoint
    if url and not endpoints.is_endpoint(url, with_scheme=True):
        yield "tablestore_endpoint", f"{url!r} is not such a URL."


def _endpoint_is_safe(_: DeliveryTaskSpec, around: Surroundings) -> Iterator[Finding]:
    url = around.endpoint
    if url.startswith("http://") and not endpoints.is_loopback(url):
        yield "tablestore_endpoint", f"{url!r} sends everything in plain text."


def _endpoint_instance(spec: DeliveryTaskSpec, around: Surroundings) -> Iterator[Finding]:
    instance = endpoints.instance_of_tablestore(around.endpoint)
    if not is_unknown(spec.instance_name) and instance not in {"", spec.instance_name.lower()}:
        yield (
            "tablestore_endpoint",
            f"{around.endpoint!r} belongs to instance {instance!r}, not {spec.instance_name!r}.",
        )


def _table_name(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    name = spec.table_name
    if not is_unknown(name) and not _TABLE_NAME.fullmatch(name):
        yield "table_name", f"{name!r} is not a table name."


def _task_name(spec: DeliveryTaskSpec, around: Surroundings) -> Iterator[Finding]:
    name = spec.task_name
    if is_unknown(name) or not name or spec.adopt_existing or name == around.existing_name:
        return
    if not _TASK_NAME.fullmatch(name):
        yield "task_name", f"{name!r} is not a task name."


def _mode(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    yield from _one_of("mode", spec.mode, [item.name for item in enums.DeliveryTaskType])


def _bucket_name(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    name = spec.oss_bucket
    if not is_unknown(name) and not _BUCKET_NAME.fullmatch(name):
        yield "oss_bucket", f"{name!r} is not a bucket name."


def _oss_endpoint(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    endpoint = spec.oss_endpoint
    if not is_unknown(endpoint) and not endpoints.is_endpoint(endpoint, with_scheme=False):
        yield "oss_endpoint", f"{endpoint!r} is not an endpoint."


def _oss_region(spec: DeliveryTaskSpec, around: Surroundings) -> Iterator[Finding]:
    if is_unknown(spec.oss_endpoint):
        return
    region = endpoints.region_of_oss(spec.oss_endpoint)
    if region and around.region and region != around.region:
        yield (
            "oss_endpoint",
            f"{spec.oss_endpoint!r} is in region {region!r}, the instance in {around.region!r}.",
        )


def _delivery_region(_: DeliveryTaskSpec, around: Surroundings) -> Iterator[Finding]:
    if around.region and around.region not in endpoints.DELIVERY_REGIONS:
        yield "instance_name", f"region {around.region!r} is not on the documented list."


def _role_arn(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    arn = spec.role_arn
    if not is_unknown(arn) and not _ROLE_ARN.fullmatch(arn):
        yield "role_arn", f"{arn!r} is not the ARN of a role."


def _prefixes(spec: DeliveryTaskSpec) -> Iterator[tuple[str, str]]:
    if not is_unknown(spec.oss_prefix):
        yield "oss_prefix", spec.oss_prefix
    if not is_unknown(spec.oss_dirty_prefix) and spec.oss_dirty_prefix is not None:
        yield "oss_dirty_prefix", spec.oss_dirty_prefix


def _prefix_form(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    for path, prefix in _prefixes(spec):
        if not prefix:
            yield path, "is empty."
        elif prefix[0] in "/\\":
            yield path, f"{prefix!r} starts with {prefix[0]!r}."
        elif len(prefix.encode()) * 2 + _OSS_KEY_SUFFIX_BYTES > _OSS_KEY_BYTES:
            yield path, f"is {len(prefix.encode())} bytes long; the object keys would not fit."


def _prefix_segments(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    for path, prefix in _prefixes(spec):
        folders = prefix.rstrip("/").split("/")
        if not prefix:
            continue
        if not prefix.isprintable():
            yield path, f"{prefix!r} has a character that cannot be seen."
        elif prefix.endswith("//") or not {"", ".", ".."}.isdisjoint(folders[1:] or folders):
            yield path, f"{prefix!r} has an empty folder, or one that is . or .. only."
        elif folders[0] in {".", ".."}:
            yield path, f"{prefix!r} starts with the folder {folders[0]}."


def _prefix_variables(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    for path, prefix in _prefixes(spec):
        for variable in _VARIABLE.findall(prefix):
            if variable not in PREFIX_VARIABLES:
                hint = suggestion(variable, PREFIX_VARIABLES)
                yield path, f"{prefix!r} has {variable!r}, which is no variable.{hint}"


def _prefix_order(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    for path, prefix in _prefixes(spec):
        for coarse, fine in pairwise(PREFIX_VARIABLES):
            if fine in prefix and coarse not in prefix:
                yield path, f"{prefix!r} has {fine} without {coarse}: periods fall together."


def _minute_partitions(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    if not is_unknown(spec.oss_prefix) and "$mm" in spec.oss_prefix:
        yield "oss_prefix", f"{spec.oss_prefix!r} makes a folder for every minute."


def _dirty_prefix_apart(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    prefixes = dict(_prefixes(spec))
    data, dirty = prefixes.get("oss_prefix"), prefixes.get("oss_dirty_prefix")
    if data and dirty and f"{dirty.rstrip('/')}/".startswith(_fixed_part(data)):
        yield "oss_dirty_prefix", f"{dirty!r} lies inside oss_prefix {data!r}."


def _fixed_part(prefix: str) -> str:
    """The folders of a prefix before its first variable: what a reader of the data is given."""
    head = prefix.split("$", 1)[0]
    return head if head == prefix else head[: head.rfind("/") + 1] or head


def _schema_not_empty(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    if not is_unknown(spec.parquet_schema) and not spec.parquet_schema:
        yield "parquet_schema", "is empty."


def _columns(spec: DeliveryTaskSpec) -> Iterator[tuple[str, ParquetColumn]]:
    if is_unknown(spec.parquet_schema):
        return
    for index, column in enumerate(spec.parquet_schema):
        if not is_unknown(column):
            yield f"parquet_schema[{index}]", column


def _column_names(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    for path, column in _columns(spec):
        for key in ("source", "name"):
            if getattr(column, key) == "":
                yield f"{path}.{key}", "is empty."
    event = spec.event_time_column
    if not is_unknown(event) and event is not None and event.column == "":
        yield "event_time_column.column", "is empty."


def _column_characters(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    for path, column in _columns(spec):
        keys = ("source",) if column.name == column.source else ("source", "name")
        for key in keys:
            name = getattr(column, key)
            if not is_unknown(name) and name and not _TABLE_NAME.fullmatch(name):
                yield f"{path}.{key}", f"{name!r} is not a documented column name."


def _unique_destinations(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    seen: dict[str, tuple[str, str]] = {}
    for path, column in _columns(spec):
        if is_unknown(column.name):
            continue
        first = seen.setdefault(column.name.lower(), (path, column.name))
        if first[0] != path:
            how = (
                "is taken" if first[1] == column.name else f"differs from {first[1]!r} by case only"
            )
            yield f"{path}.name", f"{column.name!r} {how}: see {first[0]}."


def _known_types(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    for path, column in _columns(spec):
        names = [item.name for item in enums.ParquetDataType]
        offered = [item for item in names if item in DOCUMENTED_TYPES]
        yield from _one_of(f"{path}.type", column.type, names, offered)


def _documented_types(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    if spec.allow_undocumented_types:  # unknown counts as allowed: nothing is guessed
        return
    for path, column in _columns(spec):
        if column.type in enums.ParquetDataType.__members__ and column.type not in DOCUMENTED_TYPES:
            yield f"{path}.type", f"{column.type!r} is in the protocol, but not documented."


def _type_extend(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    if spec.allow_undocumented_types:
        return
    for path, column in _columns(spec):
        if not is_unknown(column.type_extend) and column.type_extend is not None:
            yield f"{path}.type_extend", "is in the protocol, but not documented."


def _known_encodings(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    for path, column in _columns(spec):
        names = [item.name for item in enums.ParquetEncoding]
        yield from _one_of(f"{path}.encoding", column.encoding, names)


def _encoding_fits(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    for path, column in _columns(spec):
        if is_unknown(column.type) or is_unknown(column.encoding):
            continue
        types = _TYPES_OF_ENCODING.get(column.encoding)
        if types is not None and column.type not in types:
            yield f"{path}.encoding", f"{column.encoding} cannot hold {column.type}."
        if column.encoding == "PLAIN_DICTIONARY" and column.type == _NO_DICTIONARY:
            yield f"{path}.encoding", f"{column.encoding} cannot hold {column.type}."


def _event_time_format(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    event = spec.event_time_column
    if not is_unknown(event) and event is not None:
        names = [item.name for item in enums.EventTimeFormat]
        yield from _one_of("event_time_column.format", event.format, names)


def _event_time_type(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    event = spec.event_time_column
    if is_unknown(event) or event is None or not is_known(event):
        return
    wanted = "INT64" if event.format == "Unix" else "UTF8"
    for path, column in _columns(spec):
        if column.source == event.column and column.type in set(DOCUMENTED_TYPES) - {wanted}:
            declared = f"{path} declares {event.column!r} as {column.type}"
            yield "event_time_column.format", f"{event.format!r} needs {wanted}, but {declared}."


def _table_types(
    spec: DeliveryTaskSpec, declared: Mapping[str, str], kind: str
) -> Iterator[Finding]:
    for path, column in _columns(spec):
        if is_unknown(column.source) or is_unknown(column.type):
            continue
        table_type = declared.get(column.source)
        if table_type is None or column.type not in DOCUMENTED_TYPES:
            continue
        wanted = _TYPE_OF_TABLE_TYPE.get(table_type)
        if wanted is None:
            yield f"{path}.source", f"{column.source!r} is a {table_type} {kind} of the table."
        elif column.type != wanted:
            what = f"{kind} {column.source!r}, whose type is {table_type}"
            yield f"{path}.type", f"{column.type} does not fit {what}: {wanted} does."


def _table_keys(spec: DeliveryTaskSpec, around: Surroundings) -> Iterator[Finding]:
    yield from _table_types(spec, around.table.keys, "primary key")


def _table_defined(spec: DeliveryTaskSpec, around: Surroundings) -> Iterator[Finding]:
    yield from _table_types(spec, around.table.defined, "defined column")


def _table_event_time(spec: DeliveryTaskSpec, around: Surroundings) -> Iterator[Finding]:
    event = spec.event_time_column
    if is_unknown(event) or event is None or not is_known(event):
        return
    declared = {**around.table.keys, **around.table.defined}.get(event.column)
    wanted = "INTEGER" if event.format == "Unix" else "STRING"
    if declared is not None and declared != wanted:
        problem = f"{event.format!r} needs a {wanted}, but {event.column!r} is a {declared}."
        yield "event_time_column.format", problem


def _format(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    yield from _one_of("format", spec.format, [item.name for item in enums.Format])


def _wait_for(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    yield from _one_of("wait_for", spec.wait_for, WAIT_FOR)


def _timeout(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    if not is_unknown(spec.timeout_seconds) and spec.timeout_seconds <= 0:
        yield "timeout_seconds", f"{spec.timeout_seconds} is not above 0."


def _known_rules(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    if not is_known(spec.ignore_rules):
        return
    names = [rule.id for rule in RULES if rule.can_be_ignored]
    for index, name in enumerate(spec.ignore_rules or []):
        if name not in names:
            yield (
                f"ignore_rules[{index}]",
                f"{name!r} is no rule that can be ignored.{suggestion(name, names)}",
            )


def _one_of(
    path: str, value: str, names: tuple[str, ...] | list[str], offered: list[str] | None = None
) -> Iterator[Finding]:
    if not is_unknown(value) and value not in names:
        yield (
            path,
            f"{value!r} is none of {', '.join(offered or names)}.{suggestion(value, names)}",
        )


def _error(source: Source, rule_id: str, says: str, remedy: str, find: Find) -> Rule:
    return Rule(rule_id, Severity.ERROR, source, says, remedy, find)


def _warning(source: Source, rule_id: str, says: str, remedy: str, find: Find) -> Rule:
    return Rule(rule_id, Severity.WARNING, source, says, remedy, find)


INPUT_RULES: Final[tuple[Rule, ...]] = (
    _error(
        Source.DOCUMENTED,
        "instance-name",
        "An instance's name has 3 to 16 letters, digits and hyphens, starts with a letter and "
        "does not end with a hyphen.",
        "Use 3 to 16 letters, digits and hyphens, a letter first, no hyphen last.",
        _instance_name,
    ),
    _error(
        Source.PACKAGE,
        "endpoint-url",
        "A Tablestore endpoint is an http or https URL without a path.",
        "Write it like https://<instance>.<region>.ots.aliyuncs.com.",
        _endpoint_url,
    ),
    _warning(
        Source.PACKAGE,
        "endpoint-plain-http",
        "Plain http is for endpoints on this machine.",
        "Use https.",
        _endpoint_is_safe,
    ),
    _error(
        Source.DOCUMENTED,
        "endpoint-instance",
        "An endpoint of Tablestore starts with its instance's name.",
        "Make instance_name and the endpoint name the same instance.",
        _endpoint_instance,
    ),
    _error(
        Source.DOCUMENTED,
        "table-name",
        "A table's name has 1 to 255 letters, digits and underscores and does not start with "
        "a digit.",
        "Use letters, digits and underscores, no digit first.",
        _table_name,
    ),
    _error(
        Source.DOCUMENTED,
        "task-name",
        "A task's name has 3 to 16 lowercase letters, digits and hyphens, a letter or digit "
        "first and last. Existing tasks may break this; adopt_existing takes any name.",
        "Use 3 to 16 lowercase letters, digits and hyphens, a letter or digit first and last, "
        "or leave task_name out to have one derived.",
        _task_name,
    ),
    _error(
        Source.DOCUMENTED,
        "mode",
        "A task's mode is BASE_INC, INC or BASE.",
        "Use BASE_INC for all rows and then changes, INC for changes only, BASE for all rows once.",
        _mode,
    ),
    _error(
        Source.DOCUMENTED,
        "bucket-name",
        "A bucket's name has 3 to 63 lowercase letters, digits and hyphens, a letter or digit "
        "first and last.",
        "Give the bucket's name alone, without oss:// and without an endpoint.",
        _bucket_name,
    ),
    _error(
        Source.PACKAGE,
        "oss-endpoint",
        "An OSS endpoint is a host name.",
        "Write it like oss-cn-hangzhou.aliyuncs.com.",
        _oss_endpoint,
    ),
    _error(
        Source.DOCUMENTED,
        "oss-endpoint-region",
        "The bucket is in the instance's region.",
        "Use a bucket in the instance's region, and that region's OSS endpoint.",
        _oss_region,
    ),
    _warning(
        Source.DOCUMENTED,
        "delivery-region",
        "Delivery is documented for cn-hangzhou, cn-shanghai, cn-beijing, cn-zhangjiakou and "
        "cn-shenzhen; the list may be older than the service.",
        "Check that the region offers data delivery.",
        _delivery_region,
    ),
    _error(
        Source.DOCUMENTED,
        "role-arn",
        "The role is given by its ARN.",
        "Write it like acs:ram::<account id>:role/aliyunserviceroleforotsdatadelivery.",
        _role_arn,
    ),
    _error(
        Source.DOCUMENTED,
        "prefix",
        "A prefix is a part of an object's key: not empty, not starting with / or \\, and short "
        "enough that keys stay within 1,023 bytes.",
        "Write a folder like orders/year=$yyyy/month=$MM/.",
        _prefix_form,
    ),
    _error(
        Source.ASSUMED,
        "prefix-segments",
        "The folders of a prefix have names, other than . and .., of characters that can be seen.",
        "Write a folder like orders/year=$yyyy/month=$MM/.",
        _prefix_segments,
    ),
    _error(
        Source.DOCUMENTED,
        "prefix-variable",
        "The variables of a prefix are $yyyy, $MM, $dd, $HH and $mm.",
        "Use $yyyy, $MM, $dd, $HH or $mm.",
        _prefix_variables,
    ),
    _warning(
        Source.PACKAGE,
        "prefix-order",
        "A variable of time without the next coarser one puts different periods together.",
        "Add the coarser variable before it.",
        _prefix_order,
    ),
    _warning(
        Source.DOCUMENTED,
        "prefix-minutes",
        "Folders by minute hold files that are too small; the advice is objects of at least 4 MB.",
        "Partition by day or hour.",
        _minute_partitions,
    ),
    _error(
        Source.ASSUMED,
        "dirty-prefix-apart",
        "The dirty prefix lies outside the data prefix, or readers of the data find it.",
        "Give it a folder of its own.",
        _dirty_prefix_apart,
    ),
    _error(
        Source.DOCUMENTED,
        "schema-empty",
        "The Parquet schema has at least one column.",
        "Declare at least one column.",
        _schema_not_empty,
    ),
    _error(
        Source.SDK,
        "column-empty",
        "A column has a name, in the table and in the files.",
        "Give the column's name.",
        _column_names,
    ),
    _warning(
        Source.DOCUMENTED,
        "column-name",
        "A column's name has letters, digits and underscores and does not start with a digit; "
        "the SDKs let others pass.",
        "Check that the service takes it.",
        _column_characters,
    ),
    _error(
        Source.ASSUMED,
        "column-unique",
        "No two columns of the files have the same name, upper and lower case being the same to "
        "many readers.",
        "Give each column a name of its own.",
        _unique_destinations,
    ),
    _error(
        Source.SDK,
        "type",
        "A column's type is one that the protocol knows.",
        "Use BOOL for Boolean, INT64 for Integer, DOUBLE for Double, UTF8 for String; Binary "
        "columns cannot be delivered.",
        _known_types,
    ),
    _error(
        Source.DOCUMENTED,
        "type-undocumented",
        "Only BOOL, INT64, UTF8 and DOUBLE are documented.",
        "Use a documented type, or set allow_undocumented_types=True.",
        _documented_types,
    ),
    _error(
        Source.SDK,
        "type-extend-undocumented",
        "type_extend is in the protocol and in no documentation.",
        "Leave it out, or set allow_undocumented_types=True.",
        _type_extend,
    ),
    _error(
        Source.SDK,
        "encoding",
        "A column's encoding is one that the protocol knows.",
        "Leave it out to have PLAIN.",
        _known_encodings,
    ),
    _error(
        Source.PARQUET,
        "encoding-type",
        "An encoding fits the column's type: DELTA_BINARY_PACKED holds integers, "
        "DELTA_BYTE_ARRAY and DELTA_LENGTH_BYTE_ARRAY hold strings, PLAIN_DICTIONARY all but BOOL.",
        "Use PLAIN, or an encoding for this type.",
        _encoding_fits,
    ),
    _error(
        Source.DOCUMENTED,
        "event-time-format",
        "An event time is written as RFC822, RFC850, RFC1123, RFC3339 or Unix.",
        "Use the format that the column's values have.",
        _event_time_format,
    ),
    _error(
        Source.ASSUMED,
        "event-time-type",
        "An event time in Unix format is an INT64, in the others a UTF8.",
        "Change the format, or the column's type.",
        _event_time_type,
    ),
    _error(
        Source.DOCUMENTED,
        "format",
        "Files are Parquet.",
        "Leave it out.",
        _format,
    ),
    _error(
        Source.PACKAGE,
        "wait-for",
        "Create waits for none, initialized or synchronized.",
        "Use one of them.",
        _wait_for,
    ),
    _error(
        Source.PACKAGE,
        "timeout",
        "A time-out is above 0 seconds.",
        "Give a number of seconds above 0.",
        _timeout,
    ),
    _error(
        Source.PACKAGE,
        "ignore-rules",
        "ignore_rules holds ids of rules about the service.",
        "Take the id from the message of the rule, or from docs/rules.md.",
        _known_rules,
    ),
)

TABLE_RULES: Final[tuple[Rule, ...]] = (
    _error(
        Source.DOCUMENTED,
        "table-key-type",
        "A primary key is delivered as INT64 (Integer) or UTF8 (String); a Binary one cannot be.",
        "Use the type that fits, or leave the column out; a value that does not match is dropped.",
        _table_keys,
    ),
    _error(
        Source.DOCUMENTED,
        "table-column-type",
        "A defined column is delivered as INT64 (Integer), UTF8 (String), DOUBLE (Double) or BOOL "
        "(Boolean); a Binary one cannot be.",
        "Use the type that fits, or leave the column out; a value that does not match is dropped.",
        _table_defined,
    ),
    _error(
        Source.ASSUMED,
        "table-event-time",
        "An event time in Unix format is in an Integer column, in the others in a String column.",
        "Use the format that the column's values have, or another column.",
        _table_event_time,
    ),
)
"""Rules that need the table: judged where it can be asked, at preview."""

RULES: Final = (*INPUT_RULES, *TABLE_RULES)
