"""Compare a task with the service's tasks: its name, its folder, and a gap in a replacement."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pulumi_tablestore_delivery.client import codec
from pulumi_tablestore_delivery.errors import (
    CallError,
    Violation,
    WaitTimeoutError,
    printable,
)
from pulumi_tablestore_delivery.lifecycle.lookups import MOST_DESCRIBED, Lookups, TableRef
from pulumi_tablestore_delivery.lifecycle.notices import Notices
from pulumi_tablestore_delivery.lifecycle.ownership import Claim
from pulumi_tablestore_delivery.lifecycle.read import known_differences, replacing_differences
from pulumi_tablestore_delivery.lifecycle.registry import Registry
from pulumi_tablestore_delivery.lifecycle.types import Reporter, TaskId
from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.spec import naming
from pulumi_tablestore_delivery.spec.changes import Difference, in_words
from pulumi_tablestore_delivery.spec.parts import destination_of, may_ignore
from pulumi_tablestore_delivery.spec.rules import judge, rule_of
from pulumi_tablestore_delivery.spec.surroundings import Destination, Surroundings
from pulumi_tablestore_delivery.spec.unknown import is_unknown
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb

_RULE: Final = "task-exists"
_GAP: Final = "replacement-gap"


class ExistingTasks:
    """The service's tasks, compared with the program's. Safe to use from several threads.

    Args:
        lookups: The lookups of this run.
        notices: The warnings of this run.
        registry: The tasks that this process has seen in this run.
    """

    def __init__(self, lookups: Lookups, notices: Notices, registry: Registry) -> None:
        self._lookups = lookups
        self._notices = notices
        self._registry = registry

    def judge_name(self, claim: Claim, table: TableRef, report: Reporter) -> list[Violation]:
        """Refuse a name that is taken. Report what an adoption would find.

        Raises:
            CallError: The service could not be asked.
            WaitTimeoutError: There was no answer in time.
        """
        task, adopts = claim.task, claim.draft.adopt_existing
        if task is None or claim.is_derived or task in claim.own_tasks or is_unknown(adopts):
            return []
        if task.task_name not in self._lookups.task_names(table):
            return []
        if not adopts and (claim.declaration.entries is not None or claim.own_tasks):
            return [_taken(task)]
        existing = self._lookups.task(table, task.task_name)
        if existing is None:
            return []
        found = _known_differences(claim, existing)
        if not adopts:
            return self._judge_unknown_owner(task, report, is_same=not found)
        if not found:
            report.info(
                f"{task} exists and has this content: it is adopted, and nothing is sent to the "
                "service."
            )
        return [_hindrance(task, item) for item in found]

    def _judge_unknown_owner(
        self, task: TaskId, report: Reporter, *, is_same: bool
    ) -> list[Violation]:
        """Judge a taken name if the resource's own entry in the state is not known.

        With `--replace`, the engine does not show a resource's old inputs, so the task may be the
        resource's own.
        """
        if not is_same:
            return [
                _taken(
                    task,
                    " If it is this resource's own task, run without --replace (`pulumi state "
                    "untaint`): a change of its inputs replaces it anyway.",
                )
            ]
        self._notices.warn_once(
            str(task),
            Message(
                "{.task_name}: the task {task} exists already. If it is this resource's own, it "
                "can be replaced only with {.delete_before_replace=True}. If it is not, create "
                "will refuse the name: set {.adopt_existing=True} to adopt the task unchanged, or "
                "give another {.task_name}.",
                task=task,
            ),
            report,
        )
        return []

    def foreign_destinations(
        self, claim: Claim, table: TableRef, report: Reporter
    ) -> tuple[Destination, ...]:
        """Return the folders of the table's tasks that do not belong to this stack.

        Raises:
            CallError: The service could not be asked.
            WaitTimeoutError: There was no answer in time.
        """
        if destination_of(claim.draft) is None:
            return ()
        names = self._lookups.task_names(table)
        foreign = sorted(name for name in names if self._is_foreign(claim, table.task(name)))
        tasks = self._lookups.tasks(table, foreign)
        if tasks.skipped:
            self._notices.warn_once(
                "describes",
                f"A preview describes at most {MOST_DESCRIBED} tasks outside the stack: "
                f"{tasks.skipped} of table {table.table_name!r} and all of later tables are not "
                "compared. `tablestore-delivery doctor` looks at the whole instance.",
                report,
            )
        destinations = []
        for name, answer in tasks.found.items():
            inputs = codec.described_inputs(answer)
            destination = Destination(
                printable(str(table.task(name))), inputs["oss_bucket"], inputs["oss_prefix"]
            )
            destinations.append(destination)
        return tuple(destinations)

    def _is_foreign(self, claim: Claim, task: TaskId) -> bool:
        return not (
            task.task_name == claim.draft.task_name
            or task in claim.own_tasks
            or claim.declaration.is_in_state(task)
            or naming.belongs_to(claim.declaration.scope, task.task_name)
            or self._registry.is_in_program(task)
        )

    def judge_gap(self, claim: Claim, around: Surroundings, report: Reporter) -> list[Violation]:
        """Refuse a replacement under the same name that loses rows.

        It asks for the old task only if such a replacement is due. If the old task is gone, an
        earlier replacement stopped halfway. Let this run finish it.
        """
        draft, task = claim.draft, claim.task
        if (
            task is None
            or is_unknown(draft.tablestore_endpoint)
            or claim.is_derived
            or draft.mode != "INC"
            or may_ignore(draft, _GAP)
            or task not in claim.own_tasks
            or not claim.is_create_due
        ):
            return []
        try:
            table = self._lookups.table(
                task.instance_name, task.table_name, draft.tablestore_endpoint
            )
            existing = self._lookups.task(table, task.task_name)
        except (CallError, WaitTimeoutError) as error:
            self._notices.warn_of_failure(error, report)
            return []
        if existing is None or self._is_already_replaced(claim, existing):
            return []
        return judge(draft, replace(around, gap=str(task)), (rule_of(_GAP),)).errors

    def _is_already_replaced(self, claim: Claim, existing: pb.DescribeDeliveryTaskResponse) -> bool:
        """Return whether an earlier run created the new task and ended before it was saved."""
        if claim.old is None or not replacing_differences(claim.old, existing):
            return False
        return not _known_differences(claim, existing)


def _known_differences(claim: Claim, existing: pb.DescribeDeliveryTaskResponse) -> list[Difference]:
    return known_differences(replacing_differences(claim.draft, existing))


def _taken(task: TaskId, hint: str = "") -> Violation:
    return Violation(
        "task_name",
        Message(
            "the task {task} exists already, and it is not this resource's own. Set "
            "{.adopt_existing=True} to adopt it unchanged, or give another {.task_name}.{hint}",
            task=task,
            hint=hint,
        ),
        _RULE,
    )


def _hindrance(task: TaskId, item: Difference) -> Violation:
    return Violation(
        item.path,
        Message(
            "the program has {old}, and the existing task {task} has {new}. A task is adopted only "
            "if its content is the same: make the input match, or give another {.task_name}.",
            old=in_words(item.old),
            task=task,
            new=in_words(item.new),
        ),
        _RULE,
    )
