"""Record a program's own stack frames in the state, and not those of Pulumi's runtime.

The SDK sends the whole stack with each resource, and the engine writes it into the state: first the
frames of the program, then about ten frames of the language host, of asyncio and of the SDK. The
latter are the same for all resources and hold paths of this machine. They would be a third of a
task's state, which the engine writes again after each step of a run.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_SDK_FRAMES: Final = 4
"""Frames of Pulumi's SDK between a resource's constructor and the call that records the stack.

An SDK may have two more frames: the limit is too high by two, because the frames of the context
manager are counted. With this SDK, two frames outside the program are recorded, those of `runpy`.
"""


class _Limit(int):
    """A limit that this module has set. Other threads see it for a moment."""


@contextmanager
def only_frames_of_program() -> Iterator[None]:
    """Leave Pulumi's runtime out of the stack that the SDK records in this context.

    The SDK calls `traceback.extract_stack`, which respects `sys.tracebacklimit`. The stack stays
    whole if the program has set a limit itself, or if it does not run as `__main__`, such as an
    inline program of the Automation API. A task that a transformation declares in this context
    ends the limit early.
    """
    frames = _frames_of_program(inspect.currentframe())
    if frames is None or not isinstance(_limit(), _Limit | None):
        yield
        return
    sys.tracebacklimit = _Limit(frames + _SDK_FRAMES)
    try:
        yield
    finally:
        if isinstance(_limit(), _Limit):  # not if another thread has removed it already
            vars(sys).pop("tracebacklimit", None)


def _limit() -> int | None:
    return getattr(sys, "tracebacklimit", None)


def _frames_of_program(frame: FrameType | None) -> int | None:
    """Count frames up to that of the program's main module; None if there is no such frame."""
    count = 0
    while frame is not None:
        count += 1
        if frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") == "__main__":
            return count
        frame = frame.f_back
    return None
