"""The fixtures for users' test suites, in a separate suite."""

import re
from pathlib import Path

pytest_plugins = ["pytester"]

PAGE = Path(__file__).parents[1] / "docs" / "testing.md"

SUITE = """
import pyarrow.dataset as ds
import pytest
import tablestore
from pulumi_tablestore_delivery.wire import delivery_pb2

def client_of(emulator):
    return tablestore.OTSClient(
        emulator.url, emulator.access_key_id, emulator.access_key_secret, emulator.instance
    )

@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_an_empty_emulator(tablestore_emulator, turn):
    client = client_of(tablestore_emulator)
    assert list(client.list_table()) == []
    client.create_table(
        tablestore.TableMeta("t", [("id", "STRING")]),
        tablestore.TableOptions(),
        tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0)),
    )
    assert tablestore_emulator.calls() == {"ListTable": 1, "CreateTable": 1}
    tablestore_emulator.wait_until_delivered()
    assert tablestore_emulator.deliveries() == []

def test_second_emulator_can_have_another_instance(make_tablestore_emulator):
    emulator = make_tablestore_emulator(instance="other", access_key_secret="secret")
    assert emulator.environment["TABLESTORE_INSTANCE"] == "other"
    emulator.fault(operation="*", fault="html", times=None)
    emulator.clear_faults()
    assert list(client_of(emulator).list_table()) == []
"""


def test_fixtures_work_as_documented(pytester):
    text = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    conftest, example = text[0], text[1]
    (mocks,) = (code for code in text if "set_mocks" in code)
    pytester.makeconftest(conftest)
    pytester.makepyfile(test_suite=SUITE, test_example=example, test_mocks=mocks)
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=6)
