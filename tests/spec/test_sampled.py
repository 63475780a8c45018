"""Rules about sampled rows: violations, their severity, and valid rows."""

from dataclasses import replace

import pytest
from support.specs import BAG

from pulumi_tablestore_delivery.spec.properties import draft_of
from pulumi_tablestore_delivery.spec.rule import Needs
from pulumi_tablestore_delivery.spec.rules import judge, rules_that_need
from pulumi_tablestore_delivery.spec.surroundings import (
    ColumnSample,
    RowSample,
    Surroundings,
    TableColumns,
)
from pulumi_tablestore_delivery.spec.unknown import UNKNOWN


def sampled(rows=50, names=(), **columns):
    return Surroundings(rows=RowSample(rows, columns, names))


def found(around, **changes):
    """The violations as (severity, rule, path), and their texts."""
    judgment = judge(draft_of({**BAG, **changes}), around, rules_that_need(Needs.ROWS))
    severities = [("error", judgment.errors), ("warning", judgment.warnings)]
    listed = [(severity, item) for severity, items in severities for item in items]
    texts = "\n".join(item.problem for _, item in listed)
    return [(severity, item.rule, item.path) for severity, item in listed], texts


def schema(**types):
    return {"parquet_schema": [{"source": name, "type": kind} for name, kind in types.items()]}


def doubles(count):
    return sampled(amount=ColumnSample({"DOUBLE": count}))


AMOUNT = schema(amount="INT64")
TYPE = "parquet_schema[0].type"


class TestType:
    @pytest.mark.parametrize("mode", ["BASE", "BASE_INC"])
    def test_error_if_all_of_5_values_would_be_dropped(self, mode):
        violations, text = found(doubles(5), **AMOUNT, mode=mode)
        assert violations == [("error", "sampled-type", TYPE)]
        assert "all 5 sampled values of 'amount' would be dropped: 5 DOUBLE values" in text
        assert "INT64 is declared. DOUBLE fits." in text

    def test_warning_if_there_are_fewer_values(self):
        assert found(doubles(4), **AMOUNT)[0] == [("warning", "sampled-type", TYPE)]
        violations, text = found(doubles(1), **AMOUNT)
        assert violations == [("warning", "sampled-type", TYPE)]
        assert "the only sampled value of 'amount' would be dropped: 1 DOUBLE value" in text

    @pytest.mark.parametrize("mode", ["INC", UNKNOWN])
    def test_warning_if_the_task_may_not_read_old_rows(self, mode):
        assert found(doubles(50), **AMOUNT, mode=mode)[0] == [("warning", "sampled-type", TYPE)]

    def test_binary_values_fit_no_type(self):
        around = sampled(amount=ColumnSample({"BINARY": 9}))
        violations, text = found(around, **AMOUNT)
        assert violations == [("error", "sampled-type", TYPE)]
        assert "A BINARY column cannot be delivered." in text

    def test_mixed_types_are_a_warning_with_counts(self):
        around = sampled(amount=ColumnSample({"INTEGER": 45, "DOUBLE": 3, "STRING": 2}))
        violations, text = found(around, **AMOUNT)
        assert violations == [("warning", "sampled-type-mixed", TYPE)]
        assert "5 of 50 sampled values" in text
        assert "3 DOUBLE and 2 STRING values, and INT64 is declared" in text

    def test_two_wrong_types_are_an_error_without_a_proposal(self):
        around = sampled(amount=ColumnSample({"DOUBLE": 3, "STRING": 2}))
        violations, text = found(around, **AMOUNT)
        assert violations == [("error", "sampled-type", TYPE)]
        assert "fits" not in text

    def test_declared_type_of_the_table_is_reported_by_its_own_rule(self):
        around = replace(doubles(50), table=TableColumns(defined={"amount": "DOUBLE"}))
        assert found(around, **AMOUNT)[0] == []

    @pytest.mark.parametrize("unknown", ["name", "encoding", "type_extend"])
    def test_only_source_and_type_have_to_be_known(self, unknown):
        column = {"source": "amount", "type": "INT64", unknown: UNKNOWN}
        violations, _ = found(doubles(5), parquet_schema=[column])
        assert violations == [("error", "sampled-type", TYPE)]

    def test_undocumented_type_and_unknown_type_are_not_checked(self):
        for kind in ("DATE", UNKNOWN):
            assert found(doubles(50), **schema(amount=kind))[0] == []
        assert found(doubles(50), parquet_schema=UNKNOWN)[0] == []

    def test_rules_can_be_ignored(self):
        assert found(doubles(50), **AMOUNT, ignore_rules=["sampled-type"])[0] == []
        assert found(doubles(50), **AMOUNT, ignore_rules=UNKNOWN)[0] == []


class TestColumn:
    def test_warning_with_a_similar_name_if_no_row_has_it(self):
        around = sampled(amuont=ColumnSample(), names=("id", "amount", "note"))
        violations, text = found(around, **schema(amuont="INT64"))
        assert violations == [("warning", "sampled-column", "parquet_schema[0].source")]
        assert "'amuont' is in none of the 50 sampled rows. Did you mean 'amount'?" in text

    def test_names_of_the_table_are_escaped(self):
        around = sampled(rows=1, amount=ColumnSample(), names=("amount\x1b[31m",))
        _, text = found(around, **AMOUNT)
        assert text == ("'amount' is not in the only sampled row. Did you mean 'amount\\x1b[31m'?")

    @pytest.mark.parametrize(("count", "warnings"), [(5, 5), (6, 1), (300, 1)])
    def test_many_columns_are_one_warning(self, count, warnings):
        names = [f"Name{number}" for number in range(count)]
        around = sampled(**{name: ColumnSample() for name in names}, names=("id", "name1"))
        violations, text = found(around, **schema(**dict.fromkeys(names, "INT64")))
        assert len(violations) == warnings
        assert "'Name1' is in none of the 50 sampled rows. Did you mean 'name1'?" in text
        if warnings == 1:
            assert violations == [("warning", "sampled-column", "parquet_schema")]
            assert text.startswith(f"{count} columns are in no sampled row. ")
            assert text.count("is in none of the 50 sampled rows") == 5

    def test_event_time_column_that_no_row_has_is_a_warning(self):
        event = {"event_time_column": {"column": "at", "format": "RFC3339"}}
        around = sampled(at=ColumnSample())
        assert found(around, **event)[0] == [
            ("warning", "sampled-column", "event_time_column.column")
        ]

    @pytest.mark.parametrize("kind", ["DATE", UNKNOWN])
    def test_type_does_not_matter(self, kind):
        around = sampled(amuont=ColumnSample())
        violations, _ = found(around, **schema(amuont=kind), allow_undocumented_types=True)
        assert violations == [("warning", "sampled-column", "parquet_schema[0].source")]

    def test_empty_table_and_unsampled_column_pass(self):
        assert found(sampled(rows=0, amount=ColumnSample()), **AMOUNT)[0] == []
        assert found(sampled(other=ColumnSample()), **AMOUNT)[0] == []


class TestEventTime:
    PATH = "event_time_column.format"

    def event(self, time_format="RFC3339"):
        return {"event_time_column": {"column": "at", "format": time_format}}

    def test_error_if_no_value_has_the_format(self):
        at = ColumnSample({"STRING": 3}, {"RFC1123": 3})
        violations, text = found(sampled(at=at), **self.event())
        assert violations == [("error", "sampled-event-time", self.PATH)]
        assert "none of the 3 sampled values of 'at' is in the format 'RFC3339'." in text
        assert "3 of them are in the format 'RFC1123'." in text

    def test_warning_if_some_values_do_not_have_the_format(self):
        at = ColumnSample({"STRING": 49, "DOUBLE": 1}, {"RFC3339": 48})
        violations, text = found(sampled(at=at), **self.event())
        assert violations == [("warning", "sampled-event-time", self.PATH)]
        assert "2 of 50 sampled values of 'at' are not in the format 'RFC3339'." in text

    def test_warning_for_a_task_of_new_rows(self):
        at = ColumnSample({"STRING": 3})
        violations, _ = found(sampled(at=at), **self.event(), mode="INC")
        assert violations == [("warning", "sampled-event-time", self.PATH)]

    def test_unix_times_that_may_be_milliseconds_are_a_warning(self):
        at = ColumnSample({"INTEGER": 50}, {"Unix": 50}, milliseconds=50)
        violations, text = found(sampled(at=at), **self.event("Unix"))
        assert violations == [("warning", "sampled-event-time", self.PATH)]
        assert "may be milliseconds" in text
        assert "does not name the unit" in text

    @pytest.mark.parametrize("time_format", ["unix", "UNRECOGNIZED_6"])
    def test_unknown_format_is_not_judged(self, time_format):
        at = ColumnSample({"INTEGER": 50}, {"Unix": 50}, milliseconds=50)
        assert found(sampled(at=at), **self.event(time_format))[0] == []

    def test_valid_times_pass(self):
        unix = ColumnSample({"INTEGER": 50}, {"Unix": 50})
        text = ColumnSample({"STRING": 50}, {"RFC3339": 50})
        assert found(sampled(at=unix), **self.event("Unix"))[0] == []
        assert found(sampled(at=text), **self.event())[0] == []
        assert found(sampled(), **self.event())[0] == []

    def test_declared_type_of_the_table_is_reported_by_its_own_rule(self):
        around = replace(
            sampled(at=ColumnSample({"INTEGER": 9}, {"Unix": 9})),
            table=TableColumns(defined={"at": "INTEGER"}),
        )
        assert found(around, **self.event())[0] == []
