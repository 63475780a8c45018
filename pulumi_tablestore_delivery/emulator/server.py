"""Run the emulator as a process (`run`) or in a thread (`Emulator`)."""

import asyncio
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from ipaddress import ip_address
from types import TracebackType
from urllib.parse import urlsplit

from typing_extensions import Self

from pulumi_tablestore_delivery.emulator.http.server import Endpoints, ListenError, serve
from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.storage.database import StoreError


def run(options: Options) -> int:
    """Serve until SIGTERM or SIGINT. Return the process's exit code.

    As soon as requests are accepted, print the endpoints of Tablestore and OSS on a line each. If
    the address or the data folder cannot be used, print one line on stderr and return 1.
    """
    if warning := _exposure_warning(options):
        sys.stderr.write(f"{warning}\n")

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
            options: The settings.
            clock: Returns nanoseconds since 1970. The tasks' phases follow it.
        """
        self._options = options
        self._clock = clock
        self._ready: Future[Endpoints] = Future()
        self._thread = threading.Thread(target=self._run, name="tablestore-emulator", daemon=True)
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event

    @property
    def url(self) -> str:
        """Return the endpoint, such as `http://127.0.0.1:8087`."""
        return self._endpoints.url

    @property
    def oss_url(self) -> str:
        """Return the endpoint of the emulated OSS, such as `http://127.0.0.1:8088`."""
        return self._endpoints.oss_url

    @property
    def _endpoints(self) -> Endpoints:
        if self._thread.ident is None:
            raise RuntimeError("The emulator is not started: call start() first")
        return self._ready.result()

    @property
    def port(self) -> int:
        """Return the port that the emulator listens on."""
        return urlsplit(self.url).port or 0

    def start(self) -> Self:
        """Start serving. Return when requests are accepted.

        Raises:
            ListenError: The emulator cannot listen on the address.
            StoreError: The data folder cannot be used.
        """
        self._thread.start()
        self._ready.result()
        return self

    def stop(self) -> None:
        """Stop serving. Return when it has stopped. A second call does nothing."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def __enter__(self) -> Self:
        """Start serving."""
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


def _exposure_warning(options: Options) -> str:
    """Return a warning if other machines can reach an emulator that has the default secret."""
    try:
        is_loopback = ip_address(options.host).is_loopback
    except ValueError:
        is_loopback = options.host == "localhost"
    if is_loopback or options.access_key_secret != Options.access_key_secret:
        return ""
    return (
        f"WARNING: The emulator listens on {options.host} with the default secret, which is "
        "public.\n"
        "WARNING: Anyone who can reach this machine can read and change its tables and buckets.\n"
        "WARNING: Set another --access-key-secret, or listen on 127.0.0.1."
    )


def _announce(endpoints: Endpoints) -> None:
    sys.stdout.write(
        f"Tablestore emulator ready at {endpoints.url}\nEmulated OSS ready at {endpoints.oss_url}\n"
    )
    sys.stdout.flush()
