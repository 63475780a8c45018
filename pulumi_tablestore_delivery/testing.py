"""pytest fixtures that start an emulator for a test suite.

In the suite's `conftest.py`:

    pytest_plugins = ["pulumi_tablestore_delivery.testing"]

The fixture `tablestore_emulator` is an emulator in the tests' own process. It needs the extra
`emulator`. Each test has an empty data folder. docs/testing.md has more examples.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.request import Request, urlopen

import pytest

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.emulator.server import Emulator

_WAIT_SECONDS: Final = 30.0


@dataclass(frozen=True)
class EmulatedTablestore:
    """An emulated instance.

    Attributes:
        url: The endpoint.
        instance: The instance's name.
        access_key_id: The access key that the emulator accepts.
        access_key_secret: Its secret.
        buckets: The folder that has a folder for each bucket.
        oss_url: The endpoint of the emulated OSS, with the same access key.
    """

    url: str
    instance: str
    access_key_id: str
    access_key_secret: str
    buckets: Path
    oss_url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that make programs of this package use the emulator."""
        return {
            "TABLESTORE_ENDPOINT": self.url,
            "TABLESTORE_INSTANCE": self.instance,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": self.access_key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": self.access_key_secret,
        }

    def fault(self, **script: Any) -> None:
        """Add a fault, such as `fault(operation="PutRow", fault="lost_answer")`.

        Raises:
            urllib.error.HTTPError: The fault is not valid.
        """
        self._control("POST", "faults", script)

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._control("DELETE", "faults")

    def calls(self) -> dict[str, int]:
        """Return the number of requests of each operation."""
        found: dict[str, int] = self._control("GET", "calls")
        return found

    def deliveries(self) -> list[dict[str, Any]]:
        """Return each task's phase, delivered_until, files, rows, dirty and rewrites."""
        found: list[dict[str, Any]] = self._control("GET", "deliveries")["deliveries"]
        return found

    def wait_until_delivered(self, timeout: float = _WAIT_SECONDS) -> None:
        """Wait until every task has delivered all rows that were written before this call.

        A BASE task does not deliver changes. It is done after its scan.

        Raises:
            TimeoutError: It takes longer than `timeout` seconds. The text has the progress.
        """
        since = time.time_ns()
        give_up = time.monotonic() + timeout
        while not all(_is_done(task, since) for task in self.deliveries()):
            if time.monotonic() > give_up:
                raise TimeoutError(f"Not everything is delivered: {self.deliveries()}")
            time.sleep(0.02)

    def _control(self, method: str, route: str, content: object = None) -> Any:
        body = None if content is None else json.dumps(content).encode()
        request = Request(f"{self.url}/_emulator/{route}", data=body, method=method)  # noqa: S310 - the emulator's
        with urlopen(request) as answer:  # noqa: S310 - the emulator's
            return json.load(answer)


@pytest.fixture
def tablestore_emulator(
    make_tablestore_emulator: Callable[..., EmulatedTablestore],
) -> EmulatedTablestore:
    """An emulator without tables. It creates buckets and delivers within a tenth of a second."""
    return make_tablestore_emulator()


@pytest.fixture
def make_tablestore_emulator(tmp_path: Path) -> Iterator[Callable[..., EmulatedTablestore]]:
    """Return a function that starts an emulator with the fields of `emulator.options.Options`.

    The default data folder is the same for all, so only one emulator can use it at a time.
    """
    from pulumi_tablestore_delivery.emulator.options import Options  # noqa: PLC0415 - an extra
    from pulumi_tablestore_delivery.emulator.server import Emulator  # noqa: PLC0415 - an extra

    running: list[Emulator] = []

    def make(**options: Any) -> EmulatedTablestore:
        defaults = {
            "port": 0,
            "data_dir": tmp_path / "tablestore",
            "create_buckets": True,
            "flush_seconds": 0.1,
        }
        given = Options(**{**defaults, **options})
        running.append(Emulator(given).start())
        return EmulatedTablestore(
            running[-1].url,
            given.instance,
            given.access_key_id,
            given.access_key_secret,
            given.buckets_dir,
            running[-1].oss_url,
        )

    yield make
    for emulator in running:
        emulator.stop()


def _is_done(task: dict[str, Any], since: int) -> bool:
    # The time of a BASE task stays the start of its scan.
    scanned_once = task["mode"] == "BASE" and task["phase"] == "INCR"
    return scanned_once or bool(task["delivered_until"] >= since)
