"""`tablestore-delivery policy`: RAM policies with the least that delivery needs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from pulumi_tablestore_delivery.cli.arguments import judged
from pulumi_tablestore_delivery.cli.connection import AsJson
from pulumi_tablestore_delivery.cli.output import print_json

if TYPE_CHECKING:
    from pulumi_tablestore_delivery.permissions import Policy

app = typer.Typer(
    name="policy",
    help="Print RAM policies with the least that delivery needs, and where each statement is from.",
    no_args_is_help=True,
)


@app.command()
def deployer(  # noqa: PLR0913 - one a setting
    *,
    instance: Annotated[
        str,
        typer.Option(envvar="TABLESTORE_INSTANCE", help="The instance.", show_default=False),
    ],
    table: Annotated[
        list[str] | None,
        typer.Option(help="A table; may be given again. All tables by default."),
    ] = None,
    region: Annotated[
        str, typer.Option(envvar="TABLESTORE_REGION", help="The instance's region.")
    ] = "*",
    account: Annotated[str, typer.Option(help="The account that owns the instance.")] = "*",
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Only look: preview, refresh, status, wait.")
    ] = False,
    list_tables: Annotated[
        bool,
        typer.Option("--list-tables", help="Also list tables: list and scan of all tables."),
    ] = False,
    sample_rows: Annotated[
        bool, typer.Option("--sample-rows", help="Also read rows: previews, infer-schema.")
    ] = False,
    create_role: Annotated[
        bool, typer.Option("--create-role", help="Also create the service-linked role.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """For the user that runs `pulumi up`: just the calls that this package makes.

    Example: tablestore-delivery policy deployer --instance shop --table orders --read-only
    """
    from pulumi_tablestore_delivery import permissions  # noqa: PLC0415 - slow to import

    options = permissions.DeployerOptions(
        tuple(table or ()), region, account, read_only, list_tables, sample_rows, create_role
    )
    with judged():
        policy = permissions.deployer_policy(instance, options)
    _print(policy, as_json=as_json)


@app.command()
def role(
    *,
    bucket: Annotated[str, typer.Argument(help="The bucket.", show_default=False)],
    prefix: Annotated[
        list[str],
        typer.Argument(
            help="Prefixes, and dirty prefixes, in single quotes because of their $variables.",
            show_default=False,
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """For the role that writes the files, limited to where they go.

    Example: tablestore-delivery policy role my-lake 'orders/year=$yyyy/'
    """
    from pulumi_tablestore_delivery import permissions  # noqa: PLC0415 - slow to import

    with judged():
        policy = permissions.role_policy(bucket, prefix)
    _print(policy, as_json=as_json)


@app.command()
def trust(*, as_json: AsJson = False) -> None:
    """For the role, too: who may take it on."""
    from pulumi_tablestore_delivery import permissions  # noqa: PLC0415 - slow to import

    _print(permissions.role_trust_policy(), as_json=as_json)


def _print(policy: Policy, *, as_json: bool) -> None:
    """The document on stdout, for RAM; where it comes from on stderr, or both as JSON."""
    if as_json:
        print_json(
            {
                "policy": policy.document(),
                "sources": [
                    {
                        "actions": list(each.actions),
                        "source": each.source.value,
                        "why": each.why,
                    }
                    for each in policy.statements
                ],
                "notes": list(policy.notes),
            }
        )
        return
    typer.echo(policy.json())
    sys.stdout.flush()
    for each in policy.statements:
        sys.stderr.write(f"{each.source.value}: {', '.join(each.actions)}\n    {each.why}\n")
    for note in policy.notes:
        sys.stderr.write(f"note: {note}\n")
