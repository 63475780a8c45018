"""The worker: a thread that delivers all tasks of an instance, one step at a time."""

import logging
from threading import Event, Lock
from typing import Final

from pulumi_tablestore_delivery.emulator.delivery.task import (
    Setting,
    StoppedError,
    TaskDelivery,
)
from pulumi_tablestore_delivery.emulator.error_log import ErrorLog
from pulumi_tablestore_delivery.emulator.storage.checkpoints import Delivery
from pulumi_tablestore_delivery.emulator.storage.database import DatabaseError

_BATCH_ROWS: Final = 2000
_SETTLE_ROWS: Final = 500
_SETTLE_STEPS: Final = 4
_SETTLE_WAIT_SECONDS: Final = 0.1
_IDLE_SECONDS: Final = 0.05
_FAILED_SECONDS: Final = 1.0

_log = logging.getLogger(__name__)


class Worker:
    """Delivers the tasks of an instance. Safe to use from several threads."""

    def __init__(self, instance: str, setting: Setting, stop: Event) -> None:
        """Continue from the checkpoints.

        Args:
            instance: The instance.
            setting: The settings of all deliveries.
            stop: Stops the delivery when it is set.
        """
        self._instance = instance
        self._setting = setting
        self._stop = stop
        self._deliveries: dict[int, TaskDelivery] = {}
        self._unpruned: set[int] = set()
        self._errors = ErrorLog(_log)
        self._lock = Lock()
        self._remove_unknown_files()

    def run(self) -> None:
        """Deliver until `stop` is called."""
        while not self._stop.is_set():
            try:
                pause = self._run_round()
            except StoppedError:
                return
            except DatabaseError as error:
                self._errors.trouble("Cannot look for delivery tasks", error)
                pause = _FAILED_SECONDS
            self._stop.wait(pause)

    def stop(self) -> None:
        """Make `run` return soon. The next emulator repeats the work since the last checkpoint."""
        self._stop.set()

    def settle(self, table_name: str, name: str) -> None:
        """Do the due work of a task if it takes little time.

        The phase of the task then follows the clock, even if `run` is not running.
        """
        if not self._lock.acquire(timeout=_SETTLE_WAIT_SECONDS):
            return
        try:
            for _ in range(_SETTLE_STEPS):
                found = self._setting.store.one(self._instance, table_name, name)
                if found is None:
                    return
                task = self._delivery(found)
                if task.buffered_rows > _SETTLE_ROWS or not task.step(found, _SETTLE_ROWS):
                    return
        except (OSError, DatabaseError, StoppedError):
            return  # `run` also gets this error, and reports it
        finally:
            self._lock.release()

    def failure(self, task_id: int) -> str:
        """Return why a task's last step failed; empty if it succeeded."""
        task = self._deliveries.get(task_id)
        return task.failure if task else ""

    def _run_round(self) -> float:
        """Do a step of every task. Return the seconds to wait before the next round."""
        has_worked = has_failed = False
        for delivery in self._all():
            if self._stop.is_set():
                raise StoppedError
            what = f"Cannot deliver {delivery.table_name}/{delivery.name}"
            try:
                has_worked |= self._step(delivery)
                self._errors.over(what)
            except StoppedError:
                raise
            except (OSError, DatabaseError) as error:
                self._errors.trouble(what, error)
                has_failed = True
            except Exception:  # noqa: BLE001 - a bug in one task must not stop the others
                self._errors.bug(what)
                has_failed = True
        if has_failed:
            return _FAILED_SECONDS
        return 0.0 if has_worked else _IDLE_SECONDS

    def _all(self) -> list[Delivery]:
        with self._lock:
            found = self._setting.store.all(self._instance)
            known = {delivery.id for delivery in found}
            for number in self._deliveries.keys() - known:
                del self._deliveries[number]
            self._unpruned &= known
        return found

    def _step(self, stale: Delivery) -> bool:
        with self._lock:
            found = self._setting.store.one(self._instance, stale.table_name, stale.name)
            if found is None:
                return False
            has_worked = self._delivery(found).step(found, _BATCH_ROWS)
            if has_worked or found.id in self._unpruned:
                has_more = self._setting.store.prune(found)
                (self._unpruned.add if has_more else self._unpruned.discard)(found.id)
                has_worked |= has_more
            return has_worked

    def _delivery(self, found: Delivery) -> TaskDelivery:
        if found.id not in self._deliveries:
            self._deliveries[found.id] = TaskDelivery(self._setting, found)
        return self._deliveries[found.id]

    def _remove_unknown_files(self) -> None:
        """Remove files that a crash left without a checkpoint."""
        staging = self._setting.buckets.staging
        if staging.exists():
            known = self._setting.store.sources()
            for path in staging.iterdir():
                if path.name not in known:
                    path.unlink()
