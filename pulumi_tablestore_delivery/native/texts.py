"""Messages, with inputs, options and configuration named as in this package's schema."""

from __future__ import annotations

import re
from typing import Final

from pulumi_tablestore_delivery.native.names import PACKAGE, camel
from pulumi_tablestore_delivery.spec.model import (
    OUTPUTS,
    DeliveryTaskSpec,
    EventTimeColumn,
    ParquetColumn,
)

_NAMES: Final = {
    *OUTPUTS,
    "delete_before_replace",
    *DeliveryTaskSpec.model_fields,
    *ParquetColumn.model_fields,
    *EventTimeColumn.model_fields,
}
# What stands in quotes is somebody's value, and stays as it is.
_NAMED: Final = re.compile(
    rf"((?<!\w)'[^'\n]*')|\b(?:{'|'.join(sorted(name for name in _NAMES if '_' in name))})\b"
)
_CONFIGURATION: Final = re.compile(r"\btablestore:(?=[a-z])")


def in_schema_terms(message: str) -> str:
    """`set adopt_existing=True` as `set adoptExisting: true`, and the like."""
    renamed = _NAMED.sub(lambda found: found[1] or camel(found[0]), message)
    return _CONFIGURATION.sub(f"{PACKAGE}:", renamed.replace("=True", ": true"))
