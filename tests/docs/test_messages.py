"""The messages that the pages quote are those of the package.

Messages that are made of several parts are made here, and have to be equal. Of other messages, each
sentence has to fit a text of the package.
"""

import re

import pulumi
import pytest
import yaml
from support.quoted_messages import ROOT, output_lines, package_texts, unknown_sentences
from support.specs import BAG

import pulumi_tablestore_delivery as delivery
from pulumi_tablestore_delivery.cli import diff, infer_schema
from pulumi_tablestore_delivery.conflicts import belongs_to_another
from pulumi_tablestore_delivery.inspection.comparison import TaskDifference
from pulumi_tablestore_delivery.inspection.inference import propose
from pulumi_tablestore_delivery.inspection.sampling import Sample
from pulumi_tablestore_delivery.inspection.spec_files import DeclaredTask, judged_tasks
from pulumi_tablestore_delivery.lifecycle.cost import replacement_cost
from pulumi_tablestore_delivery.lifecycle.order import Order
from pulumi_tablestore_delivery.spec.properties import draft_of, spec_of
from pulumi_tablestore_delivery.spec.rules import judge
from pulumi_tablestore_delivery.spec.surroundings import (
    ColumnSample,
    RowSample,
    Surroundings,
    TableColumns,
)
from tools.quickstart import delivered

WRONG_PREFIX = "/orders/$yy/"
PAGES = (
    "README.md", "docs/lifecycle.md", "docs/cli.md", "docs/troubleshooting.md",
    "docs/components.md", "docs/promotion.md", "docs/getting-started.md", "docs/emulator.md",
    "docs/monitoring.md",
)  # fmt: skip
"""The pages whose samples of output are compared. test_verify.py compares docs/verification.md."""

OF_OTHERS = re.compile(
    r"pulumi-python:dynamic/tablestore:DeliveryTask \(orders\):"  # Pulumi's own lines
    r"|[~\]}].*|.*: \[|.* => .*"
    r"|.*\S   +\S.*"  # tables
    r"|parquet_schema = \[|(# )?delivery\.ParquetColumnArgs\(.*"  # code
)


def violations_of_inputs():
    wrong_type = [*BAG["parquet_schema"], {"source": "amount", "name": "a", "type": "VARCHAR"}]
    for change in ({"oss_prefix": WRONG_PREFIX}, {"parquet_schema": wrong_type}):
        yield from map(str, delivery.check({**BAG, **change}))


def violations_of_a_table():
    columns = [{"source": "order_id", "type": "INT64"}, {"source": "amount", "type": "INT64"}]
    around = Surroundings(
        table=TableColumns({"order_id": "STRING"}),
        rows=RowSample(50, {"amount": ColumnSample({"DOUBLE": 50})}),
    )
    return map(str, judge(draft_of({**BAG, "parquet_schema": columns}), around).errors)


def costs():
    old = {**BAG, "oss_prefix": "orders/"}
    new = draft_of({**old, "role_arn": "acs:ram::2:role/r"})
    yield str(replacement_cost(spec_of(old), new, ["role_arn"], Order.CREATE_FIRST))


def conflicts():
    urn = "urn:pulumi:dev::shop::…::{}".format
    yield f"b: {belongs_to_another('inst/orders/by-hand', urn('a'), urn('b'))}"


def lines_of_a_component():
    tasks = {"orders": {"mod": "INC", "parquet_schema": BAG["parquet_schema"]}}
    with pytest.raises(pulumi.RunError) as raised:
        delivery.OssDelivery("lake", oss_bucket="my-lake", tasks=tasks)
    return map(str.strip, str(raised.value).splitlines())


def lines_of_the_quickstart():
    discarded = [
        {"column": "amount", "reason": "is not DOUBLE", "count": 60},
        {"column": "created_at", "reason": "is not an event time", "count": 30},
        {"column": "items", "reason": "is not INT64", "count": 30},
    ]
    return (f"- {finding}" for finding in delivered.findings(discarded))


def lines_of_check():
    """The file is that of docs/cli.md, with a wrong prefix."""
    page = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    document = yaml.safe_load(page.split("```yaml\n", 1)[1].split("```", 1)[0])
    inputs = {**document["defaults"], **document["tasks"]["orders"], "oss_prefix": WRONG_PREFIX}
    (task,) = judged_tasks([DeclaredTask("tasks.yaml", "orders", inputs)], "cn-hangzhou")
    for violation in task.errors:
        yield f"{task.declared}: {violation.severity}: {violation}"
    yield f"{len(document['tasks'])} tasks, {len(task.errors)} errors, 0 warnings"


def lines_of_diff():
    own = "each environment has its own"
    found = [
        TaskDifference("page-views", "mode", ("INC", "BASE_INC"), expected=False,
                       why="must be the same"),
        *(
            TaskDifference(task, path, (f"{name}-dev", f"{name}-staging"), expected=True, why=own)
            for path, name in (("instance_name", "shop"), ("oss_bucket", "shop-lake"))
            for task in ("orders", "page-views")
        ),
    ]  # fmt: skip
    yield from diff._describe(found)
    yield f"dev -> staging: {len(found)} differences, 1 unexpected."


def lines_of_infer_schema():
    amounts = [1.5] * 980 + ["1.5"] * 10 + [1] * 10
    rows = [[("order_id", "a"), ("city", "b"), ("amount", amount)] for amount in amounts]
    proposal = propose(TableColumns({"order_id": "STRING"}), rows)
    about = infer_schema._describe("orders", Sample(rows[:500], rows[500:], is_whole=False))
    return infer_schema._as_python(about, proposal).splitlines()


MADE = {
    line.strip()
    for make in (
        violations_of_inputs, violations_of_a_table, costs, conflicts, lines_of_a_component,
        lines_of_the_quickstart, lines_of_check, lines_of_diff, lines_of_infer_schema,
    )
    for line in make()
}  # fmt: skip
LINES = [(page, line) for page in PAGES for line in output_lines(page)]


@pytest.mark.parametrize(("page", "line"), LINES, ids=lambda text: text[:40])
def test_quoted_line_is_one_that_the_package_prints(page, line):
    if re.sub(r"^(error|warning): ", "", line) in MADE or OF_OTHERS.fullmatch(line):
        return
    assert unknown_sentences(line) == [], page


def test_every_message_that_is_made_here_is_quoted():
    """Otherwise the comparison could silently lose a message."""
    quoted = {re.sub(r"^(error|warning): ", "", line) for _, line in LINES}
    lists = ("]", ")")
    assert [line for line in MADE - quoted if line not in lists] == []


def test_sentence_that_the_package_does_not_print_is_found():
    known = "inst/orders/by-hand: a task of this name exists and differs:"
    assert unknown_sentences(known) == []
    assert unknown_sentences("the task inst/orders/by-hand is there and is another one.") != []


FRAGMENTS = re.findall(
    r"\*([^*|`\n]*[a-z] [^*|`\n]*)\*", (ROOT / "docs/troubleshooting.md").read_text("utf-8")
)
OF_THE_SERVICE = {"Request denied by instance ACL policies", "certificate verify failed"}
"""Fragments of messages of the service and of TLS."""


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_fragment_of_a_message_is_in_a_text_of_the_package(fragment):
    parts = [part.strip() for part in fragment.split("…") if part.strip()]
    assert fragment in OF_THE_SERVICE or any(
        all(part in text for part in parts) for text in package_texts()
    )
