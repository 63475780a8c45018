"""`tablestore-delivery exporter`: serve the state of tasks to Prometheus."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from typing import Annotated, Final

import typer

from pulumi_tablestore_delivery.cli.connection import (
    Connection,
    Endpoint,
    Instance,
    Profile,
    Region,
    StackName,
)
from pulumi_tablestore_delivery.cli.durations import parse_duration
from pulumi_tablestore_delivery.cli.terminal import print_line, print_note
from pulumi_tablestore_delivery.inspection.task_states import TaskChoice

_LISTEN: Final = "127.0.0.1:9877"
_INTERVAL: Final = 30.0
_SHORTEST_INTERVAL: Final = 1.0
_LAST_PORT: Final = 65535


def exporter(
    *,
    listen: Annotated[
        str,
        typer.Option(metavar="HOST:PORT", help="The address to listen on; port 0 is a free one."),
    ] = _LISTEN,
    interval: Annotated[
        float,
        typer.Option(
            parser=parse_duration,
            metavar="DURATION",
            help="Time between two requests for the states of the tasks.",
            show_default=f"{_INTERVAL:.0f}s",
        ),
    ] = _INTERVAL,
    endpoint: Endpoint = None,
    instance: Instance = None,
    region: Region = None,
    profile: Profile = None,
    stack: StackName = None,
) -> None:
    """Serve the state of delivery tasks to Prometheus, until Ctrl-C or SIGTERM.

    Takes the tasks of a stack, or all of the instance. Needs the extra `metrics`.

    Example: tablestore-delivery exporter --stack prod
    """
    from pulumi_tablestore_delivery.inspection.exporter import Exporter  # noqa: PLC0415 - an extra

    host, port = _address(listen)
    if interval < _SHORTEST_INTERVAL:
        raise typer.BadParameter(
            f"must be at least {_SHORTEST_INTERVAL:.0f} s.", param_hint="--interval"
        )
    lifecycle = Connection(endpoint, instance, region, profile, stack).lifecycle()
    lifecycle.client()  # a missing endpoint or key is an error now, not at the first look
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both end it by KeyboardInterrupt
    choice = TaskChoice(stack=stack)
    with (
        Exporter(
            lambda: choice.select(lifecycle).states(lifecycle), host, port, _report
        ) as running,
        suppress(KeyboardInterrupt),
    ):
        running.refresh()
        address = f"[{host}]" if ":" in host else host
        print_line(f"Metrics ready at http://{address}:{running.port}/metrics")
        sys.stdout.flush()
        running.run(interval)


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or not port.isascii() or int(port) > _LAST_PORT:
        raise typer.BadParameter(
            f"{listen!r} is not an address. Expected HOST:PORT, such as {_LISTEN}.",
            param_hint="--listen",
        )
    return host.removeprefix("[").removesuffix("]"), int(port)


def _report(failure: str) -> None:
    print_note(f"Cannot look at the tasks: {failure}" if failure else "Looks succeed again.")
    sys.stderr.flush()
