"""Read messages from bytes, even if a text field is not UTF-8.

A text field (proto2 `string`) should be UTF-8, but a service may send other bytes. Then the
behavior of protobuf depends on its version: it refuses the message, or, when the field is read, it
raises UnicodeDecodeError or returns bytes. So this module checks the text first: it reads the body
with a copy of the message type in which text fields are bytes fields.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, TypeVar

from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from pulumi_tablestore_delivery.wire import delivery_pb2

MessageT = TypeVar("MessageT", bound=Message)

_FOR_PEOPLE: Final = frozenset(
    message.DESCRIPTOR.fields_by_name[name].full_name
    for message, name in (
        (delivery_pb2.TaskSyncStat, "detail"),
        (delivery_pb2.Error, "message"),
        (delivery_pb2.Error, "access_denied_detail"),
    )
)
"""Text fields that only people read. Other fields are not repaired, as their value would change."""


class UnreadableMessageError(ValueError):
    """Bytes are not a valid message, or a name or value in them is not UTF-8."""


def read_message(kind: type[MessageT], body: bytes) -> MessageT:
    """Read a message. In text for people, U+FFFD replaces what is not UTF-8.

    Raises:
        UnreadableMessageError: The bytes are not a message of this kind.
    """
    if not body.isascii():  # then all its text is UTF-8
        twin = _parse(_twin_of(kind.DESCRIPTOR), body)
        _repair(twin, kind.DESCRIPTOR)
        body = twin.SerializePartialToString()
    return _parse(kind, body)


def _parse(kind: type[MessageT], body: bytes) -> MessageT:
    message = kind()
    try:
        message.ParseFromString(body)
    except (DecodeError, ValueError, IndexError, RecursionError):
        # The pure Python runtime does not turn all of them into a DecodeError.
        raise UnreadableMessageError(f"not a valid {kind.DESCRIPTOR.name}") from None
    return message


def _repair(twin: Message, kind: Any) -> None:  # a descriptor; the runtimes' types differ
    for field, value in twin.ListFields():
        original = kind.fields_by_number[field.number]
        if original.type == FieldDescriptor.TYPE_MESSAGE:
            for inner in [value] if isinstance(value, Message) else value:
                _repair(inner, original.message_type)
        elif original.type == FieldDescriptor.TYPE_STRING:
            if isinstance(value, bytes):
                setattr(twin, field.name, _as_utf8(original, value))
            else:
                value[:] = [_as_utf8(original, each) for each in value]


def _as_utf8(field: FieldDescriptor, value: bytes) -> bytes:
    errors = "replace" if field.full_name in _FOR_PEOPLE else "strict"
    try:
        return value.decode("utf-8", errors).encode()
    except UnicodeDecodeError:
        raise UnreadableMessageError(f"{field.name} is not UTF-8") from None


@lru_cache(maxsize=64)
def _twin_of(kind: Descriptor) -> type[Message]:
    """Return the class of the same message with bytes fields instead of text fields."""
    pool = DescriptorPool()
    _add_twin_file(pool, kind.file)
    return GetMessageClass(pool.FindMessageTypeByName(kind.full_name))


def _add_twin_file(pool: DescriptorPool, file: FileDescriptor) -> None:
    for dependency in file.dependencies:
        _add_twin_file(pool, dependency)
    twin = FileDescriptorProto()
    file.CopyToProto(twin)
    for message in twin.message_type:
        _make_text_bytes(message)
    pool.AddSerializedFile(twin.SerializeToString())


def _make_text_bytes(message: DescriptorProto) -> None:
    for field in message.field:
        if field.type == FieldDescriptor.TYPE_STRING:
            field.type = FieldDescriptorProto.TYPE_BYTES
    for nested in message.nested_type:
        _make_text_bytes(nested)
