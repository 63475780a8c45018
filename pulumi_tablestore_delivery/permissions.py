"""RAM policies with the least privileges that delivery needs, each statement with its source.

Tablestore's and OSS's pages on RAM policies document the form of actions and resources. If the
documentation does not say whether delivery needs a statement, the statement is *assumed*.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pulumi_tablestore_delivery.errors import InvalidInputError, Violation
from pulumi_tablestore_delivery.spec.prefixes import PREFIX_VARIABLES
from pulumi_tablestore_delivery.spec.rule import Source
from pulumi_tablestore_delivery.spec.rules import judge_prefix

SERVICE: Final = "datadelivery.ots.aliyuncs.com"
"""The name of data delivery in RAM: documented in the policy of its service-linked role."""

_ANY: Final = "*"
_DESCRIBE: Final = ("ots:DescribeDeliveryTask", "ots:ListDeliveryTask", "ots:DescribeTable")
_CHANGE: Final = ("ots:CreateDeliveryTask", "ots:DeleteDeliveryTask")
_DELIVER: Final = (
    "oss:PutObject",
    "oss:AbortMultipartUpload",
    "oss:PutObjectTagging",
    "oss:GetObject",
    "oss:DeleteObjectTagging",
)


@dataclass(frozen=True)
class Statement:
    """A statement that allows something.

    Attributes:
        actions: The allowed actions.
        resources: The resources of the actions; empty in a trust policy.
        source: The source of the statement.
        why: Its purpose, and what the source says about it.
        extra: Further elements, such as a condition.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    source: Source
    why: str
    extra: Mapping[str, Any] = field(default_factory=dict)

    def element(self) -> dict[str, Any]:
        """Return the statement in the form that RAM accepts."""
        resources = {"Resource": list(self.resources)} if self.resources else {}
        return {"Effect": "Allow", "Action": list(self.actions), **resources, **self.extra}


@dataclass(frozen=True)
class Policy:
    """A policy.

    Attributes:
        statements: Its statements.
        notes: Open questions about the service, and what to do if the assumption is wrong.
    """

    statements: tuple[Statement, ...]
    notes: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the policy in the form that RAM accepts."""
        return {"Version": "1", "Statement": [each.element() for each in self.statements]}

    def json(self) -> str:
        """Return the document as JSON."""
        return json.dumps(self.document(), indent=2, ensure_ascii=False)


@dataclass(frozen=True)
class DeployerOptions:
    """The rights of the deploying user.

    Attributes:
        table_names: The tables whose tasks the user manages, with `*` for any part of a name; all
            tables of the instance if empty.
        region: The instance's region; `*` for any.
        account_id: The account that owns the instance; `*` for any.
        read_only: Allow only reading: enough for refresh, preview, `status`, `wait` and `diff`.
        list_tables: Also allow listing the tables, for commands that do not name a table.
        sample_rows: Also allow reading rows, for `infer-schema` and previews.
        create_role: Also allow creating the service-linked role.
    """

    table_names: Sequence[str] = ()
    region: str = _ANY
    account_id: str = _ANY
    read_only: bool = False
    list_tables: bool = False
    sample_rows: bool = False
    create_role: bool = False


def deployer_policy(instance_name: str, options: DeployerOptions) -> Policy:
    """Return the policy of the user that runs `pulumi up`.

    Raises:
        InvalidInputError: A name is empty.
    """
    _refuse(
        {
            "instance_name": instance_name,
            "region": options.region,
            "account_id": options.account_id,
            **{f"table_names[{index}]": name for index, name in enumerate(options.table_names)},
        }
    )
    owner = f"{options.region}:{options.account_id}"
    instance = f"acs:ots:{owner}:instance/{instance_name.lower()}"
    tables = tuple(f"{instance}/table/{name}" for name in options.table_names or (_ANY,))
    read = Statement(
        _DESCRIBE,
        tables,
        Source.ASSUMED,
        "Preview, refresh and waiting. Documented: an action is the name of a call, a table is a "
        "resource. Assumed: calls about delivery are judged by their table.",
    )
    change = Statement(
        _CHANGE,
        tables,
        Source.ASSUMED,
        "Creating and deleting tasks; a change does both. Assumed as above.",
    )
    list_tables = Statement(
        ("ots:ListTable",),
        (instance,),
        Source.ASSUMED,
        "Listing the tables, to find the tasks of all of them. Documented: an instance is a "
        "resource. Assumed: this call is judged by it.",
    )
    sample_rows = Statement(
        ("ots:GetRange",),
        tables,
        Source.DOCUMENTED,
        "Reading rows: optional, for previews that compare rows with the schema, and for "
        "infer-schema. Documented: calls about rows are judged by their table.",
    )
    create_role = Statement(
        ("ram:CreateServiceLinkedRole",),
        (_ANY,),
        Source.DOCUMENTED,
        "Creating the service-linked role, once for an account, and no other role.",
        {"Condition": {"StringEquals": {"ram:ServiceName": SERVICE}}},
    )
    wanted = (
        (read, True),
        (change, not options.read_only),
        (list_tables, options.list_tables),
        (sample_rows, options.sample_rows),
        (create_role, options.create_role),
    )
    without_rows = (
        "ots:GetRange is optional: with it (--sample-rows), a preview compares rows with the "
        "schema. Without it, a preview warns once that it did not. Set tablestore:sampleRows=0 to "
        "skip the comparison."
    )
    return Policy(
        tuple(statement for statement, is_wanted in wanted if is_wanted),
        (
            *(() if options.sample_rows else (without_rows,)),
            (
                "If the service still refuses a call with OTSNoPermissionAccess, it judges the "
                f"call by the instance: add {instance} to the resources."
            ),
            (
                "The documentation of delivery does not mention ram:PassRole, so the policy does "
                "not have it (assumed). Some other services need it to use a role."
            ),
        ),
    )


def role_policy(bucket: str, prefixes: Sequence[str]) -> Policy:
    """Return the policy of a role that writes the files, limited to their folders.

    The service-linked role has its own policy, for all buckets, which cannot be changed.

    Args:
        bucket: The OSS bucket.
        prefixes: The prefixes and dirty prefixes of the role's tasks.

    Raises:
        InvalidInputError: The bucket is empty, or a prefix breaks a rule or has a wildcard.
    """
    given = {f"oss_prefixes[{index}]": prefix for index, prefix in enumerate(prefixes)}
    _refuse({"oss_bucket": bucket, **({} if given else {"oss_prefixes": ""})})
    for path, prefix in given.items():
        if errors := judge_prefix(prefix).errors:
            raise InvalidInputError([replace(error, path=path) for error in errors])
        if set(prefix) & {"*", "?"}:
            problem = f"{prefix!r} has a wildcard of RAM, which would allow other keys too."
            raise InvalidInputError([Violation(path, problem, remedy="Deliver to another folder.")])
    return Policy(
        (
            Statement(
                _DELIVER,
                tuple(f"acs:oss:*:*:{bucket}/{_pattern(prefix)}/*" for prefix in prefixes),
                Source.DOCUMENTED,
                "Writing files: the actions of the service-linked role's own policy, limited to "
                "the keys that delivery writes.",
            ),
        ),
        (
            (
                "We assume that the service delivers with a role other than the service-linked "
                "one. If a task reports UNAUTHORIZED with such a role, use "
                "acs:ram::<account id>:role/aliyunserviceroleforotsdatadelivery."
            ),
        ),
    )


def role_trust_policy() -> Policy:
    """Return the trust policy: data delivery may assume the role."""
    return Policy(
        (
            Statement(
                ("sts:AssumeRole",),
                (),
                Source.ASSUMED,
                "Assuming the role. Documented: the name of the service in RAM. Assumed: a role "
                "trusts the service by that name.",
                {"Principal": {"Service": [SERVICE]}},
            ),
        ),
    )


def _pattern(prefix: str) -> str:
    for variable in PREFIX_VARIABLES:
        prefix = prefix.replace(variable, _ANY)
    return prefix.rstrip("/")


def _refuse(names: Mapping[str, str]) -> None:
    """Refuse empty names, because the resource in the policy would be of another kind."""
    violations = [Violation(path, "is empty.") for path, name in names.items() if not name]
    if violations:
        raise InvalidInputError(violations)
