"""The resources of Python programs that use the native provider."""

from collections.abc import Sequence
from typing import Any, Final, TypedDict

import pulumi
from pulumi import Input, Output
from typing_extensions import Unpack

from pulumi_tablestore_delivery.frontend.constructor import constructor
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
from pulumi_tablestore_delivery.frontend.stack_trace import only_frames_of_program
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


class ProviderSettings(TypedDict, total=False):
    """The settings of a `Provider`."""

    endpoint: Input[str] | None
    """URL of the instance; that of the region by default."""
    instance: Input[str] | None
    """The instance of tasks that do not name one."""
    region: Input[str] | None
    """The region of the instance, such as cn-hangzhou."""
    access_key_id: Input[str] | None
    """Access key id."""
    access_key_secret: Input[str] | None
    """Access key secret."""
    security_token: Input[str] | None
    """Security token of temporary keys."""
    signature_version: Input[str] | None
    """v2 (the default) or v4."""
    allowed_buckets: Sequence[Input[str]] | None
    """Patterns of the buckets that may be written to, such as `lake-dev*`."""
    sample_rows: Input[int] | None
    """Rows that a preview reads at each end of a table; 0 switches it off."""
    health_grace: Input[float] | None
    """Seconds during which a new task may report an error; 0 switches it off."""


_SECRET_SETTINGS: Final = frozenset({"access_key_secret", "security_token"})
_NUMBERS: Final = frozenset({"sample_rows", "health_grace"})


class Provider(pulumi.ProviderResource):
    """The account and the instance of the resources that use this provider.

    A setting that is not given comes from the environment, never from the stack's configuration.

    Args:
        resource_name: The resource's name in the program.
        opts: Pulumi's options.
        **settings: The settings, see `ProviderSettings`.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        opts: pulumi.ResourceOptions | None = None,
        **settings: Unpack[ProviderSettings],
    ) -> None:
        unknown = sorted(settings.keys() - ProviderSettings.__annotations__.keys())
        if unknown:
            raise TypeError(f"Provider does not have a setting {unknown[0]!r}")
        properties = {camel(name): _text_of(name, value) for name, value in settings.items()}
        super().__init__(PACKAGE, resource_name, properties, opts)


class DeliveryTask(DeliveryTaskOutputs, pulumi.CustomResource):
    __doc__ = DeliveryTaskOutputs.__doc__

    @constructor
    def __init__(
        self,
        resource_name: str,
        args: DeliveryTaskArgs | DeliveryTaskDict | pulumi.ResourceOptions | None = None,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Any,
    ) -> None:
        given, opts = with_secret_location(*given_inputs(args, opts, inputs))
        properties = {
            **plain_form(given),  # Pulumi sends the fields of args classes by Python's names
            **dict.fromkeys(OUTPUTS),
            DECLARATION: declaration(resource_name, given, opts, RESOURCE),
            EXTERNAL: True if opts and opts.id is not None else None,
        }
        opts = with_default_order(resource_name, given, opts)
        with only_frames_of_program():
            super().__init__(RESOURCE, resource_name, properties, opts)
        wait_for_id_only(self)

    @staticmethod
    def get(
        resource_name: str,
        id: Input[str],  # noqa: A002 - Pulumi's term
        opts: pulumi.ResourceOptions | None = None,
    ) -> "DeliveryTask":
        """Read an existing task into the program without managing it.

        Args:
            resource_name: The resource's name in the program.
            id: `<instance>/<table>/<task>`.
            opts: Pulumi's options.
        """
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        none: Any = {}
        return DeliveryTask(resource_name, none, opts)

    def translate_input_property(self, prop: str) -> str:
        """Return an input's name or path in the package's schema."""
        return camel(prop)

    def translate_output_property(self, prop: str) -> str:
        """Return an output's name in Python."""
        return snake(prop)


def _text_of(name: str, value: Any) -> Any:
    """Return a setting as text, as the engine passes it on."""
    if value is None:
        return None
    if name == "allowed_buckets":
        return Output.all(*value).apply(",".join)
    if name in _SECRET_SETTINGS:
        return Output.secret(value)
    if name in _NUMBERS:
        return Output.from_input(value).apply(pulumi.runtime.to_json)
    return value
