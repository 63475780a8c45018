"""Check buckets by requests to OSS without keys.

OSS refuses such a request with AccessDenied if the bucket exists, with NoSuchBucket if it does not
exist, and with the right endpoint if the bucket is in another region. The codes are documented. We
assume that OSS answers requests without keys in this way.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from pulumi_tablestore_delivery.client.transport import NoAnswerError, NotSentError, RawResponse
from pulumi_tablestore_delivery.inspection.doctor.findings import (
    Finding,
    NotCheckedError,
    ok,
    problem,
)
from pulumi_tablestore_delivery.inspection.doctor.subject import Subject
from pulumi_tablestore_delivery.inspection.doctor.targets import Bucket
from pulumi_tablestore_delivery.inspection.doctor.tasks import known_tasks, reporting
from pulumi_tablestore_delivery.lifecycle.waiting import REMEDIES
from pulumi_tablestore_delivery.spec import endpoints
from pulumi_tablestore_delivery.spec.rules.names import is_bucket_name

_SECONDS: Final = 3.0
_MOST: Final = 3
_ELSEWHERE: Final = "must be addressed using the specified endpoint"


def bucket(subject: Subject) -> Finding:
    """Check that the buckets exist in the instance's region."""
    seen = known_tasks(subject)
    found = subject.targets.buckets or tuple(
        dict.fromkeys(
            Bucket(str(task.inputs["oss_bucket"]), str(task.inputs["oss_endpoint"]))
            for task in seen
        )
    )
    if not found:
        raise NotCheckedError("no bucket is known. Give --bucket or --stack.")
    wrong = [each.name for each in found if not is_bucket_name(each.name)]
    if wrong:
        return problem(
            f"{', '.join(wrong)} is not a bucket name.",
            "Give the bucket's name alone: 3 to 63 lowercase letters, digits and hyphens.",
        )
    missed = reporting(seen, "INVALID_OSS_BUCKET")
    if missed:
        names = ", ".join(f"{task.id} ({task.inputs['oss_bucket']})" for task in missed)
        return problem(
            f"INVALID_OSS_BUCKET is reported by {names}.", REMEDIES["INVALID_OSS_BUCKET"]
        )
    if subject.is_emulated:
        raise NotCheckedError("the emulator's buckets are folders of its own.")
    details = []
    for each in found[:_MOST]:
        detail, remedy = _check(subject, each)
        if remedy:
            return problem(detail, remedy)
        details.append(detail)
    if len(found) > _MOST:
        details.append(f"{len(found) - _MOST} more were not checked")
    return ok("; ".join(details))


def _check(subject: Subject, found: Bucket) -> tuple[str, str]:
    """Send a request about a bucket. Return the observation, and the remedy for a problem."""
    region = subject.settings.region(subject.endpoint)
    endpoint = endpoints.host_of(found.endpoint) or (
        endpoints.oss_endpoint(region) if region else ""
    )
    home = endpoints.region_of_oss(endpoint)
    if not home:
        raise NotCheckedError(
            f"{endpoint or 'no endpoint'} is not an OSS endpoint of Alibaba Cloud."
        )
    if region and home != region:
        return (
            f"{found.name} is expected in {home} ({endpoint}), and the instance is in {region}.",
            "Use a bucket in the instance's region, and that region's OSS endpoint.",
        )
    try:
        answer = subject.network.get(f"https://{found.name}.{endpoint}/?max-keys=1", _SECONDS)
    except (NotSentError, NoAnswerError) as error:
        raise NotCheckedError(f"{endpoint} cannot be reached: {error}.") from None
    return _meaning(found.name, endpoint, answer)


def _meaning(name: str, endpoint: str, answer: RawResponse) -> tuple[str, str]:
    body = answer.body.decode("utf-8", "replace")
    code = _element(body, "Code")
    if answer.status == HTTPStatus.NOT_FOUND and code == "NoSuchBucket":
        return (
            f"{name} does not exist ({endpoint} answers NoSuchBucket).",
            "Create the bucket in the instance's region, or correct its name.",
        )
    if answer.status == HTTPStatus.FORBIDDEN and _ELSEWHERE in body:
        region = _element(body, "Endpoint") or "OSS does not name it"
        return (
            f"{name} is in another region ({region}).",
            "Use a bucket in the instance's region.",
        )
    is_found = answer.status == HTTPStatus.OK or code == "AccessDenied"
    if "x-oss-request-id" in answer.headers and is_found:
        return f"{name} exists at {endpoint}; whether the role may write is not known", ""
    raise NotCheckedError(
        f"{endpoint} answered HTTP {answer.status} {code}, which does not show whether the bucket "
        "exists."
    )


def _element(body: str, name: str) -> str:
    match = re.search(rf"<{name}>\s*([^<]*?)\s*</{name}>", body)
    return match[1] if match else ""
