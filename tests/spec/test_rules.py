"""The rules: violations, valid inputs, and unknown values."""

import time
from copy import deepcopy
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.specs import BAG

from pulumi_tablestore_delivery.client import codec
from pulumi_tablestore_delivery.lifecycle import TaskId
from pulumi_tablestore_delivery.spec.model import known
from pulumi_tablestore_delivery.spec.properties import draft_of, read_properties
from pulumi_tablestore_delivery.spec.rule import Needs, Severity
from pulumi_tablestore_delivery.spec.rules import (
    RULES,
    judge,
    rule_of,
    rules_that_need,
)
from pulumi_tablestore_delivery.spec.surroundings import Destination, Surroundings, TableColumns
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN

HANGZHOU = Surroundings(region="cn-hangzhou", endpoint="https://inst.cn-hangzhou.ots.aliyuncs.com")


def column(**keys):
    return {"source": "a", "type": "UTF8", **keys}


def schema(*columns):
    return {"parquet_schema": list(columns)}


def event(column, how):
    return {"event_time_column": {"column": column, "format": how}}


ERRORS = [
    ("instance-name", "instance_name", {"instance_name": "1nst"}),
    ("instance-name", "instance_name", {"instance_name": "a-name-that-is-too-long"}),
    ("table-name", "table_name", {"table_name": "1orders"}),
    ("table-name", "table_name", {"table_name": "or-ders"}),
    ("task-name", "task_name", {"task_name": "Bad_Name"}),
    ("task-name", "task_name", {"task_name": "ab"}),
    ("task-name", "task_name", {"task_name": "a" * 17}),
    ("task-name", "task_name", {"task_name": "-abc"}),
    ("task-name", "task_name", {"task_name": "abc-"}),
    ("mode", "mode", {"mode": "FULL"}),
    ("mode", "mode", {"mode": "base_inc"}),
    ("bucket-name", "oss_bucket", {"oss_bucket": "oss://my-lake"}),
    ("bucket-name", "oss_bucket", {"oss_bucket": "My-Lake"}),
    ("oss-endpoint", "oss_endpoint", {"oss_endpoint": "oss-cn-hangzhou.aliyuncs.com/x"}),
    ("oss-endpoint", "oss_endpoint", {"oss_endpoint": "http://[::1"}),
    ("oss-endpoint", "oss_endpoint", {"oss_endpoint": "["}),
    ("oss-endpoint", "oss_endpoint", {"oss_endpoint": "host:99999"}),
    ("oss-endpoint", "oss_endpoint", {"oss_endpoint": "user:word@host"}),
    ("oss-endpoint", "oss_endpoint", {"oss_endpoint": "oss-cn-hangzhou.aliyuncs.com\n"}),
    (
        "oss-endpoint-region",
        "oss_endpoint",
        {"oss_endpoint": "my-lake.oss-cn-beijing.aliyuncs.com"},
    ),
    ("oss-endpoint-region", "oss_endpoint", {"oss_endpoint": "oss-cn-beijing.aliyuncs.com"}),
    (
        "oss-endpoint-region",
        "oss_endpoint",
        {"oss_endpoint": "https://oss-cn-beijing-internal.aliyuncs.com"},
    ),
    ("role-arn", "role_arn", {"role_arn": "aliyunserviceroleforotsdatadelivery"}),
    ("role-arn", "role_arn", {"role_arn": "acs:ram::123:user/me"}),
    ("prefix", "oss_prefix", {"oss_prefix": "/x/$yyyy/"}),
    ("prefix", "oss_prefix", {"oss_prefix": "\\x/"}),
    ("prefix", "oss_prefix", {"oss_prefix": ""}),
    ("prefix", "oss_prefix", {"oss_prefix": "é" * 300}),
    ("prefix", "oss_dirty_prefix", {"oss_dirty_prefix": "/dirty/"}),
    ("prefix-segments", "oss_prefix", {"oss_prefix": "a//b/"}),
    ("prefix-segments", "oss_prefix", {"oss_prefix": "a/b//"}),
    ("prefix-segments", "oss_prefix", {"oss_prefix": "./a/"}),
    ("prefix-segments", "oss_prefix", {"oss_prefix": "a/../b/"}),
    ("prefix-segments", "oss_prefix", {"oss_prefix": "a/\n/"}),
    ("prefix-segments", "oss_dirty_prefix", {"oss_dirty_prefix": "dirty//x/"}),
    ("prefix-variable", "oss_prefix", {"oss_prefix": "x/$yy/"}),
    ("prefix-variable", "oss_prefix", {"oss_prefix": "x/$YYYY/"}),
    ("prefix-variable", "oss_prefix", {"oss_prefix": "x/$yyyyMM/"}),
    ("prefix-variable", "oss_prefix", {"oss_prefix": "x/${yyyy}/"}),
    ("prefix-variable", "oss_prefix", {"oss_prefix": "x/$/"}),
    ("dirty-prefix-apart", "oss_dirty_prefix", {"oss_dirty_prefix": "orders/dirty/"}),
    (
        "dirty-prefix-apart",
        "oss_dirty_prefix",
        {"oss_prefix": "orders/", "oss_dirty_prefix": "orders"},
    ),
    (
        "dirty-prefix-apart",
        "oss_dirty_prefix",
        {"oss_prefix": "orders", "oss_dirty_prefix": "orders/dirty"},
    ),
    (
        "dirty-prefix-apart",
        "oss_dirty_prefix",
        {"oss_prefix": "orders-$yyyy/", "oss_dirty_prefix": "orders-dirty/"},
    ),
    (
        "partition-column",
        "parquet_schema[0].name",
        {"oss_prefix": "x/a=$yyyy/", **schema(column(name="A"))},
    ),
    (
        "partition-column",
        "parquet_schema[0].name",
        {"oss_prefix": "a=eu/x/$yyyy/", **schema(column())},
    ),
    ("partition-column", "oss_prefix", {"oss_prefix": "x/day=$yyyy-$MM/Day=$dd/"}),
    ("schema-empty", "parquet_schema", schema()),
    ("column-empty", "parquet_schema[0].source", schema(column(source="", name="x"))),
    ("column-empty", "parquet_schema[0].source", schema(column(source=""))),
    ("column-empty", "event_time_column.column", event("", "Unix")),
    ("column-unique", "parquet_schema[1].name", schema(column(), column())),
    ("column-unique", "parquet_schema[1].name", schema(column(), column(name="A"))),
    ("type", "parquet_schema[0].type", schema(column(type="VARCHAR"))),
    ("type", "parquet_schema[0].type", schema(column(type="utf8"))),
    ("type", "parquet_schema[0].type", schema(column(type="BINARY"))),
    ("type-undocumented", "parquet_schema[0].type", schema(column(type="DATE"))),
    ("type-extend-undocumented", "parquet_schema[0].type_extend", schema(column(type_extend="x"))),
    ("encoding", "parquet_schema[0].encoding", schema(column(encoding="RLE"))),
    ("encoding-type", "parquet_schema[0].encoding", schema(column(encoding="DELTA_BINARY_PACKED"))),
    (
        "encoding-type",
        "parquet_schema[0].encoding",
        schema(column(type="INT64", encoding="DELTA_BYTE_ARRAY")),
    ),
    (
        "encoding-type",
        "parquet_schema[0].encoding",
        schema(column(type="BOOL", encoding="PLAIN_DICTIONARY")),
    ),
    ("event-time-format", "event_time_column.format", event("t", "ISO8601")),
    (
        "event-time-format",
        "event_time_column.format",
        {**schema(column(type="INT64")), **event("a", "unix")},
    ),
    ("event-time-type", "event_time_column.format", event("order_id", "Unix")),
    ("event-time-type", "event_time_column.format", event("amount", "RFC3339")),
    ("format", "format", {"format": "CSV"}),
    ("sendable", "mode", {"mode": "FULL", "ignore_rules": ["mode"]}),
    ("sendable", "mode", {"mode": "UNRECOGNIZED_2147483648", "ignore_rules": ["mode"]}),
    ("sendable", "format", {"format": "CSV", "ignore_rules": ["format"]}),
    (
        "sendable",
        "parquet_schema[0].type",
        {**schema(column(type="VARCHAR")), "ignore_rules": ["type"]},
    ),
    (
        "sendable",
        "parquet_schema[0].encoding",
        {**schema(column(encoding="UNRECOGNIZED_²")), "ignore_rules": ["encoding"]},
    ),
    (
        "sendable",
        "event_time_column.format",
        {**event("t", "ISO8601"), "ignore_rules": ["event-time-format"]},
    ),
    ("sendable", "table_name", {"table_name": "a/b", "ignore_rules": ["table-name"]}),
    ("sendable", "table_name", {"table_name": "", "ignore_rules": ["table-name"]}),
    ("sendable", "instance_name", {"instance_name": "a/b", "ignore_rules": ["instance-name"]}),
    ("sendable", "instance_name", {"instance_name": "数", "ignore_rules": ["instance-name"]}),
    ("sendable", "instance_name", {"instance_name": "a\nb", "ignore_rules": ["instance-name"]}),
    ("wait-for", "wait_for", {"wait_for": "done"}),
    ("timeout", "timeout_seconds", {"timeout_seconds": 0}),
    ("ignore-rules", "ignore_rules[0]", {"ignore_rules": ["tsak-name"]}),
    ("ignore-rules", "ignore_rules[0]", {"ignore_rules": ["timeout"]}),
]
NEIGHBOR = {"neighbors": (Destination("views", "my-lake", "taken/$yyyy/"),)}
DESTINATIONS = [
    ("unique-prefix", {"oss_prefix": "taken/$yyyy"}, NEIGHBOR),
    ("nested-prefix", {"oss_prefix": "taken/"}, NEIGHBOR),
    ("nested-prefix", {"oss_prefix": "taken/$yyyy/$MM/"}, NEIGHBOR),
    ("bucket-environment", {"oss_bucket": "lake-prod"}, {"stack": "dev"}),
    ("bucket-environment", {"oss_bucket": "staging-lake"}, {"stack": "eu-production"}),
    ("bucket-environment", {"oss_bucket": "test-lake"}, {"stack": "prod"}),
    ("allowed-buckets", {}, {"allowed_buckets": ("other", "your-*")}),
]
NO_MATTER = [
    ({"oss_prefix": "taken/all/"}, NEIGHBOR),
    ({"oss_prefix": "taken-too/$yyyy/"}, NEIGHBOR),
    ({"oss_prefix": "taken/$yyyy/", "oss_bucket": "another-lake"}, NEIGHBOR),
    ({"oss_prefix": UNKNOWN}, NEIGHBOR),
    ({"oss_prefix": "taken/$yyyy/", "ignore_rules": ["unique-prefix"]}, NEIGHBOR),
    ({"oss_bucket": "lake-dev"}, {"stack": "dev"}),
    ({"oss_bucket": "test-lake"}, {"stack": "dev"}),
    ({"oss_bucket": "lake-prod"}, {"stack": "alice"}),
    ({"oss_bucket": "product-lake"}, {"stack": "dev"}),
    ({"oss_bucket": UNKNOWN}, {"stack": "dev", "allowed_buckets": ("other",)}),
    ({}, {"allowed_buckets": ("other", "my-*")}),
]

WARNINGS = [
    ("prefix-order", "oss_prefix", {"oss_prefix": "x/$yyyy/$dd/"}),
    ("prefix-minutes", "oss_prefix", {"oss_prefix": "x/$yyyy/$MM/$dd/$HH/$mm/"}),
    ("column-name", "parquet_schema[0].source", schema(column(source="数量"))),
    ("prefix-time", "oss_prefix", {"oss_prefix": "x/year=%Y/"}),
    ("prefix-time", "oss_prefix", {"oss_prefix": "x/region=/"}),
    ("prefix-time", "oss_dirty_prefix", {"oss_dirty_prefix": "dirty/year=/"}),
    ("prefix-hidden", "oss_prefix", {"oss_prefix": "x/_dt=$yyyy-$MM-$dd/"}),
    ("prefix-hidden", "oss_prefix", {"oss_prefix": "x/_$yyyy/"}),
    ("prefix-hidden", "oss_prefix", {"oss_prefix": "x/$yyyy/.part/"}),
    ("prefix-characters", "oss_prefix", {"oss_prefix": "x/dt=$yyyy-$MM-$dd $HH:00/"}),
    ("prefix-characters", "oss_prefix", {"oss_prefix": "{region}/$yyyy/"}),
    ("prefix-characters", "oss_prefix", {"oss_prefix": "a[b]*/$yyyy/"}),
    ("prefix-characters", "oss_prefix", {"oss_prefix": "a\\b/$yyyy/"}),
    ("prefix-characters", "oss_prefix", {"oss_prefix": "a?b/$yyyy/"}),
    ("prefix-characters", "oss_prefix", {"oss_prefix": "x/order-year=$yyyy/"}),
    (
        "external-table",
        "parquet_schema[0].name",
        {"oss_prefix": "x/$yyyy/", **schema(column(name="Year"))},
    ),
    (
        "external-table",
        "parquet_schema[0].type",
        {"allow_undocumented_types": True, **schema(column(type="DECIMAL"))},
    ),
]


TABLE = [
    ("table-key-type", "parquet_schema[0].type", schema(column(source="id", type="INT64"))),
    ("table-key-type", "parquet_schema[0].source", schema(column(source="blob"))),
    ("table-column-type", "parquet_schema[0].type", schema(column(source="paid", type="INT64"))),
    ("table-column-type", "parquet_schema[0].source", schema(column(source="picture"))),
    ("table-event-time", "event_time_column.format", event("id", "Unix")),
    ("table-event-time", "event_time_column.format", event("at", "RFC822")),
]
COLUMNS = TableColumns(
    keys={"id": "STRING", "blob": "BINARY", "at": "INTEGER"},
    defined={"paid": "BOOLEAN", "picture": "BINARY"},
)


@pytest.mark.parametrize(("rule", "path", "change"), TABLE, ids=lambda v: str(v)[:50])
def test_column_that_does_not_fit_the_table_is_an_error(rule, path, change):
    spec = draft_of({**BAG, **change})
    found = judge(spec, Surroundings(table=COLUMNS), rules_that_need(Needs.TABLE)).errors
    assert [(item.rule, item.path) for item in found] == [(rule, path)]
    assert judge(spec, Surroundings(), rules_that_need(Needs.TABLE)).errors == []


@pytest.mark.parametrize("how", ["unix", "UNRECOGNIZED_6"])
@pytest.mark.parametrize("name", ["at", "id"])
def test_unknown_event_time_format_is_not_compared_with_the_table(name, how):
    spec = draft_of({**BAG, **event(name, how)})
    assert judge(spec, Surroundings(table=COLUMNS), rules_that_need(Needs.TABLE)).errors == []


def test_columns_that_fit_the_table_or_are_not_declared_pass():
    columns = [column(source="id"), column(source="paid", type="BOOL"), column(source="free")]
    spec = draft_of({**BAG, **schema(*columns), **event("at", "Unix")})
    assert judge(spec, Surroundings(table=COLUMNS), rules_that_need(Needs.TABLE)).errors == []


@pytest.mark.parametrize(("rule", "path", "change"), ERRORS, ids=lambda v: str(v)[:50])
def test_invalid_input_is_an_error_of_its_rule(rule, path, change):
    around = Surroundings(region="cn-hangzhou") if "instance_name" in change else HANGZHOU
    judgment = judge(draft_of({**BAG, **change}), around)
    assert [(item.rule, item.path) for item in judgment.errors] == [(rule, path)]


@pytest.mark.parametrize(("rule", "change", "around"), DESTINATIONS)
def test_shared_or_nested_folder_is_reported(rule, change, around):
    judgment = judge(draft_of({**BAG, **change}), replace(HANGZHOU, **around))
    (found,) = [*judgment.errors, *judgment.warnings]
    assert found.rule == rule
    assert found.path in {"oss_bucket", "oss_prefix"}
    assert bool(judgment.warnings) == (rule == "nested-prefix")


@pytest.mark.parametrize(("change", "around"), NO_MATTER)
def test_separate_folders_pass(change, around):
    judgment = judge(draft_of({**BAG, **change}), replace(HANGZHOU, **around))
    assert [*judgment.errors, *judgment.warnings] == []


@pytest.mark.parametrize(("rule", "path", "change"), WARNINGS, ids=lambda v: str(v)[:50])
def test_questionable_input_is_a_warning_of_its_rule(rule, path, change):
    judgment = judge(draft_of({**BAG, **change}), HANGZHOU)
    assert judgment.errors == []
    assert [(item.rule, item.path) for item in judgment.warnings] == [(rule, path)]


@pytest.mark.parametrize(
    ("rule", "severity", "around"),
    [
        ("endpoint-url", "error", Surroundings(endpoint="inst.cn-hangzhou.ots.aliyuncs.com")),
        ("endpoint-url", "error", Surroundings(endpoint="https://host/path")),
        ("endpoint-url", "error", Surroundings(endpoint="http://127.0.0.1:abc")),
        ("endpoint-url", "error", Surroundings(endpoint="http://127.0.0.1:99999")),
        ("endpoint-url", "error", Surroundings(endpoint="http://[::1")),
        ("endpoint-url", "error", Surroundings(endpoint="https://host?x")),
        ("endpoint-url", "error", Surroundings(endpoint="https://me:word@host")),
        ("endpoint-url", "error", Surroundings(endpoint="https://ho st")),
        ("endpoint-url", "error", Surroundings(endpoint="https://host\n")),
        ("endpoint-url", "error", Surroundings(endpoint="\thttps://host")),
        ("endpoint-url", "error", Surroundings(endpoint="https://ho\nst")),
        (
            "endpoint-instance",
            "error",
            Surroundings(endpoint="https://other.cn-hangzhou.ots.aliyuncs.com"),
        ),
        ("endpoint-plain-http", "warning", Surroundings(endpoint="http://tablestore.test")),
        ("endpoint-plain-http", "warning", Surroundings(endpoint="HTTP://tablestore.test")),
    ],
)
def test_invalid_endpoint_is_reported_by_its_rule(rule, severity, around):
    judgment = judge(draft_of(BAG), around)
    found = judgment.errors if severity == "error" else judgment.warnings
    assert [item.rule for item in found] == [rule]


def test_region_off_the_list_is_a_warning():
    bag = {**BAG, "oss_endpoint": "oss-ap-southeast-1.aliyuncs.com"}
    judgment = judge(draft_of(bag), Surroundings(region="ap-southeast-1"))
    assert judgment.errors == []
    assert [item.rule for item in judgment.warnings] == ["delivery-region"]


@pytest.mark.parametrize(
    ("prefix", "intended"),
    [
        ("o/year=/month=/", "o/year=$yyyy/month=$MM/"),
        ("o/event_year=/", "o/event_year=$yyyy/"),
        ("o/dt=--/", "o/dt=$yyyy-$MM-$dd/"),
        ("o/year=yyy/", "o/year=$yyyy/"),
        ("o/year=%Y/month=%m/day=%d/hour=%H/", "o/year=$yyyy/month=$MM/day=$dd/hour=$HH/"),
        ("o/!{timestamp:yyyy/MM/dd}/", "o/$yyyy/$MM/$dd/"),
        ("o/year=!{timestamp:yyyy}/", "o/year=$yyyy/"),
        ("o/{date}/", "o/$yyyy-$MM-$dd/"),
        ("o/dt={{ ds }}/", "o/dt=$yyyy-$MM-$dd/"),
        ("o/{now:%Y}/", "o/$yyyy/"),
        ("o/year={yyyy}/", "o/year=$yyyy/"),
        ("o/yyyy/mm/dd/", "o/$yyyy/$MM/$dd/"),
        ("o/dt=yyyyMMdd/", "o/dt=$yyyy$MM$dd/"),
        ("o/'year'=YYYY/'month'=MM/", "o/year=$yyyy/month=$MM/"),
        ("o/year=YYYY/day=DD/", "o/year=$yyyy/day=$dd/"),
        ("o/year=$yyyy/month=$mm/", "o/year=$yyyy/month=$MM/"),
        ("o/$yyyy-$mm-$dd/", "o/$yyyy-$MM-$dd/"),
        (
            "o/year=$yyyy/month=$mm/day=$dd/hour=$HH/",
            "o/year=$yyyy/month=$MM/day=$dd/hour=$HH/",
        ),
        ("o/$yyyy/$MM/$dd/$HH/minute=$MM/", "o/$yyyy/$MM/$dd/$HH/minute=$mm/"),
        ("o/$yyyy-MM-dd/", "o/$yyyy-$MM-$dd/"),
        ("o/$yyyy/MM/", "o/$yyyy/$MM/"),
        ("o/year=$yyyy/MM/", "o/year=$yyyy/$MM/"),
        ("o/year=yyyy/mm/dd/", "o/year=$yyyy/$MM/$dd/"),
        ("o/at=$yyyy-MM/", "o/at=$yyyy-$MM/"),
        ("o/year=$yyyy/minute=$mm/$mm/", "o/year=$yyyy/minute=$mm/$MM/"),
        ("o/$yyyy/$mm/$dd/$HH/", "o/$yyyy/$MM/$dd/$HH/"),
        ("o/$yyyy/$mm/$dd/$HH/$mm/", "o/$yyyy/$MM/$dd/$HH/$mm/"),
        ("o/$yyyy/$MM/$dd/$HH/$MM/", "o/$yyyy/$MM/$dd/$HH/$mm/"),
        ("o/$yyyy/$mm/$dd/$HH/$MM/", "o/$yyyy/$MM/$dd/$HH/$mm/"),
    ],
)
def test_time_in_another_notation_gets_a_suggestion(prefix, intended):
    judgment = judge(draft_of({**BAG, "oss_prefix": prefix}), HANGZHOU)
    assert judgment.errors == []
    problems = [item.problem for item in judgment.warnings if item.rule == "prefix-time"]
    assert problems == [f"{prefix!r} probably means {intended!r}."]
    corrected = judge(draft_of({**BAG, "oss_prefix": intended}), HANGZHOU)
    assert "prefix-time" not in {item.rule for item in corrected.warnings}


@pytest.mark.parametrize(
    ("prefix", "problem", "intended"),
    [
        (
            "o/year=$YYYY/month=$mm/day=$DD/",
            "has '$YYYY' and '$DD', which are not variables.",
            "o/year=$yyyy/month=$MM/day=$dd/",
        ),
        ("o/year=$Y/month=$m/", "has '$Y' and '$m', which are not", "o/year=$yyyy/month=$MM/"),
        ("o/$yyyy/$MM/$dd/hour=$hh/", "has '$hh', which is not", "o/$yyyy/$MM/$dd/hour=$HH/"),
        ("o/dt=$yyyyMMdd/", "has '$yyyyMMdd', which is not", "o/dt=$yyyy$MM$dd/"),
        ("o/$year/${month}/", "has '$year' and '${month}', which", "o/$yyyy/$MM/"),
        ("o/$Y/$m/$d/$H/", "has '$Y', '$m', '$d' and '$H', which", "o/$yyyy/$MM/$dd/$HH/"),
        (
            "o/$y/$m/$d/$h/$min/",
            "has '$y', '$m', '$d', '$h' and '$min', which",
            "o/$yyyy/$MM/$dd/$HH/$mm/",
        ),
        ("o/$yyyy/$MM/$dd/$HH/$M/", "has '$M', which", "o/$yyyy/$MM/$dd/$HH/$mm/"),
        ("o/${date:yyyy-MM-dd}/", "has '${date:yyyy-MM-dd}', which", "o/$yyyy-$MM-$dd/"),
        ("o/$dt=$yyyy/", "has '$dt', which", "o/dt=$yyyy/"),
        ("o/${yyyy}/$$MM/", "has '${yyyy}' and '$', which", "o/$yyyy/$MM/"),
        ("o/$yyyy/$region/", "has '$region', which is not a variable.", None),
    ],
)
def test_wrong_variable_is_reported_once_with_the_whole_intended_prefix(prefix, problem, intended):
    judgment = judge(draft_of({**BAG, "oss_prefix": prefix}), HANGZHOU)
    [found] = judgment.errors
    assert found.rule == "prefix-variable"
    assert f"{prefix!r} {problem}" in found.problem
    assert {item.rule for item in judgment.warnings} <= {"prefix-minutes"}
    if intended is None:
        assert "Did you mean" not in found.problem
    else:
        assert f" Did you mean {intended!r}?" in found.problem
        corrected = judge(draft_of({**BAG, "oss_prefix": intended}), HANGZHOU)
        assert corrected.errors == []
        assert {item.rule for item in corrected.warnings} <= {"prefix-minutes"}


@pytest.mark.parametrize(
    ("prefix", "hint"),
    [
        ("/o/$yy/", " Did you mean 'o/$yyyy/'?"),
        ("/o//$YYYY/%m/", " Did you mean 'o/$yyyy/$MM/'?"),
        ("http://x/$yy/", ""),
    ],
)
def test_proposed_prefix_breaks_no_rule_of_its_own(prefix, hint):
    found = judge(draft_of({**BAG, "oss_prefix": prefix}), HANGZHOU).errors
    (variable,) = (item for item in found if item.rule == "prefix-variable")
    assert variable.problem.partition("variable.")[2] == hint


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_folder_without_a_name_of_its_own_is_reported(name):
    found = judge(draft_of({**BAG, "oss_prefix": f"o/{name}/$yyyy/"}), HANGZHOU).errors
    assert [item.rule for item in found] == ["prefix-segments"]


@pytest.mark.parametrize("prefix", ["o/year=%Y/month=%m/", "o/$yyyy/$mm/$dd/", "o/{yyyy}/", "%m/"])
def test_advice_is_about_the_intended_prefix(prefix):
    judgment = judge(draft_of({**BAG, "oss_prefix": prefix}), HANGZHOU)
    assert [item.rule for item in judgment.warnings] == ["prefix-time"]


@pytest.mark.parametrize("url", ["oss://lake/o/", "s3://o/$yyyy/", "https://lake.oss.com/o/"])
def test_prefix_that_is_a_url_is_reported_once(url):
    judgment = judge(draft_of({**BAG, "oss_prefix": url}), HANGZHOU)
    [found] = judgment.errors
    assert found.rule == "prefix-segments"
    assert "is a URL. A prefix is a folder in the bucket" in found.problem
    assert judgment.warnings == []


@pytest.mark.parametrize(
    ("inputs", "hint"),
    [
        ({"wait_for": "done"}, ""),
        ({"wait_for": "initialised"}, " Did you mean 'initialized'?"),
        ({"mode": "INCR"}, " Did you mean 'INC'?"),
        ({"mode": "ABSE_INC"}, " Did you mean 'BASE_INC'?"),
    ],
)
def test_suggested_value_is_similar(inputs, hint):
    [found] = judge(draft_of({**BAG, **inputs}), HANGZHOU).errors
    assert found.problem.partition(".")[2] == hint


@pytest.mark.parametrize(
    "prefix", ["o/year=$yyyy/minute=$mm/", "o/$yyyy/event_min=$mm/", "o/${yyyy}/", "o/${{yyyy}}/"]
)
def test_time_that_is_correct_or_reported_otherwise_is_not_translated(prefix):
    judgment = judge(draft_of({**BAG, "oss_prefix": prefix}), HANGZHOU)
    assert "prefix-time" not in {item.rule for item in judgment.warnings}


@pytest.mark.parametrize(
    "text",
    [
        "$" * 20_000, "${" * 10_000, "y" * 20_000, "{" * 20_000, "{" + " " * 20_000,
        "$yyyy" * 4_000 + "x", "='" * 9_000,
    ],
)  # fmt: skip
def test_long_prefix_is_checked_in_linear_time(text):
    started = time.monotonic()
    judge(draft_of({**BAG, "oss_prefix": text}), HANGZHOU)
    assert time.monotonic() - started < 2


def test_rule_for_new_tasks_warns_about_an_unchanged_task():
    spec = draft_of({**BAG, "oss_prefix": "x/Order_ID=$yyyy/"})
    (error,) = judge(spec, HANGZHOU).errors
    assert (error.rule, error.severity) == ("partition-column", "error")
    standing = judge(spec, replace(HANGZHOU, is_unchanged=True))
    assert standing.errors == []
    (warning,) = standing.warnings
    assert (warning.rule, warning.severity) == ("partition-column", "warning")


def test_rule_that_is_not_new_stays_an_error_for_an_unchanged_task():
    spec = draft_of({**BAG, "mode": "FULL"})
    assert judge(spec, replace(HANGZHOU, is_unchanged=True)).errors


def test_clash_depends_on_the_name_in_the_files():
    renamed = {"oss_prefix": "x/a=$yyyy/", **schema(column(name="b"))}
    judgment = judge(draft_of({**BAG, **renamed}), HANGZHOU)
    assert [*judgment.errors, *judgment.warnings] == []


def test_every_rule_has_a_test_case():
    covered = {rule for rule, *_ in (*ERRORS, *WARNINGS, *DESTINATIONS)}
    covered |= {rule for rule, *_ in TABLE}
    covered |= {"endpoint-url", "endpoint-instance", "endpoint-plain-http", "delivery-region"}
    covered |= {rule for rule, *_ in TABLE}
    covered |= {rule.id for rule in rules_that_need(Needs.ROWS)}  # test_sampled.py
    covered |= {rule.id for rule in rules_that_need(Needs.TASKS)}  # below
    assert covered == {rule.id for rule in RULES}


FOREIGN = Destination("inst/orders/by-hand", "my-lake", "orders")


@pytest.mark.parametrize(
    ("place", "how"),
    [
        (replace(FOREIGN, prefix="orders/year=$yyyy/month=$MM"), "is the same folder as"),
        (FOREIGN, "is inside"),
        (replace(FOREIGN, prefix="orders/year=$yyyy/month=$MM/day=$dd/"), "contains"),
    ],
)
def test_folder_of_a_task_outside_the_stack_is_a_warning(place, how):
    judgment = judge(draft_of(BAG), replace(HANGZHOU, foreign=(place,)))
    assert judgment.errors == []
    (found,) = judgment.warnings
    assert (found.rule, found.path) == ("folder-shared", "oss_prefix")
    assert f"{how} {place.prefix!r}, where the task inst/orders/by-hand writes" in found.problem
    ignoring = draft_of({**BAG, "ignore_rules": ["folder-shared"]})
    assert judge(ignoring, replace(HANGZHOU, foreign=(place,))).warnings == []


@pytest.mark.parametrize(
    "place",
    [
        replace(FOREIGN, bucket="else"),
        replace(FOREIGN, prefix="orders-2/"),
        replace(FOREIGN, prefix="x/orders/"),
    ],
)
def test_other_folder_of_a_task_outside_the_stack_passes(place):
    assert judge(draft_of(BAG), replace(HANGZHOU, foreign=(place,))).warnings == []


def test_gap_is_an_error_that_can_be_ignored():
    around = replace(HANGZHOU, gap="inst/orders/by-hand")
    (found,) = judge(draft_of({**BAG, "mode": "INC"}), around).errors
    assert (found.rule, found.path) == ("replacement-gap", "task_name")
    for way in ("Leave task_name out", "give another one", "BASE_INC"):
        assert way in found.remedy
    ignoring = draft_of({**BAG, "mode": "INC", "ignore_rules": ["replacement-gap"]})
    assert judge(ignoring, around).errors == []


def test_ids_are_unique_and_texts_are_sentences():
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    for each in RULES:
        assert each.says.endswith(".")
        assert each.remedy.endswith(".")


GOOD = [
    {},
    {"mode": "INC"},
    {"task_name": "abc"},
    {"task_name": "a" * 16},
    {"task_name": "0-9"},
    {"oss_prefix": "plain/"},
    {"oss_prefix": "x/$yyyy$MM$dd/h=$HH/"},
    {"oss_prefix": "_raw/orders/year=$yyyy/"},
    {"oss_prefix": "o'x,y;z/%2F/year=$yyyy/"},
    {"oss_prefix": "x/country=MM/mm/dd/year=$yyyy/"},
    {"oss_prefix": "x/snapshot=2024-06-01/"},
    {"oss_prefix": "x/a b#c/dt=$yyyy-$MM-$dd/"},
    {"oss_dirty_prefix": "_dirty/orders/"},
    {"oss_dirty_prefix": "dirty/orders/"},
    {"oss_prefix": "orders", "oss_dirty_prefix": "orders-dirty"},
    {"oss_prefix": "orders/", "oss_dirty_prefix": "orders-dirty/"},
    {"oss_endpoint": "https://oss-cn-hangzhou-internal.aliyuncs.com"},
    {"oss_endpoint": "oss.example.test:8080"},
    {"oss_endpoint": "oss-accelerate.aliyuncs.com"},
    {"role_arn": "acs:ram::1:role/r"},
    schema(column(type="DOUBLE", encoding="PLAIN_DICTIONARY")),
    schema(column(encoding="DELTA_LENGTH_BYTE_ARRAY")),
    schema(column(type="INT64", encoding="DELTA_BINARY_PACKED")),
    schema(column(), column(name="b")),
    {**event("created", "Unix")},
    {**event("order_id", "RFC3339")},
    {"allow_undocumented_types": True, **schema(column(type="DATE", type_extend="x"))},
]


@pytest.mark.parametrize("change", GOOD, ids=str)
def test_valid_task_passes(change):
    judgment = judge(draft_of({**BAG, **change}), HANGZHOU)
    assert judgment.errors == []
    assert judgment.warnings == []


def test_name_that_exists_or_is_adopted_is_not_checked():
    old_name = {**BAG, "task_name": "testTaskTimeParitioned"}
    assert judge(draft_of({**old_name, "adopt_existing": True}), HANGZHOU).errors == []
    around = Surroundings(existing_name="testTaskTimeParitioned")
    assert judge(draft_of(old_name), around).errors == []


@pytest.mark.parametrize(("rule", "path", "change"), ERRORS, ids=lambda v: str(v)[:50])
def test_rules_of_the_service_can_be_ignored(rule, path, change):
    can = next(item for item in RULES if item.id == rule).can_be_ignored
    bag = {**BAG, **change, "ignore_rules": [*change.get("ignore_rules", []), rule]}
    found = [item.rule for item in judge(draft_of(bag), HANGZHOU).errors]
    assert (rule not in found) is can


IGNORABLE = {rule.id for rule in RULES if rule.can_be_ignored}


def test_every_warning_but_that_of_plain_http_can_be_silenced():
    warnings = {rule.id for rule in RULES if rule.severity is Severity.WARNING}
    assert warnings - IGNORABLE == {"endpoint-plain-http"}


@pytest.mark.parametrize(
    ("rule", "change"),
    [(rule, change) for rule, _, change in (*ERRORS, *WARNINGS, *TABLE) if rule in IGNORABLE],
    ids=lambda value: str(value)[:50],
)
def test_value_of_an_ignored_rule_can_be_sent(rule, change):
    """Else create fails, and in a replacement the old task is deleted by then."""
    bag = {**BAG, **change, "ignore_rules": [rule]}
    around = Surroundings(region="cn-hangzhou") if "instance_name" in change else HANGZHOU
    spec = draft_of(bag)
    if not judge(spec, around).errors:
        request = codec.create_request(spec)
        assert type(request).FromString(request.SerializeToString()) == request
        spec.instance_name.encode("ascii")
        assert TaskId.parse(str(TaskId.of(spec))) == TaskId.of(spec)


@pytest.mark.parametrize(
    "change",
    [
        {"mode": "UNRECOGNIZED_7", "ignore_rules": ["mode"]},
        {**schema(column(type="UNRECOGNIZED_99")), "ignore_rules": ["type"]},
        {**schema(column(encoding="UNRECOGNIZED_-1")), "ignore_rules": ["encoding"]},
        {
            **schema(column(type="INT64")),
            **event("a", "UNRECOGNIZED_6"),
            "ignore_rules": ["event-time-format"],
        },
    ],
    ids=str,
)
def test_number_of_a_newer_service_can_be_sent(change):
    spec = draft_of({**BAG, **change})
    assert judge(spec, HANGZHOU).errors == []
    codec.create_request(spec)


TEXTS = st.text(st.characters(codec=None), max_size=8)


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            (
                "instance_name",
                "table_name",
                "task_name",
                "mode",
                "oss_bucket",
                "oss_endpoint",
                "oss_prefix",
                "oss_dirty_prefix",
                "role_arn",
                "format",
            ),
            TEXTS,
        ),
    ),
    st.fixed_dictionaries(
        {"source": TEXTS, "type": TEXTS}, optional={"name": TEXTS, "encoding": TEXTS}
    ),
    st.none() | st.fixed_dictionaries({"column": TEXTS, "format": TEXTS}),
)
def test_any_text_that_passes_check_can_be_sent(texts, given_column, given_event):
    bag = {**BAG, **texts, "parquet_schema": [given_column], "event_time_column": given_event}
    parsed = read_properties({**bag, "ignore_rules": sorted(IGNORABLE)})
    judgment = judge(parsed.draft, Surroundings())
    if not (parsed.violations or judgment.errors):
        codec.create_request(known(parsed.draft)).SerializeToString()


def test_error_names_value_remedy_rule_and_source():
    (error,) = judge(draft_of({**BAG, "task_name": "Bad_Name"}), HANGZHOU).errors
    assert "'Bad_Name'" in error.message
    assert "Use 3 to 16 lowercase letters" in error.message
    assert "[rule task-name, documented]" in error.message


def leaves(bag, at=()):
    if isinstance(bag, dict):
        for key, value in bag.items():
            yield (*at, key)
            yield from leaves(value, (*at, key))
    elif isinstance(bag, list):
        for index, value in enumerate(bag):
            yield (*at, index)
            yield from leaves(value, (*at, index))


def put(bag, location, value):
    for part in location[:-1]:
        bag = bag[part]
        if bag is UNKNOWN:
            return
    bag[location[-1]] = value


@given(st.data())
def test_unknown_values_never_add_a_violation(data):
    """Rules skip unknown values, and find the same violations in the other values."""
    change = data.draw(st.sampled_from([change for _, _, change in (*ERRORS, *WARNINGS)]))
    bag = deepcopy({**BAG, **change})
    before = judge(draft_of(bag), HANGZHOU)
    for location in data.draw(st.lists(st.sampled_from(list(leaves(bag))), max_size=6)):
        put(bag, location, UNKNOWN)
    after = judge(draft_of(bag), HANGZHOU)
    for old, new in ((before.errors, after.errors), (before.warnings, after.warnings)):
        assert {item.rule for item in new} <= {item.rule for item in old}


def test_rules_with_a_warning_are_pinned():
    assert {rule.id for rule in RULES if rule.severity is Severity.WARNING} == {
        "column-name", "delivery-region", "endpoint-plain-http", "external-table", "folder-shared",
        "nested-prefix", "prefix-characters", "prefix-hidden", "prefix-minutes", "prefix-order",
        "prefix-time", "sampled-column", "sampled-type-mixed",
    }  # fmt: skip


@pytest.mark.parametrize("scheme", ["https://", "http://", "HTTP://", ""])
@pytest.mark.parametrize("password", ["hush", "hu/sh", "hu//sh", "hu@sh", "hu?sh#", "hu sh"])
@pytest.mark.parametrize(
    "host", ["other.cn-hangzhou.ots.aliyuncs.com", "oss-cn-beijing.aliyuncs.com"]
)
def test_no_rule_shows_the_password_in_an_endpoint(scheme, password, host):
    endpoint = f"{scheme}me:{password}@{host}"
    judgment = judge(
        draft_of({**BAG, "oss_endpoint": endpoint}), replace(HANGZHOU, endpoint=endpoint)
    )
    assert {"oss-endpoint", "endpoint-url"} <= {item.rule for item in judgment.errors}
    text = " ".join(str(item) for item in (*judgment.errors, *judgment.warnings))
    assert "hu" not in text
    assert "sh" not in text
    assert host in text


def test_every_rule_about_an_endpoint_is_applied_to_one_with_a_password():
    """The test above says nothing unless the rules find something."""
    around = replace(HANGZHOU, endpoint="http://me:hush@other.cn-hangzhou.ots.aliyuncs.com")
    bag = {**BAG, "oss_endpoint": "me:hush@oss-cn-beijing.aliyuncs.com"}
    judgment = judge(draft_of(bag), around)
    assert {item.rule for item in (*judgment.errors, *judgment.warnings)} == {
        "endpoint-instance", "endpoint-plain-http", "endpoint-url", "oss-endpoint",
        "oss-endpoint-region",
    }  # fmt: skip


def test_rule_is_found_by_its_id():
    assert rule_of("mode").remedy.startswith("Use BASE_INC")
    with pytest.raises(KeyError):
        rule_of("nonsense")
