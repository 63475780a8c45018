"""`tablestore-delivery emulator`: serve an emulated Tablestore, or look at one that runs."""

from pathlib import Path
from typing import Annotated

import typer

from pulumi_tablestore_delivery.cli import emulator_fault
from pulumi_tablestore_delivery.cli.emulator_deliveries import deliveries

app = typer.Typer(name="emulator", invoke_without_command=True)
app.command("deliveries")(deliveries)
app.add_typer(emulator_fault.app)


@app.callback()
def emulator(  # noqa: PLR0913 - one a setting
    context: typer.Context,
    *,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes a free one.")
    ] = 8087,
    oss_port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            show_default="the one after --port",
            help="The port of the emulated OSS; 0 takes a free one.",
        ),
    ] = None,
    data_dir: Annotated[
        Path, typer.Option(help="The folder of the database and of the buckets, oss/<bucket>/.")
    ] = Path(".tablestore"),
    instance: Annotated[str, typer.Option(help="The name of the instance.")] = "local",
    access_key_id: Annotated[
        str,
        typer.Option(
            envvar="TABLESTORE_EMULATOR_ACCESS_KEY_ID", help="The access key that is accepted."
        ),
    ] = "local",
    access_key_secret: Annotated[
        str,
        typer.Option(
            envvar="TABLESTORE_EMULATOR_ACCESS_KEY_SECRET",
            show_default=False,
            help="Its secret; local-secret if none is given.",
        ),
    ] = "local-secret",  # noqa: S107 - opens this emulator and nothing else
    security_token: Annotated[
        str | None,
        typer.Option(
            envvar="TABLESTORE_EMULATOR_SECURITY_TOKEN",
            show_default=False,
            help="The STS token that requests must carry; without this option any is accepted.",
        ),
    ] = None,
    create_buckets: Annotated[
        bool, typer.Option(help="Whether creating a task makes its bucket's folder.")
    ] = False,
    init_seconds: Annotated[
        float, typer.Option(min=0, help="How long a new task initialises.")
    ] = 0.0,
    flush_seconds: Annotated[float, typer.Option(min=0, help="How long a full scan takes.")] = 1.0,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="JSON",
            help="What goes wrong, such as"
            ' {"operation": "PutRow", "fault": "lost_answer", "times": 1}; repeatable.',
        ),
    ] = None,
) -> None:
    """Serve an emulated Tablestore and OSS until SIGTERM or Ctrl-C.

    Print where they answer, one line for each.
    A browser shows at the first address what is delivered.
    The commands below ask an emulator that runs.
    """
    if context.invoked_subcommand is not None:
        return
    # Not at the top: they need the extra `emulator`, which other commands do without.
    from pulumi_tablestore_delivery.emulator.faults import FaultError, parse  # noqa: PLC0415
    from pulumi_tablestore_delivery.emulator.options import Options  # noqa: PLC0415
    from pulumi_tablestore_delivery.emulator.server import run  # noqa: PLC0415

    try:
        faults = tuple(parse(script) for script in fault or ())
    except FaultError as error:
        raise typer.BadParameter(str(error), param_hint="--fault") from None
    options = Options(
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
        faults=faults,
    )
    raise typer.Exit(run(options))
