"""The contents of files: extreme values of types, names, order, encodings."""

import itertools
import math
from datetime import date, datetime, time, timedelta, timezone

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.delivery_world import World, task_request
from support.sdk import tablestore

from pulumi_tablestore_delivery.emulator.delivery.buffer import Buffer, Plan
from pulumi_tablestore_delivery.emulator.delivery.parquet import KINDS
from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.server import Emulator
from pulumi_tablestore_delivery.emulator.storage.rows import StoredRow, dumps, loads_all
from pulumi_tablestore_delivery.errors import ServiceError
from pulumi_tablestore_delivery.wire.enums import ParquetDataType

INT64 = st.integers(-(2**63), 2**63 - 1) | st.sampled_from([-(2**63), 2**63 - 1, 0, -1])
DOUBLE = st.floats() | st.sampled_from([math.nan, math.inf, -math.inf, -0.0, 5e-324, 1.8e308])
TEXT = st.text(max_size=50) | st.sampled_from(["", "\0", "北京", "🚚", "\u202e", "x" * 100_000])
COLUMNS = [
    ("d", "DOUBLE"), ("id", "UTF8", "key"), ("i", "INT64", "große Zahl"), ("s", "UTF8"),
    ("b", "BOOL", "flag"),
]  # fmt: skip
NUMBERS = itertools.count()


def same(left, right):
    return left == right or (isinstance(left, float) and math.isnan(left) and math.isnan(right))


def columns(doubles=DOUBLE):
    return st.fixed_dictionaries(
        {}, optional={"d": doubles, "i": INT64, "s": TEXT, "b": st.booleans()}
    )


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One emulator for all examples: each has a table of its own."""
    folder = tmp_path_factory.mktemp("shared")
    options = Options(port=0, data_dir=folder, create_buckets=True, flush_seconds=0)
    with Emulator(options) as emulator:
        yield World(emulator.url, folder)


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(columns(DOUBLE.filter(math.isfinite)), min_size=1, max_size=8))
def test_rows_written_by_the_sdk_are_delivered(shared, rows):
    """Over the wire, through the store and the worker, and read by pyarrow and by DuckDB."""
    name = f"t{next(NUMBERS)}"
    shared.table(name)
    shared.put_many([(f"k{place}", row) for place, row in enumerate(rows)], table=name)
    shared.task("task1-" + name, name, "BASE", COLUMNS, ossPrefix=f"{name}/")
    shared.wait_scanned("task1-" + name)
    found = shared.rows(f"{name}/")
    assert len(found) == len(rows)
    for row in found:
        assert list(row) == ["d", "key", "große Zahl", "s", "flag"]
        written = rows[int(row["key"][1:])]
        for source, column in [("d", "d"), ("i", "große Zahl"), ("s", "s"), ("b", "flag")]:
            assert same(row[column], written.get(source))
            assert type(row[column]) is type(written.get(source))


def files_of(request, key, rows, folder):
    """Rows (key, cells) straight into files: folder and what pyarrow reads."""
    stored = [
        dumps(StoredRow(list(values), {name: [1, value] for name, value in cells.items()}))
        for values, cells in rows
    ]
    buffer = Buffer(Plan(request.taskConfig, key), 0)
    buffer.add(loads_all(stored), [0] * len(stored), 0)
    for number, (_, table) in enumerate(buffer.files()):
        buffer.plan.layout.write(table, folder / str(number))
    return buffer


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(columns(), min_size=1, max_size=20))
def test_documented_types_keep_every_value(tmp_path, rows):
    request = task_request(columns=COLUMNS)
    files_of(request, ["id"], [([f"k{i}"], row) for i, row in enumerate(rows)], tmp_path)
    table = pq.ParquetFile(tmp_path / "0").read()
    assert table.schema.types == [pa.float64(), pa.string(), pa.int64(), pa.string(), pa.bool_()]
    for row, written in zip(table.to_pylist(), rows, strict=True):
        assert same(row["d"], written.get("d"))
        assert (row["große Zahl"], row["s"], row["flag"]) == (
            written.get("i"), written.get("s"), written.get("b")
        )  # fmt: skip


UTC = timezone.utc


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        ("INT32", 2**31 - 1, 2**31 - 1),
        ("INT32", -(2**31), -(2**31)),
        ("INT32", 2**31, None),
        ("FLOAT", 0.1, 0.10000000149011612),
        ("FLOAT", 1e300, math.inf),
        ("FLOAT", 1, None),
        ("DATE", 20000, date(2024, 10, 4)),
        ("DATE", -1, date(1969, 12, 31)),
        ("DATE", "2024-10-04", None),
        ("DATE", 2_932_896, date.max),
        ("DATE", 2_932_897, None),
        ("DATE", -719_162, date.min),
        ("DATE", -719_163, None),
        ("TIME_MILLIS", 86_399_999, time(23, 59, 59, 999_000)),
        ("TIME_MILLIS", 86_400_000, None),
        ("TIME_MICROS", 1, time(0, 0, 0, 1)),
        ("TIME_MICROS", -1, None),
        ("TIMESTAMP_MILLIS", 1_700_000_000_123, datetime(2023, 11, 14, 22, 13, 20, 123_000, UTC)),
        ("TIMESTAMP_MICROS", 1, datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=1)),
        ("TIMESTAMP_MICROS", "2024", None),
        ("TIMESTAMP_MILLIS", 253_402_300_799_999, datetime(9999, 12, 31, 23, 59, 59, 999_000, UTC)),
        ("TIMESTAMP_MILLIS", 253_402_300_800_000, None),
        ("TIMESTAMP_MILLIS", 2**63 - 1, None),
        ("TIMESTAMP_MILLIS", -62_135_596_800_001, None),
        ("TIMESTAMP_MICROS", 253_402_300_799_999_999, datetime.max.replace(tzinfo=UTC)),
        ("TIMESTAMP_MICROS", 253_402_300_800_000_000, None),
        ("TIMESTAMP_MICROS", -62_135_596_800_000_000, datetime.min.replace(tzinfo=UTC)),
        ("TIMESTAMP_MICROS", -62_135_596_800_000_001, None),
        ("INT64", True, None),
        ("INT64", 1.0, None),
        ("DOUBLE", 1, None),
        ("UTF8", b"bytes", None),
        ("BOOL", 1, None),
    ],
)
def test_value_is_written_if_it_fits_and_dirty_otherwise(tmp_path, kind, value, read):
    request = task_request(columns=[("x", kind)])
    buffer = files_of(request, ["id"], [(["k"], {"x": value})], tmp_path)
    assert pq.ParquetFile(tmp_path / "0").read().to_pylist() == [{"x": read}]
    assert buffer.discards.total() == (read is None)


ENCODINGS = [
    (ParquetDataType(kind).name, encoding.name)
    for kind, how in KINDS.items()
    for encoding in sorted(how.encodings)
]


@pytest.mark.parametrize(("kind", "encoding"), ENCODINGS)
def test_file_has_the_declared_encoding(tmp_path, kind, encoding):
    request = task_request(columns=[("x", kind, "a.b", encoding), ("id", "UTF8")])
    example = {bool: True, int: 7, float: 0.5, str: "x"}[KINDS[ParquetDataType[kind]].source]
    files_of(request, ["id"], [([str(i)], {"x": example}) for i in range(20)], tmp_path)
    found = pq.ParquetFile(tmp_path / "0").metadata.row_group(0)
    declared = set(found.column(0).encodings) - {"RLE"}  # of the levels that say where NULL is
    assert declared == {encoding}
    assert set(found.column(1).encodings) - {"RLE"} == {"PLAIN"}
    assert pq.ParquetFile(tmp_path / "0").metadata.num_rows == 20


@pytest.mark.parametrize("kind", ["DECIMAL", "LIST", "MAP", "INTERVAL", "INT96"])
def test_unsupported_type_is_refused_when_the_task_is_created(world, kind):
    with pytest.raises(ServiceError, match=f"does not write {kind}"):
        world.task(columns=[("x", kind)])


@pytest.mark.parametrize(
    ("kind", "encoding"),
    [
        ("BOOL", "PLAIN_DICTIONARY"),
        ("DOUBLE", "DELTA_BINARY_PACKED"),
        ("INT64", "DELTA_BYTE_ARRAY"),
    ],
)
def test_encoding_that_parquet_does_not_have_is_refused(world, kind, encoding):
    with pytest.raises(ServiceError, match=f"does not have {encoding} for {kind}"):
        world.task(columns=[("x", kind, "x", encoding)])


def test_long_text_and_keys_of_each_type_are_delivered(world):
    key = [("s", "STRING"), ("i", "INTEGER"), ("n", "INTEGER", tablestore.PK_AUTO_INCR)]
    world.table("big", key)
    text = "北" * (1024 * 1024 // 3)
    world.put([("s", "k"), ("i", -5), ("n", tablestore.PK_AUTO_INCR)], table="big", t=text, e="")
    columns = [("s", "UTF8"), ("i", "INT64"), ("n", "INT64"), ("t", "UTF8"), ("e", "UTF8")]
    world.task(table="big", columns=columns)
    world.wait_delivered()
    (row,) = world.rows()
    assert (row["s"], row["i"], row["t"], row["e"]) == ("k", -5, text, "")
    assert row["n"] > 0
