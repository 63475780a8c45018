"""The set-up of all tests."""

import asyncio
import signal
import sys

import hypothesis
import pytest

# A busy machine may stop a process for longer than an example may take.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")


def pytest_configure():
    """Let programs that tests start receive SIGINT.

    A shell makes its background jobs ignore it, and a process inherits that from its parent.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _set_event_loop():
    """Give the main thread a loop, because Pulumi's mocks and outputs expect one."""
    try:
        asyncio.get_event_loop()
    except RuntimeError:
        asyncio.set_event_loop(asyncio.new_event_loop())


if sys.version_info >= (3, 14):  # earlier versions make a loop when it is needed
    _set_event_loop()

    @pytest.fixture(autouse=True)
    def event_loop_of_the_main_thread():
        """Set a new loop if an earlier test closed the last one."""
        _set_event_loop()
