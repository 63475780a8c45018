"""The rule about replacements that lose rows."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.rule import Needs, Problem, Source, error
from pulumi_tablestore_delivery.spec.surroundings import Surroundings


@error(
    "replacement-gap",
    Source.DOCUMENTED,
    says=(
        "A task of mode INC is not replaced under the same name, because the old task is deleted "
        "first, and rows written before the new one runs are not delivered."
    ),
    remedy=Message(
        "Leave {.task_name} out or give another one: then the new task is created before the "
        "old one is deleted. Or use BASE_INC, which delivers all rows again. If nobody writes "
        "to the table meanwhile, or if the rows do not matter, ignore this rule."
    ),
    needs=Needs.TASKS,
)
def replacement_gap(_: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    if around.gap:
        yield (
            "task_name",
            (
                f"the task {around.gap} is replaced under the same name, so it is deleted before "
                "the new one is created. With mode INC, rows written in between are lost."
            ),
        )
