"""The errors after which a call is sent again, and those after which it is not."""

import pytest

from pulumi_tablestore_delivery import errors
from pulumi_tablestore_delivery.client.retry import RetryPolicy
from pulumi_tablestore_delivery.client.transport import FAILURES, NotSentError, Phase


def service(code, status=400, message=""):
    return errors.ServiceError(
        operation="Op", code=code, detail=message, status=status, request_id="r", trace_id="t"
    )


def untrusted(status, **options):
    return errors.UntrustedResponseError(
        "no", operation="Op", trace_id="t", status=status, **options
    )


ALWAYS = (True, True)
REPEATABLE_ONLY = (True, False)
NEVER = (False, False)

TABLE = [
    (service("OTSRowOperationConflict", 409), ALWAYS),
    (service("OTSNotEnoughCapacityUnit", 403), ALWAYS),
    (service("OTSTableNotReady", 404), ALWAYS),
    (service("OTSPartitionUnavailable", 503), ALWAYS),
    (service("OTSServerBusy", 503), ALWAYS),
    (service("OTSOperationThrottled", 403), ALWAYS),
    (service("OTSQuotaExhausted", 403, "Too frequent table operations."), ALWAYS),
    (service("OTSQuotaExhausted", 403, "Too many tables."), NEVER),
    (service("OTSQuotaExhausted", 503, "Too frequent table operations"), NEVER),
    (service("OTSStorageServerBusy", 503), REPEATABLE_ONLY),
    (service("OTSTimeout", 503), REPEATABLE_ONLY),
    (service("OTSServerUnavailable", 503), REPEATABLE_ONLY),
    (service("OTSInternalServerError", 500), REPEATABLE_ONLY),
    (service("OTSSomethingNew", 500), REPEATABLE_ONLY),
    (service("OTSSomethingNew", 502), REPEATABLE_ONLY),
    (service("OTSSomethingNew", 503), REPEATABLE_ONLY),
    (service("OTSSomethingNew", 400), NEVER),
    (service("OTSOperationConflict", 409), NEVER),
    (service("OTSObjectNotExist", 404), NEVER),
    (service("OTSObjectAlreadyExist", 409), NEVER),
    (service("OTSParameterInvalid", 400), NEVER),
    (service("OTSAuthFailed", 403), NEVER),
    (service("OTSRequestTimeout", 400), NEVER),
    (service("OTSRequestBodyTooLarge", 413), NEVER),
    (errors.ConnectionLostError("x", operation="Op"), REPEATABLE_ONLY),
    (errors.ConnectionLostError("x", operation="Op", was_secured=False), REPEATABLE_ONLY),
    (untrusted(502), REPEATABLE_ONLY),
    (untrusted(200), REPEATABLE_ONLY),
    (untrusted(200, is_signed=True), NEVER),
    (untrusted(403), NEVER),
    (untrusted(302), NEVER),
]


@pytest.mark.parametrize(("error", "expected"), TABLE, ids=lambda v: str(v)[:60])
def test_policy_repeats_exactly_the_calls_of_the_truth_table(error, expected):
    policy = RetryPolicy()
    assert expected == tuple(
        policy.repeats(error, repeatable=repeatable, attempt=1) for repeatable in (True, False)
    )


def test_unreachable_service_is_tried_a_few_times_by_every_operation():
    error = errors.ConnectionFailedError("x", operation="Op")
    policy = RetryPolicy(connect_attempts=3)
    for repeatable in (True, False):
        tries = [policy.repeats(error, repeatable=repeatable, attempt=n) for n in (1, 2, 3)]
        assert tries == [True, True, False]


def test_tls_failure_is_repeated_a_few_times():
    """A wrong certificate stays wrong, so the call does not retry until its deadline."""
    error = errors.ConnectionLostError("x", operation="Op", was_secured=False)
    policy = RetryPolicy(connect_attempts=3)
    tries = [policy.repeats(error, repeatable=True, attempt=n) for n in (1, 2, 3)]
    assert tries == [True, True, False]


def test_every_phase_has_a_failure():
    assert set(FAILURES) == set(Phase)
    not_sent = {phase for phase, failure in FAILURES.items() if failure is NotSentError}
    assert not_sent == {Phase.PREPARING, Phase.CONNECTING}


def test_delays_double_up_to_the_longest_with_jitter():
    policy = RetryPolicy(first_delay=1, longest_delay=4)
    for attempt, bound in [(1, 1), (2, 2), (3, 4), (9, 4)]:
        delays = {policy.delay(attempt) for _ in range(50)}
        assert all(bound / 2 <= delay <= bound for delay in delays)
        assert len(delays) > 1


@pytest.mark.parametrize(
    ("error", "unknown"),
    [
        (service("OTSParameterInvalid"), False),
        (service("OTSAuthFailed", 403), False),
        (service("OTSServerBusy", 503), False),
        (service("OTSQuotaExhausted", 503, "Too many tables."), False),
        (service("OTSInternalServerError", 500), True),
        (errors.ConnectionLostError("x", operation="Op"), True),
        (errors.ConnectionLostError("x", operation="Op", was_secured=False), True),
        (service("OTSObjectNotExist", 500), True),
        (errors.ConnectionFailedError("x", operation="Op"), False),
        (untrusted(200), True),
    ],
    ids=lambda v: str(v)[:40],
)
def test_outcome_is_unknown_for_the_errors_of_the_table(error, unknown):
    assert error.outcome_unknown is unknown
