"""The check of buckets: what OSS answers to somebody without keys.

An anonymous request is refused as AccessDenied where the bucket exists, as NoSuchBucket where it
does not, and with a word about the right endpoint where it is in another region. The codes are
documented; that somebody without keys is answered just so is assumed.
"""

from __future__ import annotations

import re
from typing import Final

from pulumi_tablestore_delivery.cli.doctor.findings import (
    Finding,
    NotCheckedError,
    ok,
    problem,
)
from pulumi_tablestore_delivery.cli.doctor.subject import Bucket, Subject
from pulumi_tablestore_delivery.cli.doctor.tasks import known_tasks, reporting
from pulumi_tablestore_delivery.client.transport import NoAnswerError, NotSentError, RawResponse
from pulumi_tablestore_delivery.lifecycle.waiting import REMEDIES
from pulumi_tablestore_delivery.spec import endpoints
from pulumi_tablestore_delivery.spec.rules.names import is_bucket_name

_SECONDS: Final = 3.0
_MOST: Final = 3
_ELSEWHERE: Final = "must be addressed using the specified endpoint"


def bucket(subject: Subject) -> Finding:
    """The buckets exist, in the instance's region, as far as OSS tells anybody."""
    seen = known_tasks(subject)
    found = subject.wanted.buckets or tuple(
        dict.fromkeys(
            Bucket(str(task.inputs["oss_bucket"]), str(task.inputs["oss_endpoint"]))
            for task in seen
        )
    )
    if not found:
        raise NotCheckedError("no bucket is known: give --bucket or --stack.")
    wrong = [each.name for each in found if not is_bucket_name(each.name)]
    if wrong:
        return problem(
            f"{', '.join(wrong)}: is not a bucket name.",
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
    told = []
    for each in found[:_MOST]:
        said, remedy = _asked(subject, each)
        if remedy:
            return problem(said, remedy)
        told.append(said)
    if len(found) > _MOST:
        told.append(f"{len(found) - _MOST} more were not asked for")
    return ok("; ".join(told))


def _asked(subject: Subject, found: Bucket) -> tuple[str, str]:
    """What OSS says of a bucket, and what to do about it, if anything."""
    region = subject.settings.region(subject.endpoint)
    endpoint = endpoints.host_of(found.endpoint) or (
        endpoints.oss_endpoint(region) if region else ""
    )
    home = endpoints.region_of_oss(endpoint)
    if not home:
        raise NotCheckedError(f"{endpoint or 'no endpoint'} is not OSS's of Alibaba Cloud.")
    if region and home != region:
        return (
            f"{found.name} is looked for in {home} ({endpoint}), the instance is in {region}.",
            "Use a bucket in the instance's region, and that region's OSS endpoint.",
        )
    try:
        answer = subject.network.get(f"https://{found.name}.{endpoint}/?max-keys=1", _SECONDS)
    except (NotSentError, NoAnswerError) as error:
        raise NotCheckedError(f"{endpoint} cannot be asked: {error}.") from None
    return _meaning(found.name, endpoint, answer)


def _meaning(name: str, endpoint: str, answer: RawResponse) -> tuple[str, str]:
    body = answer.body.decode("utf-8", "replace")
    code = _element(body, "Code")
    if answer.status == 404 and code == "NoSuchBucket":  # noqa: PLR2004
        return (
            f"{name} does not exist ({endpoint} says NoSuchBucket).",
            "Create the bucket in the instance's region, or correct its name.",
        )
    if answer.status == 403 and _ELSEWHERE in body:  # noqa: PLR2004
        return (
            f"{name} is in another region ({_element(body, 'Endpoint') or 'OSS says no more'}).",
            "Use a bucket in the instance's region.",
        )
    if "x-oss-request-id" in answer.headers and (answer.status == 200 or code == "AccessDenied"):  # noqa: PLR2004
        return f"{name} exists at {endpoint}; whether the role may write cannot be seen", ""
    raise NotCheckedError(f"{endpoint} answered HTTP {answer.status} {code}, which does not tell.")


def _element(body: str, name: str) -> str:
    match = re.search(rf"<{name}>\s*([^<]*?)\s*</{name}>", body)
    return match[1] if match else ""
