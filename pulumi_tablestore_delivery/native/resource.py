"""What a Python program writes to have a task from the native provider."""

from collections.abc import Sequence
from typing import Any, Optional, Union, overload

import pulumi
from pulumi import Input, Output
from typing_extensions import Unpack

from pulumi_tablestore_delivery.frontend.declaration import declaration
from pulumi_tablestore_delivery.frontend.given import (
    DeliveryTaskArgs,
    given_inputs,
    with_secret_location,
)
from pulumi_tablestore_delivery.frontend.inputs import (
    OUTPUTS,
    DeliveryTaskDict,
)
from pulumi_tablestore_delivery.frontend.options import with_default_order
from pulumi_tablestore_delivery.frontend.plain import plain_form
from pulumi_tablestore_delivery.frontend.wait_list import wait_for_id_only
from pulumi_tablestore_delivery.native.names import (
    DECLARATION,
    EXTERNAL,
    PACKAGE,
    RESOURCE,
    camel,
    snake,
)
from pulumi_tablestore_delivery.native.outputs import DeliveryTaskOutputs

# Optional[…] and Union[…] rather than `|` throughout: Pulumi reads these types at run time.
# ruff: noqa: UP007, UP045


class Provider(pulumi.ProviderResource):
    """Where tasks are and the keys for it, for the resources that name this provider.

    What is not given comes from the environment, and never from the stack's configuration.

    Args:
        resource_name: The resource's name in the program.
        endpoint: URL of the instance; that of the region by default.
        instance: The instance of tasks that name none.
        region: The region of the instance, such as cn-hangzhou.
        access_key_id: Access key id.
        access_key_secret: Access key secret; kept as a secret, however it is given.
        security_token: Security token of temporary keys; kept as a secret too.
        signature_version: v2 (the default) or v4.
        allowed_buckets: Patterns of the buckets that may be written to, such as `lake-dev*`.
        opts: Pulumi's options.
    """

    def __init__(  # noqa: PLR0913 - an account has that many parts
        self,
        resource_name: str,
        *,
        endpoint: Optional[Input[str]] = None,
        instance: Optional[Input[str]] = None,
        region: Optional[Input[str]] = None,
        access_key_id: Optional[Input[str]] = None,
        access_key_secret: Optional[Input[str]] = None,
        security_token: Optional[Input[str]] = None,
        signature_version: Optional[Input[str]] = None,
        allowed_buckets: Optional[Sequence[Input[str]]] = None,
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None:
        super().__init__(
            PACKAGE,
            resource_name,
            {
                "endpoint": endpoint,
                "instance": instance,
                "region": region,
                "accessKeyId": access_key_id,
                "accessKeySecret": _secret(access_key_secret),
                "securityToken": _secret(security_token),
                "signatureVersion": signature_version,
                "allowedBuckets": None
                if allowed_buckets is None
                else Output.all(*allowed_buckets).apply(",".join),
            },
            opts,
        )


class DeliveryTask(DeliveryTaskOutputs, pulumi.CustomResource):
    __doc__ = DeliveryTaskOutputs.__doc__

    @overload
    def __init__(
        self,
        resource_name: str,
        args: Union[DeliveryTaskArgs, DeliveryTaskDict],
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> None: ...

    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions,
        /,
        **inputs: Unpack[DeliveryTaskDict],
    ) -> None: ...

    @overload
    def __init__(
        self,
        resource_name: str,
        *,
        opts: Optional[pulumi.ResourceOptions] = None,
        **inputs: Unpack[DeliveryTaskDict],
    ) -> None: ...

    def __init__(
        self,
        resource_name: str,
        args: Union[DeliveryTaskArgs, DeliveryTaskDict, pulumi.ResourceOptions, None] = None,
        opts: Optional[pulumi.ResourceOptions] = None,
        **inputs: Any,
    ) -> None:
        given, opts = with_secret_location(*given_inputs(args, opts, inputs))
        properties = {
            **plain_form(given),  # Pulumi sends the fields of args classes by Python's names
            **dict.fromkeys(OUTPUTS),
            DECLARATION: declaration(resource_name, given, opts),
            EXTERNAL: True if opts and opts.id is not None else None,
        }
        super().__init__(RESOURCE, resource_name, properties, with_default_order(given, opts))
        wait_for_id_only(self)

    @staticmethod
    def get(
        resource_name: str,
        id: Input[str],  # noqa: A002 - Pulumi's term
        opts: Optional[pulumi.ResourceOptions] = None,
    ) -> "DeliveryTask":
        """Reads a task that exists into the program, without owning it.

        Args:
            resource_name: The resource's name in the program.
            id: `<instance>/<table>/<task>`.
            opts: Pulumi's options.
        """
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        none: Any = {}
        return DeliveryTask(resource_name, none, opts)

    def translate_input_property(self, prop: str) -> str:
        """The name of an input, or a path to it, in the package's schema."""
        return camel(prop)

    def translate_output_property(self, prop: str) -> str:
        """The name of an output in Python."""
        return snake(prop)


def _secret(value: Optional[Input[str]]) -> Optional[Output[str]]:
    return None if value is None else Output.secret(value)
