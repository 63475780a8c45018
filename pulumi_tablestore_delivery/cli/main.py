"""`tablestore-delivery`: the commands, and what is said when their extra is not installed."""

import sys
from typing import Any, Final

# What the extras bring, by the name that is imported.
_EXTRAS: Final = {
    "aiohttp": "emulator",
    "pyarrow": "emulator",
    "tablestore": "emulator",
    "rich": "cli",
    "typer": "cli",
}


def run() -> None:
    """Run the command line; ends the process with its exit code.

    2 stands for a mistake in the arguments, and for an extra that is not installed.
    """
    try:
        _app()()
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRAS:
            raise
        sys.stderr.write(
            f"tablestore-delivery needs {missing}, of the extra {_EXTRAS[missing]!r}: "
            "pip install 'pulumi-tablestore-delivery[cli,emulator]'\n"
        )
        sys.exit(2)


def _app() -> Any:
    """Put the commands together. A new one is a file beside this one, and one line here."""
    # Not at the top: without the extra there is no typer, and `run` has to say so.
    import typer  # noqa: PLC0415

    from pulumi_tablestore_delivery.cli import emulator, tasks  # noqa: PLC0415

    app = typer.Typer(
        name="tablestore-delivery",
        help="Alibaba Cloud Tablestore delivery tasks, and an emulator of them.",
        no_args_is_help=True,
        pretty_exceptions_show_locals=False,  # they may be secrets
    )
    app.callback()(lambda: None)  # keeps a command's name even where it is the only one
    app.command("emulator")(emulator.emulator)
    app.command("list")(tasks.list_tasks)
    app.command("status")(tasks.status)
    return app
