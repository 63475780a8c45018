"""The official SDKs on a running emulator, in small programs next to this file."""

import shutil
import subprocess
from pathlib import Path

import pytest
from support.sdk import tablestore

HERE = Path(__file__).parent
pytestmark = pytest.mark.sdk


@pytest.fixture
def url(start):
    """An emulator with the table that the programs use."""
    caller = start(create_buckets=True, flush_seconds=0)
    caller.create_table("orders")
    return caller.emulator.url


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"there is no {program} on PATH")


def download(command, folder):
    """Skips the test where the SDK cannot be had: no network is not a fault of the emulator."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode:
        pytest.skip(
            f"{command[0]} could not download the SDK: {(done.stdout + done.stderr)[-300:]}"
        )


def output_of(command, folder):
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


OPERATIONS = [
    "CreateTable",
    "ListTable true",
    "DescribeTable -1 1",
    "UpdateTable 86400 2",
    "PutRow",
    "GetRow 1",
    "UpdateRow 2",
    "BatchWriteRow 2",
    "BatchGetRow 2",
    "GetRange 3",
    "DeleteRow 0",
    "ListStream 0",
    "ListSearchIndex 0",
    "ListTimeseriesTable 0",
    "DeleteTable",
]
NOT_IN_NODE = {"ListStream", "ListTimeseriesTable"}
NOT_IN_PYTHON = {"ListStream"}


def without(names):
    return [line for line in OPERATIONS if line.split()[0] not in names]


def java_classpath(folder):
    need("mvn", "java")
    classpath = folder / "classpath"
    download(
        [
            *("mvn", "-q", "-B", "-f", str(HERE / "sdk_java" / "pom.xml")),
            *("dependency:build-classpath", f"-Dmdep.outputFile={classpath}"),
        ],
        folder,
    )
    return classpath.read_text()


def test_go_sdk_completes_each_operation_on_tables_and_rows(url):
    need("go")
    download(["go", "mod", "download"], HERE / "sdk_go")
    assert output_of(["go", "run", "./operations", url], HERE / "sdk_go") == OPERATIONS


def test_java_sdk_completes_each_operation_on_tables_and_rows(url, tmp_path):
    classpath = java_classpath(tmp_path)
    program = ["java", "-cp", classpath, str(HERE / "sdk_java" / "Operations.java"), url]
    assert output_of(program, tmp_path) == OPERATIONS


def test_node_sdk_completes_each_operation_on_tables_and_rows(url, tmp_path):
    need("node", "npm")
    shutil.copy(HERE / "sdk_node" / "package.json", tmp_path)
    download(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"], tmp_path)
    program = ["node", str(HERE / "sdk_node" / "operations.js"), url, str(tmp_path)]
    assert output_of(program, tmp_path) == without(NOT_IN_NODE)


def test_python_sdk_completes_each_operation_on_tables_and_rows(url):
    client = tablestore.OTSClient(url, "local", "local-secret", "local")
    name, ignore = "python_operations", tablestore.Condition("IGNORE")
    lines = []

    def show(*line):
        lines.append(" ".join(str(part).lower() if part is True else str(part) for part in line))

    def number(key):
        _, row, _ = client.get_row(name, [("id", key)], max_version=1)
        return row.attribute_columns[0][1] if row else 0

    def put(key, value):
        return tablestore.Row([("id", key)], [("n", value)])

    client.create_table(
        tablestore.TableMeta(name, [("id", "STRING")]),
        tablestore.TableOptions(-1, 1),
        tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0)),
    )
    show("CreateTable")
    show("ListTable", name in client.list_table())
    options = client.describe_table(name).table_options
    show("DescribeTable", options.time_to_live, options.max_version)
    options = client.update_table(name, tablestore.TableOptions(86400, 2)).table_options
    show("UpdateTable", options.time_to_live, options.max_version)
    client.put_row(name, put("a", 1), ignore)
    show("PutRow")
    show("GetRow", number("a"))
    change = tablestore.Row([("id", "a")], {"PUT": [("n", 2)]})
    client.update_row(name, change, tablestore.Condition("EXPECT_EXIST"))
    show("UpdateRow", number("a"))
    request = tablestore.BatchWriteRowRequest()
    items = [tablestore.PutRowItem(put(key, 3), ignore) for key in ("b", "c")]
    request.add(tablestore.TableInBatchWriteRowItem(name, items))
    show("BatchWriteRow", sum(row.is_ok for row in client.batch_write_row(request).get_put()[0]))
    request = tablestore.BatchGetRowRequest()
    keys = [[("id", key)] for key in ("a", "b")]
    request.add(tablestore.TableInBatchGetRowItem(name, keys, max_version=1))
    found = client.batch_get_row(request).get_result_by_table(name)
    show("BatchGetRow", sum(row.is_ok for row in found))
    bounds = [[("id", bound)] for bound in (tablestore.INF_MIN, tablestore.INF_MAX)]
    show("GetRange", len(client.get_range(name, "FORWARD", *bounds, max_version=1)[2]))
    client.delete_row(name, tablestore.Row([("id", "a")]), ignore)
    show("DeleteRow", number("a"))
    show("ListSearchIndex", len(client.list_search_index(name)))
    show("ListTimeseriesTable", len(client.list_timeseries_table()))
    client.delete_table(name)
    show("DeleteTable")
    assert lines == without(NOT_IN_PYTHON)


def test_page_lists_the_sdks_tried_with_each_operation():
    page = (HERE.parents[1] / "docs" / "emulator.md").read_text(encoding="utf-8")
    section = page.partition("## Operations\n")[2].partition("\n## ")[0]
    rows = [
        [cell.strip(" `") for cell in line.strip("|").split("|")]
        for line in section.splitlines()
        if line.startswith("| `")
    ]
    delivery = [f"{verb}DeliveryTask" for verb in ("Create", "Describe", "List", "Delete")]
    tried = {line.split()[0] for line in OPERATIONS}
    assert {row[0] for row in rows} == {*delivery, *tried}
    for name, go, java, node, python in rows:
        assert (go, java) == ("yes", "yes")
        assert node == ("no such call" if name in {*delivery, *NOT_IN_NODE} else "yes")
        assert python == ("no such call" if name in {*delivery, *NOT_IN_PYTHON} else "yes")


def test_go_sdk_manages_a_delivery_task(url):
    need("go")
    download(["go", "mod", "download"], HERE / "sdk_go")
    assert output_of(["go", "run", ".", url], HERE / "sdk_go") == [
        "2 orders/year=$yyyy/ order_id 4 0",
        "orders/go-task",
        "404 OTSObjectNotExist",
    ]


def test_java_sdk_manages_a_delivery_task(url, tmp_path):
    classpath = java_classpath(tmp_path)
    program = ["java", "-cp", classpath, str(HERE / "sdk_java" / "Delivery.java"), url]
    assert output_of(program, tmp_path) == [
        "BASE_INC orders/year=$yyyy/ order_id RFC3339 OK",
        "orders/java-task",
        "404 OTSObjectNotExist",
    ]
