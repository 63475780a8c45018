"""Questions about the delivered files: folders, names, values."""

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from acceptance.question import Finding, question

_MOMENT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc)
_SECONDS = int(_MOMENT.timestamp())
_HOURS = "$yyyy/$MM/$dd/$HH/"
_FORM = "%Y/%m/%d/%H/"
_HOUR = timedelta(hours=1)
_ROWS = 20
_VERIFIED = {0: "all as declared", 3: "something is lost or different"}


@question("time-zone", "time in folders is UTC")
def time_zone(lab):
    table, prefix = lab.table("zone"), lab.folder("zone")
    lab.start(table, "task", prefix + _HOURS, mode="INC")
    written = lab.put(table, "row")
    placed = lab.delivered(prefix, ["row"]).get("row")
    if not placed:
        return Finding("no file was delivered in time")
    folder = datetime.strptime(placed[0].folder, _FORM).replace(tzinfo=timezone.utc)
    hours = round((folder - written.replace(minute=0, second=0, microsecond=0)) / _HOUR)
    return Finding(
        f"folders are UTC{hours:+d} hours" if hours else "folders are UTC",
        hours == 0,
        {"written": written.strftime(_FORM), "folder": placed[0].folder},
    )


@question("unix", "Unix is seconds below 10^11, milliseconds from there on")
def unix(lab):
    values = {
        "seconds": _SECONDS,
        "milliseconds": _SECONDS * 1000,
        "microseconds": _SECONDS * 10**6,
        "text": str(_SECONDS),
        "none": None,
    }
    return _event_times(lab, "unix", "Unix", "INT64", values, ("seconds", "milliseconds"))


@question("event-times", "RFC3339 is parsed as Go does; other values go by the time of the write")
def event_times(lab):
    values = {
        "UTC": "2023-11-14T22:13:20Z",
        "fraction": "2023-11-14T22:13:20.5Z",
        "offset": "2023-11-15T06:13:20+08:00",
        "lower case": "2023-11-14t22:13:20z",
        "space": "2023-11-14 22:13:20Z",
        "words": "yesterday",
        "number": _SECONDS,
        "none": None,
    }
    return _event_times(lab, "rfc3339", "RFC3339", "UTF8", values, ("UTC", "fraction", "offset"))


@question(
    "event-time-type",
    "the service refuses Unix for a UTF8 column, or such rows go by the time of the write",
)
def event_time_type(lab):
    table, prefix = lab.table("event_type"), lab.folder("event-type")
    event = {"columns": [("id", "UTF8"), ("at", "UTF8")], "event": ("at", "Unix")}
    outcome = lab.attempt(lab.create, table, "task", prefix + _HOURS, mode="INC", **event)
    if not outcome:
        return Finding(f"create is refused: {outcome}", holds=True)
    lab.ready(table, "task")
    return _folders(lab, table, prefix, {"text": str(_SECONDS)}, ())


def _event_times(lab, name, form, kind, values, readable):
    """Deliver a row for each value. Return whether the readable ones decide the row's folder."""
    table, prefix = lab.table(name), lab.folder(name)
    columns = [("id", "UTF8"), ("at", kind)]
    lab.start(table, "task", prefix + _HOURS, mode="INC", columns=columns, event=("at", form))
    return _folders(lab, table, prefix, values, readable)


def _folders(lab, table, prefix, values, readable):
    """Write a row for each value, and compare its folder with the event's hour and the write's."""
    written = {}
    for key, value in values.items():
        written[key] = lab.put(table, key, **({} if value is None else {"at": value}))
    rows = lab.delivered(prefix, values)
    places = {}
    for key in values:
        folder = rows[key][0].folder if key in rows else ""
        near = {
            (written[key] + timedelta(minutes=minutes)).strftime(_FORM) for minutes in (-5, 0, 5)
        }
        if not folder:
            places[key] = "not delivered"
        elif folder == _MOMENT.strftime(_FORM):
            places[key] = "the event's hour, UTC"
        elif folder in near:
            places[key] = "the hour of the write, UTC"
        else:
            places[key] = f"another folder: {folder}"
    expected = {
        key: "the event's hour, UTC" if key in readable else "the hour of the write, UTC"
        for key in values
    }
    return Finding(
        "; ".join(f"{key}: {place}" for key, place in places.items()), places == expected, places
    )


@question("updated-row", "UpdateRow delivers the whole row as it is after the update")
def updated_row(lab):
    table, prefix = lab.table("update"), lab.folder("update")
    columns = [("id", "UTF8"), ("a", "INT64"), ("b", "UTF8")]
    lab.start(table, "task", prefix, mode="INC", columns=columns)
    lab.put(table, "row", a=1, b="before")
    if not lab.delivered(prefix, ["row"]):
        return Finding("no file was delivered in time")
    lab.update(table, "row", b="after")
    placed = lab.delivered(prefix, ["row"], times=2)["row"]
    after = [each.row for each in placed if each.row["b"] == "after"]
    if not after:
        return Finding("the update was not delivered in time")
    return Finding(
        f"after an update of b, the delivered row is {after[-1]}",
        after[-1]["a"] == 1,
        {"rows": [each.row for each in placed]},
    )


@question("wrong-type", "a value of another type is NULL in the files; the row is delivered")
def wrong_type(lab):
    table, prefix = lab.table("dirty"), lab.folder("clean")
    dirty = lab.folder("dirty")
    columns = [("id", "UTF8"), ("n", "INT64")]
    lab.start(table, "task", prefix, mode="INC", columns=columns, ossDirtyPrefix=dirty)
    lab.put(table, "fine", n=1)
    lab.put(table, "text", n="one")
    rows = lab.delivered(prefix, ["fine", "text"])
    placed = rows.get("text")
    answer = f"the row is delivered as {placed[0].row}" if placed else "the row is not delivered"
    files = lab.bucket.files(dirty)
    start = lab.bucket.content(files[0])[:200].decode(errors="backslashreplace") if files else ""
    return Finding(
        f"{answer}; {len(files)} files below oss_dirty_prefix",
        placed[0].row["n"] is None if placed else False,
        {"dirty files": [file.name for file in files], "beginning": start},
    )


@question("names-after-recreation", "a new task of the same name does not overwrite old files")
def names_after_recreation(lab):
    table, prefix = lab.table("again"), lab.folder("again")
    names = []
    lab.put(table, "row")
    for times in (1, 2):
        lab.start(table, "task", prefix, mode="BASE")
        lab.delivered(prefix, ["row"], times=times)
        names.append([file.name for file in lab.bucket.files(prefix)])
        lab.client.delete_delivery_task(table, "task")
        lab.until(lambda: not lab.client.list_delivery_tasks(table).tasks, "phase")
    before, after = names
    new = sorted(set(after) - set(before))
    kept = set(before) <= set(after)
    return Finding(
        f"first task: {', '.join(before) or 'no file'}; after the second: "
        f"{', '.join(new) or 'no new name'}" + ("" if kept else "; old files are gone"),
        bool(before) and bool(new) and kept,
        {"first": before, "both": after},
    )


@question("shared-folder", "two tasks with one folder write files with different names")
def shared_folder(lab):
    table, prefix = lab.table("shared"), lab.folder("shared")
    lab.start(table, "first", prefix, mode="INC")
    outcome = lab.attempt(lab.start, table, "second", prefix, mode="INC")
    if not outcome:
        return Finding(f"the second task is refused: {outcome}", holds=False)
    lab.put(table, "row")
    lab.delivered(prefix, ["row"], times=2)
    names = [file.name for file in lab.bucket.files(prefix)]
    by_task = {
        task: [name for name in names if name.startswith(f"{task}_")]
        for task in ("first", "second")
    }
    return Finding(
        f"accepted; files: {', '.join(names) or 'none'}", all(by_task.values()), {"files": by_task}
    )


@question("verify", "the command `verify` finds every row in the files, as declared")
def verify(lab):
    table, prefix = lab.table("verify"), lab.folder("verify")
    columns = [("id", "UTF8"), ("n", "INT64"), ("x", "DOUBLE"), ("yes", "BOOL")]
    for number in range(_ROWS):
        lab.put(table, f"row-{number:02}", n=number, x=number / 2, yes=number % 2 == 0)
    lab.start(table, "task", f"{prefix}{_HOURS}", columns=columns)
    lab.delivered(prefix, [f"row-{number:02}" for number in range(_ROWS)])
    done = subprocess.run(
        [Path(sys.executable).parent / "tablestore-delivery", "verify", table, "task", "--json"],
        env={**os.environ, **lab.account.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found = json.loads(done.stdout)
    except ValueError:
        found = {"error": done.stderr}
    result = _VERIFIED.get(done.returncode, "something could not be read")
    return Finding(f"exit code {done.returncode}: {result}", done.returncode == 0, found)


@question("empty-table", "a task of an empty table reaches INCR, with a synchronized time")
def empty_table(lab):
    table = lab.table("empty")
    lab.start(table, "task", lab.folder("empty"))

    def is_synchronized():
        found = lab.client.describe_delivery_task(table, "task").task_sync_stat
        return lab.state(table, "task")[0] == "INCR" and found.current_sync_timestamp > 0

    reached = lab.until(is_synchronized, "files")
    phase = lab.state(table, "task")[0]
    return Finding(
        f"phase {phase}, {'with' if reached else 'without'} a time of synchronization", reached
    )
