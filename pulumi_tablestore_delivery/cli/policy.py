"""`tablestore-delivery policy`: print least-privilege RAM policies."""

from __future__ import annotations

from typing import Annotated

import typer

from pulumi_tablestore_delivery import permissions
from pulumi_tablestore_delivery.cli.arguments import checked_arguments
from pulumi_tablestore_delivery.cli.data import Form, print_data
from pulumi_tablestore_delivery.cli.forms import AsJson, OutputForm, chosen_form
from pulumi_tablestore_delivery.cli.help_pages import PlainCommand, plain_application
from pulumi_tablestore_delivery.cli.terminal import print_note, print_text

app = plain_application(
    name="policy",
    help="Print least-privilege RAM policies, with the source of each statement.",
    no_args_is_help=True,
)


@app.command(cls=PlainCommand)
def deployer(
    *,
    instance: Annotated[
        str,
        typer.Option(
            envvar="TABLESTORE_INSTANCE",
            metavar="NAME",
            help="The instance.",
            show_default=False,
        ),
    ],
    table: Annotated[
        list[str] | None,
        typer.Option(metavar="TABLE", help="A table. May be repeated. Default: all tables."),
    ] = None,
    region: Annotated[
        str,
        typer.Option(envvar="TABLESTORE_REGION", metavar="REGION", help="The instance's region."),
    ] = "*",
    account: Annotated[
        str, typer.Option(metavar="ID", help="The account that owns the instance.")
    ] = "*",
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Allow only reads: preview, refresh, status, wait.")
    ] = False,
    list_tables: Annotated[
        bool,
        typer.Option("--list-tables", help="Also allow to list tables, as list and scan do."),
    ] = False,
    sample_rows: Annotated[
        bool,
        typer.Option(
            "--sample-rows", help="Also allow to read rows, as previews and infer-schema do."
        ),
    ] = False,
    create_role: Annotated[
        bool, typer.Option("--create-role", help="Also allow to create the service-linked role.")
    ] = False,
    form: OutputForm = Form.TABLE,
    as_json: AsJson = False,
) -> None:
    """Print the policy of the user that runs `pulumi up`. It allows only this package's calls.

    Example: tablestore-delivery policy deployer --instance shop --table orders --read-only
    """
    options = permissions.DeployerOptions(
        tuple(table or ()), region, account, read_only, list_tables, sample_rows, create_role
    )
    with checked_arguments():
        policy = permissions.deployer_policy(instance, options)
    _print(policy, chosen_form(form, as_json=as_json))


@app.command(cls=PlainCommand)
def role(
    *,
    bucket: Annotated[
        str, typer.Argument(metavar="BUCKET", help="The bucket.", show_default=False)
    ],
    prefix: Annotated[
        list[str],
        typer.Argument(
            metavar="PREFIX",
            help="A task's prefix or dirty prefix. Quote it with ' because of its $variables.",
            show_default=False,
        ),
    ],
    form: OutputForm = Form.TABLE,
    as_json: AsJson = False,
) -> None:
    """Print the policy of the role that writes the files, limited to their folders.

    Example: tablestore-delivery policy role my-lake 'orders/year=$yyyy/'
    """
    with checked_arguments():
        policy = permissions.role_policy(bucket, prefix)
    _print(policy, chosen_form(form, as_json=as_json))


@app.command(cls=PlainCommand)
def trust(*, form: OutputForm = Form.TABLE, as_json: AsJson = False) -> None:
    """Print the trust policy of the role, which allows delivery to assume it."""
    _print(permissions.role_trust_policy(), chosen_form(form, as_json=as_json))


def _print(policy: permissions.Policy, form: Form) -> None:
    """Print the policy on stdout and its sources on stderr. JSON and YAML have both on stdout."""
    if form is not Form.TABLE:
        print_data(
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
            },
            form,
        )
        return
    print_text(policy.json())
    for each in policy.statements:
        print_note(f"{each.source.value}: {', '.join(each.actions)}")
        print_note(f"    {each.why}")
    for note in policy.notes:
        print_note(f"note: {note}")
