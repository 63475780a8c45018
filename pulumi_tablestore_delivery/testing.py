"""pytest fixtures that give a test suite an emulator of its own.

In the suite's `conftest.py`:

    pytest_plugins = ["pulumi_tablestore_delivery.testing"]

Then `tablestore_emulator` is an emulator that runs within the tests' process, with an empty data
folder for each test; needs the extra `emulator`. docs/testing.md shows more.
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
    """An emulated instance, as a test sees it.

    Attributes:
        url: The endpoint.
        instance: The instance's name.
        access_key_id: The access key that is accepted.
        access_key_secret: Its secret.
        buckets: The folder that holds one folder a bucket.
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
        """The variables that point programs of this package at it."""
        return {
            "TABLESTORE_ENDPOINT": self.url,
            "TABLESTORE_INSTANCE": self.instance,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": self.access_key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": self.access_key_secret,
        }

    def fault(self, **script: Any) -> None:
        """Let something go wrong, such as `fault(operation="PutRow", fault="lost_answer")`.

        Raises:
            urllib.error.HTTPError: There is no such fault.
        """
        self._control("POST", "faults", script)

    def clear_faults(self) -> None:
        """Let nothing more go wrong."""
        self._control("DELETE", "faults")

    def calls(self) -> dict[str, int]:
        """How many requests came for each operation."""
        found: dict[str, int] = self._control("GET", "calls")
        return found

    def deliveries(self) -> list[dict[str, Any]]:
        """How far each task is: phase, delivered_until, files, rows, dirty, rewrites."""
        found: list[dict[str, Any]] = self._control("GET", "deliveries")["deliveries"]
        return found

    def wait_until_delivered(self, timeout: float = _WAIT_SECONDS) -> None:
        """Wait until every task that changes reach has delivered what was written before this call.

        Raises:
            TimeoutError: It takes longer than `timeout` seconds; the text says how far each is.
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
    """An emulator with no tables, which makes buckets and delivers within a tenth of a second."""
    return make_tablestore_emulator()


@pytest.fixture
def make_tablestore_emulator(tmp_path: Path) -> Iterator[Callable[..., EmulatedTablestore]]:
    """Start emulators with other settings: the fields of `emulator.options.Options`.

    All run on one data folder unless they are given others, so one at a time.
    """
    from pulumi_tablestore_delivery.emulator.options import Options  # noqa: PLC0415 - an extra
    from pulumi_tablestore_delivery.emulator.server import Emulator  # noqa: PLC0415

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
    # A BASE task's time stays that of its scan's beginning.
    scanned_once = task["mode"] == "BASE" and task["phase"] == "INCR"
    return scanned_once or bool(task["delivered_until"] >= since)
