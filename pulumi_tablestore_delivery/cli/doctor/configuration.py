"""Checks of the settings: what they are, and where each comes from."""

from __future__ import annotations

from pulumi_tablestore_delivery.cli.doctor.findings import (
    Finding,
    NotCheckedError,
    ok,
    problem,
    warning,
)
from pulumi_tablestore_delivery.cli.doctor.subject import Subject, shortened
from pulumi_tablestore_delivery.errors import ConfigurationError
from pulumi_tablestore_delivery.settings import ENDPOINT, INSTANCE, REGION, SIGNATURE_VERSION
from pulumi_tablestore_delivery.spec import endpoints
from pulumi_tablestore_delivery.spec.rules.names import is_instance_name


def instance(subject: Subject) -> Finding:
    """An instance is set, and its name has the right form."""
    setting = subject.settings.find(INSTANCE)
    if not setting.value:
        return problem(
            "no instance is set.",
            "Set TABLESTORE_INSTANCE or `pulumi config set tablestore:instance …`, or give each "
            "task the input instance_name.",
        )
    told = f"{setting.value}, from {_origin(subject, setting.origin)}"
    if not is_instance_name(setting.value):
        return problem(
            f"{told}: is not an instance name.",
            "Use 3 to 16 letters, digits and hyphens, a letter first, no hyphen last.",
        )
    return ok(told)


def endpoint(subject: Subject) -> Finding:
    """An endpoint is set or follows from the region, and belongs to the instance."""
    setting = subject.settings.find(ENDPOINT)
    name = subject.settings.instance_name
    try:
        url = subject.settings.endpoint(name, None)
    except ConfigurationError:
        return problem(
            "no endpoint is set, and none follows from instance and region.",
            "Set TABLESTORE_ENDPOINT or `pulumi config set tablestore:endpoint "
            "https://<instance>.<region>.ots.aliyuncs.com`, or set instance and region.",
        )
    origin = _origin(subject, setting.origin) if setting.value else "instance and region"
    told = f"{url}, from {origin}"
    if not endpoints.is_endpoint(url, with_scheme=True):
        return problem(
            f"{told}: is not an http or https URL without a path.",
            "Write it like https://<instance>.<region>.ots.aliyuncs.com.",
        )
    owner = endpoints.instance_of_tablestore(url)
    if name and owner not in {"", name.lower()}:
        return problem(
            f"{told}: belongs to instance {owner}, not {name}.",
            "Make endpoint and instance name the same instance.",
        )
    if url.startswith("http://") and not endpoints.is_loopback(url):
        return warning(f"{told}: sends everything in plain text.", "Use https.")
    return ok(told)


def region(subject: Subject) -> Finding:
    """The region is known, and settings do not contradict each other."""
    setting = subject.settings.find(REGION)
    try:
        in_endpoint = endpoints.region_of_tablestore(subject.endpoint)
        emulated = subject.is_emulated
    except NotCheckedError:
        in_endpoint, emulated = "", False
    told = f"{setting.value}, from {_origin(subject, setting.origin)}"
    if in_endpoint and setting.value not in {"", in_endpoint}:
        return warning(
            f"{in_endpoint}, from the endpoint; {setting.origin} says {setting.value}, which does "
            "not count.",
            "Make both say the same.",
        )
    if in_endpoint:
        return ok(f"{in_endpoint}, from the endpoint")
    if setting.value:
        return ok(told)
    if emulated:
        return ok(f"{endpoints.EMULATOR_REGION}, by default, the endpoint being on this machine")
    return problem(
        "no region is set, so OSS endpoints have no default.",
        "Set TABLESTORE_REGION or `pulumi config set tablestore:region cn-hangzhou`.",
    )


def signature_version(subject: Subject) -> Finding:
    """The signature version is one there is, and has the region it needs."""
    setting = subject.settings.find(SIGNATURE_VERSION)
    try:
        version = subject.settings.signature_version
        subject.settings.signing_region(subject.endpoint)
    except ConfigurationError as error:
        return problem(str(error), "Use v2, or set the region.")
    return ok(f"{version}, from {_origin(subject, setting.origin) or 'the default'}")


def credentials(subject: Subject) -> Finding:
    """There is a key pair; only the end of its id is told."""
    try:
        source = subject.settings.credentials
        keys = subject.keys()
    except ConfigurationError as error:
        return problem(f"{error}", "See docs/configuration.md, Where keys belong.")
    token = "with a security token" if keys.security_token else "no security token"
    told = f"key id {shortened(keys.access_key_id)}, from {source.origin}, {token}"
    if keys.access_key_id.startswith("STS.") and not keys.security_token:
        return problem(
            f"{told}: an id that starts with STS. is a temporary one.",
            "Set its token too: ALIBABA_CLOUD_SECURITY_TOKEN or tablestore:securityToken.",
        )
    return ok(told)


def _origin(subject: Subject, name: str) -> str:
    return subject.options.get(name, name)
