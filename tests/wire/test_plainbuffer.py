"""Rows as bytes, compared with the official Python SDK, and invalid bytes."""

import contextlib
import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.sdk import tablestore as ts
from tablestore.plainbuffer.plain_buffer_builder import PlainBufferBuilder
from tablestore.plainbuffer.plain_buffer_coded_stream import (
    PlainBufferCodedInputStream,
    PlainBufferCodedOutputStream,
)
from tablestore.plainbuffer.plain_buffer_crc8 import PlainBufferCrc8
from tablestore.plainbuffer.plain_buffer_stream import (
    PlainBufferInputStream,
    PlainBufferOutputStream,
)

from pulumi_tablestore_delivery.wire.plainbuffer import (
    MOST_CELLS,
    Action,
    Cell,
    Marker,
    PlainBufferError,
    Row,
    crc8,
    read_row,
    read_rows,
    read_value,
    write_rows,
    write_value,
)

INT64 = st.integers(-(2**63), 2**63 - 1)
VALUES = st.one_of(INT64, st.floats(), st.booleans(), st.text(), st.binary())
NAMES = st.text(min_size=1, max_size=10)
KEYS = st.lists(st.tuples(NAMES, st.one_of(INT64, st.text(), st.binary())), min_size=1, max_size=4)
PUTS = st.lists(st.tuples(NAMES, VALUES, st.one_of(st.none(), INT64)), max_size=8)


def for_sdk(value):
    return bytearray(value) if isinstance(value, bytes) else value


def comparable(value):
    """NaN equals NaN, and 1 is not True."""
    value = bytes(value) if isinstance(value, bytearray) else value
    return type(value).__name__, repr(value)


@given(KEYS, PUTS)
def test_put_has_the_bytes_of_the_sdk_and_is_read_back(key, puts):
    columns = [
        (name.encode(), for_sdk(value), *([] if version is None else [version]))
        for name, value, version in puts
    ]
    expected = PlainBufferBuilder.serialize_for_put_row(
        [(name.encode(), for_sdk(value)) for name, value in key], columns
    )
    row = Row(key, [Cell(*put) for put in puts])
    written = write_rows([row])
    assert written == bytes(expected)
    read = read_row(written)
    assert read.key == key
    assert [(cell.name, comparable(cell.value), cell.timestamp) for cell in read.cells] == [
        (name, comparable(value), version) for name, value, version in puts
    ]
    assert not read.is_deleted


CHANGES = [
    ({"PUT": [("a", 1), ("b", "x", 5)]}, [Cell("a", 1), Cell("b", "x", 5)]),
    ({"DELETE": [("a", None, 7)]}, [Cell("a", None, 7, Action.DELETE_ONE)]),
    ({"DELETE_ALL": ["a", "b"]}, [
        Cell("a", None, None, Action.DELETE_ALL), Cell("b", None, None, Action.DELETE_ALL)
    ]),
    ({"INCREMENT": [("n", -3)]}, [Cell("n", -3, None, Action.INCREMENT)]),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "cells"), CHANGES)
def test_update_has_the_bytes_of_the_sdk_and_is_read_back(changes, cells):
    key = [("id", "k")]
    expected = bytes(PlainBufferBuilder.serialize_for_update_row(key, changes))
    assert write_rows([Row(key, cells)]) == expected
    assert read_row(expected) == Row(key, cells)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (Marker.SMALLEST, ts.INF_MIN),
        (Marker.LARGEST, ts.INF_MAX),
        (Marker.AUTO_INCREMENT, ts.PK_AUTO_INCR),
    ],
)
def test_markers_of_a_key_have_the_bytes_of_the_sdk(ours, theirs):
    expected = bytes(PlainBufferBuilder.serialize_primary_key([("id", theirs)]))
    assert write_rows([Row([("id", ours)])]) == expected
    assert read_row(expected) == Row([("id", ours)], [])


def test_delete_has_the_bytes_of_the_sdk_and_is_read_back():
    expected = bytes(PlainBufferBuilder.serialize_for_delete_row([("id", "k")]))
    assert write_rows([Row([("id", "k")], is_deleted=True)]) == expected
    assert read_row(expected) == Row([("id", "k")], [], is_deleted=True)


@given(st.lists(st.tuples(KEYS, PUTS), min_size=1, max_size=5))
def test_sdk_reads_rows_as_they_were_written(rows):
    written = write_rows(Row(key, [Cell(*put) for put in puts]) for key, puts in rows)
    found = PlainBufferCodedInputStream(PlainBufferInputStream(written)).read_rows()
    assert [
        ([(n, comparable(v)) for n, v in row.primary_key],
         [(n, comparable(v), t) for n, v, t in row.attribute_columns])
        for row in found
    ] == [
        ([(n, comparable(v)) for n, v in key], [(n, comparable(v), t) for n, v, t in puts])
        for key, puts in rows
    ]  # fmt: skip
    assert [len(row.cells) for row in read_rows(written)] == [len(puts) for _, puts in rows]


def test_no_rows_are_no_bytes():
    assert write_rows([]) == b""
    assert read_rows(b"") == []


@given(VALUES)
def test_bare_value_has_the_bytes_of_the_sdk_and_is_read_back(value):
    stream = PlainBufferOutputStream(4096)
    PlainBufferCodedOutputStream(stream).write_column_value(for_sdk(value))
    assert write_value(value) == bytes(stream.get_buffer())
    assert comparable(read_value(write_value(value))) == comparable(value)


@settings(max_examples=50)
@given(st.binary(max_size=300), st.integers(0, 40))
def test_checksum_of_long_data_is_the_one_of_the_sdk(data, times):
    data *= times
    assert crc8(data) == PlainBufferCrc8.crc_bytes(0, data)
    assert crc8(data, 0x5A) == PlainBufferCrc8.crc_bytes(0x5A, data)


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, "\ud800"])
def test_value_that_cannot_be_written_is_an_error(value):
    with pytest.raises(ValueError, match=r"64 bits|surrogates"):
        write_rows([Row([("id", value)])])


GOOD = write_rows([Row([("id", "key")], [Cell("n", 1, 5), Cell("s", "text"), Cell("b", b"\0")])])


@pytest.mark.parametrize("length", [-8, -1, -(2**31), 2**31 - 1, 1000])
@pytest.mark.parametrize("position", [GOOD.index(b"id") - 4, GOOD.index(b"key") - 4, 12])
def test_length_beyond_the_data_is_refused_at_once(position, length):
    started = time.monotonic()
    with pytest.raises(PlainBufferError):
        read_row(GOOD[:position] + struct.pack("<i", length) + GOOD[position + 4 :])
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("position", range(len(GOOD)))
@pytest.mark.parametrize("change", [1, 0x80, 0xFF])
def test_changed_byte_is_refused(position, change):
    changed = bytearray(GOOD)
    changed[position] ^= change
    with pytest.raises(PlainBufferError):
        read_row(bytes(changed))


@pytest.mark.parametrize("size", range(len(GOOD)))
def test_truncated_row_is_refused(size):
    with pytest.raises(PlainBufferError):
        read_row(GOOD[:size])


def test_bytes_after_a_row_are_refused():
    for rest in (b"\0\1", GOOD, GOOD[4:]):
        with pytest.raises(PlainBufferError, match="unexpected bytes follow the row"):
            read_row(GOOD + rest)
    assert len(read_rows(GOOD + GOOD[4:])) == 2
    assert read_row(GOOD + bytes(8)) == read_row(GOOD)  # as the Node SDK sends it


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    for read, start in [(read_rows, b""), (read_rows, b"\x75\0\0\0\x01"), (read_value, b"")]:
        with contextlib.suppress(PlainBufferError):
            read(start + data)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x09", b"\x0a", b"\x06", b"\x0c", b"\x02\x02", b"\x02", b"\x00\x01",
     b"\x03\xff\xff\xff\xff", b"\x03\x01\0\0\0\xff", b"\x07\x02\0\0\0\x01", b"\x01" + bytes(9)],
)  # fmt: skip
def test_bytes_that_are_not_a_value_are_refused(data):
    with pytest.raises(PlainBufferError, match="byte 0"):
        read_value(data)


def test_attribute_column_without_a_value_is_written_and_read():
    row = Row([("id", "k")], [Cell("gone", None)])
    assert read_row(write_rows([row])) == row


def test_number_of_cells_is_limited():
    many = Row([("id", "k")], [Cell("x", None)] * (MOST_CELLS + 1))
    with pytest.raises(PlainBufferError, match=f"more than {MOST_CELLS} cells"):
        read_row(write_rows([many]))
    with pytest.raises(PlainBufferError, match="more than 32 columns"):
        read_row(write_rows([Row([("id", 1)] * 33)]))


def test_marker_in_an_attribute_column_is_refused():
    bad = write_rows([Row([("id", "k")], [Cell("x", Marker.SMALLEST)])])
    with pytest.raises(PlainBufferError, match="SMALLEST is not the value of an attribute"):
        read_row(bad)


def test_deleted_key_column_is_refused():
    with_action = write_rows([Row([], [Cell("id", None, None, Action.DELETE_ALL)])])
    with pytest.raises(PlainBufferError, match="a key column must have a value"):
        read_row(with_action.replace(b"\x01\x02\x03", b"\x01\x03", 1))


def test_long_values_are_read_quickly():
    row = Row([("id", "k")], [Cell("x", "x" * 2_000_000), Cell("y", bytes(2_000_000))])
    started = time.monotonic()
    assert read_row(write_rows([row])) == row
    assert time.monotonic() - started < 1
