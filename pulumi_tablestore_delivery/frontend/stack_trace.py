"""Record a program's own stack frames in the state, and not those of Pulumi's runtime.

The SDK sends the whole stack with each resource, and the engine writes it into the state: first the
frames of the program, then about ten frames of the language host, of asyncio and of the SDK. The
latter are the same for all resources and hold paths of this machine. They would be a third of a
task's state, which the engine writes again after each step of a run. This uses a private function
of the SDK. If the function is missing, nothing changes.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from types import FrameType
from typing import Any, Final

from pulumi.runtime import resource as registration

_FUNCTION: Final = "_get_stack_trace"
_is_cut: Final = ContextVar("is_cut", default=False)


@contextmanager
def only_frames_of_program() -> Iterator[None]:
    """Leave Pulumi's runtime out of the stacks that the SDK records in this context.

    A stack stays whole if the program does not run as `__main__`, such as an inline program of the
    Automation API.
    """
    _wrap_function_of_sdk()
    token = _is_cut.set(True)
    try:
        yield
    finally:
        _is_cut.reset(token)


@lru_cache(maxsize=1)
def _wrap_function_of_sdk() -> None:
    original = getattr(registration, _FUNCTION, None)
    if original is None:
        return

    def recorded() -> Any:
        trace = original()
        # With a limit of the program, the frames of the runtime may be missing already.
        if _is_cut.get() and getattr(sys, "tracebacklimit", None) is None:
            outside = _frames_outside_program(inspect.currentframe())
            del trace.frames[len(trace.frames) - outside :]
        return trace

    setattr(registration, _FUNCTION, recorded)


def _frames_outside_program(frame: FrameType | None) -> int:
    """Count the frames that are further out than the program's main module; 0 without one."""
    count, has_main = 0, False
    while frame is not None:
        if has_main:
            count += 1
        elif frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") == "__main__":
            has_main = True
        frame = frame.f_back
    return count
