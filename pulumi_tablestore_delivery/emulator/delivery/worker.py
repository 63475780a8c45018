"""The worker: a thread that delivers all tasks of an instance, one step at a time."""

import logging
from contextlib import suppress
from threading import Event, Lock
from time import thread_time
from typing import Final

from pulumi_tablestore_delivery.emulator.delivery.task import (
    Setting,
    StoppedError,
    TaskDelivery,
)
from pulumi_tablestore_delivery.emulator.error_log import ErrorLog
from pulumi_tablestore_delivery.emulator.storage.checkpoints import Checkpoint
from pulumi_tablestore_delivery.emulator.storage.database import (
    ADVICE,
    DatabaseError,
    StoreError,
)
from pulumi_tablestore_delivery.emulator.storage.object_files import remove_files

_BATCH_ROWS: Final = 2000
_SETTLE_ROWS: Final = 500
_SETTLE_STEPS: Final = 4
_SETTLE_WAIT_SECONDS: Final = 0.1
_IDLE_SECONDS: Final = 0.05
_LONGEST_IDLE_SECONDS: Final = 1.0
_IDLE_FACTOR: Final = 20
"""The pause of an idle worker, as a multiple of the processor time of its last round."""
_FAILED_SECONDS: Final = 1.0
_NO_TASKS: Final = "Cannot look for delivery tasks"

_log = logging.getLogger(__name__)


class Worker:
    """Delivers the tasks of an instance. Safe to use from several threads."""

    def __init__(self, instance: str, setting: Setting, stop: Event) -> None:
        """Continue from the checkpoints.

        Args:
            instance: The instance.
            setting: The settings of all deliveries.
            stop: Stops the delivery when it is set.

        Raises:
            StoreError: The folder of the files that are not in a bucket yet cannot be used.
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
                self._errors.over(_NO_TASKS)
            except StoppedError:
                return
            except DatabaseError as error:
                self._errors.trouble(_NO_TASKS, error)
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
            with suppress(Exception):  # `run` also gets the error, and reports it
                self._settle(table_name, name)
        finally:
            self._lock.release()

    def _settle(self, table_name: str, name: str) -> None:
        for _ in range(_SETTLE_STEPS):
            found = self._setting.store.one(self._instance, table_name, name)
            if found is None:
                return
            task = self._delivery(found)
            if task.buffered_rows > _SETTLE_ROWS or not task.step(found, _SETTLE_ROWS):
                return

    def failure(self, task_id: int) -> str:
        """Return why a task's last step failed; empty if it succeeded."""
        task = self._deliveries.get(task_id)
        return task.failure if task else ""

    def _run_round(self) -> float:
        """Do a step of every task. Return the seconds to wait before the next round."""
        began = thread_time()
        has_worked = has_failed = False
        for checkpoint in self._all():
            if self._stop.is_set():
                raise StoppedError
            what = f"Cannot deliver {checkpoint.table_name}/{checkpoint.name}"
            try:
                has_worked |= self._step(checkpoint)
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
        if has_worked:
            return 0.0
        pause = (thread_time() - began) * _IDLE_FACTOR
        return min(max(pause, _IDLE_SECONDS), _LONGEST_IDLE_SECONDS)

    def _all(self) -> list[Checkpoint]:
        with self._lock:
            found = self._setting.store.all(self._instance)
            known = {checkpoint.id for checkpoint in found}
            for task_id in self._deliveries.keys() - known:
                self._deliveries.pop(task_id).abandon()
            self._unpruned &= known
        return found

    def _step(self, stale: Checkpoint) -> bool:
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

    def _delivery(self, found: Checkpoint) -> TaskDelivery:
        if found.id not in self._deliveries:
            self._deliveries[found.id] = TaskDelivery(self._setting, found)
        return self._deliveries[found.id]

    def _remove_unknown_files(self) -> None:
        """Remove files that a crash left without a checkpoint."""
        staging = self._setting.objects.staging
        try:
            known = self._setting.store.sources()
            remove_files(staging, lambda name: name not in known)
        except (OSError, DatabaseError) as error:
            reason = getattr(error, "strerror", None) or error
            raise StoreError(f"Cannot use {staging}: {reason}; {ADVICE}") from None
