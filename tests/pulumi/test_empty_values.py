"""An empty optional text in a program: refresh drops it, and that is not a change."""

import json

from support.pulumi_cli import both


@both
def test_empty_type_extend_does_not_replace_after_a_refresh(project, emulator, inputs):
    first, *others = inputs["parquet_schema"]
    empty = {
        "oss_dirty_prefix": "",
        "parquet_schema": [{**first, "type_extend": ""}, *others],
    }
    project.declare(orders=inputs | empty)
    stack = project.stack()
    stack.up()
    (name,) = emulator.tasks(inputs["table_name"])
    stack.refresh()
    stack.preview("--expect-no-changes")

    # A state that an earlier version wrote holds the empty texts.
    camel = project.front_end.camel
    state = json.loads(stack.call("stack", "export").stdout)
    for resource in state["deployment"]["resources"]:
        if resource["type"].endswith("DeliveryTask"):
            for bag in (resource["inputs"], resource["outputs"]):
                bag["ossDirtyPrefix" if camel else "oss_dirty_prefix"] = ""
                columns = bag["parquetSchema" if camel else "parquet_schema"]
                columns[0]["typeExtend" if camel else "type_extend"] = ""
    older = project.folder / "older.json"
    older.write_text(json.dumps(state))
    stack.call("stack", "import", "--file", str(older))
    stack.preview("--expect-no-changes")
    stack.up("--expect-no-changes")
    stack.refresh()
    stack.preview("--expect-no-changes")
    assert emulator.tasks(inputs["table_name"]) == [name]
