"""Report the violations of all resources in one preview, not only those of the first.

The engine ends a program at the first failed check. So check logs the violations on the resource's
row, and the preview continues. With an error that is only logged, the exit code would be 0. So the
program itself fails at its end, after every resource has been checked.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final
from weakref import WeakKeyDictionary

import pulumi
from pulumi import Output
from pulumi.runtime import settings

HAS_VIOLATIONS: Final = "has_violations"
"""The key with which check tells the program that a resource has violations."""


class _Preview:
    """The resources of one preview."""

    def __init__(self) -> None:
        self._answers: list[asyncio.Future[bool]] = []
        self._is_reported = False

    def add(self, answer: Output[Any]) -> None:
        future = asyncio.ensure_future(_has_violations(answer))
        self._answers.append(future)
        # This is an output, because Pulumi waits for outputs before a program ends.
        Output.from_input(self._report(future))  # type: ignore[arg-type]  # an awaitable is an input

    async def _report(self, answer: asyncio.Future[bool]) -> bool:
        if not await answer or self._is_reported:
            return True
        self._is_reported = True
        checked = 0
        while checked < len(self._answers):  # the program may declare more meanwhile
            checked = len(self._answers)
            await asyncio.gather(*self._answers)
        number = sum(answer.result() for answer in self._answers)
        tasks = "delivery task has" if number == 1 else "delivery tasks have"
        raise pulumi.RunError(
            f"{number} {tasks} mistakes, shown on the rows of the resources. Nothing was deployed."
        )


_previews: WeakKeyDictionary[Any, _Preview] = WeakKeyDictionary()


def fail_for_violations(declaration: Output[Any] | None) -> None:
    """Make a preview fail if the resource's check finds violations.

    Args:
        declaration: The resource's declaration as check returned it.
    """
    if declaration is None or not pulumi.runtime.is_dry_run():
        return
    monitor = settings.get_monitor()
    try:
        preview = _previews.setdefault(monitor, _Preview())
    except TypeError:  # a monitor without weak references, as in a program's unit tests
        return
    preview.add(declaration)


async def _has_violations(declaration: Output[Any]) -> bool:
    if not await declaration.is_known():
        return False
    answer = await declaration.future()
    return isinstance(answer, dict) and bool(answer.get(HAS_VIOLATIONS))
