"""Check the settings: their values, and where each comes from."""

from __future__ import annotations

from pulumi_tablestore_delivery.errors import ConfigurationError
from pulumi_tablestore_delivery.inspection.doctor.findings import (
    Finding,
    NotCheckedError,
    ok,
    problem,
    warning,
)
from pulumi_tablestore_delivery.inspection.doctor.subject import Subject, shortened
from pulumi_tablestore_delivery.inspection.messages import message_of
from pulumi_tablestore_delivery.settings import INSTANCE, REGION, SIGNATURE_VERSION
from pulumi_tablestore_delivery.spec import endpoints
from pulumi_tablestore_delivery.spec.rules.names import is_instance_name


def instance(subject: Subject) -> Finding:
    """Check that an instance is set, and that its name has the right form."""
    try:
        setting = subject.settings.find_word(INSTANCE)
    except ConfigurationError as error:
        return _unusable(error)
    if not setting.value:
        return problem(
            "no instance is set.",
            "Give --instance, set TABLESTORE_INSTANCE or `pulumi config set tablestore:instance "
            "<name>`, or give each task the input instance_name.",
        )
    detail = f"{setting.value}, from {setting.origin}"
    if not is_instance_name(setting.value):
        return problem(
            f"{detail} is not an instance name.",
            "Use 3 to 16 letters, digits and hyphens, a letter first, no hyphen last.",
        )
    return ok(detail)


def endpoint(subject: Subject) -> Finding:
    """Check that there is an endpoint, and that it belongs to the instance."""
    try:
        name = subject.settings.instance_name
    except ConfigurationError:
        raise NotCheckedError("the instance cannot be used (see instance).") from None
    try:
        setting = subject.settings.configured_endpoint(name)
    except ConfigurationError as error:
        if not error.property_name:  # it is set, and cannot be used
            return _unusable(error)
        return problem(
            "no endpoint is set, and none follows from instance and region.",
            "Give --instance and --region, or --endpoint. For deployments, set TABLESTORE_REGION "
            "or `pulumi config set tablestore:region <region>`: with the instance, it makes the "
            "endpoint.",
        )
    url = setting.value
    detail = f"{endpoints.mask_user_info(url)}, from {setting.origin}"
    if not endpoints.is_endpoint(url, with_scheme=True):
        return problem(
            f"{detail}: not an http or https URL without a path.",
            "Write it like https://<instance>.<region>.ots.aliyuncs.com.",
        )
    owner = endpoints.instance_of_tablestore(url)
    if name and owner not in {"", name.lower()}:
        return problem(
            f"{detail}: belongs to instance {owner}, not {name}.",
            "Set endpoint and instance to the same instance.",
        )
    if endpoints.is_unencrypted(url):
        return warning(f"{detail}: sends everything in plain text.", "Use https.")
    return ok(detail)


def region(subject: Subject) -> Finding:
    """Check that the region is known, and that settings do not contradict each other."""
    try:
        setting = subject.settings.find_word(REGION)
    except ConfigurationError as error:
        return _unusable(error)
    try:
        in_endpoint = endpoints.region_of_tablestore(subject.endpoint)
        emulated = subject.is_emulated
    except NotCheckedError:
        in_endpoint, emulated = "", False
    detail = f"{setting.value}, from {setting.origin}"
    if in_endpoint and setting.value not in {"", in_endpoint}:
        return warning(
            f"{in_endpoint}, from the endpoint; {setting.origin} is {setting.value}, which is "
            "ignored.",
            "Set both to the same region.",
        )
    if in_endpoint:
        return ok(f"{in_endpoint}, from the endpoint")
    if setting.value:
        return ok(detail)
    if emulated:
        return ok(f"{endpoints.EMULATOR_REGION}, the default for an endpoint on this machine")
    return problem(
        "no region is set, so OSS endpoints do not have a default.",
        "Give --region, set TABLESTORE_REGION or `pulumi config set tablestore:region "
        "cn-hangzhou`.",
    )


def signature_version(subject: Subject) -> Finding:
    """Check that the signature version exists, and has the region that it needs."""
    setting = subject.settings.find(SIGNATURE_VERSION)
    try:
        version = subject.settings.signature_version
        subject.settings.signing_region(subject.endpoint)
    except ConfigurationError as error:
        return problem(message_of(error), "Use v2, or set the region.")
    return ok(f"{version}, from {setting.origin or 'the default'}")


def credentials(subject: Subject) -> Finding:
    """Check that there is a key pair. The report has only the end of its id."""
    try:
        source = subject.settings.credentials
        keys = subject.keys()
    except ConfigurationError as error:
        return problem(message_of(error), "See docs/configuration.md, Where keys belong.")
    token = "with a security token" if keys.security_token else "no security token"
    detail = f"key id {shortened(keys.access_key_id)}, from {source.origin}, {token}"
    if keys.access_key_id.startswith("STS.") and not keys.security_token:
        return problem(
            f"{detail}: an id that starts with STS. is temporary.",
            "Set its token too: ALIBABA_CLOUD_SECURITY_TOKEN or tablestore:securityToken.",
        )
    return ok(detail)


def _unusable(error: ConfigurationError) -> Finding:
    """Report a setting that cannot be used. The error's first sentence is the problem."""
    detail, _, remedy = message_of(error).partition(". ")
    return problem(f"{detail}.", remedy)
