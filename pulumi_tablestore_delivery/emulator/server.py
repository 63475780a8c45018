"""The emulator as a process of its own (`run`), or in a thread of another one (`Emulator`)."""

import asyncio
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from urllib.parse import urlsplit

from typing_extensions import Self

from pulumi_tablestore_delivery.emulator.http.server import ListenError, serve
from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.storage.database import StoreError


def run(options: Options) -> int:
    """Serve until SIGTERM or SIGINT; return the process's exit code.

    Says on stdout, in one line, when and where it serves. If it cannot, one line on stderr says
    why, and the code is 1.
    """

    async def main() -> None:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: loop.call_soon_threadsafe(stop.set))
        await serve(options, time.time_ns, _announce, stop)

    try:
        asyncio.run(main())
    except (ListenError, StoreError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


class Emulator:
    """An emulator in a thread of this process; a context manager.

    Example:
        with Emulator(Options(port=0, data_dir=folder)) as emulator:
            connect_to(emulator.url)
    """

    def __init__(self, options: Options, clock: Callable[[], int] = time.time_ns) -> None:
        """Prepare an emulator.

        Args:
            options: What it serves and how.
            clock: Nanoseconds since 1970: what the tasks' phases go by.
        """
        self._options = options
        self._clock = clock
        self._ready: Future[str] = Future()
        self._thread = threading.Thread(target=self._run, name="tablestore-emulator", daemon=True)
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event

    @property
    def url(self) -> str:
        """Return the endpoint, such as `http://127.0.0.1:8087`."""
        return self._ready.result()

    @property
    def port(self) -> int:
        """Return the port that is in use, also if the options say 0."""
        return urlsplit(self.url).port or 0

    def start(self) -> Self:
        """Start to serve; return when requests are accepted.

        Raises:
            ListenError: The address cannot be listened on.
            StoreError: The data folder cannot be used.
        """
        self._thread.start()
        self._ready.result()
        return self

    def stop(self) -> None:
        """Stop serving; return when it has stopped. A second call does nothing."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def __enter__(self) -> Self:
        """Start to serve."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop serving."""
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except Exception as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        await serve(self._options, self._clock, self._ready.set_result, self._stop)


def _announce(url: str) -> None:
    sys.stdout.write(f"Tablestore emulator ready at {url}\n")
    sys.stdout.flush()
