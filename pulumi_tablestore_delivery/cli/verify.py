"""`tablestore-delivery verify`: compare the rows of a table with those of the files."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Final

import typer

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.connection import (
    Connection,
    Endpoint,
    Instance,
    Profile,
    Region,
    StackName,
)
from pulumi_tablestore_delivery.cli.data import Form, print_data
from pulumi_tablestore_delivery.cli.forms import (
    AsJson,
    MetricsForm,
    MetricsOutputForm,
)
from pulumi_tablestore_delivery.cli.tables import print_table
from pulumi_tablestore_delivery.cli.task_arguments import TableName, TaskName
from pulumi_tablestore_delivery.cli.task_table import NO_TASKS
from pulumi_tablestore_delivery.cli.terminal import print_error, print_line, print_prose, print_text
from pulumi_tablestore_delivery.errors import DeliveryError, TaskMissingError
from pulumi_tablestore_delivery.inspection import emulator_control
from pulumi_tablestore_delivery.inspection.messages import message_of
from pulumi_tablestore_delivery.inspection.task_states import TaskChoice
from pulumi_tablestore_delivery.lifecycle import Found, Lifecycle
from pulumi_tablestore_delivery.settings import Settings

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.inspection.verification.result import ColumnCounts, Verification

_ROWS: Final = 1000
_MOST_ROWS: Final = 100_000
_TITLES: Final = (
    "Column", "Type", "Equal", "No value", "Empty", "Different", "Extra", "Missing", "Not due",
    "Not judged", "Dropped",
)  # fmt: skip
_DISPENSABLE: Final = ("Type", "No value", "Not judged", "Not due")
_SECONDS_ON_TERMINAL: Final = 0.2
_SECONDS_ELSEWHERE: Final = 30.0


def verify(
    *,
    table: TableName = None,
    task: TaskName = None,
    rows: Annotated[
        int,
        typer.Option(
            min=1,
            max=_MOST_ROWS,
            metavar="COUNT",
            help="The number of rows to compare, spread over the primary keys.",
        ),
    ] = _ROWS,
    all_rows: Annotated[bool, typer.Option("--all", help="Compare every row.")] = False,
    oss_endpoint: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The OSS endpoint to read the files from. Default: TABLESTORE_OSS_ENDPOINT, or "
            "the endpoint of the emulator or of the task.",
            show_default=False,
        ),
    ] = None,
    show_values: Annotated[
        bool, typer.Option("--show-values", help="Show examples of values that are lost or differ.")
    ] = False,
    form: MetricsOutputForm = MetricsForm.TABLE,
    endpoint: Endpoint = None,
    instance: Instance = None,
    region: Region = None,
    profile: Profile = None,
    stack: StackName = None,
    as_json: AsJson = False,
) -> None:
    """Compare rows of a table with the rows of the delivered files.

    Give one task or one table, or compare the tasks of a stack or of the instance. The command
    only reads the table and the files. Needs the extra `oss`.

    Exit code 3: a value is lost or different (0 with -o prometheus). 1: a task could not be
    compared.

    Example: tablestore-delivery verify orders my-task --all
    """
    connection = Connection(endpoint, instance, region, profile, stack)
    lifecycle = connection.lifecycle()
    choice = TaskChoice(table, task, stack)
    selected = choice.select(lifecycle).outputs
    form = MetricsForm.JSON if as_json else form
    settings = connection.settings()
    results: list[Verification] = []
    failures: dict[str, str] = {}
    for task_id, found in lifecycle.read_all(selected):
        try:
            if found is None:
                raise TaskMissingError(task_id)
            limit = None if all_rows else rows
            result = _compare(
                found, lifecycle, settings, oss_endpoint, limit, shows_values=show_values
            )
        except DeliveryError as error:
            failures[task_id] = message_of(error)
            if form in {MetricsForm.TABLE, MetricsForm.PROMETHEUS}:
                print_error(failures[task_id])
            continue
        results.append(result)
        if form is MetricsForm.TABLE:
            _print_result(result)
    if not selected and form is MetricsForm.TABLE:
        print_line(NO_TASKS)
    _print_all(results, failures, form, is_one=choice.is_one)
    if failures:
        raise typer.Exit(exits.FAILED)
    is_complete = all(result.is_complete for result in results)
    if form is not MetricsForm.PROMETHEUS and not is_complete:
        raise typer.Exit(exits.NO)


def _print_all(
    results: list[Verification], failures: Mapping[str, str], form: MetricsForm, *, is_one: bool
) -> None:
    """Print the results for programs. For people, each result is printed when it is complete."""
    if form is MetricsForm.PROMETHEUS:
        _print_metrics(results)
    elif form is not MetricsForm.TABLE:
        documents = [result.document() for result in results]
        documents += [{"id": each, "error": error} for each, error in failures.items()]
        print_data(documents[0] if is_one else documents, Form(form.value))


def _compare(
    found: Found,
    lifecycle: Lifecycle,
    settings: Settings,
    oss_endpoint: str | None,
    rows: int | None,
    *,
    shows_values: bool,
) -> Verification:
    # The help and the error of a missing task do not need this extra.
    from pulumi_tablestore_delivery.inspection.verification import subject, verify  # noqa: PLC0415 - an extra

    verified = subject.subject_of(
        found, lifecycle, settings, oss_endpoint, emulator_control.oss_endpoint
    )
    progress = _Progress()
    # SIGTERM raises KeyboardInterrupt too, so the temporary files, which hold rows, are removed.
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return verify.verify(verified, verify.Options(rows, shows_values), progress)
    finally:
        signal.signal(signal.SIGTERM, previous)
        progress.end()


def _print_metrics(results: list[Verification]) -> None:
    # Only metrics need the extra `metrics`.
    from pulumi_tablestore_delivery.inspection import metrics  # noqa: PLC0415 - an extra

    print_text(metrics.text_of(metrics.verification_metrics(results)))


def _print_result(result: Verification) -> None:
    until = f", delivered until {result.synced_until}" if result.synced_until else ""
    print_line(f"{result.id}: {result.mode}, {result.phase}{until}")
    print_line(result.summary())
    if result.columns:
        cells = [_cells(column) for column in result.columns]
        kept = [
            index
            for index, title in enumerate(_TITLES)
            if title in {"Column", "Type", "Equal"} or any(row[index] != "0" for row in cells)
        ]
        print_table(
            [_TITLES[index] for index in kept],
            [[row[index] for index in kept] for row in cells],
            ["red" if column.wrong else "" for column in result.columns],
            [title for title in _DISPENSABLE if title in {_TITLES[index] for index in kept}],
        )
    for note in result.notes():
        print_prose(f"- {note}")
    if result.examples:
        print_table(
            ("Column", "Finding", "Key", "Table", "Files"),
            [
                [
                    each.column,
                    "dropped" if each.verdict == "dirty" else each.verdict,
                    each.key,
                    repr(each.table),
                    repr(each.files),
                ]
                for each in result.examples
            ],
        )
    print_line(
        "The files hold all that is due."
        if result.is_complete
        else "Something is lost or different."
    )


def _cells(column: ColumnCounts) -> list[str]:
    dropped = ", ".join(f"{count} {kind}" for kind, count in sorted(column.dirty.items()))
    counts = (
        column.empty, column.different, column.extra, column.missing, column.not_due,
        column.unjudged,
    )  # fmt: skip
    return [
        column.name, column.type, str(column.equal), str(column.absent), *map(str, counts),
        dropped or "0",
    ]  # fmt: skip


class _Progress:
    """Prints progress on stderr: in place on a terminal, otherwise a line every 30 seconds."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._interval = _SECONDS_ON_TERMINAL if self._is_terminal else _SECONDS_ELSEWHERE
        self._last = time.monotonic()

    def __call__(self, action: str, count: int) -> None:
        """Print how many are done, unless the last line is too recent."""
        now = time.monotonic()
        if now - self._last < self._interval:
            return
        self._last = now
        sys.stderr.write(
            f"\r\x1b[K{count} {action}" if self._is_terminal else f"{count} {action}\n"
        )
        sys.stderr.flush()

    def end(self) -> None:
        """Remove the progress from a terminal."""
        if self._is_terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
