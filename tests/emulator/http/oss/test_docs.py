"""docs/emulator-oss.md describes the emulated OSS, and its snippets run."""

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.oss_world import BUCKET

from pulumi_tablestore_delivery.emulator.http.oss.errors import DECLARED
from pulumi_tablestore_delivery.emulator.http.oss.operations import OPERATIONS

PAGE = (Path(__file__).parents[4] / "docs" / "emulator-oss.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("error", DECLARED, ids=lambda error: error.code)
def test_page_has_every_error(error):
    assert f"| {error.status} | {error.code} | {error.meaning} | {error.label} |" in PAGE


def test_page_has_every_operation_and_no_other():
    section = PAGE.partition("## Operations\n")[2].partition("\n\nGetBucketAcl")[0]
    named = re.findall(r"\w+", section)
    assert sorted(named) == sorted(operation.name for operation in OPERATIONS)


def test_snippets_of_the_page_run(oss):
    path = oss.put_file("orders/year=2024/t_0_orders__1")
    pq.write_table(pa.table({"id": [1, 2]}), path)
    scope = {}
    for snippet in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(snippet.replace("127.0.0.1:8088", oss.host), scope)
    assert scope["keys_of"](BUCKET) == ["orders/year=2024/t_0_orders__1"]
    rows = scope["rows_of"](f"{BUCKET}/orders").to_pylist()
    assert rows == [{"id": 1, "year": 2024}, {"id": 2, "year": 2024}]
