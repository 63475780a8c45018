"""The parts of a verification: folders, columns, samples of rows, the endpoint of OSS."""

import pyarrow as pa
import pytest

from pulumi_tablestore_delivery.client.rows import RowPage, start_at
from pulumi_tablestore_delivery.errors import ConfigurationError
from pulumi_tablestore_delivery.inspection.verification.columns import (
    Column,
    OtherTypeError,
    compact,
)
from pulumi_tablestore_delivery.inspection.verification.folders import EventTime, Folders
from pulumi_tablestore_delivery.inspection.verification.objects import DeliveredFile
from pulumi_tablestore_delivery.inspection.verification.place import oss_place
from pulumi_tablestore_delivery.inspection.verification.rows import Range, all_rows, spread_rows
from pulumi_tablestore_delivery.inspection.verification.spill import PARTITIONS, Spill
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.spec.model import EventTimeColumn
from pulumi_tablestore_delivery.spec.properties import spec_of
from pulumi_tablestore_delivery.wire import plainbuffer

LEAP_DAY = "2024-02-29T23:58:00Z"
LEAP_MILLISECONDS = 1709251080000


class TestFolders:
    folders = Folders("a/y=$yyyy/$MM-$dd", EventTimeColumn(column="at", format="RFC3339"))

    def test_event_time_determines_the_folder(self):
        placement = self.folders.place(LEAP_DAY, 0)
        assert placement.folder == "a/y=2024/02-29/"
        assert placement.other == "a/y=2024/03-01/"
        assert placement.event_time is EventTime.FINE

    @pytest.mark.parametrize(
        ("value", "kind"),
        [(None, EventTime.MISSING), ("yesterday", EventTime.UNPARSABLE), (5, EventTime.UNPARSABLE)],
    )
    def test_write_time_determines_the_folder_without_an_event_time(self, value, kind):
        placement = self.folders.place(value, LEAP_MILLISECONDS)
        assert (placement.folder, placement.event_time) == ("a/y=2024/02-29/", kind)
        assert self.folders.place(value, None).folder == ""

    def test_prefix_without_variables_has_one_folder(self):
        folders = Folders("a/b", None)
        assert folders.place(None, None).folder == "a/b/"
        assert not folders.needs_write_time

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
    """A client of a table in memory."""

    def __init__(self, keys):
        self.rows = [plainbuffer.Row(key) for key in keys]
        self.read = 0

    def get_range(self, table, keys, limit, columns, *, start=b"", is_backward=False):
        if is_backward:
            return RowPage(self.rows[::-1][:limit])
        place = 0
        if start:
            wanted = [_order(value) for _, value in plainbuffer.read_row(start).key]
            place = next(
                (
                    place
                    for place, row in enumerate(self.rows)
                    if [_order(value) for _, value in row.key] >= wanted
                ),
                len(self.rows),
            )
        page = self.rows[place : place + limit]
        self.read += len(page)
        rest = self.rows[place + limit :]
        return RowPage(page, start_at(rest[0].key) if rest else b"")


def _order(value):
    if value is plainbuffer.Marker.SMALLEST:
        return (0,)
    return (1, value)


def spread(keys, count):
    table = Table(keys)
    return [row.key for row in spread_rows(Range(table, "t", ["k"], ()), count)], table


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
    places = {keys.index(key) // 1000 for key in found}
    assert places == set(range(10))
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


def test_empty_table_has_no_rows():
    assert spread([], 10)[0] == []


def test_all_rows_are_read_page_by_page():
    keys = [[("k", number)] for number in range(5001)]
    rows = Range(Table(keys), "t", ["k"], ())
    assert [row.key for row in all_rows(rows)] == keys


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
    def place(self, endpoint, option=None, told="", own="oss-cn-hangzhou.aliyuncs.com", **settings):
        spec = spec_of(
            {
                "instance_name": "i", "table_name": "t", "oss_bucket": "b", "oss_endpoint": own,
                "oss_prefix": "p/", "role_arn": "r", "parquet_schema": [],
            }
        )  # fmt: skip
        environment = {"TABLESTORE_ENDPOINT": endpoint, **settings}
        return oss_place(Settings(environment, lambda _: ""), spec, option, lambda _: told)

    real = "https://i.cn-hangzhou.ots.aliyuncs.com"
    emulator = "http://127.0.0.1:8087"

    def test_task_without_an_option_uses_its_own_endpoint(self):
        place = self.place(self.real)
        assert place.endpoint == "https://oss-cn-hangzhou.aliyuncs.com"
        assert (place.region, place.is_emulated) == ("cn-hangzhou", False)

    def test_option_comes_before_the_environment(self):
        internal = "oss-cn-hangzhou-internal.aliyuncs.com"
        variable = {"TABLESTORE_OSS_ENDPOINT": internal}
        assert self.place(self.real, **variable).endpoint == f"https://{internal}"
        place = self.place(self.real, "https://mine.example.com", **variable)
        assert (place.endpoint, place.region) == ("https://mine.example.com", "cn-hangzhou")

    @pytest.mark.parametrize(
        "own",
        [
            "evil.example.com", "http://oss-cn-hangzhou.aliyuncs.com", "127.0.0.1:1", "a b", "",
            "HTTP://oss-cn-hangzhou.aliyuncs.com", "oss-cn-hangzhou.aliyuncs.com\n",
        ],
    )  # fmt: skip
    def test_keys_are_not_sent_to_an_endpoint_from_a_description(self, own):
        with pytest.raises(ConfigurationError, match="not a host of Alibaba Cloud"):
            self.place(self.real, own=own)

    def test_only_the_port_of_the_emulators_answer_is_used(self):
        place = self.place(self.emulator, told="http://evil.example.com:8088")
        assert place.endpoint == "http://127.0.0.1:8088"
        assert place.is_emulated

    @pytest.mark.parametrize("told", ["", "http://127.0.0.1", "nonsense", "http://a:999999"])
    def test_emulator_without_oss_is_reported(self, told):
        with pytest.raises(ConfigurationError, match="does not have an OSS"):
            self.place(self.emulator, told=told)

    def test_keys_of_an_emulator_stay_on_this_machine(self):
        with pytest.raises(ConfigurationError, match="not sent to another host"):
            self.place(self.emulator, "https://oss-cn-hangzhou.aliyuncs.com")
        assert self.place(self.emulator, "http://localhost:9").endpoint == "http://localhost:9"

    def test_endpoint_without_a_region_needs_one(self):
        endpoint = "https://i.example.com"
        with pytest.raises(ConfigurationError, match="TABLESTORE_REGION"):
            self.place(endpoint, "https://oss.example.com")
