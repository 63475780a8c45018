"""What holds for all tests."""

import signal


def pytest_configure():
    """Let programs that tests start receive SIGINT.

    A shell makes its background jobs ignore it, and a process inherits that from its parent.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
