"""Preview reports folders that readers cannot read, and does not block unchanged tasks."""

from support.pulumi_cli import both

WARNED = {
    "time": "lost/year=%Y/month=%m/",
    "hidden": "hidden/_dt=$yyyy-$MM-$dd/",
    "characters": "colon/dt=$yyyy-$MM-$dd $HH:00/",
}
"""Prefixes that break a rule which warns, by the resource's name."""

CLASH = {"oss_prefix": "clash/Amount_CNY=$yyyy/"}


def bad(inputs):
    """Tasks that break every rule about readers."""
    tasks = {name: {**inputs, "oss_prefix": prefix} for name, prefix in WARNED.items()}
    named_year = [*inputs["parquet_schema"], {"source": "year", "type": "INT64"}]
    return {
        "clash": {**inputs, **CLASH},
        "table": {**inputs, "oss_prefix": "table/$yyyy/", "parquet_schema": named_year},
        **tasks,
    }


def rules_of(run, severity):
    """The rules that were reported, by the row that reported them."""
    told = {}
    for kind, row, text in run.diagnostics:
        if kind == severity and "[rule " in text:
            told.setdefault(row, set()).add(text.rpartition("[rule ")[2].partition(",")[0])
    return told


@both
def test_clashing_partition_column_is_an_error_at_preview(project, inputs):
    project.declare(orders={**inputs, **CLASH})
    stack = project.stack()
    run = stack.preview(check=False)
    assert run.returncode != 0
    assert "'amount_cny' is also the partition column of the folder Amount_CNY=$yyyy" in run.errors
    assert "[rule partition-column, seen in readers]" in run.errors
    assert "Traceback" not in run.output


@both
def test_folder_that_readers_cannot_read_is_a_warning(project, inputs):
    tasks = bad(inputs)
    del tasks["clash"]
    project.declare(**tasks, good=inputs)
    run = project.stack().preview()
    assert rules_of(run, "warning") == {
        "time": {"prefix-time"},
        "hidden": {"prefix-hidden"},
        "characters": {"prefix-characters"},
        "table": {"external-table"},
    }
    assert "probably means 'lost/year=$yyyy/month=$MM/'" in run.warnings
    assert run.errors == ""


@both
def test_new_rule_does_not_block_an_unchanged_task(project, emulator, inputs):
    """The tasks are created while they ignore the rules, as a version without the rules did."""
    tasks = bad(inputs)
    ignored = [
        "partition-column", "prefix-time", "prefix-hidden", "prefix-characters", "external-table",
    ]  # fmt: skip
    project.declare(**{name: {**its, "ignore_rules": ignored} for name, its in tasks.items()})
    stack = project.stack()
    created = stack.up()
    assert rules_of(created, "warning") == {}
    before = emulator.tasks(inputs["table_name"])

    project.declare(**tasks)
    assert stack.up().operations == {name: ["update"] for name in tasks}
    run = stack.preview("--expect-no-changes")
    assert run.operations == {name: ["same"] for name in tasks}
    assert run.errors == ""
    warned = rules_of(run, "warning")
    assert set().union(*warned.values()) == set(ignored)
    assert "partition-column" in warned["clash"]
    assert stack.refresh("--expect-no-changes").errors == ""
    assert emulator.tasks(inputs["table_name"]) == before

    project.declare(**{**tasks, "clash": {**tasks["clash"], "mode": "INC"}})
    replaced = stack.preview(check=False)
    assert replaced.returncode != 0
    assert "rule partition-column" in replaced.errors

    project.declare(**tasks)
    stack.destroy()
    assert emulator.tasks(inputs["table_name"]) == []
