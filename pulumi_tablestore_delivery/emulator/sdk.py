"""What is taken from the official Python SDK: messages of row operations, and PlainBuffer.

This is the only module that imports it: the import takes a third of a second, warns, and logs
that there is no native codec, which is not used here.
"""

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


with _silence():
    from tablestore.error import OTSClientError
    from tablestore.metadata import INF_MAX, INF_MIN
    from tablestore.plainbuffer.plain_buffer_builder import PlainBufferBuilder
    from tablestore.plainbuffer.plain_buffer_coded_stream import (
        PlainBufferCodedInputStream,
        PlainBufferCodedOutputStream,
    )
    from tablestore.plainbuffer.plain_buffer_consts import const
    from tablestore.plainbuffer.plain_buffer_crc8 import PlainBufferCrc8
    from tablestore.plainbuffer.plain_buffer_stream import (
        PlainBufferInputStream,
        PlainBufferOutputStream,
    )
    from tablestore.protobuf import table_store_filter_pb2 as filter_messages
    from tablestore.protobuf import table_store_pb2 as row_messages

__all__ = [
    "INF_MAX",
    "INF_MIN",
    "OTSClientError",
    "PlainBufferBuilder",
    "PlainBufferCodedInputStream",
    "PlainBufferCodedOutputStream",
    "PlainBufferCrc8",
    "PlainBufferInputStream",
    "PlainBufferOutputStream",
    "const",
    "filter_messages",
    "row_messages",
]
