"""The contract of a delivery task, as a table of rules.

Each rule has an id, says where it comes from and how grave a breach is, and names the
remedy. `judge` applies all of them, so that a preview shows every breach at once. A value
that is not known yet is passed over, never guessed. A rule of the service can be switched
off for a task by its id (`ignore_rules`), so that a wrong document never blocks anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pulumi_tablestore_delivery.errors import Violation
from pulumi_tablestore_delivery.spec.breaches import place, prefix, schema, sendable, task
from pulumi_tablestore_delivery.spec.model import DeliveryTaskSpec, is_known
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


def judge_prefix(prefix: str) -> Judgement:
    """Judges a prefix by itself, by the rules about prefixes."""
    rules = tuple(rule for rule in RULES if rule.id.partition("-")[0] == "prefix")
    return judge(read_properties({"oss_prefix": prefix}).spec, Surroundings(), rules)


def _known_rules(spec: DeliveryTaskSpec, _: Surroundings) -> Iterator[Finding]:
    if not is_known(spec.ignore_rules):
        return
    names = [rule.id for rule in RULES if rule.can_be_ignored]
    for index, name in enumerate(spec.ignore_rules or []):
        if name not in names:
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
        "Write it like https://<instance>.<region>.ots.aliyuncs.com.",
        task.endpoint_url,
    ),
    _warning(
        Source.PACKAGE,
        "endpoint-plain-http",
        "Plain http is for endpoints on this machine.",
        "Use https.",
        task.endpoint_is_safe,
    ),
    _error(
        Source.DOCUMENTED,
        "endpoint-instance",
        "An endpoint of Tablestore starts with its instance's name.",
        "Make instance_name and the endpoint name the same instance.",
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
        "first and last. Existing tasks may break this; adopt_existing takes any name.",
        "Use 3 to 16 lowercase letters, digits and hyphens, a letter or digit first and last, "
        "or leave task_name out to have one derived.",
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
        "Give the bucket's name alone, without oss:// and without an endpoint.",
        task.bucket_name,
    ),
    _error(
        Source.PACKAGE,
        "oss-endpoint",
        "An OSS endpoint is a host name.",
        "Write it like oss-cn-hangzhou.aliyuncs.com.",
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
        "Delivery is documented for cn-hangzhou, cn-shanghai, cn-beijing, cn-zhangjiakou and "
        "cn-shenzhen; the list may be older than the service.",
        "Check that the region offers data delivery.",
        task.delivery_region,
    ),
    _error(
        Source.DOCUMENTED,
        "role-arn",
        "The role is given by its ARN.",
        "Write it like acs:ram::<account id>:role/aliyunserviceroleforotsdatadelivery.",
        task.role_arn,
    ),
    _error(
        Source.DOCUMENTED,
        "prefix",
        "A prefix is a part of an object's key: not empty, not starting with / or \\, and short "
        "enough that keys stay within 1,023 bytes.",
        "Write a folder like orders/year=$yyyy/month=$MM/.",
        prefix.prefix_form,
    ),
    _error(
        Source.ASSUMED,
        "prefix-segments",
        "The folders of a prefix have names, other than . and .., of characters that can be seen.",
        "Write a folder like orders/year=$yyyy/month=$MM/.",
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
        "A variable of time without the next coarser one puts different periods together.",
        "Add the coarser variable before it.",
        prefix.prefix_order,
    ),
    _warning(
        Source.DOCUMENTED,
        "prefix-minutes",
        "Folders by minute hold files that are too small; the advice is objects of at least 4 MB.",
        "Partition by day or hour.",
        prefix.minute_partitions,
    ),
    _error(
        Source.ASSUMED,
        "dirty-prefix-apart",
        "The dirty prefix lies outside the data prefix, or readers of the data find it.",
        "Give it a folder of its own.",
        prefix.dirty_prefix_apart,
    ),
    _error(
        Source.ASSUMED,
        "unique-prefix",
        "No two tasks of a stack write to the same folder: a reader would get the rows of both.",
        "Give each task an oss_prefix of its own.",
        place.unique_prefix,
    ),
    _warning(
        Source.ASSUMED,
        "nested-prefix",
        "No task of a stack writes inside the folder of another: a reader of the outer one would "
        "get the rows of both.",
        "Give each task a folder beside the other.",
        place.nested_prefix,
    ),
    _error(
        Source.ASSUMED,
        "bucket-environment",
        "A stack does not write to another environment's bucket, as far as their names tell "
        "(dev, test, staging, prod and the like, as a word of its own).",
        "Check the stack's configuration; if the bucket is right, ignore this rule.",
        place.bucket_environment,
    ),
    _error(
        Source.PACKAGE,
        "allowed-buckets",
        "A stack writes to the buckets that tablestore:allowedBuckets names, if it is set.",
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
        "Give the column's name.",
        schema.column_names,
    ),
    _warning(
        Source.DOCUMENTED,
        "column-name",
        "A column's name has letters, digits and underscores and does not start with a digit; "
        "the SDKs let others pass.",
        "Check that the service takes it.",
        schema.column_characters,
    ),
    _error(
        Source.ASSUMED,
        "column-unique",
        "No two columns of the files have the same name, upper and lower case being the same to "
        "many readers.",
        "Give each column a name of its own.",
        schema.unique_destinations,
    ),
    _error(
        Source.SDK,
        "type",
        "A column's type is one that the protocol knows.",
        "Use BOOL for Boolean, INT64 for Integer, DOUBLE for Double, UTF8 for String; Binary "
        "columns cannot be delivered.",
        schema.known_types,
    ),
    _error(
        Source.DOCUMENTED,
        "type-undocumented",
        "Only BOOL, INT64, UTF8 and DOUBLE are documented.",
        "Use a documented type, or set allow_undocumented_types=True.",
        schema.documented_types,
    ),
    _error(
        Source.SDK,
        "type-extend-undocumented",
        "type_extend is in the protocol and in no documentation.",
        "Leave it out, or set allow_undocumented_types=True.",
        schema.type_extend,
    ),
    _error(
        Source.SDK,
        "encoding",
        "A column's encoding is one that the protocol knows.",
        "Leave it out to have PLAIN.",
        schema.known_encodings,
    ),
    _error(
        Source.PARQUET,
        "encoding-type",
        "An encoding fits the column's type: DELTA_BINARY_PACKED holds integers, "
        "DELTA_BYTE_ARRAY and DELTA_LENGTH_BYTE_ARRAY hold strings, PLAIN_DICTIONARY all but BOOL.",
        "Use PLAIN, or an encoding for this type.",
        schema.encoding_fits,
    ),
    _error(
        Source.DOCUMENTED,
        "event-time-format",
        "An event time is written as RFC822, RFC850, RFC1123, RFC3339 or Unix.",
        "Use the format that the column's values have.",
        schema.event_time_format,
    ),
    _error(
        Source.ASSUMED,
        "event-time-type",
        "An event time in Unix format is an INT64, in the others a UTF8.",
        "Change the format, or the column's type.",
        schema.event_time_type,
    ),
    _error(
        Source.DOCUMENTED,
        "format",
        "Files are Parquet.",
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
        "Create waits for none, initialized or synchronized.",
        "Use one of them.",
        task.wait_for,
    ),
    _error(
        Source.PACKAGE,
        "timeout",
        "A time-out is above 0 seconds.",
        "Give a number of seconds above 0.",
        task.timeout,
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
        schema.table_keys,
    ),
    _error(
        Source.DOCUMENTED,
        "table-column-type",
        "A defined column is delivered as INT64 (Integer), UTF8 (String), DOUBLE (Double) or BOOL "
        "(Boolean); a Binary one cannot be.",
        "Use the type that fits, or leave the column out; a value that does not match is dropped.",
        schema.table_defined,
    ),
    _error(
        Source.ASSUMED,
        "table-event-time",
        "An event time in Unix format is in an Integer column, in the others in a String column.",
        "Use the format that the column's values have, or another column.",
        schema.table_event_time,
    ),
)
"""Rules that need the table: judged where it can be asked, at preview."""

RULES: Final = (*INPUT_RULES, *TABLE_RULES)
