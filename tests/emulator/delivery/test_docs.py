"""docs/delivery.md describes each declared type, and docs/emulator.md each fault."""

import re
from pathlib import Path

import pytest

from pulumi_tablestore_delivery.emulator.delivery.parquet import KINDS
from pulumi_tablestore_delivery.emulator.faults import Fault
from pulumi_tablestore_delivery.wire.enums import ParquetDataType

DOCS = Path(__file__).parents[3] / "docs"
DOCUMENTED = {"BOOL", "INT64", "UTF8", "DOUBLE"}


@pytest.mark.parametrize("kind", ParquetDataType, ids=lambda kind: kind.name)
def test_page_describes_every_type(kind):
    page = (DOCS / "delivery.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if re.match(rf"\|[^|]*\b{kind.name}\b[^|]*\|", line)]
    assert len(rows) == 1
    cells = [cell.strip() for cell in rows[0].strip("|").split("|")]
    assert cells[2].startswith("refused") == (kind not in KINDS)
    assert cells[4] == ("documented" if kind.name in DOCUMENTED else "assumed")
    if kind.name in DOCUMENTED:
        assert set(cells[3].split(", ")) == {each.name for each in KINDS[kind].encodings}


def test_page_describes_every_fault():
    page = (DOCS / "emulator.md").read_text(encoding="utf-8")
    for fault in Fault.__subclasses__():
        (name,) = fault.model_fields["fault"].annotation.__args__
        assert f"| `{name}` |" in page
