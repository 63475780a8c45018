"""Answer `GET /`: take a snapshot in a thread and render it."""

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from pulumi_tablestore_delivery.emulator.answers import Answer
from pulumi_tablestore_delivery.emulator.error_log import ErrorLog
from pulumi_tablestore_delivery.emulator.http.console.page import Page
from pulumi_tablestore_delivery.emulator.http.console.snapshot import Snapshots
from pulumi_tablestore_delivery.emulator.http.guard import refusal
from pulumi_tablestore_delivery.emulator.http.service import Service
from pulumi_tablestore_delivery.emulator.options import Options
from pulumi_tablestore_delivery.emulator.storage.database import DatabaseError
from pulumi_tablestore_delivery.emulator.storage.objects import ObjectStore

_TEXT: Final = {"Content-Type": "text/plain; charset=utf-8"}


class Console:
    """The page of an emulator. Close it after the server has stopped."""

    def __init__(
        self, options: Options, service: Service, objects: ObjectStore, url: str, oss_url: str
    ) -> None:
        """Show an instance.

        Args:
            options: The settings of the emulator.
            service: The instance.
            objects: Its buckets.
            url: The endpoint of the emulated Tablestore.
            oss_url: The endpoint of the emulated OSS.
        """
        self._options = options
        self._errors = ErrorLog(logging.getLogger(__name__))
        self._service = service
        self._addresses = {"instance": options.instance, "url": url, "oss_url": oss_url}
        self._snapshots = Snapshots(objects)
        self._page = Page()
        self._threads = ThreadPoolExecutor(1, "tablestore-page")

    @staticmethod
    def is_requested(method: str, path: str) -> bool:
        """Return whether a request is for the page."""
        return method in {"GET", "HEAD"} and path.partition("?")[0] == "/"

    def close(self) -> None:
        """Stop the thread."""
        self._threads.shutdown()

    async def respond(self, headers: Mapping[str, str], peer: str) -> Answer:
        """Answer a request for the page.

        Args:
            headers: The headers, their names in lower case.
            peer: The address of the client.
        """
        if reason := refusal(headers, peer, self._options.host):
            return Answer(403, _TEXT, f"{reason}\n".encode())
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._render)

    def _render(self) -> Answer:
        try:
            snapshot = self._snapshots.take(self._service.overview())
            html = self._page.render(snapshot, **self._addresses)
        except (DatabaseError, OSError) as error:
            return Answer(503, _TEXT, f"The data folder cannot be read: {error}\n".encode())
        except Exception:  # noqa: BLE001 - the answer says so, and stderr has the traceback
            self._errors.bug("The emulator's page failed")
            return Answer(500, _TEXT, b"The page failed. The log on stderr has the traceback.\n")
        return Answer(200, self._page.headers, html.encode())
