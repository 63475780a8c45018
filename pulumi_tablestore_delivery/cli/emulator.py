"""`tablestore-delivery emulator`: serve an emulated Tablestore, or inspect one that runs."""

from pathlib import Path
from typing import Annotated

import typer

from pulumi_tablestore_delivery.cli import emulator_fault
from pulumi_tablestore_delivery.cli.emulator_deliveries import deliveries

app = typer.Typer(name="emulator", invoke_without_command=True)
app.command("deliveries")(deliveries)
app.add_typer(emulator_fault.app)


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
            min=0, max=65535, metavar="PORT", help="The port to listen on; 0 takes a free one."
        ),
    ] = 8087,
    oss_port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            metavar="PORT",
            show_default="the one after --port",
            help="The port of the emulated OSS; 0 takes a free one.",
        ),
    ] = None,
    data_dir: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER", help="The folder of the database and of the buckets, oss/BUCKET/."
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
            help="The access key that is accepted.",
        ),
    ] = "local",
    access_key_secret: Annotated[
        str,
        typer.Option(
            envvar="TABLESTORE_EMULATOR_ACCESS_KEY_SECRET",
            metavar="SECRET",
            show_default=False,
            help="Its secret; local-secret by default.",
        ),
    ] = "local-secret",  # noqa: S107 - opens this emulator and nothing else
    security_token: Annotated[
        str | None,
        typer.Option(
            envvar="TABLESTORE_EMULATOR_SECURITY_TOKEN",
            metavar="TOKEN",
            show_default=False,
            help="The STS token that requests must carry; any by default.",
        ),
    ] = None,
    create_buckets: Annotated[
        bool, typer.Option(help="Whether creating a task makes its bucket's folder.")
    ] = False,
    init_seconds: Annotated[
        float,
        typer.Option(min=0, metavar="SECONDS", help="How long a new task initializes."),
    ] = 0.0,
    flush_seconds: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long a full scan takes.")
    ] = 1.0,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="JSON",
            help="A fault, such as"
            ' {"operation": "PutRow", "fault": "lost_answer", "times": 1}; may be repeated.',
        ),
    ] = None,
) -> None:
    """Serve an emulated Tablestore and OSS until SIGTERM or Ctrl-C.

    The command prints the URL of each on a line of its own.
    A browser shows the deliveries at the first URL.
    The commands below talk to an emulator that runs.
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
