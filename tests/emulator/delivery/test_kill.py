"""kill -9 at any time: acknowledged rows are delivered exactly once."""

import collections
import random
import threading
import time

from support.delivery_world import World
from support.emulator_process import EmulatorProcess

KILLS = 30
ROWS_BEFORE = 3000
COLUMNS = [("id", "UTF8"), ("n", "INT64")]


class Writer(threading.Thread):
    """Writes rows with different keys, and records which were acknowledged."""

    def __init__(self, url, folder, name):
        super().__init__()
        self.world = World(url, folder)
        self.prefix = name
        self.tried, self.acknowledged = [], []
        self.ended = False

    def run(self):
        while not self.ended:
            key = f"{self.prefix}-{len(self.tried):06}"
            self.tried.append(key)
            try:
                self.world.put(key, n=len(self.tried))
                self.acknowledged.append(key)
            except Exception:  # noqa: BLE001 - killed, or not yet up: the row may be there or not
                time.sleep(0.01)


def kill_and_restart(process, world, tasks):
    chance = random.Random(5)
    for turn in range(KILLS):
        if turn % 3 == 0:  # in the middle of a full scan
            tasks[f"full{turn}"] = "BASE_INC"
            world.task(f"full{turn}", columns=COLUMNS, ossPrefix=f"full{turn}/")
            time.sleep(chance.uniform(0, 0.1))
        else:
            time.sleep(chance.uniform(0, 0.35))
        process.kill()
        process.start()


def test_rows_are_delivered_once_despite_kills(tmp_path):
    process = EmulatorProcess(tmp_path, "--create-buckets", "--flush-seconds", "0.03")
    process.start()
    world = World(process.url, tmp_path)
    world.table(keys=[("id", "STRING")])
    before = [f"before-{number:06}" for number in range(ROWS_BEFORE)]
    world.put_many((key, {"n": 0}) for key in before)
    writers = [Writer(process.url, tmp_path, f"w{number}") for number in range(2)]
    for writer in writers:
        writer.start()
    tasks = {"full": "BASE_INC", "incr": "INC", "base": "BASE"}
    for name, mode in tasks.items():
        world.task(name, mode=mode, columns=COLUMNS, ossPrefix=f"{name}/")
    since = {key for writer in writers for key in list(writer.tried)}
    kill_and_restart(process, world, tasks)
    for writer in writers:
        writer.ended = True
    for writer in writers:
        writer.join()
    for name, mode in tasks.items():
        world.wait_scanned(name)
        if mode != "BASE":
            world.wait_delivered(name)
    acknowledged = {key for writer in writers for key in writer.acknowledged}
    assert len(acknowledged) > KILLS
    found = {
        name: collections.Counter(row["id"] for row in world.rows(f"{name}/")) for name in tasks
    }
    process.stop()
    for name, rows in found.items():
        if name.startswith("full"):
            assert set(rows) >= acknowledged | set(before)
    assert set(found["incr"]) >= acknowledged - since
    assert set(found["base"]) >= set(before)
    doubled = {name: count - len(rows) for name, rows in found.items()
               if (count := sum(rows.values())) != len(rows)}  # fmt: skip
    assert not doubled
    assert list((world.bucket.parent / ".writing").iterdir()) == []
