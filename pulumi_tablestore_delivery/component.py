"""`OssDelivery`: several tables of an instance delivered to one bucket, in a few lines."""

from collections.abc import Awaitable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, Protocol, cast

import pulumi
from pulumi import Input, Output, ResourceOptions
from typing_extensions import Required, Unpack

from pulumi_tablestore_delivery.dynamic.resource import DeliveryTask
from pulumi_tablestore_delivery.frontend.given import unknown_inputs
from pulumi_tablestore_delivery.frontend.inputs import OptionalInputs, ParquetSchema

_TYPE: Final = "tablestore:index:OssDelivery"
_ROLE: Final = "aliyunserviceroleforotsdatadelivery"
# Documented in the role's policy. Alibaba Cloud's own Terraform module uses the same name.
_SERVICE: Final = "datadelivery.ots.aliyuncs.com"


class BucketResource(Protocol):
    """A resource that is a bucket, such as pulumi-alicloud's `oss.Bucket`."""

    @property
    def bucket(self) -> Output[str]:
        """The bucket's name."""


OssBucket = Input[str] | BucketResource


class OssDeliveryTaskInputs(OptionalInputs, total=False):
    """A task of an `OssDelivery`: the inputs of a `DeliveryTask`, most of them with a default.

    An input that is left out (or None) comes from the `OssDelivery`.
    """

    parquet_schema: ParquetSchema | None
    """The files' columns, in order; here or in the `OssDelivery`."""
    table_name: Input[str] | None
    """The table whose rows are delivered; the task's key by default."""
    oss_bucket: OssBucket | None
    """The task's own bucket."""
    oss_prefix: Input[str] | None
    """Folder in the bucket; `<prefix><table>/year=$yyyy/month=$MM/day=$dd/` by default."""
    role_arn: Input[str] | None
    """The task's own role."""
    opts: ResourceOptions | None
    """Pulumi's options of this task, such as `protect` or `aliases`."""


class OssDeliveryInputs(OptionalInputs, total=False):
    """The inputs of an `OssDelivery`; docs/components.md lists all of them.

    In addition, an optional input of a `DeliveryTask` is the default for all tasks.
    """

    tasks: Required[Mapping[str, OssDeliveryTaskInputs]]
    """The tasks by key. The key is part of the resource's name, and by default the table's name."""
    oss_bucket: OssBucket | None
    """Name of the bucket, or a bucket resource; by default, a bucket is created."""
    prefix: Input[str] | None
    """Folder in the bucket for the folders of the tables; the whole bucket by default."""
    role_arn: Input[str] | None
    """ARN of the role that writes to the bucket."""
    account_id: Input[str] | None
    """Account whose service-linked role writes to the bucket; an alternative to `role_arn`."""
    create_role: bool | None
    """Whether to create the account's service-linked role; False by default."""
    parquet_schema: ParquetSchema | None
    """The files' columns of all tasks that do not have their own."""


_DIFFERING: Final = {"table_name": "", "oss_prefix": ", or prefix here for a folder of them all"}
_OWN: Final = {"tasks", "oss_bucket", "prefix", "role_arn", "account_id", "create_role"}


class OssDelivery(pulumi.ComponentResource):
    """Delivery tasks for several tables of an instance, to one bucket.

    Each task is a `DeliveryTask` called `<resource_name>-<key>`. A bucket that is created is
    called `<resource_name>-bucket`, a role `<resource_name>-role`. Both need the extra
    `alicloud`. The role belongs to the account, so it is kept if it is removed from the stack.

    Args:
        resource_name: The component's name in the program.
        opts: Pulumi's options; `depends_on` applies to all resources of the component.
        **inputs: The inputs, see `OssDeliveryInputs`.

    Raises:
        pulumi.RunError: Inputs are wrong or the extra is missing. The message lists all problems.
            No resource is registered.
    """

    tasks: dict[str, DeliveryTask]
    """The tasks, by key."""
    oss_bucket: Output[str]
    """Name of the bucket."""
    role_arn: Output[str]
    """ARN of the role."""
    locations: Output[dict[str, str]]
    """`oss://<bucket>/<prefix>` of each task, by key."""

    def __init__(
        self,
        resource_name: str,
        *,
        opts: ResourceOptions | None = None,
        **inputs: Unpack[OssDeliveryInputs],
    ) -> None:
        given = _given(inputs)
        problems = list(_problems(given))
        if problems:
            raise pulumi.RunError("\n  ".join([f"OssDelivery {resource_name!r}:", *problems]))

        super().__init__(_TYPE, resource_name, None, opts)
        child = ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None)
        self.oss_bucket = _bucket(resource_name, given, child)
        self.role_arn = _role(resource_name, given, child)
        defaults = {name: value for name, value in given.items() if name not in _OWN}
        self.tasks = {}
        for key, task in given["tasks"].items():
            declared: Any = {
                "oss_bucket": self.oss_bucket,
                "role_arn": self.role_arn,
                **defaults,
                **_with_names(key, task, given.get("prefix", "")),
            }
            declared["oss_bucket"] = _bucket_name(declared["oss_bucket"])
            own = declared.pop("opts", None)
            self.tasks[key] = DeliveryTask(
                f"{resource_name}-{key}", declared, ResourceOptions.merge(own, child)
            )
        locations = {key: task.location for key, task in self.tasks.items()}
        # Without tasks, `Output.all` returns a list.
        self.locations = Output.all(**locations).apply(dict)
        self.register_outputs(
            {
                "oss_bucket": self.oss_bucket,
                "role_arn": self.role_arn,
                "locations": self.locations,
            }
        )


def _given(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in inputs.items() if value is not None}


def _with_names(key: str, task: Mapping[str, Any], prefix: Input[str]) -> dict[str, Any]:
    """Return a task's inputs with the names of the table and of the folder filled in."""
    own = _given(task)
    table = own.setdefault("table_name", key)
    if isinstance(prefix, str) and isinstance(table, str):
        own.setdefault("oss_prefix", _day_partitions(prefix, table))
    else:
        later = Output.all(prefix, table).apply(lambda known: _day_partitions(*known))
        own.setdefault("oss_prefix", later)
    return own


def _day_partitions(prefix: str, table: str) -> str:
    """Return the recommended folder of a table, with a folder for each day in it."""
    root = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
    return f"{root}{table}/year=$yyyy/month=$MM/day=$dd/"


def _bucket(resource_name: str, given: Mapping[str, Any], opts: ResourceOptions) -> Output[str]:
    if "oss_bucket" in given:
        return Output.from_input(_bucket_name(given["oss_bucket"]))
    name: Output[str] = _alicloud().oss.Bucket(f"{resource_name}-bucket", opts=opts).bucket
    return name


def _bucket_name(bucket: OssBucket) -> Input[str]:
    if isinstance(bucket, pulumi.Resource):
        return cast("BucketResource", bucket).bucket
    return cast("Input[str]", bucket)


def _role(resource_name: str, given: Mapping[str, Any], opts: ResourceOptions) -> Output[str]:
    if "role_arn" in given:
        return Output.from_input(given["role_arn"])
    if "account_id" in given:
        return Output.format("acs:ram::{0}:role/{1}", given["account_id"], _ROLE)
    arn: Output[str] = (
        _alicloud()
        .resourcemanager.ServiceLinkedRole(
            f"{resource_name}-role",
            service_name=_SERVICE,
            opts=ResourceOptions.merge(opts, ResourceOptions(retain_on_delete=True)),
        )
        .arn
    )
    return arn


def _alicloud() -> Any:
    """Import pulumi-alicloud. It needs an extra, and is imported only if it is used."""
    return import_module("pulumi_alicloud")


def _problems(given: Mapping[str, Any]) -> Iterator[str]:
    """Yield all problems of a component's inputs."""
    for name, instead in _DIFFERING.items():
        if name in given:
            yield f"has {name}, which differs for each task; give it there{instead}"
    yield from unknown_inputs(given, (*OssDeliveryInputs.__annotations__, *_DIFFERING))
    yield from _bucket_problems("oss_bucket", given)
    prefix = given.get("prefix", "")
    if not isinstance(prefix, (str, Output, Awaitable)):
        yield f"prefix is {_kind(prefix)}; give a folder like raw/"
    yield from _role_problems(given)
    if "oss_bucket" not in given:
        yield from _extra_problems("without oss_bucket a bucket is created")
    if given.get("create_role") is True:
        yield from _extra_problems("create_role creates a role")
    tasks = given.get("tasks")
    if isinstance(tasks, Mapping):
        for key, task in tasks.items():
            if not isinstance(key, str):
                yield f"tasks[{key!r}] has a key {_kind(key)}; write it as a string"
            yield from _task_problems(f"tasks[{key!r}]", task, given)
        yield from _shared_prefixes(tasks)
    else:
        yield f"tasks is {_kind(tasks)}; give a dict of dicts, by key"


def _role_problems(given: Mapping[str, Any]) -> Iterator[str]:
    create = given.get("create_role", False)
    if not isinstance(create, bool):
        yield f"create_role is {_kind(create)}; give True or False"
    ways = [name for name in ("role_arn", "account_id") if name in given]
    ways += ["create_role"] if create is True else []
    if not ways:
        yield "does not have a role; give role_arn, account_id or create_role=True"
    elif len(ways) > 1:
        yield f"has {' and '.join(ways)}; give only one of them"


def _bucket_problems(path: str, given: Mapping[str, Any]) -> Iterator[str]:
    bucket = given.get("oss_bucket")
    if isinstance(bucket, pulumi.Resource) and not hasattr(bucket, "bucket"):
        yield f"{path} is {_kind(bucket)}, which is not a bucket; give a bucket or its name"


def _extra_problems(reason: str) -> Iterator[str]:
    if find_spec("pulumi_alicloud") is None:
        extra = "pip install 'pulumi-tablestore-delivery[alicloud]'"
        yield f"{reason}, and pulumi-alicloud is not installed: {extra}"


def _task_problems(path: str, task: object, given: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(task, Mapping):
        yield f"{path} is {_kind(task)}; give a dict of inputs"
        return
    for problem in unknown_inputs(task, OssDeliveryTaskInputs.__annotations__):
        yield f"{path} {problem}"
    yield from _bucket_problems(f"{path}.oss_bucket", task)
    opts = task.get("opts")
    if opts is not None and not isinstance(opts, ResourceOptions):
        yield f"{path}.opts is {_kind(opts)}; give a pulumi.ResourceOptions"
    if task.get("parquet_schema") is None and "parquet_schema" not in given:
        yield f"{path} does not have a parquet_schema; give the columns of its files"


def _shared_prefixes(tasks: Mapping[str, Any]) -> Iterator[str]:
    """Yield tasks that would get the same default prefix, because their table is the same."""
    tables: dict[str, str] = {}
    for key, task in tasks.items():
        if isinstance(task, Mapping) and task.get("oss_prefix") is None:
            table = _given(task).get("table_name", key)
            if isinstance(table, str) and tables.setdefault(table, key) != key:
                yield (
                    f"tasks[{tables[table]!r}] and tasks[{key!r}] both deliver {table!r} under "
                    f"the same default prefix; give one of them an oss_prefix"
                )


def _kind(value: object) -> str:
    return "missing" if value is None else f"of type {type(value).__name__}"
