"""Connect to the table and the files of a task."""

from __future__ import annotations

from collections.abc import Callable

from pulumi_tablestore_delivery.inspection.verification.location import bucket_location
from pulumi_tablestore_delivery.inspection.verification.objects import Bucket
from pulumi_tablestore_delivery.inspection.verification.verify import Subject
from pulumi_tablestore_delivery.lifecycle import Found, Lifecycle
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.spec.properties import spec_of


def subject_of(
    task: Found,
    lifecycle: Lifecycle,
    settings: Settings,
    oss_endpoint: str | None,
    emulated_oss: Callable[[str], str],
) -> Subject:
    """Return a task with the client of its instance and its bucket.

    The only call is to an emulator, for the endpoint of its OSS.

    Args:
        task: The task as the service describes it now.
        lifecycle: The instance's tasks.
        settings: Endpoint, region and keys.
        oss_endpoint: `--oss-endpoint`.
        emulated_oss: Returns the OSS endpoint of the emulator with this endpoint.

    Raises:
        ConfigurationError: There is no endpoint that may be used, or there are no keys.
    """
    spec = spec_of(task.outputs)
    location = bucket_location(settings, spec, oss_endpoint, emulated_oss)
    return Subject(task, lifecycle.client_of(spec), Bucket(location, settings.credentials))
