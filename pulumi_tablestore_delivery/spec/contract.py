"""The contract of a delivery task, as a table of rules.

Each rule has an id, a source, a severity and a remedy. `judge` applies all of them, so a
preview shows every violation at once. Rules skip a value that is not known yet. A task can
ignore a rule about the service by its id (`ignore_rules`), because the documentation may be
wrong. No task can ignore what the request cannot carry (rule `sendable`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pulumi_tablestore_delivery.errors import Violation
from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.spec.breaches import (
    place,
    prefix,
    readers,
    sampled,
    schema,
    sendable,
    task,
)
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.parts import may_ignore
from pulumi_tablestore_delivery.spec.properties import read_properties, suggestion
from pulumi_tablestore_delivery.spec.rule import (
    Find,
    Finding,
    Judgement,
    Rule,
    Severity,
    Source,
    Surroundings,
)
from pulumi_tablestore_delivery.spec.unknown import is_unknown


def judge(
    spec: DeliveryTaskDraft, surroundings: Surroundings, rules: tuple[Rule, ...] | None = None
) -> Judgement:
    """Apply the rules (all by default) that the task does not ignore."""
    judgement = Judgement([], [])
    for rule in RULES if rules is None else rules:
        if rule.can_be_ignored and may_ignore(spec, rule.id):
            continue
        for path, problem, *its_own in rule.find(spec, surroundings):
            severity = its_own[0] if its_own else rule.severity_in(surroundings)
            violation = Violation(
                path, problem, rule.id, rule.remedy, rule.source.value, severity.value
            )
            (judgement.errors if severity is Severity.ERROR else judgement.warnings).append(
                violation
            )
    return judgement


def judge_prefix(prefix: str) -> Judgement:
    """Apply the rules about prefixes to the prefix of a task that may exist."""
    rules = tuple(rule for rule in RULES if rule.id.partition("-")[0] in {"prefix", "partition"})
    spec = read_properties({"oss_prefix": prefix}).draft
    return judge(spec, Surroundings(is_unchanged=True), rules)


def _known_rules(spec: DeliveryTaskDraft, _: Surroundings) -> Iterator[Finding]:
    if is_unknown(spec.ignore_rules):
        return
    names = [rule.id for rule in RULES if rule.can_be_ignored]
    for index, name in enumerate(spec.ignore_rules or ()):
        if not is_unknown(name) and name not in names:
            yield (
                f"ignore_rules[{index}]",
                f"{name!r} is not a rule that can be ignored.{suggestion(name, names)}",
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
        task.instance_name,
    ),
    _error(
        Source.PACKAGE,
        "endpoint-url",
        "A Tablestore endpoint is an http or https URL without a path.",
        "Use a URL such as https://<instance>.<region>.ots.aliyuncs.com.",
        task.endpoint_url,
    ),
    _warning(
        Source.PACKAGE,
        "endpoint-plain-http",
        "Plain http is only for endpoints on this machine.",
        "Use https.",
        task.endpoint_is_safe,
    ),
    _error(
        Source.DOCUMENTED,
        "endpoint-instance",
        "An endpoint of Tablestore starts with its instance's name.",
        Message("Use the same instance in {.instance_name} and in the endpoint."),
        task.endpoint_instance,
    ),
    _error(
        Source.DOCUMENTED,
        "table-name",
        "A table's name has 1 to 255 letters, digits and underscores and does not start with "
        "a digit.",
        "Use letters, digits and underscores, no digit first.",
        task.table_name,
    ),
    _error(
        Source.DOCUMENTED,
        "task-name",
        "A task's name has 3 to 16 lowercase letters, digits and hyphens, a letter or digit "
        "first and last. An existing task may have another name; adopt_existing takes any name.",
        Message(
            "Use 3 to 16 lowercase letters, digits and hyphens, a letter or digit first and last, "
            "or leave {.task_name} out to derive a name."
        ),
        task.task_name,
    ),
    _error(
        Source.DOCUMENTED,
        "mode",
        "A task's mode is BASE_INC, INC or BASE.",
        "Use BASE_INC for all rows and then changes, INC for changes only, BASE for all rows once.",
        task.mode,
    ),
    _error(
        Source.DOCUMENTED,
        "bucket-name",
        "A bucket's name has 3 to 63 lowercase letters, digits and hyphens, a letter or digit "
        "first and last.",
        "Use the bucket's name alone, without oss:// and without an endpoint.",
        task.bucket_name,
    ),
    _error(
        Source.PACKAGE,
        "oss-endpoint",
        "An OSS endpoint is a host name.",
        "Use a host name such as oss-cn-hangzhou.aliyuncs.com.",
        task.oss_endpoint,
    ),
    _error(
        Source.DOCUMENTED,
        "oss-endpoint-region",
        "The bucket is in the instance's region.",
        "Use a bucket in the instance's region, and that region's OSS endpoint.",
        task.oss_region,
    ),
    _warning(
        Source.DOCUMENTED,
        "delivery-region",
        "The documentation names cn-hangzhou, cn-shanghai, cn-beijing, cn-zhangjiakou and "
        "cn-shenzhen for delivery. The list may be older than the service.",
        "Check that the region offers data delivery.",
        task.delivery_region,
    ),
    _error(
        Source.DOCUMENTED,
        "role-arn",
        "A role is identified by its ARN.",
        "Use an ARN such as acs:ram::<account id>:role/aliyunserviceroleforotsdatadelivery.",
        task.role_arn,
    ),
    _error(
        Source.DOCUMENTED,
        "prefix",
        "A prefix is the start of an object's key. It is not empty, does not start with / or \\, "
        "and is short enough for keys of 1,023 bytes.",
        "Use a folder such as orders/year=$yyyy/month=$MM/.",
        prefix.prefix_form,
    ),
    _error(
        Source.ASSUMED,
        "prefix-segments",
        "The folders of a prefix have visible names other than . and .. (dots alone).",
        "Use a folder such as orders/year=$yyyy/month=$MM/.",
        prefix.prefix_segments,
    ),
    _error(
        Source.DOCUMENTED,
        "prefix-variable",
        "The variables of a prefix are $yyyy, $MM, $dd, $HH and $mm.",
        "Use $yyyy, $MM, $dd, $HH or $mm.",
        prefix.prefix_variables,
    ),
    _warning(
        Source.PACKAGE,
        "prefix-order",
        "A time variable comes with the next coarser one, or different periods share a folder.",
        "Add the coarser variable before it.",
        prefix.prefix_order,
    ),
    _warning(
        Source.DOCUMENTED,
        "prefix-minutes",
        "Folders by minute hold small files. The service's advice is objects of at least 4 MB.",
        "Partition by day or hour.",
        prefix.minute_partitions,
    ),
    Rule(
        "partition-column",
        Severity.ERROR,
        Source.READERS,
        "A partition column (the folder month=$MM makes month) has a name of its own: no data "
        "column and no other partition column has it, in upper or lower case.",
        Message(
            "Rename the folder in {.oss_prefix}, or the column in the files (name in "
            "{.parquet_schema})."
        ),
        readers.partition_columns,
        only_for_new=True,
    ),
    _warning(
        Source.READERS,
        "prefix-time",
        "A time in a prefix is written with $yyyy, $MM (months), $dd, $HH and $mm (minutes). The "
        "service does not fill in another notation, such as %Y or {yyyy}, so all rows go to one "
        "folder. A shell or make may have removed the variables.",
        "Correct it before the task is created, because a change takes a new task. Quote $ for "
        "your shell.",
        readers.prefix_time,
    ),
    _warning(
        Source.READERS,
        "prefix-hidden",
        "A folder with a time, or below one, does not start with _ or a dot: readers hide such "
        "folders.",
        "Use a name that starts with a letter.",
        readers.prefix_hidden,
    ),
    _warning(
        Source.READERS,
        "prefix-characters",
        "A prefix does not have characters that readers cannot take: : { } [ ] * \\ ?. "
        "A partition column's name has letters, digits and underscores only.",
        "Use letters, digits, hyphens and underscores, such as dt=$yyyy-$MM-$dd.",
        readers.prefix_characters,
    ),
    _error(
        Source.ASSUMED,
        "dirty-prefix-apart",
        "The dirty prefix is outside the data prefix, because readers of the data would read it.",
        "Use a separate folder.",
        prefix.dirty_prefix_apart,
    ),
    _error(
        Source.ASSUMED,
        "unique-prefix",
        "Two tasks of a stack do not write to the same folder, because readers would get the "
        "rows of both.",
        Message("Use another {.oss_prefix} for each task."),
        place.unique_prefix,
    ),
    _warning(
        Source.ASSUMED,
        "nested-prefix",
        "A task does not write inside the folder of another task of the stack, because readers of "
        "the outer folder would get the rows of both.",
        "Use folders side by side.",
        place.nested_prefix,
    ),
    _error(
        Source.ASSUMED,
        "bucket-environment",
        "A stack does not write to the bucket of another environment. The names of stack and "
        "bucket are compared (dev, test, staging, prod and the like, as separate words).",
        "Check the stack's configuration. If the bucket is right, ignore this rule.",
        place.bucket_environment,
    ),
    _error(
        Source.PACKAGE,
        "allowed-buckets",
        "If tablestore:allowedBuckets is set, a stack writes only to the buckets that it names.",
        "Check the stack's configuration.",
        place.allowed_bucket,
    ),
    _error(
        Source.DOCUMENTED,
        "schema-empty",
        "The Parquet schema has at least one column.",
        "Declare at least one column.",
        schema.schema_not_empty,
    ),
    _error(
        Source.SDK,
        "column-empty",
        "A column has a name, in the table and in the files.",
        "Set the column's name.",
        schema.column_names,
    ),
    _warning(
        Source.DOCUMENTED,
        "column-name",
        "A column's name has letters, digits and underscores and does not start with a digit. "
        "The SDKs accept other names too.",
        "Check that the service accepts it.",
        schema.column_characters,
    ),
    _error(
        Source.ASSUMED,
        "column-unique",
        "Two columns of the files do not have the same name. Many readers ignore the case.",
        "Use another name for each column.",
        schema.unique_destinations,
    ),
    _error(
        Source.SDK,
        "type",
        "A column's type is in the protocol.",
        "Use BOOL for Boolean, INT64 for Integer, DOUBLE for Double, UTF8 for String; Binary "
        "columns cannot be delivered.",
        schema.known_types,
    ),
    _error(
        Source.DOCUMENTED,
        "type-undocumented",
        "The documentation names only BOOL, INT64, UTF8 and DOUBLE.",
        Message("Use a documented type, or set {.allow_undocumented_types=True}."),
        schema.documented_types,
    ),
    _error(
        Source.SDK,
        "type-extend-undocumented",
        "type_extend is in the protocol, but not in the documentation.",
        Message("Leave it out, or set {.allow_undocumented_types=True}."),
        schema.type_extend,
    ),
    _error(
        Source.SDK,
        "encoding",
        "A column's encoding is in the protocol.",
        "Leave it out to use PLAIN.",
        schema.known_encodings,
    ),
    _error(
        Source.PARQUET,
        "encoding-type",
        "An encoding fits the column's type: DELTA_BINARY_PACKED holds integers, "
        "DELTA_BYTE_ARRAY and DELTA_LENGTH_BYTE_ARRAY hold strings, PLAIN_DICTIONARY holds any "
        "type except BOOL.",
        "Use PLAIN, or an encoding for this type.",
        schema.encoding_fits,
    ),
    _warning(
        Source.READERS,
        "external-table",
        "An external table (tablestore-delivery ddl) can have every column of the files: each has "
        "a type there, and a name that no time in the folders takes ($yyyy/ makes year).",
        "Use another type or name, or leave the column out of the table (--exclude-column).",
        readers.external_table,
    ),
    _error(
        Source.DOCUMENTED,
        "event-time-format",
        "An event time has the format RFC822, RFC850, RFC1123, RFC3339 or Unix.",
        "Use the format of the column's values.",
        schema.event_time_format,
    ),
    _error(
        Source.ASSUMED,
        "event-time-type",
        "An event time in Unix format is an INT64; in another format it is a UTF8.",
        "Change the format, or the column's type.",
        schema.event_time_type,
    ),
    _error(
        Source.DOCUMENTED,
        "format",
        "The format of the files is Parquet.",
        "Leave it out.",
        task.file_format,
    ),
    _error(
        Source.PACKAGE,
        "sendable",
        "A value that an ignored rule lets through can still be sent: mode, format, type, encoding "
        "and event-time format have a number in the protocol (or are written as "
        "UNRECOGNIZED_<number>), and the names of instance and table fit a request and an id.",
        "Use a value that the rule allows; ignoring the rule cannot help here.",
        sendable.sendable_values,
    ),
    _error(
        Source.PACKAGE,
        "wait-for",
        "wait_for is none, initialized or synchronized.",
        "Use one of them.",
        task.wait_for,
    ),
    _error(
        Source.PACKAGE,
        "timeout",
        "A timeout is more than 0 seconds.",
        "Use a number of seconds above 0.",
        task.timeout,
    ),
    _error(
        Source.PACKAGE,
        "ignore-rules",
        "ignore_rules lists ids of rules about the service.",
        "Use an id from a rule's message, or from docs/rules.md.",
        _known_rules,
    ),
)

TABLE_RULES: Final[tuple[Rule, ...]] = (
    _error(
        Source.DOCUMENTED,
        "table-key-type",
        "A primary key is delivered as INT64 (Integer) or UTF8 (String). A Binary key cannot be "
        "delivered.",
        "Use the type that fits, or leave the column out. The service drops a value that does not "
        "match.",
        schema.table_keys,
    ),
    _error(
        Source.DOCUMENTED,
        "table-column-type",
        "A defined column is delivered as INT64 (Integer), UTF8 (String), DOUBLE (Double) or BOOL "
        "(Boolean). A Binary column cannot be delivered.",
        "Use the type that fits, or leave the column out. The service drops a value that does not "
        "match.",
        schema.table_defined,
    ),
    _error(
        Source.ASSUMED,
        "table-event-time",
        "An event time in Unix format is in an Integer column; in another format it is in a "
        "String column.",
        "Use the format of the column's values, or another column.",
        schema.table_event_time,
    ),
)
"""Rules that need the table's description; preview applies them."""

SAMPLE_RULES: Final[tuple[Rule, ...]] = (
    _error(
        Source.DOCUMENTED,
        "sampled-type",
        "The values of sampled rows have the type that the schema declares. If all of at least 5 "
        "values would be dropped, this is an error. If there are fewer values, or if the mode is "
        "INC, it is a warning.",
        "Use the type that fits, or leave the column out. The service drops a value that does not "
        "match.",
        sampled.sampled_type,
    ),
    _warning(
        Source.DOCUMENTED,
        "sampled-type-mixed",
        "The sampled values of a column all have the same type.",
        "Write values of one type, or deliver another column. The service drops a value that does "
        "not match.",
        sampled.sampled_type_mixed,
    ),
    _warning(
        Source.ASSUMED,
        "sampled-column",
        "A column of the schema, and the column of the event time, is in at least one sampled row.",
        "Check the column's name, upper and lower case too.",
        sampled.sampled_column,
    ),
    _error(
        Source.ASSUMED,
        "sampled-event-time",
        "The sampled values of the event-time column have its format. If none has, this is an "
        "error. If some do not, if the mode is INC, or if Unix times are too large for seconds, it "
        "is a warning.",
        "Use the format of the column's values, or another column.",
        sampled.sampled_event_time,
    ),
)
"""Rules that need a sample of the table's rows; preview applies them."""

TASK_RULES: Final[tuple[Rule, ...]] = (
    _warning(
        Source.ASSUMED,
        "folder-shared",
        "No task outside the stack writes to the same folder, inside it or around it, because "
        "readers would get the rows of both. Preview compares the tasks of the same table.",
        Message("Use another {.oss_prefix}, or remove the other task."),
        place.folder_shared,
    ),
    _error(
        Source.DOCUMENTED,
        "replacement-gap",
        "A task of mode INC is not replaced under the same name, because the old task is deleted "
        "first, and rows written before the new one runs are not delivered.",
        Message(
            "Leave {.task_name} out or give another one: then the new task is created before the "
            "old one is deleted. Or use BASE_INC, which delivers all rows again. If nobody writes "
            "to the table meanwhile, or if the rows do not matter, ignore this rule."
        ),
        task.replacement_gap,
    ),
)
"""Rules that need the tasks that the service has; check asks for them."""

RULES: Final = (*INPUT_RULES, *TABLE_RULES, *SAMPLE_RULES, *TASK_RULES)
