"""Waits: a transient failure does not end a wait, an answer that stays the same does."""

from dataclasses import replace
from itertools import pairwise

import pytest
from support.lifecycle_world import HERE, bag

from pulumi_tablestore_delivery.client.retry import RetryPolicy
from pulumi_tablestore_delivery.client.transport import NoAnswerError, NotSentError, RawResponse
from pulumi_tablestore_delivery.errors import ConfigurationError, ServiceError
from pulumi_tablestore_delivery.lifecycle import InitializationError
from pulumi_tablestore_delivery.lifecycle.polling import Backoff, is_transient
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb

DESCRIBE = "/DescribeDeliveryTask"
HTML = {
    status: RawResponse(status, {"content-type": "text/html"}, b"<html>Proxy</html>")
    for status in (403, 503, 200)
}


class Away:
    """A transport whose polls fail for the given seconds, or forever."""

    def __init__(self, world, fault, seconds=float("inf")):
        self.inner, self.clock, self.fault = world.transport, world.clock, fault
        self.until = world.clock.elapsed + seconds
        self.timeouts = []
        world.transport = self

    def post(self, url, headers, body, timeout):
        if not url.endswith(DESCRIBE):
            return self.inner.post(url, headers, body, timeout)
        self.timeouts.append(timeout)
        if self.clock.elapsed >= self.until:
            return self.inner.post(url, headers, body, timeout)
        if isinstance(self.fault, Exception):
            self.clock.elapsed += 0.01
            raise self.fault
        return self.fault

    @property
    def calls(self):
        return self.inner.calls


FAULTS = [NotSentError("Connection refused"), NoAnswerError("reset"), *HTML.values()]
any_fault = pytest.mark.parametrize("fault", FAULTS, ids=str)


def error_answer(status, code, message="no"):
    return RawResponse(status, {}, pb.Error(code=code, message=message).SerializeToString())


def create(world, environment=(), **changes):
    run = world.run(**dict(environment))
    checked = run.check({}, bag(**changes), HERE, world.row)
    assert checked.violations == []
    return run.create(checked.inputs, world.row)


def resume(world, found, **changes):
    return world.run().update(
        {**found.outputs, "phase": "INIT"}, {**found.inputs, **changes}, world.row
    )


class TestUnreachableService:
    @any_fault
    def test_for_a_while_does_not_end_a_creates_wait(self, world, fault):
        Away(world, fault, seconds=15)
        found = create(world)
        assert found.outputs["phase"] == "FULL"
        assert 15 <= world.clock.elapsed < 25
        assert any("retrying (" in status for status in world.row.statuses)

    @any_fault
    def test_for_a_while_does_not_end_a_resumed_wait(self, world, fault):
        found = create(world)
        Away(world, fault, seconds=15)
        assert resume(world, found).outputs["phase"] != "INIT"

    @any_fault
    def test_until_the_timeout_keeps_the_task_and_names_phase_and_failure(self, world, fault):
        Away(world, fault)
        with pytest.raises(InitializationError) as caught:
            create(world, timeout_seconds=20)
        text = str(caught.value)
        assert "last seen in phase INIT after 2" in text
        assert "The last poll failed: DescribeDeliveryTask: " in text
        assert "Run `pulumi up` again to resume waiting" in text
        assert caught.value.found.id == f"inst/orders/{world.tasks()[0]}"
        assert 20 <= world.clock.elapsed <= 33

    def test_every_poll_gets_enough_seconds_for_an_answer(self, slow_world):
        away = Away(slow_world, None, seconds=0)
        with pytest.raises(InitializationError, match="still in phase INIT after 10 s"):
            create(slow_world, timeout_seconds=10)
        assert min(away.timeouts) >= 2
        assert slow_world.clock.elapsed == 10

    def test_with_a_busy_answer_does_not_end_the_wait(self, world):
        Away(world, error_answer(503, "OTSServerBusy"), seconds=12)
        assert create(world).outputs["phase"] == "FULL"
        assert any("the service answers OTSServerBusy" in text for text in world.row.statuses)

    def test_successful_poll_clears_the_failure(self, slow_world):
        Away(slow_world, HTML[503], seconds=11)
        with pytest.raises(InitializationError, match="still in phase INIT") as caught:
            create(slow_world, timeout_seconds=20)
        assert "last poll failed" not in str(caught.value)


class TestPermanentFailure:
    @pytest.mark.parametrize(
        ("status", "code"),
        [(403, "OTSAuthFailed"), (403, "OTSNoPermissionAccess"), (400, "OTSParameterInvalid")],
    )
    def test_ends_the_wait_at_once_and_keeps_the_task(self, world, status, code):
        Away(world, error_answer(status, code))
        with pytest.raises(InitializationError, match=code) as caught:
            create(world)
        assert world.clock.elapsed < 1
        assert caught.value.found.id == f"inst/orders/{world.tasks()[0]}"

    def test_task_that_was_deleted_ends_the_wait_at_once(self, world):
        found = create(world)
        world.run().delete(found.id, found.outputs, world.row)
        started = world.clock.elapsed
        with pytest.raises(InitializationError, match="deleted outside this program"):
            resume(world, found)
        assert world.clock.elapsed - started < 1

    def test_missing_keys_end_the_wait_and_keep_the_task(self, slow_world):
        def lose_keys():
            raise ConfigurationError("no keys")

        class LosingClient:
            def describe_delivery_task(self, *_, **__):
                lose_keys()

        run = slow_world.run()
        inputs = run.check({}, bag(), HERE, slow_world.row).inputs
        client_of, calls = run._connections.client_of, []

        def losing(spec, retry=None):
            calls.append(spec)
            return client_of(spec, retry) if len(calls) == 1 else LosingClient()

        run._connections.client_of = losing
        with pytest.raises(InitializationError, match="no keys") as caught:
            run.create(inputs, slow_world.row)
        assert caught.value.found.id == f"inst/orders/{slow_world.tasks()[0]}"


def lake(world):
    return world.folder / "oss" / "my-lake"


@pytest.fixture
def strict_world(world):
    """No bucket is made by itself."""
    world.options = replace(world.options, create_buckets=False)
    world.transport.service.__init__(world.options, world.store, world.clock.nanoseconds)
    return world


class TestGraceOfANewTask:
    def test_waits_for_a_bucket_created_in_the_same_run(self, strict_world):
        world = strict_world
        world.clock.while_sleeping.append(
            lambda: world.clock.elapsed > 5 and lake(world).mkdir(parents=True, exist_ok=True)
        )
        found = create(world)
        assert found.outputs["error_code"] == "OK"
        assert 5 < world.clock.elapsed < 10
        assert (
            "the task reports INVALID_OSS_BUCKET, waiting up to 15 s for a bucket that was just "
            "created (0 s)"
        ) in world.row.statuses

    def test_ends_after_its_seconds_with_the_remedy(self, strict_world):
        with pytest.raises(InitializationError, match=r"INVALID_OSS_BUCKET.*create it in"):
            create(strict_world)
        assert strict_world.clock.elapsed == pytest.approx(15)

    @pytest.mark.parametrize(("grace", "seconds"), [("0", 0), ("3", 3), ("3600", 20)])
    def test_is_configurable_and_ends_with_the_wait(self, strict_world, grace, seconds):
        with pytest.raises(InitializationError, match="INVALID_OSS_BUCKET"):
            create(strict_world, {"TABLESTORE_HEALTH_GRACE": grace}, timeout_seconds=20)
        assert strict_world.clock.elapsed == pytest.approx(seconds)

    def test_does_not_apply_to_an_adopted_task(self, strict_world):
        world = strict_world
        given = {"task_name": "orders", "wait_for": "none"}
        create(world, **given)
        world.clock.elapsed += 5
        started = world.clock.elapsed
        with pytest.raises(InitializationError, match="INVALID_OSS_BUCKET"):
            create(world, **given | {"adopt_existing": True, "wait_for": "synchronized"})
        assert world.clock.elapsed == started

    def test_does_not_apply_to_a_resumed_wait(self, strict_world):
        world = strict_world
        found = create(world, wait_for="none")
        started = world.clock.elapsed
        with pytest.raises(InitializationError, match="INVALID_OSS_BUCKET"):
            resume(world, found, wait_for="initialized")
        assert world.clock.elapsed == started

    def test_invalid_setting_is_an_error_before_the_create(self, strict_world):
        inputs = strict_world.run().check({}, bag(), HERE, strict_world.row).inputs
        run = strict_world.run(TABLESTORE_HEALTH_GRACE="soon")
        (violation,) = run.check({}, bag(), HERE, strict_world.row).violations
        assert "TABLESTORE_HEALTH_GRACE: 'soon' is not" in violation.message
        with pytest.raises(ConfigurationError, match="TABLESTORE_HEALTH_GRACE: 'soon' is not"):
            run.create(inputs, strict_world.row)
        assert strict_world.tasks() == []


@pytest.mark.parametrize(
    ("status", "code", "detail", "transient"),
    [
        (503, "OTSServerBusy", "", True),
        (503, "OTSPartitionUnavailable", "", True),
        (500, "OTSInternalServerError", "", True),
        (408, "OTSRequestTimeout", "", True),
        (429, "OTSOperationThrottled", "", True),
        (403, "OTSQuotaExhausted", "Too frequent table operations.", True),
        (403, "OTSQuotaExhausted", "Too many tasks.", True),
        (403, "OTSAuthFailed", "", False),
        (403, "OTSNoPermissionAccess", "", False),
        (404, "OTSObjectNotExist", "", False),
        (400, "OTSParameterInvalid", "", False),
    ],
)
def test_transient_answers_of_the_service_are_those_of_the_table(status, code, detail, transient):
    error = ServiceError(
        operation="DescribeDeliveryTask", code=code, detail=detail, status=status, request_id="",
        trace_id="",
    )  # fmt: skip
    assert is_transient(error) is transient


def test_configuration_error_is_not_transient():
    assert not is_transient(ConfigurationError("no keys"))


def test_backoff_grows_and_ends_at_its_deadline(world):
    backoff = Backoff(world.clock, 20)
    polls = []
    while not backoff.is_over:
        polls.append(backoff.waited)
        backoff.sleep()
    gaps = [later - earlier for earlier, later in pairwise(polls)]
    assert gaps == sorted(gaps)
    assert gaps[0] == pytest.approx(0.2)
    assert max(gaps) <= 5
    assert backoff.waited == pytest.approx(20)


def test_default_grace_is_15_seconds():
    assert Settings({}, lambda _: "").health_grace == 15
    assert RetryPolicy().deadline >= 2
