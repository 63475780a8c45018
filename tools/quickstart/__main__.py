"""`make quickstart`: a real `pulumi up` of two delivery tasks, and the files that they deliver.

All its files are below `.quickstart/`, and `make clean` removes them. `stop` as the only argument
stops the emulator.
"""

import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tools.quickstart import emulator, locks, settings

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".quickstart"


class QuickstartError(Exception):
    """A step failed. The message names it."""


def main(arguments: list[str]) -> int:
    """Run the quickstart, or stop its emulator."""
    try:
        if arguments == ["stop"]:
            if emulator.stop(FOLDER):
                print("The quickstart's emulator is stopped")
        elif arguments:
            print("usage: python -m tools.quickstart [stop]", file=sys.stderr)
            return 2
        else:
            _run()
    except (QuickstartError, emulator.EmulatorError) as error:
        print(f"{error}\n`make clean` removes all that the quickstart made.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _run() -> None:
    logging.getLogger("tablestore").setLevel(logging.ERROR)  # hides a warning about its codec
    # Imported here, because `stop` also runs in an environment without their packages.
    from tools.quickstart import delivered, sample, tables  # noqa: PLC0415

    for name in ("state", "pulumi-home", "config"):
        (FOLDER / name).mkdir(parents=True, exist_ok=True)

    running = emulator.ensure_running(
        FOLDER, settings.INSTANCE, settings.CREDENTIALS, settings.environment({}, os.environ)
    )
    how = "started" if running.started_now else "still running"
    _step(1, f"Tablestore emulator {how}: {running.endpoint}")

    database = tables.Tables(running.endpoint, settings.INSTANCE, settings.CREDENTIALS)
    database.create_missing()
    written = database.fill("orders", sample.orders())
    result = f"{written} orders written" if written else "they exist"
    _step(2, f"Sample tables {', '.join(tables.TABLES)}: {result}")

    changes = settings.settings(FOLDER, running.endpoint, os.environ)
    environment = settings.environment(changes, os.environ)
    settings.write_shell_file(FOLDER / "env", changes, _folder_of("pulumi"))
    _step(3, "pulumi up (program: examples/quickstart/__main__.py)")
    print("The sample has wrong values on purpose. The preview of a new task warns of them.")
    _call(["pulumi", "stack", "select", "--create", settings.STACK], environment)
    refresh = []
    if locks.has_stale_lock(FOLDER / "state"):
        print("An earlier run was killed. Its lock is removed, and the stack is refreshed.")
        _call(["pulumi", "cancel", "--yes", "--stack", settings.STACK], environment)
        refresh = ["--refresh"]
    _call(["pulumi", "up", "--yes", *refresh], environment)

    _step(4, "The delivery tasks, as the service reports them")
    chosen = [argument for name in tables.TABLES for argument in ("--table", name)]
    _call(["tablestore-delivery", "list", *chosen], environment)

    # Written now, because an INC task delivers only rows that are written after its creation.
    written = database.fill("page_views", sample.page_views())
    result = f"{written} page views written" if written else "no new rows"
    _step(5, f"The delivered files ({result})")
    try:
        tasks = delivered.wait(running.endpoint, time.time_ns())
    except delivered.NotDeliveredError as error:
        raise QuickstartError(str(error)) from None
    delivered.show(emulator.data(FOLDER) / "oss" / "my-lake", tasks)
    print(_go_on(running))


def _step(number: int, text: str) -> None:
    print(f"\n[{number}/5] {text}", flush=True)


def _folder_of(program: str) -> Path:
    found = shutil.which(program)
    if found is None:
        raise QuickstartError(f"There is no {program} on PATH; `make quickstart` puts it there.")
    return Path(found).absolute().parent


def _call(command: list[str], environment: Mapping[str, str]) -> None:
    ended = subprocess.run(command, cwd=ROOT, env=dict(environment), check=False)
    if ended.returncode:
        raise QuickstartError(f"`{' '.join(command)}` failed with code {ended.returncode}.")


def _go_on(running: emulator.Running) -> str:
    return f"""
Open this page in a browser to see tables, tasks, files and dropped values:
  {running.endpoint}/

Continue in this folder:
  . .quickstart/env        # use the emulator in this shell
  pulumi preview           # shows "unchanged"
                           # now edit examples/quickstart/__main__.py
  pulumi preview --diff    # shows the change and its cost
  pulumi up
  pulumi refresh --yes     # compares the stack with the service
  tablestore-delivery status --watch       # shows the tasks until Ctrl-C
  tablestore-delivery verify orders --all  # compares all rows with the files
  tablestore-delivery infer-schema orders  # proposes a schema from the rows
  pulumi destroy --yes

The emulator keeps running (process {running.pid}, log in
.quickstart/emulator.log). `make quickstart` uses it again. `make clean` stops
it and removes everything that the quickstart made.
With a real account: examples/quickstart/README.md."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
