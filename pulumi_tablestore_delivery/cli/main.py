"""`tablestore-delivery`: the commands, and what is said when their extra is not installed."""

import sys
from importlib import metadata
from typing import Annotated, Any, Final

from pulumi_tablestore_delivery.cli import exits
from pulumi_tablestore_delivery.cli.output import JSON_OPTION, print_error
from pulumi_tablestore_delivery.errors import DeliveryError

# What the extras bring, by the name that is imported.
_EXTRAS: Final = {
    "aiohttp": "emulator",
    "alibabacloud_oss_v2": "oss",
    "jinja2": "emulator",
    "prometheus_client": "metrics",
    "pyarrow": "emulator",
    "rich": "cli",
    "typer": "cli",
    "yaml": "cli",
}


def run() -> None:
    """Run the command line; ends the process with its exit code.

    What the codes say is in `exits`.
    """
    try:
        if JSON_OPTION in sys.argv:
            sys.exit(_told_as_json())
        _app()()
    except DeliveryError as error:
        print_error(str(error))
        sys.exit(exits.FAILED)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRAS:
            raise
        extra = _EXTRAS[missing]
        both = "cli,emulator" if extra == "cli" else f"cli,{extra}"
        print_error(
            f"this command needs {missing}, of the extra {extra!r}: "
            f"pip install 'pulumi-tablestore-delivery[{both}]'"
        )
        sys.exit(exits.USAGE)


def _told_as_json() -> int:
    """Runs a command whose mistakes in the arguments are told as JSON too; its exit code."""
    import typer  # noqa: PLC0415 - as in `_app`

    usage_error: type[Any] = typer.BadParameter.__mro__[1]  # whose home depends on the version
    try:
        code = _app()(standalone_mode=False)
    except usage_error as error:
        print_error(error.format_message())
        return exits.USAGE
    except typer.Abort:  # Ctrl-C
        return exits.FAILED
    return code if isinstance(code, int) else 0


def _app() -> Any:
    """Put the commands together. A new one is a file beside this one, and one line here."""
    # Not at the top: without the extra there is no typer, and `run` has to say so.
    import typer  # noqa: PLC0415

    from pulumi_tablestore_delivery.cli import (  # noqa: PLC0415
        check,
        ddl,
        diff,
        emulator,
        exporter,
        infer_schema,
        list,  # noqa: A004 - a command's name
        paths,
        policy,
        scan,
        status,
        verify,
        wait,
    )
    from pulumi_tablestore_delivery.cli.doctor.command import doctor  # noqa: PLC0415

    app = typer.Typer(
        name="tablestore-delivery",
        help="Alibaba Cloud Tablestore delivery tasks, and an emulator of them.",
        no_args_is_help=True,
        pretty_exceptions_show_locals=False,  # they may be secrets
    )

    def show_version(asked: bool) -> None:  # noqa: FBT001 - typer calls it
        if asked:
            typer.echo(metadata.version("pulumi-tablestore-delivery"))
            raise typer.Exit

    def options(
        *,
        version: Annotated[
            bool,
            typer.Option(
                "--version", callback=show_version, is_eager=True, help="Print the version."
            ),
        ] = False,
    ) -> None:
        pass

    app.callback()(options)
    app.command("list")(list.list_tasks)
    app.command("status")(status.status)
    app.command("exporter")(exporter.exporter)
    app.command("wait")(wait.wait)
    app.command("verify")(verify.verify)
    app.command("diff")(diff.diff)
    app.command("check")(check.check)
    app.command("scan")(scan.scan)
    app.command("infer-schema")(infer_schema.infer_schema)
    app.command("paths")(paths.paths)
    app.command("ddl")(ddl.ddl)
    app.add_typer(policy.app)
    app.command("doctor")(doctor)
    app.add_typer(emulator.app)
    return app
