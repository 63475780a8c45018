"""`tablestore-delivery list`: list the tasks of an instance."""

from __future__ import annotations

from dataclasses import asdict

from pulumi_tablestore_delivery.cli.connection import (
    Connection,
    Endpoint,
    Instance,
    Profile,
    Region,
    StackName,
)
from pulumi_tablestore_delivery.cli.data import Form, print_data
from pulumi_tablestore_delivery.cli.forms import AsJson, OutputForm, chosen_form
from pulumi_tablestore_delivery.cli.tables import print_table
from pulumi_tablestore_delivery.cli.task_arguments import Tables
from pulumi_tablestore_delivery.cli.task_table import NO_TASKS, task_table
from pulumi_tablestore_delivery.cli.terminal import print_line
from pulumi_tablestore_delivery.inspection.task_states import TaskChoice


def list_tasks(
    *,
    table: Tables = None,
    endpoint: Endpoint = None,
    instance: Instance = None,
    region: Region = None,
    profile: Profile = None,
    stack: StackName = None,
    form: OutputForm = Form.TABLE,
    as_json: AsJson = False,
) -> None:
    """List the delivery tasks of an instance, and the state of each task.

    Example: tablestore-delivery list --table orders
    """
    lifecycle = Connection(endpoint, instance, region, profile, stack).lifecycle()
    states = [
        state
        for name in table or (None,)
        for state in TaskChoice(name).select(lifecycle).states(lifecycle)
        if not state.is_gone  # deleted after the list was read
    ]
    form = chosen_form(form, as_json=as_json)
    if form is not Form.TABLE:
        print_data([asdict(state) for state in states], form)
    elif states:
        print_table(*task_table(states))
    else:
        print_line(NO_TASKS)
