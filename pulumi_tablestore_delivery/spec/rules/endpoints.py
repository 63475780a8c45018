"""Rules about endpoints and regions."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_tablestore_delivery.message import Message
from pulumi_tablestore_delivery.spec import endpoints
from pulumi_tablestore_delivery.spec.draft import DeliveryTaskDraft
from pulumi_tablestore_delivery.spec.rule import Problem, Source, error, warning
from pulumi_tablestore_delivery.spec.surroundings import Surroundings
from pulumi_tablestore_delivery.spec.unknown import is_unknown


def _about(around: Surroundings, problem: str) -> Message:
    """Say what is wrong with the endpoint, and where it comes from unless it is the task's own."""
    origin = around.endpoint_origin
    return Message(
        "{url!r}{origin} {problem}",
        url=endpoints.mask_user_info(around.endpoint),
        origin=Message(", from {origin},", origin=origin) if origin else "",
        problem=problem,
    )


@error(
    "endpoint-url",
    Source.PACKAGE,
    says="A Tablestore endpoint is an http or https URL without a path.",
    remedy="Use a URL such as https://<instance>.<region>.ots.aliyuncs.com.",
)
def endpoint_url(_: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    url = around.endpoint
    if url and not endpoints.is_endpoint(url, with_scheme=True):
        yield "tablestore_endpoint", _about(around, "is not a valid endpoint.")


@warning(
    "endpoint-plain-http",
    Source.PACKAGE,
    says="Plain http is only for endpoints on this machine.",
    remedy="Use https.",
)
def endpoint_is_safe(_: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    url = around.endpoint
    if endpoints.is_unencrypted(url):
        yield "tablestore_endpoint", _about(around, "sends every request unencrypted.")


@error(
    "endpoint-instance",
    Source.DOCUMENTED,
    says="An endpoint of Tablestore starts with its instance's name.",
    remedy=Message("Use the same instance in {.instance_name} and in the endpoint."),
)
def endpoint_instance(draft: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    instance = endpoints.instance_of_tablestore(around.endpoint)
    if not is_unknown(draft.instance_name) and instance not in {"", draft.instance_name.lower()}:
        yield (
            "tablestore_endpoint",
            _about(around, f"belongs to instance {instance!r}, not {draft.instance_name!r}."),
        )


@error(
    "oss-endpoint",
    Source.PACKAGE,
    says=(
        "An OSS endpoint is a host. It may have a scheme (http or https) and a port, but no path."
    ),
    remedy="Use a host such as oss-cn-hangzhou.aliyuncs.com.",
)
def oss_endpoint(draft: DeliveryTaskDraft, _: Surroundings) -> Iterator[Problem]:
    endpoint = draft.oss_endpoint
    if not is_unknown(endpoint) and not endpoints.is_endpoint(endpoint, with_scheme=False):
        yield "oss_endpoint", f"{_quoted(endpoint)} is not an OSS endpoint."


@error(
    "oss-endpoint-region",
    Source.DOCUMENTED,
    says="The bucket is in the instance's region.",
    remedy="Use a bucket in the instance's region, and that region's OSS endpoint.",
)
def oss_region(draft: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    if is_unknown(draft.oss_endpoint):
        return
    region = endpoints.region_of_oss(draft.oss_endpoint)
    if region and around.region and region != around.region:
        where = f"is in region {region!r}, the instance in {around.region!r}"
        yield "oss_endpoint", f"{_quoted(draft.oss_endpoint)} {where}."


@warning(
    "delivery-region",
    Source.DOCUMENTED,
    says=(
        "The documentation names cn-hangzhou, cn-shanghai, cn-beijing, cn-zhangjiakou and "
        "cn-shenzhen for delivery. The list may be older than the service."
    ),
    remedy="Check that the region offers data delivery.",
)
def delivery_region(_: DeliveryTaskDraft, around: Surroundings) -> Iterator[Problem]:
    if around.region and around.region not in endpoints.DELIVERY_REGIONS:
        yield "instance_name", f"region {around.region!r} is not in the documented list."


def _quoted(endpoint: str) -> str:
    """Quote an endpoint for a message, without a password."""
    return repr(endpoints.mask_user_info(endpoint))
