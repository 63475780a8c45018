"""Parse requests. Refuse fields that the emulator does not know instead of ignoring them."""

from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from pulumi_tablestore_delivery.emulator.api.errors import (
    UNSUPPORTED,
    ServiceError,
    invalid_parameter,
)
from pulumi_tablestore_delivery.wire import row_pb2
from pulumi_tablestore_delivery.wire.delivery_pb2 import EventColumn, OSSTaskConfig, ParquetSchema

_M = TypeVar("_M", bound=Message)

_KEPT: Final = (OSSTaskConfig, EventColumn, ParquetSchema)
"""Parts of a task's configuration, which is stored and described with its unknown fields."""


def parse(kind: type[_M], data: bytes, refusal: str) -> _M:
    """Read a message.

    Args:
        kind: The message.
        data: Its bytes.
        refusal: The text of the error if the bytes are not that message.

    Raises:
        ServiceError: The bytes are not that message, or have a field that the emulator does not
            know.
    """
    try:
        message = kind.FromString(data)
    except (DecodeError, UnicodeDecodeError):
        raise invalid_parameter(refusal) from None
    if not (message.IsInitialized() and _is_text(message)):  # parsing checks neither of them
        raise invalid_parameter(refusal)
    if _may_have_unknown_fields(message) and (found := _unknown_field(message, kind.__name__)):
        raise ServiceError(
            UNSUPPORTED, f"The emulator does not know this field of the request: {found}."
        )
    return message


class _Fields(NamedTuple):
    """The fields of a message with text in them or below them, and whether each is repeated."""

    texts: tuple[tuple[str, bool], ...]
    messages: tuple[tuple[str, bool], ...]


@lru_cache(maxsize=128)
def _fields(descriptor: Descriptor) -> _Fields:
    texts, messages = [], []
    for field in descriptor.fields:
        is_repeated = isinstance(field.default_value, list)
        if field.type == FieldDescriptor.TYPE_STRING:
            texts.append((field.name, is_repeated))
        elif field.message_type is not None and any(_fields(field.message_type)):
            messages.append((field.name, is_repeated))
    return _Fields(tuple(texts), tuple(messages))


def _is_text(message: Message) -> bool:
    """Return whether all text is UTF-8. protobuf returns other text as bytes."""
    texts, messages = _fields(message.DESCRIPTOR)
    for name, is_repeated in texts:
        value = getattr(message, name)
        if any(isinstance(each, bytes) for each in (value if is_repeated else (value,))):
            return False
    for name, is_repeated in messages:
        value = getattr(message, name)
        if not all(map(_is_text, value if is_repeated else (value,))):
            return False
    return True


def _may_have_unknown_fields(message: Message) -> bool:
    """Return whether a message may have unknown fields.

    For row operations, this is faster than looking at every nested message.
    """
    if message.DESCRIPTOR.file is not row_pb2.DESCRIPTOR:
        return True
    known = type(message)()
    known.CopyFrom(message)
    known.DiscardUnknownFields()
    return known.ByteSize() != message.ByteSize()


def _unknown_field(message: Message, path: str) -> str | None:
    unknown = UnknownFieldSet(message)
    if len(unknown) and not isinstance(message, _KEPT):
        return f"{path}, number {unknown[0].field_number}"
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for each in [value] if isinstance(value, Message) else value:
            if found := _unknown_field(each, f"{path}.{field.name}"):
                return found
    return None
