"""Questions about answers to calls: codes, signatures, limits."""

import time

from acceptance.lab import Outcome
from acceptance.question import Finding, question
from pulumi_tablestore_delivery.client.transport import TransportError

_TASKS = 20  # tasks of one table that the question creates
_DOCUMENTED_COLUMNS = 128


@question("codes", "OTSObjectNotExist and OTSObjectAlreadyExist, as in other operations")
def codes(lab):
    table = lab.table("codes")
    folder = lab.folder("codes")
    client = lab.client
    outcomes = {
        "describe a missing task": lab.attempt(client.describe_delivery_task, table, "missing"),
        "delete a missing task": lab.attempt(client.delete_delivery_task, table, "missing"),
        "list the tasks of a missing table": lab.attempt(
            client.list_delivery_tasks, lab.account.run.table("missing")
        ),
        "create in a missing table": lab.attempt(
            lab.create, lab.account.run.table("missing"), "task", folder
        ),
        "create": lab.attempt(lab.create, table, "task", folder),
        "create it again": lab.attempt(lab.create, table, "task", folder),
    }
    missing = [outcomes[name].code for name in outcomes if "missing" in name]
    holds = set(missing) == {"OTSObjectNotExist"} and (
        outcomes["create it again"].code == "OTSObjectAlreadyExist"
    )
    return Finding(
        "; ".join(f"{name}: {outcome}" for name, outcome in outcomes.items()),
        holds,
        {name: _evidence(outcome) for name, outcome in outcomes.items()},
    )


@question("delete-while-initializing", "a task in INIT cannot be deleted, whatever the code")
def delete_while_initializing(lab):
    table = lab.table("delete")
    lab.create(table, "task", lab.folder("delete"))
    phase = lab.state(table, "task")[0]
    outcome = lab.attempt(lab.client.delete_delivery_task, table, "task")
    answer = f"delete in phase {phase}: {outcome}"
    holds = not outcome if phase == "INIT" else None
    evidence = {"phase": phase, "delete": _evidence(outcome)}
    if not outcome:
        lab.ready(table, "task")
        evidence["delete after INIT"] = _evidence(
            lab.attempt(lab.client.delete_delivery_task, table, "task")
        )
    return Finding(answer, holds, evidence)


@question("missing-bucket", "INVALID_OSS_BUCKET in the task's state, not a refusal")
def missing_bucket(lab):
    name = f"no-such-{lab.account.run.text[-4:]}-{int(time.time())}"
    return _cannot_deliver(lab, "bucket", "INVALID_OSS_BUCKET", ossBucket=name)


@question("missing-role", "UNAUTHORIZED in the task's state, not a refusal")
def missing_role(lab):
    role = lab.account.role_arn.rpartition("/")[0] + "/no-such-role-of-pulumi"
    return _cannot_deliver(lab, "role", "UNAUTHORIZED", ossStsRole=role)


@question("other-region", "the service refuses it, or reports INVALID_OSS_BUCKET")
def other_region(lab):
    other = "cn-beijing" if lab.account.region != "cn-beijing" else "cn-shanghai"
    return _cannot_deliver(
        lab, "region", "INVALID_OSS_BUCKET", ossEndpoint=f"oss-{other}.aliyuncs.com"
    )


def _cannot_deliver(lab, name, expected, **config):
    """Create a task that cannot deliver. Return how and when it reports an error."""
    table = lab.table(name)
    outcome = lab.attempt(lab.create, table, "task", lab.folder(name), **config)
    if not outcome:
        return Finding(f"create is refused: {outcome}", holds=False, evidence=_evidence(outcome))
    lab.put(table, "row")
    started = time.monotonic()
    has_error = lab.until(lambda: lab.state(table, "task")[1] != "OK", "error")
    seconds = round(time.monotonic() - started, 1)
    phase, error = lab.state(table, "task")
    if not has_error:
        return Finding(
            f"create is accepted; no error within {seconds} s",
            evidence={"phase": phase, "seconds": seconds},
        )
    detail = lab.client.describe_delivery_task(table, "task").task_sync_stat.detail
    return Finding(
        f"create is accepted; {error} in phase {phase} after {seconds} s",
        error == expected,
        {"phase": phase, "error": error, "detail": detail, "seconds": seconds},
    )


@question("tasks-of-a-table", "the client does not need to know a quota of tasks")
def tasks_of_a_table(lab):
    table = lab.table("quota")
    refused = Outcome()
    made = 0
    for number in reversed(range(_TASKS)):
        refused = lab.attempt(lab.create, table, f"task-{number:02}", lab.folder(f"quota/{number}"))
        if not refused:
            break
        made += 1
    listed = [task.taskName for task in lab.client.list_delivery_tasks(table).tasks]
    order = "by name" if listed == sorted(listed) else "not by name"
    answer = f"{made} tasks of one table were created"
    if not refused:
        answer += f", then {refused}"
    return Finding(
        f"{answer}; a list has {len(listed)} of them, sorted {order}",
        bool(refused),
        {"created": made, "refusal": _evidence(refused), "listed": len(listed), "order": order},
    )


@question("unsigned-request", "a request without a signature is answered with x-ots-date")
def unsigned_request(lab):
    try:
        lab.recorder.post(f"{lab.account.url}/ListTable", {}, b"", 10)
    except TransportError as error:
        return Finding(f"no answer: {error}", holds=False)
    answer = lab.recorder.last
    date = "with" if answer.has_date else "without"
    return Finding(
        f"{answer.code or 'success'} (HTTP {answer.status}), {date} x-ots-date",
        answer.has_date,
    )


@question(
    "columns-of-a-read",
    f"a request for rows may name {_DOCUMENTED_COLUMNS} columns (documented for GetRange)",
)
def columns_of_a_read(lab):
    """More columns decide nothing: the package never names more in one request."""
    table = lab.table("columns")
    outcomes = {
        number: lab.attempt(
            lab.client.get_range, table, ["id"], 1, [f"c{each}" for each in range(number)]
        )
        for number in (_DOCUMENTED_COLUMNS, _DOCUMENTED_COLUMNS + 1)
    }
    return Finding(
        "; ".join(f"{number} columns: {outcome}" for number, outcome in outcomes.items()),
        bool(outcomes[_DOCUMENTED_COLUMNS]),
    )


@question("cell-version", "the version of a cell is the time of its write, in milliseconds")
def cell_version(lab):
    table = lab.table("version")
    written = lab.put(table, "row", a="text")
    (row,) = lab.client.get_range(table, ["id"], 1).rows
    (cell,) = row.cells
    difference = round(cell.timestamp - written.timestamp() * 1000)
    return Finding(
        f"the version differs by {difference} ms from this machine's clock after the write",
        abs(difference) < 60_000,
        {"milliseconds": difference},
    )


_REFUSED = {
    "prefix-segments": ("a folder without a name in the prefix, a//b/", {"prefix": "a//b/"}),
    "column-unique": (
        "two columns with the same name in the files",
        {"columns": [("a", "UTF8"), ("b", "UTF8", "a")]},
    ),
}
"""Tasks that a rule of the package refuses, because the service is assumed to refuse them."""

_HARMFUL_TO_READERS = {
    "column-unique-case": (
        "two columns whose names differ by case only, because many readers ignore the case",
        {"columns": [("a", "UTF8"), ("b", "UTF8", "A")]},
    ),
    "dirty-prefix-apart": (
        "an oss_dirty_prefix inside the prefix, because readers of the data would read its files",
        {"ossDirtyPrefix": "dirty/"},
    ),
}
"""Tasks that a rule of the package refuses for the sake of readers. The service may accept them."""


def _refuses(name, config, *, is_assumed):
    """Make the question whether the service refuses a task that a rule of the package refuses."""

    def ask(lab):
        given = dict(config)
        prefix = lab.folder(name) + given.pop("prefix", "")
        if "ossDirtyPrefix" in given:
            given["ossDirtyPrefix"] = prefix + given["ossDirtyPrefix"]
        table = lab.table(name.replace("-", "_"))
        outcome = lab.attempt(lab.create, table, "task", prefix, **given)
        holds = not outcome if is_assumed else None
        return Finding(str(outcome), holds, _evidence(outcome))

    return ask


for _name, (_what, _config) in _REFUSED.items():
    question(_name, f"the service refuses {_what}")(_refuses(_name, _config, is_assumed=True))
for _name, (_what, _config) in _HARMFUL_TO_READERS.items():
    question(_name, f"nothing: the rule refuses {_what}")(
        _refuses(_name, _config, is_assumed=False)
    )


def _evidence(outcome):
    if outcome:
        return {"outcome": "accepted"}
    return {
        "outcome": outcome.code,
        "status": outcome.status,
        "message": outcome.message,
        "signature": outcome.signature,
    }
