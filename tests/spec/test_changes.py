"""What differs between two tasks."""

from support.specs import BAG

from pulumi_tablestore_delivery.spec.changes import differences, same_content
from pulumi_tablestore_delivery.spec.properties import draft_of, spec_of
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN


def between(**changes):
    new = draft_of({**BAG, **changes})
    found = differences(draft_of(BAG), new)
    assert differences(spec_of(BAG), new) == found
    return found


def test_equal_tasks_have_no_difference():
    assert between() == []


def test_each_difference_has_its_path():
    columns = [dict(BAG["parquet_schema"][0], type="INT64"), BAG["parquet_schema"][1]]
    (difference,) = between(parquet_schema=columns)
    assert difference.path == "parquet_schema[0].type"
    assert (difference.old, difference.new) == ("UTF8", "INT64")
    assert difference.input_name == "parquet_schema"
    assert difference.replaces
    assert str(difference) == "parquet_schema[0].type: 'UTF8' -> 'INT64'"


def test_added_and_removed_values_are_differences():
    (added,) = between(parquet_schema=[*BAG["parquet_schema"], {"source": "z", "type": "BOOL"}])
    assert added.path == "parquet_schema[2]"
    assert added.old is None
    (removed,) = between(parquet_schema=BAG["parquet_schema"][:1])
    assert removed.new is None
    (event,) = between(event_time_column={"column": "t", "format": "Unix"})
    assert str(event) == "event_time_column: (none) -> {column: 't', format: 'Unix'}"


def test_value_that_is_unknown_in_both_tasks_is_a_difference():
    task = draft_of({**BAG, "ignore_rules": [UNKNOWN]})
    (difference,) = differences(task, task)
    assert difference.path == "ignore_rules[0]"


def test_unknown_value_in_a_list_is_named():
    (difference,) = between(ignore_rules=["prefix", UNKNOWN])
    assert str(difference) == "ignore_rules: (none) -> ['prefix', (known after apply)]"
    (added,) = between(parquet_schema=[*BAG["parquet_schema"], {"source": UNKNOWN, "type": "BOOL"}])
    assert "{source: (known after apply), name: (known after apply), type: 'BOOL'" in str(added)


def test_inputs_that_are_not_sent_do_not_replace():
    for change in ({"wait_for": "none"}, {"timeout_seconds": 5}, {"adopt_existing": True}):
        (difference,) = between(**change)
        assert not difference.replaces
        assert same_content(spec_of(BAG), draft_of({**BAG, **change}))


def test_unknown_value_is_a_difference_but_not_other_content():
    (difference,) = between(oss_bucket=UNKNOWN)
    assert difference.new is UNKNOWN
    assert same_content(spec_of(BAG), draft_of({**BAG, "oss_bucket": UNKNOWN}))
    changed = draft_of({**BAG, "oss_bucket": UNKNOWN, "mode": "INC"})
    assert not same_content(spec_of(BAG), changed)


def test_equivalent_endpoints_have_no_difference():
    assert between(oss_endpoint="https://OSS-cn-hangzhou.aliyuncs.com/") == []
    assert between(oss_endpoint="oss-cn-hangzhou.aliyuncs.com:9000") != []
    assert between(oss_endpoint="[") != []
    assert [d.path for d in between(oss_endpoint="oss-cn-beijing.aliyuncs.com")] == ["oss_endpoint"]
