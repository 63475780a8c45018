"""Rules about inputs that take a value of a list, or a number in a range."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.model import MODE, WAIT_FOR
from pulumi_tablestore_delivery.spec.properties import suggestion
from pulumi_tablestore_delivery.spec.rule import Problem, Source, error
from pulumi_tablestore_delivery.spec.surroundings import Surroundings
from pulumi_tablestore_delivery.spec.unknown import Unknown, is_unknown
from pulumi_tablestore_delivery.wire import enums


def one_of(
    path: str,
    value: str | Unknown,
    names: Sequence[str],
    offered: Sequence[str] = (),
) -> Iterator[Problem]:
    """Find a value that is not in the list. A message names `offered`, a part of the list."""
    if not is_unknown(value) and value not in names:
        yield (
            path,
            f"{value!r} is not one of {', '.join(offered or names)}.{suggestion(value, names)}",
        )


@error(
    "mode",
    Source.DOCUMENTED,
    says=f"A task's mode is {MODE.listed}.",
    remedy=(
        "Use BASE_INC for all rows and then changes, INC for changes only, BASE for all rows once."
    ),
)
def mode(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    yield from one_of("mode", draft.mode, [item.name for item in enums.DeliveryTaskType])


@error(
    "format",
    Source.DOCUMENTED,
    says="The format of the files is Parquet.",
    remedy="Leave it out.",
)
def file_format(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    yield from one_of("format", draft.format, [item.name for item in enums.Format])


@error(
    "wait-for",
    Source.PACKAGE,
    says=f"wait_for is {WAIT_FOR.listed}.",
    remedy="Use one of them.",
)
def wait_for(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    yield from one_of("wait_for", draft.wait_for, list(WAIT_FOR.values))


@error(
    "timeout",
    Source.PACKAGE,
    says="A timeout is more than 0 seconds.",
    remedy="Use a number of seconds above 0.",
)
def timeout(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    if not is_unknown(draft.timeout_seconds) and draft.timeout_seconds <= 0:
        yield "timeout_seconds", f"{draft.timeout_seconds} is not above 0."
