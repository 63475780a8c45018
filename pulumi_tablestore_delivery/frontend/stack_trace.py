"""Record a program's own stack frames in the state, and not those of Pulumi's runtime.

The SDK sends the whole stack with each resource, and the engine writes it into the state: first the
frames of the program, then about ten frames of the language host, of asyncio and of the SDK. The
latter are the same for all resources and hold paths of this machine. They would be a third of a
task's state, which the engine writes again after each step of a run.

This uses a private function of the SDK. If the function is missing or returns anything else than a
stack, nothing changes.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import FrameType
from typing import Any, Final

from pulumi.runtime import resource as registration

_FUNCTION: Final = "_get_stack_trace"
_is_cut: Final = ContextVar("is_cut", default=False)
_lock: Final = threading.Lock()


@contextmanager
def only_frames_of_program() -> Iterator[None]:
    """Leave Pulumi's runtime out of the stacks that the SDK records in this context.

    A stack stays whole if it does not begin in the program's main module, such as that of a
    callback of `apply`, or of an inline program of the Automation API.
    """
    _wrap_function_of_sdk()
    token = _is_cut.set(True)
    try:
        yield
    finally:
        _is_cut.reset(token)


def _wrap_function_of_sdk() -> None:
    with _lock:
        original = getattr(registration, _FUNCTION, None)
        if original is None or hasattr(original, "is_wrapper"):
            return

        def recorded(*args: Any, **kwargs: Any) -> Any:
            trace = original(*args, **kwargs)
            frames = getattr(trace, "frames", None)
            main = _main_frame(inspect.currentframe()) if _is_cut.get() else None
            if frames and main is not None:
                _remove_frames_outside(main, frames)
            return trace

        recorded.is_wrapper = True  # type: ignore[attr-defined]  # found by the next call
        setattr(registration, _FUNCTION, recorded)


def _main_frame(frame: FrameType | None) -> FrameType | None:
    """Return the frame of the program's main module; None if it is not on the stack."""
    while frame is not None:
        if frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") == "__main__":
            return frame
        frame = frame.f_back
    return None


def _remove_frames_outside(main: FrameType, frames: Any) -> None:
    """Remove the frames after that of the main module; none if its frame is not recorded."""
    place = Path(main.f_code.co_filename).absolute().as_uri(), main.f_lineno
    found = [index for index, frame in enumerate(frames) if (frame.pc.uri, frame.pc.line) == place]
    if found:
        del frames[found[-1] + 1 :]
