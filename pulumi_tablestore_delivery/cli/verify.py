"""`tablestore-delivery verify`: compare rows of a table with what the delivered files hold."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated, Final

import typer

from pulumi_tablestore_delivery.cli import emulator_control, exits
from pulumi_tablestore_delivery.cli.connection import (
    AsJson,
    Endpoint,
    Instance,
    StackName,
    connected,
    settings,
)
from pulumi_tablestore_delivery.cli.formats import Output, OutputFormat
from pulumi_tablestore_delivery.cli.output import print_error, print_json, print_table, printable
from pulumi_tablestore_delivery.cli.tasks import TableName, TaskName, selected
from pulumi_tablestore_delivery.errors import ConfigurationError, DeliveryError

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.inspection.verification.result import ColumnCounts, Verification
    from pulumi_tablestore_delivery.lifecycle import Found, Lifecycle
    from pulumi_tablestore_delivery.settings import Settings

_ROWS: Final = 1000
_MOST_ROWS: Final = 100_000
_TITLES: Final = (
    "Column", "Type", "Equal", "No value", "Dropped", "Empty", "Different", "Extra", "Missing",
    "Not due", "Not judged",
)  # fmt: skip
_SECONDS_ON_TERMINAL: Final = 0.2
_SECONDS_ELSEWHERE: Final = 30.0


def verify(  # noqa: PLR0913 - one parameter per option
    *,
    table: TableName = None,
    task: TaskName = None,
    rows: Annotated[
        int,
        typer.Option(
            min=1, max=_MOST_ROWS, help="How many rows to compare, spread over the primary keys."
        ),
    ] = _ROWS,
    all_rows: Annotated[bool, typer.Option("--all", help="Compare every row.")] = False,
    oss_endpoint: Annotated[
        str | None,
        typer.Option(
            help="OSS endpoint to read the files from; TABLESTORE_OSS_ENDPOINT by default, else "
            "the emulator's or the task's own.",
            show_default=False,
        ),
    ] = None,
    show_values: Annotated[
        bool, typer.Option("--show-values", help="Show values that are lost or differ.")
    ] = False,
    output: Output = OutputFormat.TEXT,
    endpoint: Endpoint = None,
    instance: Instance = None,
    stack: StackName = None,
    as_json: AsJson = False,
) -> None:
    """Compare rows of a table with what the delivered files hold.

    Takes one task, a table's, a stack's, or all of the instance. Reads the table and the files,
    and changes nothing. Needs the extra `oss`.

    Exit code 3: something is lost or different (0 with -o prometheus). 1: something could not be
    looked at.

    Example: tablestore-delivery verify orders my-task --all
    """
    lifecycle = connected(endpoint, instance, stack)
    chosen = selected(lifecycle, table, task, stack).tasks
    configured = settings(endpoint, instance, stack)
    results: list[Verification] = []
    failures: dict[str, str] = {}
    for task_id, found in lifecycle.read_all(chosen):
        try:
            if found is None:
                raise ConfigurationError(f"{task_id}: there is no such delivery task or table.")
            result = _verified(
                found, lifecycle, configured, oss_endpoint, None if all_rows else rows,
                shows_values=show_values,
            )  # fmt: skip
        except DeliveryError as error:
            failures[task_id] = str(error)
            if not as_json:
                print_error(printable(str(error)))
            continue
        results.append(result)
        if not as_json and output is OutputFormat.TEXT:
            _show(result)
    if as_json:
        documents = [result.document() for result in results]
        documents += [{"id": each, "error": error} for each, error in failures.items()]
        print_json(documents[0] if task is not None else documents)
    elif output is OutputFormat.PROMETHEUS:
        _print_metrics(results)
    elif not chosen:
        typer.echo("There are no delivery tasks.")
    _end(results, output, has_failed=bool(failures))


def _verified(
    found: Found,
    lifecycle: Lifecycle,
    configured: Settings,
    oss_endpoint: str | None,
    rows: int | None,
    *,
    shows_values: bool,
) -> Verification:
    # Not at the top: slow to import, and an extra.
    from pulumi_tablestore_delivery.inspection.verification.subject import subject_of  # noqa: PLC0415
    from pulumi_tablestore_delivery.inspection.verification.verify import (  # noqa: PLC0415
        Options,
        verify,
    )

    subject = subject_of(found, lifecycle, configured, oss_endpoint, emulator_control.oss_endpoint)
    progress = _Progress()
    try:
        return verify(subject, Options(rows, shows_values), progress)
    finally:
        progress.end()


def _print_metrics(results: list[Verification]) -> None:
    from pulumi_tablestore_delivery.inspection import metrics  # noqa: PLC0415 - an extra

    typer.echo(metrics.text_of(metrics.verification_metrics(results)), nl=False)


def _end(results: list[Verification], output: OutputFormat, *, has_failed: bool) -> None:
    """End the command with its exit code."""
    if has_failed:
        raise typer.Exit(exits.FAILED)
    if output is OutputFormat.TEXT and not all(result.is_complete for result in results):
        raise typer.Exit(exits.NO)


def _show(result: Verification) -> None:
    which = "a sample of" if result.is_sample else "all"
    until = f", delivered until {result.synced_until}" if result.synced_until else ""
    _print(f"{result.id}: {result.mode}, {result.phase}{until}")
    _print(
        f"Compared {which} {result.rows.compared} rows with {result.files.rows} rows of "
        f"{result.files.read} files."
    )
    if result.columns:
        cells = [_cells(column) for column in result.columns]
        kept = [
            place
            for place, title in enumerate(_TITLES)
            if title in {"Column", "Type", "Equal"} or any(row[place] != "0" for row in cells)
        ]
        print_table(
            [_TITLES[place] for place in kept],
            [[row[place] for place in kept] for row in cells],
            ["red" if column.wrong else "" for column in result.columns],
        )
    for note in result.notes():
        _print(f"- {note}")
    if result.examples:
        print_table(
            ("Column", "Finding", "Key", "Table", "Files"),
            [
                [each.column, each.verdict, each.key, repr(each.table), repr(each.files)]
                for each in result.examples
            ],
        )
    _print(
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
        column.name, column.type, str(column.equal), str(column.absent), dropped or "0",
        *map(str, counts),
    ]  # fmt: skip


def _print(text: str) -> None:
    typer.echo(printable(text))


class _Progress:
    """Shows progress on stderr: in place on a terminal, else a line now and then."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._interval = _SECONDS_ON_TERMINAL if self._is_terminal else _SECONDS_ELSEWHERE
        self._last = time.monotonic()

    def __call__(self, what: str, count: int) -> None:
        """Show how many are done, unless something was shown a moment ago."""
        now = time.monotonic()
        if now - self._last < self._interval:
            return
        self._last = now
        sys.stderr.write(f"\r\x1b[K{count} {what}" if self._is_terminal else f"{count} {what}\n")
        sys.stderr.flush()

    def end(self) -> None:
        """Remove what is shown on a terminal."""
        if self._is_terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
