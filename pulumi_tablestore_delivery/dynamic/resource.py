"""The resource `DeliveryTask` of the dynamic provider."""

from typing import Any, Final

import pulumi
from pulumi import Input
from pulumi.dynamic import Resource

from pulumi_tablestore_delivery.dynamic import registration
from pulumi_tablestore_delivery.dynamic.outputs import DeliveryTaskOutputs
from pulumi_tablestore_delivery.frontend.constructor import constructor
from pulumi_tablestore_delivery.frontend.declaration import declaration
from pulumi_tablestore_delivery.frontend.given import (
    DeliveryTaskArgs,
    given_inputs,
    with_secret_location,
)
from pulumi_tablestore_delivery.frontend.inputs import OUTPUTS, DeliveryTaskDict
from pulumi_tablestore_delivery.frontend.options import with_default_order, with_former_type
from pulumi_tablestore_delivery.frontend.stack_trace import only_frames_of_program
from pulumi_tablestore_delivery.frontend.violations import fail_for_violations
from pulumi_tablestore_delivery.frontend.wait_list import wait_for_id_only
from pulumi_tablestore_delivery.provider import load_provider

_former_types: Final[dict[type, str]] = {}
"""The types that subclasses of `DeliveryTask` have in states of earlier versions."""


class DeliveryTask(DeliveryTaskOutputs, Resource, module="tablestore", name="DeliveryTask"):
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
            **given,
            **dict.fromkeys(OUTPUTS),
            registration.DECLARATION: declaration(resource_name, given, opts),
        }
        opts = with_former_type(
            with_default_order(resource_name, given, opts), _former_types.get(type(self))
        )
        with only_frames_of_program():
            if registration.can_write_provider():
                pulumi.CustomResource.__init__(
                    self,
                    f"pulumi-python:{self._resource_type_name}",
                    resource_name,
                    {**properties, registration.PROVIDER_KEY: registration.PROVIDER_TEXT},
                    opts,
                )
            else:
                super().__init__(load_provider(), resource_name, properties, opts)
        fail_for_violations(self.__dict__.get(registration.DECLARATION))
        wait_for_id_only(self)

    def __init_subclass__(cls, module: str = "", name: str = "Resource", **kwargs: Any) -> None:
        """Give a subclass the type of `DeliveryTask`.

        Args:
            module: The module of the type that the subclass had in earlier versions.
            name: The name of that type, by which states of earlier versions know the resource.
            **kwargs: The arguments of the base class.
        """
        super().__init_subclass__(module=module, name=name, **kwargs)
        ours = DeliveryTask._resource_type_name
        if cls._resource_type_name != ours:
            _former_types[cls] = f"pulumi-python:{cls._resource_type_name}"
        cls._resource_type_name = ours

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
