"""The alert rules of docs/monitoring.md alert exactly when they must."""

import operator
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from pulumi_tablestore_delivery.inspection.metrics import (
    task_metrics,
    text_of,
    verification_metrics,
)
from pulumi_tablestore_delivery.inspection.verification.result import (
    ColumnCounts,
    RowCounts,
    Verification,
)

PAGE = Path(__file__).parents[2] / "docs" / "monitoring.md"
OPERATORS = {"==": operator.eq, ">": operator.gt}


def rules_text():
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return next(block for block in blocks if block.startswith("groups:"))


def rules():
    (group,) = yaml.safe_load(rules_text())["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


@dataclass
class Task:
    id: str = "shop/orders/task1"
    phase: str = "INCR"
    lag_seconds: float | None = 60.0
    error_code: str = "OK"


def verification(**rows):
    column = ColumnCounts("n", "n", "INT64", equal=5)
    return Verification(
        "shop/orders/task1", "BASE_INC", "INCR", "2026-01-01T00:00:00Z", "OK", is_sample=True,
        has_keys=True, expires=False, columns=[column], not_compared=[], event_column="",
        rows=RowCounts(**rows),
    )  # fmt: skip


def dirty():
    found = verification(compared=5, equal=5)
    found.columns[0].dirty["STRING"] = 3
    return found


HEALTHY = (Task(),)
COMPLETE = (verification(compared=5, equal=5),)


def text(tasks=HEALTHY, results=COMPLETE):
    return text_of([*task_metrics(tasks), *verification_metrics(results)])


def alerting(exposition):
    return {name for name, rule in rules().items() if _holds(rule["expr"], exposition)}


def _holds(expression, exposition):
    """Evaluate the few forms that the rules use."""
    samples = [
        sample for family in text_string_to_metric_families(exposition) for sample in family.samples
    ]
    return any(_part_holds(part, samples) for part in expression.split(" or "))


def _part_holds(part, samples):
    if absent := re.fullmatch(r"absent\((\w+)\)", part):
        return not any(sample.name == absent[1] for sample in samples)
    name, matchers, sign, number = re.fullmatch(r"(\w+)(?:\{(.*)\})? (==|>) (\d+)", part).groups()
    wanted = re.findall(r'(\w+)=~?"([^"]*)"', matchers or "")
    return any(
        sample.name == name
        and all(re.fullmatch(pattern, sample.labels[label]) for label, pattern in wanted)
        and OPERATORS[sign](sample.value, float(number))
        for sample in samples
    )


def test_healthy_tasks_do_not_alert():
    assert alerting(text()) == set()
    finished = Task(lag_seconds=None)
    assert alerting(text([finished, Task("shop/orders/task2", "FULL", None)])) == set()


@pytest.mark.parametrize(
    ("exposition", "alerts"),
    [
        (text([Task(lag_seconds=901.0)]), {"DeliveryBehind"}),
        (text([Task(error_code="UNAUTHORIZED")]), {"DeliveryError"}),
        (text([Task(error_code="INVALID_OSS_BUCKET")]), {"DeliveryError"}),
        (text([Task(error_code="A_NEWER_ERROR")]), {"DeliveryError"}),
        (text([Task(), Task(phase="", error_code="GONE", lag_seconds=None)]), {"DeliveryError"}),
        (text([Task(phase="INIT", lag_seconds=None)]), {"DeliveryInitializing"}),
        (text([]), {"DeliveryNoTask"}),
        (text(None), {"DeliveryNotSeen"}),
        ("", {"DeliveryNotSeen"}),
        (text(results=[dirty()]), {"DeliveryDropsValues"}),
        (text(results=[verification(compared=5, missing=1)]), {"DeliveryLosesRows"}),
        (text(results=[verification(compared=5, different=1)]), {"DeliveryLosesRows"}),
    ],
)
def test_rule_alerts_on_its_metric(exposition, alerts):
    assert alerting(exposition) == alerts


def test_every_rule_uses_labels_of_its_metric():
    exposition = text([Task(error_code="UNAUTHORIZED")], [dirty()])
    labels = {
        sample.name: set(sample.labels)
        for family in text_string_to_metric_families(exposition)
        for sample in family.samples
    }
    for rule in rules().values():
        used = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
        assert used <= labels[re.match(r"\w+", rule["expr"])[0]], rule


def test_page_lists_all_metrics():
    there = {family.name for family in text_string_to_metric_families(text())}
    named = set(re.findall(r"^\| `(tablestore_delivery_\w+)`", PAGE.read_text(), re.MULTILINE))
    assert named == there


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not on PATH")
def test_prometheus_accepts_the_rules_and_the_metrics(tmp_path):
    path = tmp_path / "tablestore-delivery.rules.yml"
    path.write_text(rules_text())
    subprocess.run(["promtool", "check", "rules", str(path)], check=True)
    subprocess.run(
        ["promtool", "check", "metrics"], input=text().encode(), check=True, capture_output=True
    )
