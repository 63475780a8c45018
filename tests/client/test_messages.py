"""Any bytes are read as a message or refused with this package's own error."""

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_tablestore_delivery.client.messages import UnreadableMessageError, read_message
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb
from pulumi_tablestore_delivery.wire import table_pb2

KINDS = [pb.Error, pb.DescribeDeliveryTaskResponse, pb.ListDeliveryTaskResponse]


def texts(message):
    """All text of a message."""
    for field, value in message.ListFields():
        for each in value if hasattr(value, "append") or hasattr(value, "add") else [value]:
            if field.message_type:
                yield from texts(each)
            elif field.type == field.TYPE_STRING:
                yield each


@given(st.sampled_from(KINDS), st.binary(max_size=40))
def test_any_bytes_are_a_readable_message_or_an_error(kind, body):
    try:
        message = read_message(kind, body)
    except UnreadableMessageError:
        return
    assert all(isinstance(text, str) for text in texts(message))


@given(st.text(), st.text(), st.lists(st.text()))
def test_valid_text_is_read_as_it_is(name, detail, columns):
    message = pb.DescribeDeliveryTaskResponse()
    message.taskConfig.ossPrefix = name
    message.task_sync_stat.detail = detail
    for column in columns:
        message.taskConfig.schema.add(columnName=column)
    assert read_message(type(message), message.SerializeToString()) == message


CASES = [
    (pb.TaskSyncStat, b"\x22\x03a\xffb", "a\ufffdb"),
    (pb.TaskSyncStat, b"\x22\x01a\x22\x01\xff", "\ufffd"),  # the last of two counts
    (pb.Error, b"\x0a\x03OTS\x12\x02\xc3\xa4", "ä"),
    (pb.Error, b"\x0a\x02\x80=", None),
    (pb.DescribeDeliveryTaskResponse, b"\x0a\x03\x0a\x01\xff", None),
    (table_pb2.ListTableResponse, b"\x0a\x01a\x0a\x01\xff", None),
    (pb.Error, b"\xff", None),
    (pb.Error, b"\x0a\x09x", None),
]


def last_text(kind, body):
    try:
        return [*texts(read_message(kind, body))][-1]
    except UnreadableMessageError:
        return None


@pytest.mark.parametrize(("kind", "body", "expected"), CASES)
def test_text_that_is_not_utf8_is_repaired_for_people_and_refused_elsewhere(kind, body, expected):
    assert last_text(kind, body) == expected


def test_pure_python_runtime_reads_the_same():
    script = (
        "import runpy, sys; from google.protobuf.internal import api_implementation as api\n"
        "assert api.Type() == 'python'\n"
        "tests = runpy.run_path(sys.argv[1])\n"
        "for kind, body, expected in tests['CASES']:\n"
        "    assert tests['last_text'](kind, body) == expected, (kind, body)\n"
        "tests['test_any_bytes_are_a_readable_message_or_an_error']()\n"
    )
    environment = {**os.environ, "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python"}
    command = [sys.executable, "-c", script, __file__]
    subprocess.run(command, env=environment, check=True, timeout=60)
