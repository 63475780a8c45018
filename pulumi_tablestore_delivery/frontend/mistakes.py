"""All mistakes of all resources in one preview, not only those of the first.

The engine ends a program at the first failed check. So check logs the mistakes on the row of
the resource and lets a preview continue. An error that is only logged leaves the exit code 0;
therefore the program fails at its end, once every resource has been checked.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final
from weakref import WeakKeyDictionary

import pulumi
from pulumi import Output
from pulumi.runtime import settings

MISTAKEN: Final = "mistaken"
"""The key by which check tells the program that a resource's inputs have mistakes."""


class _Preview:
    """The resources of one preview."""

    def __init__(self) -> None:
        self._answers: list[asyncio.Future[bool]] = []
        self._is_reported = False

    def add(self, answer: Output[Any]) -> None:
        future = asyncio.ensure_future(_is_mistaken(answer))
        self._answers.append(future)
        # An output of its own, because Pulumi waits for outputs before a program ends.
        Output.from_input(self._report(future))  # type: ignore[arg-type]  # an awaitable is an input

    async def _report(self, answer: asyncio.Future[bool]) -> bool:
        if not await answer or self._is_reported:
            return True
        self._is_reported = True
        checked = 0
        while checked < len(self._answers):  # more may be declared meanwhile
            checked = len(self._answers)
            await asyncio.gather(*self._answers)
        number = sum(answer.result() for answer in self._answers)
        tasks = "delivery task has" if number == 1 else "delivery tasks have"
        raise pulumi.RunError(
            f"{number} {tasks} mistakes, shown on the rows of the resources. Nothing was deployed."
        )


_previews: WeakKeyDictionary[Any, _Preview] = WeakKeyDictionary()


def fail_for_mistakes(declaration: Output[Any] | None) -> None:
    """Let a preview fail if the resource's check finds mistakes.

    Args:
        declaration: The resource's own declaration as check answers it.
    """
    if declaration is None or not pulumi.runtime.is_dry_run():
        return
    monitor = settings.get_monitor()
    try:
        preview = _previews.setdefault(monitor, _Preview())
    except TypeError:  # a monitor that cannot be remembered, as in a program's unit tests
        return
    preview.add(declaration)


async def _is_mistaken(declaration: Output[Any]) -> bool:
    if not await declaration.is_known():
        return False
    answer = await declaration.future()
    return isinstance(answer, dict) and bool(answer.get(MISTAKEN))
