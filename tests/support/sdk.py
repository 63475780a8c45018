"""The official Python SDK, as an outside client."""

import contextlib
import io
import logging
import warnings

logging.getLogger("tablestore").setLevel(logging.ERROR)
with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
    # It warns and prints about its native codec while it is imported; not ours to mend.
    warnings.simplefilter("ignore")
    import tablestore

__all__ = ["sdk_client", "tablestore"]


def sdk_client(emulator, **options):
    return tablestore.OTSClient(
        emulator.url,
        emulator.access_key_id,
        emulator.access_key_secret,
        emulator.instance,
        sts_token=emulator.security_token or None,
        **options,
    )
