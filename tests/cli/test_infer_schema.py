"""infer-schema: proposed columns, omitted columns, and errors."""

import subprocess
import sys

import pytest
import yaml
from support.sdk import tablestore

from pulumi_tablestore_delivery.client.client import TablestoreClient


def fill(world, count=40):
    """Write rows. Only the last two have the columns late and created."""
    late = {"late": True, "created": "2024-01-01T00:00:00Z"}
    world.put_many((f"r{n:05}", {"n": n, **(late if n >= count - 2 else {})}) for n in range(count))


def test_both_ends_of_the_table_are_sampled(world, command):
    fill(world)
    done = command("infer-schema", "t", "--rows", "5")
    assert done.code == 0
    assert done.out == (
        "# Table 't', by 5 of its rows: 3 from its beginning, 2 from its end.\n"
        "# A sample proves nothing about the other rows.\n"
        "parquet_schema = [\n"
        '    delivery.ParquetColumnArgs(source="id", type="UTF8"),\n'
        '    delivery.ParquetColumnArgs(source="n", type="INT64"),\n'
        '    delivery.ParquetColumnArgs(source="created", type="UTF8"),\n'
        '    delivery.ParquetColumnArgs(source="late", type="BOOL"),\n'
        "]\n"
        "# All sampled values are times. One of them could be the event time:\n"
        '# event_time_column = delivery.EventTimeColumnArgs(column="created", format="RFC3339")\n'
    )


@pytest.mark.parametrize(
    ("rows", "sampled"),
    [(1, (1, 0, False)), (39, (20, 19, False)), (40, (20, 20, True)), (79, (40, 0, True))],
)
def test_no_row_is_sampled_twice(world, command, rows, sampled):
    fill(world)
    found = command("infer-schema", "t", "--json", "--rows", str(rows)).json
    ends = found["rows_from_the_beginning"], found["rows_from_the_end"]
    assert (*ends, found["is_whole_table"]) == sampled


def test_rows_of_several_pages_are_sampled(world, command):
    fill(world, 2400)
    found = command("infer-schema", "t", "--json", "--rows", "4000").json
    assert (found["rows_from_the_beginning"], found["rows_from_the_end"]) == (2000, 400)
    assert found["is_whole_table"] is True


def test_omitted_columns_are_named(world, command):
    keys = [("id", "STRING"), ("n", "INTEGER"), ("raw", "BINARY")]
    world.table("wide", keys)
    for n in range(6):
        key = [("id", "a"), ("n", n), ("raw", bytearray(b"k"))]
        world.put(key, "wide", amount=1.5 if n else 3, Amount="x", picture=bytearray(b"1"))
    found = command("infer-schema", "wide", "--json", "--rows", "4").json
    assert [column["source"] for column in found["parquet_schema"]] == ["id", "n", "Amount"]
    assert found["undecided"] == [
        {
            "source": "amount",
            "name": "amount_2",
            "type": "DOUBLE",
            "values": {"DOUBLE": 3, "INTEGER": 1},
        }
    ]
    assert found["binary"] == ["raw", "picture"]
    python = command("infer-schema", "wide").out
    assert '# "amount" is undecided: DOUBLE 5, INTEGER 1. A value that is not of the' in python
    assert (
        '    # delivery.ParquetColumnArgs(source="amount", name="amount_2", type="DOUBLE"),\n'
        in python
    )
    assert '    # "raw" is BINARY, which cannot be delivered.\n' in python
    text = command("infer-schema", "wide", "--format", "yaml").out
    assert yaml.safe_load(text) == {"parquet_schema": found["parquet_schema"]}
    assert '  # - {"source": "amount", "name": "amount_2", "type": "DOUBLE"}\n' in text
    formatted = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--check", "-"],
        input=python,
        text=True,
        check=False,
    )
    assert formatted.returncode == 0


@pytest.mark.parametrize("form", ["python", "yaml"])
def test_comments_fit_80_columns(world, command, form):
    for number, value in enumerate([1, 1.5, "text", True] * 5):
        world.put(f"r{number}", long_column_name=value)
    text = command("infer-schema", "t", "--format", form).out
    comments = [line for line in text.splitlines() if line.strip().startswith("#")]
    assert "is undecided" in " ".join(comments)
    assert len(comments) >= 4
    assert all(len(line) <= 80 for line in comments)


def test_declared_types_of_columns_are_used(world, command):
    world.sdk.create_table(
        tablestore.TableMeta(
            "shop", [("id", "STRING")], [("paid", "BOOLEAN"), ("picture", "BINARY")]
        ),
        tablestore.TableOptions(),
        tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0)),
    )
    done = command("infer-schema", "shop")
    assert done.out.startswith(
        "# Table 'shop' does not have any rows. These are its declared columns.\n"
    )
    found = command("infer-schema", "shop", "--json").json
    assert found["parquet_schema"] == [
        {"source": "id", "type": "UTF8"}, {"source": "paid", "type": "BOOL"},
    ]  # fmt: skip
    assert found["binary"] == ["picture"]


def test_table_without_usable_columns_is_an_error(world, command):
    world.table("raw", [("id", "BINARY")])
    done = command("infer-schema", "raw")
    assert (done.code, done.err) == (3, "No column of table 'raw' can be proposed.\n")
    assert '# "id" is BINARY' in done.out
    done = command("infer-schema", "raw", "--format", "yaml")
    assert yaml.safe_load(done.out) == {"parquet_schema": []}
    assert command("infer-schema", "raw", "--json").json["parquet_schema"] == []


@pytest.mark.parametrize("version", ["v2", "v4"])
def test_requests_use_the_configured_signature_version(world, command, version):
    fill(world)
    done = command("infer-schema", "t", TABLESTORE_SIGNATURE_VERSION=version)
    assert (done.code, done.err) == (0, "")


def test_service_error_is_one_line(world, command):
    done = command("infer-schema", "none")
    assert (done.code, done.out) == (1, "")
    assert "DescribeTable failed: OTSObjectNotExist" in done.err
    world.fault(
        operation="GetRange", fault="error", status=403, code="OTSNoPermissionAccess", message="No."
    )
    done = command("infer-schema", "t", "--json")
    assert done.code == 1
    assert done.json["error"].startswith("GetRange failed: OTSNoPermissionAccess (HTTP 403): No.")
    assert "[request id " in done.json["error"]
    world.clear_faults()
    done = command("infer-schema", "t", ALIBABA_CLOUD_ACCESS_KEY_SECRET="another-secret")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "OTSAuthFailed" in done.err
    assert "another-secret" not in done.err
    done = command("infer-schema", "t", "--endpoint", "nonsense")
    assert (done.code, done.err.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (b"\x00\x01", "the header is missing"),
        (b"\x75\x00\x00\x00\x01\x03\x04\xff\xff\xff\xff", "the rows in the answer cannot be read"),
    ],
)
def test_rows_that_cannot_be_read_are_an_error(world, command, monkeypatch, rows, problem):
    call = TablestoreClient.call

    def unreadable(self, operation, request, within=None):
        answer, ids = call(self, operation, request, within)
        if operation.name == "GetRange":
            answer.rows = rows
        return answer, ids

    monkeypatch.setattr(TablestoreClient, "call", unreadable)
    done = command("infer-schema", "t")
    assert (done.code, done.out) == (1, "")
    assert problem in done.err
    assert "[request id " in done.err


def test_pages_that_do_not_end_are_an_error(world, command, monkeypatch):
    call = TablestoreClient.call

    def endless(self, operation, request, within=None):
        answer, ids = call(self, operation, request, within)
        if operation.name == "GetRange":
            answer.rows = b""
            answer.next_start_primary_key = request.inclusive_start_primary_key
        return answer, ids

    monkeypatch.setattr(TablestoreClient, "call", endless)
    done = command("infer-schema", "t")
    assert done.code == 1
    assert "the next page begins where this one did" in done.err
