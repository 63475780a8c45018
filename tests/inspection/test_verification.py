"""The parts of a verification: folders, columns, samples of rows, comparison, endpoint."""

import tracemalloc

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pulumi_tablestore_delivery.client.rows import RowPage, start_at
from pulumi_tablestore_delivery.errors import ConfigurationError
from pulumi_tablestore_delivery.inspection.verification.columns import (
    Column,
    OtherTypeError,
    compact,
)
from pulumi_tablestore_delivery.inspection.verification.comparison import (
    Comparison,
    ExpectedRow,
    FileRow,
    Terms,
)
from pulumi_tablestore_delivery.inspection.verification.expected import Expectations
from pulumi_tablestore_delivery.inspection.verification.folders import EventTime, Folders
from pulumi_tablestore_delivery.inspection.verification.location import bucket_location
from pulumi_tablestore_delivery.inspection.verification.objects import DeliveredFile, read_file
from pulumi_tablestore_delivery.inspection.verification.result import ColumnCounts, Verification
from pulumi_tablestore_delivery.inspection.verification.rows import Range, all_rows, spread_rows
from pulumi_tablestore_delivery.inspection.verification.spill import PARTITIONS, Spill
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.spec.model import EventTimeColumn
from pulumi_tablestore_delivery.spec.properties import spec_of
from pulumi_tablestore_delivery.wire import plainbuffer

LEAP_DAY = "2024-02-29T23:58:00Z"
LEAP_MILLISECONDS = 1709251080000


def task(**inputs):
    bag = {
        "instance_name": "i", "table_name": "t", "oss_bucket": "b", "oss_endpoint": "o",
        "oss_prefix": "p/", "role_arn": "r", "parquet_schema": [],
    }  # fmt: skip
    return spec_of({**bag, **inputs})


EVENT = EventTimeColumn(column="at", format="RFC3339")


class TestFolders:
    folders = Folders("a/y=$yyyy/$MM-$dd", EVENT)

    def test_event_time_determines_the_folder(self):
        placement = self.folders.locate(LEAP_DAY, 0)
        assert placement.folder == "a/y=2024/02-29/"
        assert placement.other == "a/y=2024/03-01/"
        assert placement.event_time is EventTime.FINE

    @pytest.mark.parametrize(
        ("value", "kind"),
        [(None, EventTime.MISSING), ("yesterday", EventTime.UNPARSABLE), (5, EventTime.UNPARSABLE)],
    )
    def test_write_time_determines_the_folder_without_an_event_time(self, value, kind):
        placement = self.folders.locate(value, LEAP_MILLISECONDS)
        assert (placement.folder, placement.event_time) == ("a/y=2024/02-29/", kind)
        assert self.folders.locate(value, None).folder == ""

    def test_prefix_without_variables_has_one_folder(self):
        folders = Folders("a/b", None)
        assert folders.locate(None, None).folder == "a/b/"

    @pytest.mark.parametrize(
        ("prefix", "event", "value", "needs"),
        [
            ("a/$yyyy/", None, None, True),
            ("a/$yyyy/", EVENT, None, True),
            ("a/$yyyy/", EVENT, "yesterday", True),
            ("a/$yyyy/", EVENT, LEAP_DAY, False),
            ("a/b/", EVENT, "yesterday", False),
            ("a/b/", None, None, False),
        ],
    )
    def test_write_time_is_needed_for_a_folder_by_time_without_an_event_time(
        self, prefix, event, value, needs
    ):
        assert Folders(prefix, event).needs_write_time(value) is needs

    def test_folders_of_the_task_are_recognized(self):
        assert self.folders.root == "a/y="
        assert self.folders.is_folder("a/y=2024/02-29/")
        assert not self.folders.is_folder("a/y=2024/02-29/deeper/")
        assert not self.folders.is_folder("a/y=2024/")


class TestColumn:
    @pytest.mark.parametrize(
        ("kind", "value", "dirty"),
        [
            ("DOUBLE", 1, "INTEGER"),
            ("INT64", 1.0, "DOUBLE"),
            ("INT64", True, "BOOLEAN"),
            ("UTF8", b"x", "BINARY"),
            ("BOOL", "true", "STRING"),
            ("INT32", 1 << 31, "INTEGER out of range"),
            ("INT32", -(1 << 31), ""),
            ("DATE", 10**7, "INTEGER out of range"),
            ("DOUBLE", 1.0, ""),
        ],
    )
    def test_value_of_another_type_is_dirty(self, kind, value, dirty):
        assert Column("c", "c", kind).dirty_type(value) == dirty

    @pytest.mark.parametrize(
        ("kind", "value", "array"),
        [
            ("FLOAT", 0.1, pa.array([0.1], pa.float32())),
            ("FLOAT", -1e300, pa.array([-1e300], pa.float32())),
            ("DATE", 19782, pa.array([19782], pa.date32())),
            ("TIMESTAMP_MILLIS", 1709, pa.array([1709], pa.timestamp("ms", "UTC"))),
            ("TIMESTAMP_MILLIS", 1709, pa.array([1709000], pa.timestamp("us", "UTC"))),
            ("TIME_MICROS", 5, pa.array([5], pa.time64("us"))),
            ("UTF8", "x" * 500, pa.array(["x" * 500]).dictionary_encode()),
            ("BOOL", True, pa.array([True])),
        ],
    )  # fmt: skip
    def test_values_of_table_and_file_have_the_same_form(self, kind, value, array):
        column = Column("c", "c", kind)
        assert column.delivered(array) == [column.expected(value)]

    def test_column_of_another_type_is_refused(self):
        with pytest.raises(OtherTypeError, match="string"):
            Column("c", "c", "INT64").delivered(pa.array(["1"]))

    def test_long_texts_that_differ_at_the_end_are_different(self):
        assert compact("x" * 5000 + "a") != compact("x" * 5000 + "b")
        assert compact("x" * 200) == "x" * 200


@pytest.mark.parametrize(
    ("name", "task", "is_of"),
    [
        ("orders_0_data__1", "orders", True),
        ("orders_0_data__1.parquet", "orders", True),
        ("orders_29_0_data__1", "orders_29", True),
        ("orders-2_0_data__1", "orders", False),
        ("orders_data__1", "orders", False),
        ("orders_0_data__x", "orders", False),
        ("ordersX0_0_data__1", "orders.0", False),
    ],
)
def test_task_is_read_from_the_name_of_a_file(name, task, is_of):
    file = DeliveredFile(0.0, 0, f"data/{name}", "data/", "", 1)
    assert file.is_of(task) is is_of


class Table:
    """A client of a table in memory. Pages do not have the rows with hidden keys."""

    def __init__(self, keys, hidden=()):
        self.rows = [plainbuffer.Row(key) for key in keys]
        self.hidden = hidden
        self.read = 0

    def get_range(self, table, keys, limit, columns, *, start=b"", is_backward=False):
        if is_backward:
            return RowPage(self.rows[::-1][:limit])
        first = 0
        if start:
            wanted = [_order(value) for _, value in plainbuffer.read_row(start).key]
            first = next(
                (
                    index
                    for index, row in enumerate(self.rows)
                    if [_order(value) for _, value in row.key] >= wanted
                ),
                len(self.rows),
            )
        page = self.rows[first : first + limit]
        rest = self.rows[first + limit :]
        page = [row for row in page if row.key[0][1] not in self.hidden]
        self.read += len(page)
        return RowPage(page, start_at(rest[0].key) if rest else b"")


def _order(value):
    if value is plainbuffer.Marker.SMALLEST:
        return (0,)
    return (1, value)


def all_of(table):
    return Range(table, "t", ["k"], (), lambda _: False)


def spread(keys, count, **options):
    table = Table(keys, **options)
    return [row.key for row in spread_rows(all_of(table), count)], table


KEYS = {
    "integers": [[("k", number)] for number in range(-5000, 5000)],
    "texts": [[("k", f"order-{number:05}")] for number in range(10000)],
    "binary": [[("k", number.to_bytes(3, "big"))] for number in range(10000)],
    "second column": [[("k", "same"), ("n", number)] for number in range(10000)],
    "hashes": sorted([[("k", f"{number * 2654435761 % 2**32:08x}")] for number in range(10000)]),
}


@pytest.mark.parametrize("name", KEYS)
def test_sample_is_spread_over_the_keys(name):
    keys = KEYS[name]
    found, table = spread(keys, 500)
    assert len(found) == 500
    tenths = {keys.index(key) // 1000 for key in found}
    assert tenths == set(range(10))
    assert table.read < 1500


@pytest.mark.parametrize("count", [1, 9, 10, 50, 5000])
def test_sample_of_a_small_table_has_all_rows(count):
    keys = [[("k", number * number)] for number in range(40)]
    found, _ = spread(keys, count)
    assert len(found) == min(count, 40)
    assert len({key[0][1] for key in found}) == len(found)


def test_sample_of_an_uneven_table_has_as_many_rows():
    keys = [[("k", number)] for number in range(1000)] + [[("k", 10**15)]]
    assert len(spread(keys, 600)[0]) == 600


def test_sample_continues_after_an_empty_page():
    keys = [[("k", number)] for number in range(100)]
    found, _ = spread(keys, 20, hidden=range(5, 80))
    assert sorted(key[0][1] for key in found) == [*range(5), *range(80, 85), *range(90, 100)]


def test_empty_table_has_no_rows():
    assert spread([], 10)[0] == []


def test_all_rows_are_read_page_by_page():
    keys = [[("k", number)] for number in range(5001)]
    assert [row.key for row in all_rows(all_of(Table(keys)))] == keys


class WideTable:
    """A client of a table with one row, whose column `note` was written last."""

    cells = (("at", "yesterday", 0), ("note", "x", LEAP_MILLISECONDS))

    def __init__(self):
        self.requested = []

    def get_range(self, table, keys, limit, columns, **_):
        self.requested.append(tuple(columns))
        cells = [
            plainbuffer.Cell(name, value, timestamp)
            for name, value, timestamp in self.cells
            if not columns or name in columns
        ]
        return RowPage([plainbuffer.Row([("k", 1)], cells)])


@pytest.mark.parametrize(
    ("value", "requested", "folder"),
    [
        ("yesterday", [("k", "at"), ()], "a/2024/"),
        ("1999-01-01T00:00:00Z", [("k", "at")], "a/1999/"),
    ],
)
def test_all_columns_are_read_if_the_time_of_the_write_determines_the_folder(
    value, requested, folder, monkeypatch
):
    monkeypatch.setattr(WideTable, "cells", (("at", value, 0), *WideTable.cells[1:]))
    rows = Expectations(task(oss_prefix="a/$yyyy/", event_time_column=EVENT), [], with_keys=False)
    table = WideTable()
    columns = rows.columns_to_read(["k"])
    (row,) = all_rows(Range(table, "t", ["k"], columns, rows.needs_all_columns))
    assert table.requested == requested
    expected = rows.of(row)
    assert [name for name, number in rows.folders.items() if number == expected.folder] == [folder]


def test_rows_of_a_file_are_counted_without_columns(tmp_path):
    pq.write_table(pa.table({"x": [1, 2, 3]}), tmp_path / "file")
    (rows,) = read_file(tmp_path / "file", [], None)
    assert (rows.count, list(rows)) == (3, [()] * 3)


def expected(*values, written=0, folder=0, other=1):
    return ExpectedRow(values, "", "", written, folder, other)


def compared(table, files, *, keys=(0,), begun=0, **terms):
    """Compare rows of one column that were delivered until the time 100."""
    found = Verification(
        id="i/t/n", mode="BASE_INC", phase="INCR", synced_until="2026", error_code="OK",
        is_sample=False, has_keys=bool(keys), expires=False, columns=[], not_compared=[],
        event_column="",
    )  # fmt: skip
    terms = {"synced_until": 100, "counts_deleted": False, "shows_values": False, **terms}
    Comparison(Terms(key_indices=keys, **terms), found, begun).compare(table, files)
    return found.rows


class TestComparison:
    @pytest.mark.parametrize(
        ("folders", "elsewhere"), [([0], 0), ([1], 1), ([1, 0], 0), ([0, 1], 0), ([2], 0)]
    )
    def test_another_time_zone_is_reported_for_a_row_only_in_its_folder(self, folders, elsewhere):
        rows = compared([expected("k")], [FileRow(("k",), folder, True) for folder in folders])
        assert (rows.equal, rows.elsewhere) == (1, elsewhere)

    def test_rows_whose_key_does_not_fit_are_found_by_all_values(self):
        table = [expected(None, "a"), expected(None, "b")]
        files = [FileRow((None, "b"), 0, True), FileRow((None, "a"), 0, True)]
        assert compared(table, files).equal == 2

    def test_rows_before_a_task_do_not_take_the_copy_of_an_equal_row(self):
        table = [expected("v", written=1), expected("v", written=50)]
        rows = compared(table, [FileRow(("v",), 0, True)], keys=(), begun=10)
        assert (rows.equal, rows.before_task, rows.missing) == (1, 1, 0)

    def test_rows_without_any_compared_column_are_counted(self):
        table = [expected()] * 3
        rows = compared(table, [FileRow((), 0, True)] * 2, keys=())
        assert (rows.equal, rows.missing) == (2, 1)

    def test_memory_does_not_grow_with_rows_of_equal_values(self):
        class Many:
            def __init__(self, row):
                self.row = row

            def __iter__(self):
                return (self.row._replace() for _ in range(10_000))

        tracemalloc.start()
        rows = compared(Many(expected("v")), Many(FileRow(("v",), 0, True)), keys=())
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert rows.equal == 10_000
        assert peak < 1_000_000


def test_values_of_deleted_columns_are_explained():
    column = ColumnCounts("n", "n", "INT64", extra=1)
    found = Verification(
        id="i/t/n", mode="BASE_INC", phase="INCR", synced_until="2026", error_code="OK",
        is_sample=False, has_keys=True, expires=False, columns=[column], not_compared=[],
        event_column="",
    )  # fmt: skip
    assert not found.is_complete
    assert any("columns that were deleted from their rows" in note for note in found.notes())


def test_spill_returns_rows_by_partition_in_their_order(tmp_path):
    schema = pa.schema([("id", pa.int64()), ("text", pa.string())])
    with Spill(tmp_path / "spill", schema) as spill:
        for number in range(100_000):
            spill.add((number % 1000,), (number, f"t{number}" if number % 3 else None))
        rows = [list(spill.rows(partition)) for partition in range(PARTITIONS)]
    assert sum(map(len, rows)) == 100_000
    for partition in rows:
        of_one = [number for number, _ in partition if number % 1000 == partition[0][0] % 1000]
        assert of_one == sorted(of_one)
    assert sorted(row for partition in rows for row in partition)[4] == (4, "t4")


class TestOssEndpoint:
    def located(
        self, endpoint, option=None, emulated="", own="oss-cn-hangzhou.aliyuncs.com", **settings
    ):
        environment = {"TABLESTORE_ENDPOINT": endpoint, **settings}
        return bucket_location(
            Settings(environment, lambda _: ""), task(oss_endpoint=own), option, lambda _: emulated
        )

    real = "https://i.cn-hangzhou.ots.aliyuncs.com"
    emulator = "http://127.0.0.1:8087"

    def test_task_without_an_option_uses_its_own_endpoint(self):
        location = self.located(self.real)
        assert location.endpoint == "https://oss-cn-hangzhou.aliyuncs.com"
        assert (location.region, location.is_emulated) == ("cn-hangzhou", False)

    def test_option_comes_before_the_environment(self):
        internal = "oss-cn-hangzhou-internal.aliyuncs.com"
        variable = {"TABLESTORE_OSS_ENDPOINT": internal}
        assert self.located(self.real, **variable).endpoint == f"https://{internal}"
        location = self.located(self.real, "https://mine.example.com", **variable)
        assert (location.endpoint, location.region) == ("https://mine.example.com", "cn-hangzhou")

    @pytest.mark.parametrize(
        "own",
        [
            "evil.example.com", "http://oss-cn-hangzhou.aliyuncs.com", "127.0.0.1:1", "a b", "",
            "HTTP://oss-cn-hangzhou.aliyuncs.com", "oss-cn-hangzhou.aliyuncs.com\n",
        ],
    )  # fmt: skip
    def test_keys_are_not_sent_to_an_endpoint_from_a_description(self, own):
        with pytest.raises(ConfigurationError, match="not a host of Alibaba Cloud"):
            self.located(self.real, own=own)

    def test_only_the_port_of_the_emulators_answer_is_used(self):
        location = self.located(self.emulator, emulated="http://evil.example.com:8088")
        assert location.endpoint == "http://127.0.0.1:8088"
        assert location.is_emulated

    @pytest.mark.parametrize("answer", ["", "http://127.0.0.1", "nonsense", "http://a:999999"])
    def test_emulator_without_oss_is_reported(self, answer):
        with pytest.raises(ConfigurationError, match="does not have an OSS"):
            self.located(self.emulator, emulated=answer)

    def test_keys_of_an_emulator_stay_on_this_machine(self):
        with pytest.raises(ConfigurationError, match="not sent to another host"):
            self.located(self.emulator, "https://oss-cn-hangzhou.aliyuncs.com")
        assert self.located(self.emulator, "http://localhost:9").endpoint == "http://localhost:9"

    def test_endpoint_without_a_region_needs_one(self):
        endpoint = "https://i.example.com"
        with pytest.raises(ConfigurationError, match="TABLESTORE_REGION"):
            self.located(endpoint, "https://oss.example.com")
