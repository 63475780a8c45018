"""`tablestore-delivery emulator`: serve an emulated Tablestore, or inspect a running one."""

from pathlib import Path
from typing import Annotated, Final

import typer

from pulumi_tablestore_delivery.cli import emulator_fault
from pulumi_tablestore_delivery.cli.emulator_deliveries import deliveries
from pulumi_tablestore_delivery.cli.help_pages import PlainCommand, plain_application

app = plain_application(
    name="emulator", invoke_without_command=True, subcommand_metavar="[COMMAND] [ARGS]..."
)
app.command("deliveries", cls=PlainCommand)(deliveries)
app.add_typer(emulator_fault.app)
_LONGEST: Final = 365 * 86400.0


def _require_seconds(seconds: float) -> float:
    if not seconds <= _LONGEST:  # or NaN
        raise typer.BadParameter(f"{seconds} is too long. Use at most {_LONGEST:.0f}, a year.")
    return seconds


@app.callback()
def emulator(
    context: typer.Context,
    *,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="The address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(
            min=0, max=65535, metavar="PORT", help="The port to listen on. 0 takes a free port."
        ),
    ] = 8087,
    oss_port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            metavar="PORT",
            show_default=False,
            help="The port of the emulated OSS. 0 takes a free port. Default: the port after "
            "--port.",
        ),
    ] = None,
    data_dir: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER",
            help="The folder of the database and the buckets. A bucket is FOLDER/oss/BUCKET/.",
        ),
    ] = Path(".tablestore"),
    instance: Annotated[
        str, typer.Option(metavar="NAME", help="The name of the instance.")
    ] = "local",
    access_key_id: Annotated[
        str,
        typer.Option(
            envvar="TABLESTORE_EMULATOR_ACCESS_KEY_ID",
            metavar="ID",
            help="The only access key that is accepted.",
        ),
    ] = "local",
    access_key_secret: Annotated[
        str,
        typer.Option(
            envvar="TABLESTORE_EMULATOR_ACCESS_KEY_SECRET",
            metavar="SECRET",
            show_default=False,
            help="The secret of the access key. Default: local-secret.",
        ),
    ] = "local-secret",  # noqa: S107 - a key for this emulator only
    security_token: Annotated[
        str | None,
        typer.Option(
            envvar="TABLESTORE_EMULATOR_SECURITY_TOKEN",
            metavar="TOKEN",
            show_default=False,
            help="The STS token that every request must have. By default, none is needed.",
        ),
    ] = None,
    create_buckets: Annotated[
        bool, typer.Option(help="Create the folder of a task's bucket with the task.")
    ] = False,
    init_seconds: Annotated[
        float,
        typer.Option(
            min=0,
            callback=_require_seconds,
            metavar="SECONDS",
            help="Time that a new task stays in phase INIT.",
        ),
    ] = 0.0,
    flush_seconds: Annotated[
        float,
        typer.Option(
            min=0,
            callback=_require_seconds,
            metavar="SECONDS",
            help="Age at which rows are written to a file.",
        ),
    ] = 1.0,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="JSON",
            help="A fault from the start, such as"
            ' {"operation": "PutRow", "fault": "lost_answer", "times": 1}. May be repeated.',
        ),
    ] = None,
) -> None:
    """Serve an emulated Tablestore and OSS, until Ctrl-C or SIGTERM.

    The command prints two URLs: of Tablestore and of OSS. Open the first in a browser to see the
    tables, the tasks and the delivered files. The commands below inspect a running emulator.
    """
    if context.invoked_subcommand is not None:
        return
    # deliveries and fault do not need the extra `emulator`, so the server is not imported for them.
    from pulumi_tablestore_delivery.cli.emulator_server import serve  # noqa: PLC0415 - see above

    code = serve(
        fault or (),
        host=host,
        port=port,
        oss_port=oss_port,
        data_dir=data_dir,
        instance=instance,
        access_key_id=access_key_id,
        access_key_secret=access_key_secret,
        security_token=security_token,
        create_buckets=create_buckets,
        init_seconds=init_seconds,
        flush_seconds=flush_seconds,
    )
    raise typer.Exit(code)
