"""The life of a delivery task: check, diff, create, read, update, delete. No Pulumi in it.

Bags of properties come in and go out as plain dicts; a value that a preview does not know
yet is `spec.model.UNKNOWN`. A front end translates.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from pulumi_tablestore_delivery.client import codec
from pulumi_tablestore_delivery.client.client import CallIds, TablestoreClient
from pulumi_tablestore_delivery.client.retry import Clock, RetryPolicy, SystemClock
from pulumi_tablestore_delivery.client.transport import RequestsTransport, Transport
from pulumi_tablestore_delivery.errors import (
    CallError,
    ConfigurationError,
    ConnectionFailedError,
    DeliveryError,
    InvalidInputError,
    ServiceError,
    TaskConflictError,
    TaskUnhealthyError,
    UntrustedResponseError,
    Violation,
    WaitTimeoutError,
)
from pulumi_tablestore_delivery.settings import Settings
from pulumi_tablestore_delivery.spec import endpoints, naming
from pulumi_tablestore_delivery.spec.changes import Difference, differences, same_content
from pulumi_tablestore_delivery.spec.contract import Surroundings, judge
from pulumi_tablestore_delivery.spec.model import (
    UNKNOWN,
    DeliveryTaskSpec,
    is_known,
    is_unknown,
)
from pulumi_tablestore_delivery.spec.properties import (
    properties_of,
    read_properties,
    spec_of,
)
from pulumi_tablestore_delivery.wire import delivery_pb2 as pb

VOLATILE_OUTPUTS: Final = ("phase", "synced_until", "error_code", "error_detail")
OUTPUTS: Final = (*VOLATILE_OUTPUTS, "location", "request_id", "trace_id")
"""What a task has beside its inputs; never a reason for a diff."""

_PREVIEW_RETRY: Final = RetryPolicy(deadline=5.0)
_CREATE_ATTEMPTS: Final = 3
_FIRST_POLL: Final = 0.2
_LONGEST_POLL: Final = 5.0
_DEFAULT_TIMEOUT: Final = 180
_REMEDIES: Final = {
    "UNAUTHORIZED": (
        "The role is missing or may not write to the bucket: check role_arn, and create the "
        "service-linked role for data delivery in the account that owns the bucket."
    ),
    "INVALID_OSS_BUCKET": (
        "The bucket does not exist or is in another region: create it in the instance's region; "
        "the service then writes everything again."
    ),
}


class Reporter(Protocol):
    """Where a person watches: the row of the resource at work."""

    def status(self, message: str) -> None:
        """Shows what goes on right now; the next one takes its place."""
        ...

    def warn(self, message: str) -> None:
        """Leaves a warning."""
        ...


@dataclass(frozen=True)
class Declaration:
    """What a program knows of a resource that its inputs do not tell.

    Attributes:
        scope: Where it is declared.
        preview: Whether this run only looks.
    """

    scope: naming.Scope
    preview: bool


@dataclass(frozen=True)
class Checked:
    """The inputs with their defaults (as they came, if anything is wrong), and what is wrong."""

    inputs: dict[str, Any]
    violations: list[Violation]


@dataclass(frozen=True)
class Diff:
    """What is to be done about a change.

    Attributes:
        differences: All values that differ.
        replaces: Names of the inputs whose change takes a new task.
        delete_before_replace: Whether the old task has to go first, its name being wanted.
    """

    differences: list[Difference]
    replaces: list[str]
    delete_before_replace: bool


@dataclass(frozen=True)
class Found:
    """A task as it is: its id, its inputs, and everything that can be read of it."""

    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


class InitializationError(DeliveryError):
    """A task was created, and the wait for it failed; it is to stay in the state.

    Attributes:
        found: The task.
    """

    def __init__(self, found: Found, reason: str) -> None:
        super().__init__(reason)
        self.found = found


@dataclass(frozen=True)
class TaskId:
    """The three names that make a task unique."""

    instance_name: str
    table_name: str
    task_name: str

    def __str__(self) -> str:
        return f"{self.instance_name}/{self.table_name}/{self.task_name}"

    @classmethod
    def parse(cls, text: str) -> TaskId:
        """Reads `<instance>/<table>/<task>`.

        Raises:
            ConfigurationError: The text has another form.
        """
        parts = text.split("/", 2)
        if len(parts) != 3 or not all(parts):  # noqa: PLR2004
            raise ConfigurationError(
                f"{text!r} is not the id of a delivery task; write it as <instance>/<table>/<task>."
            )
        return cls(*parts)

    @classmethod
    def of(cls, spec: DeliveryTaskSpec) -> TaskId:
        """The id of a task."""
        return cls(spec.instance_name, spec.table_name, spec.task_name)


class Lifecycle:
    """What can be done with delivery tasks, for one configuration.

    Safe to use from several threads. It remembers, for this run, which tasks the stack
    already has and which it made, so that none is taken for another.

    Args:
        settings: Endpoint, region and keys.
        transport: What carries the requests.
        clock: Time.
    """

    def __init__(
        self,
        settings: Settings,
        transport: Transport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._settings = settings
        self._transport = transport or RequestsTransport()
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str, RetryPolicy], TablestoreClient] = {}
        self._probes: dict[tuple[str, str, str], Future[None]] = {}
        self._managed: set[TaskId] = set()
        self._made: set[TaskId] = set()

    # -- check ---------------------------------------------------------------------------

    def check(
        self,
        olds: Mapping[str, Any],
        news: Mapping[str, Any],
        declaration: Declaration,
        report: Reporter,
    ) -> Checked:
        """Fills in defaults and judges the inputs; nothing is created or changed.

        Args:
            olds: The inputs the stack has for this resource; empty for a new one.
            news: The inputs the program gives.
            declaration: Where the resource is declared.
            report: Where warnings go.
        """
        old = _readable(olds)
        if old is not None:
            with self._lock:
                self._managed.add(TaskId.of(old))
        data, around, violations = self._with_defaults(news)
        if old is not None:
            around = replace(around, existing_name=old.task_name)
        parsed = read_properties(data)
        violations += parsed.violations
        judgement = judge(parsed.spec, around)
        violations += judgement.errors
        for warning in judgement.warnings:
            report.warn(str(warning))
        if violations:
            return Checked(dict(news), violations)
        spec = parsed.spec
        if not spec.task_name:
            name = self._automatic_name(old, spec, declaration.scope)
            spec = spec.model_copy(update={"task_name": name})
        if declaration.preview and (
            old is None or any(item.replaces for item in differences(old, spec))
        ):
            violations = self._reach(spec, report)
        return Checked(properties_of(spec), violations)

    def _with_defaults(
        self, news: Mapping[str, Any]
    ) -> tuple[dict[str, Any], Surroundings, list[Violation]]:
        data = {name: value for name, value in news.items() if value is not None}
        violations: list[Violation] = []

        def setting(path: str, find: Callable[[], Any]) -> Any:
            try:
                return find()
            except ConfigurationError as error:
                violations.append(Violation(error.property_name or path, str(error), "setting"))
                return UNKNOWN

        instance = data.setdefault("instance_name", self._settings.instance_name or UNKNOWN)
        if instance is UNKNOWN and "instance_name" not in news:
            violations.append(
                Violation(
                    "instance_name",
                    "no instance: set the input instance_name, TABLESTORE_INSTANCE, or `pulumi "
                    "config set tablestore:instance …`.",
                    "setting",
                )
            )
        endpoint = data.get("tablestore_endpoint")
        if endpoint is None:
            known_instance = instance if isinstance(instance, str) else ""
            endpoint = setting(
                "tablestore_endpoint", lambda: self._settings.endpoint(known_instance, None)
            )
        endpoint = endpoint if isinstance(endpoint, str) else ""
        region = self._settings.region(endpoint) if endpoint else ""
        setting("", lambda: self._settings.credentials)
        setting("", lambda: self._settings.signing_region(endpoint))
        if "oss_endpoint" not in data:
            data["oss_endpoint"] = UNKNOWN
            if region:
                data["oss_endpoint"] = endpoints.oss_endpoint(region)
            elif endpoints.is_loopback(endpoint):
                data["oss_endpoint"] = endpoints.oss_endpoint(endpoints.EMULATOR_REGION)
            elif endpoint:
                violations.append(
                    Violation(
                        "oss_endpoint",
                        "the region is not known, so there is no default: set oss_endpoint, or "
                        "`pulumi config set tablestore:region …`.",
                        "setting",
                    )
                )
        return data, Surroundings(region=region, endpoint=endpoint), violations

    def _automatic_name(
        self, old: DeliveryTaskSpec | None, spec: DeliveryTaskSpec, scope: naming.Scope
    ) -> Any:
        if old is not None and same_content(old, spec):
            return old.task_name
        if not is_known(spec):
            return UNKNOWN

        def in_use(name: str) -> bool:
            return TaskId(spec.instance_name, spec.table_name, name) in self._managed

        with self._lock:
            return naming.derive(scope, spec, in_use)

    def _reach(self, spec: DeliveryTaskSpec, report: Reporter) -> list[Violation]:
        """Asks the service for the table, once a run, to show trouble before it costs."""
        if not (
            is_known(spec.instance_name)
            and is_known(spec.table_name)
            and is_known(spec.tablestore_endpoint)
        ):
            return []
        try:
            self._probe(spec)
        except (ConnectionFailedError, UntrustedResponseError) as error:
            path = "tablestore_endpoint" if spec.tablestore_endpoint else ""
            return [Violation(path, str(error), "reachable")]
        except ServiceError as error:
            if error.code == "OTSAuthFailed":
                return [Violation("", str(error), "credentials")]
            if error.is_not_found:
                report.warn(
                    f"table_name: table {spec.table_name!r} does not exist in instance "
                    f"{spec.instance_name!r} yet; it has to before the task is created."
                )
            else:
                report.warn(f"The table could not be looked at in this preview: {error}")
        except CallError as error:
            report.warn(f"The table could not be looked at in this preview: {error}")
        return []

    def _probe(self, spec: DeliveryTaskSpec) -> None:
        client = self._client(spec, _PREVIEW_RETRY)
        key = (client.endpoint, spec.instance_name, spec.table_name)
        with self._lock:
            probe = self._probes.get(key)
            mine = probe is None
            if probe is None:
                probe = self._probes[key] = Future()
        if mine:
            try:
                client.describe_table(spec.table_name)
            except DeliveryError as error:
                probe.set_exception(error)
            else:
                probe.set_result(None)
        probe.result()

    # -- diff ----------------------------------------------------------------------------

    def diff(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Diff:
        """Tells what differs and what that takes.

        Args:
            olds: The resource's outputs in the state.
            news: The checked inputs.
        """
        old, new = spec_of(olds), spec_of(news)
        found = differences(old, new)
        replaces = list(dict.fromkeys(item.input_name for item in found if item.replaces))
        return Diff(
            differences=found,
            replaces=replaces,
            delete_before_replace=bool(replaces) and TaskId.of(old) == TaskId.of(new),
        )

    # -- create --------------------------------------------------------------------------

    def create(self, inputs: Mapping[str, Any], report: Reporter) -> Found:
        """Creates the task and waits for it as the inputs say.

        Raises:
            TaskConflictError: A task of that name exists and is not ours to use.
            InitializationError: The task was created, and the wait for it failed.
            CallError: The service could not be called, or refused.
        """
        spec = spec_of(inputs)
        task = TaskId.of(spec)
        with self._lock:
            if task in self._managed or task in self._made:
                raise TaskConflictError(
                    f"{task}: this stack already has this task. A replacement under the same name "
                    "has to delete first: set delete_before_replace=True in the resource's "
                    "options, or leave task_name out to have names derived. Two resources cannot "
                    "share a task."
                )
        ids = self._create(spec, report)
        with self._lock:
            self._made.add(task)
        outputs = {
            **properties_of(spec),
            **_state_outputs(codec.TaskState("INIT", "OK", "", "")),
            "location": _location(spec),
            "request_id": ids.request_id,
            "trace_id": ids.trace_id,
        }
        return self._awaited(spec, outputs, report)

    def _create(self, spec: DeliveryTaskSpec, report: Reporter) -> CallIds:
        client = self._client(spec)
        request = codec.create_request(spec)
        unclear = False
        for attempt in range(1, _CREATE_ATTEMPTS + 1):
            if attempt == 1 and spec.adopt_existing:
                existing = self._describe(client, TaskId.of(spec))
                if existing is not None:
                    self._take_over(spec, existing, may_adopt=True)
                    return CallIds("", "")
            try:
                return client.create_delivery_task(request)
            except CallError as error:
                exists = isinstance(error, ServiceError) and error.is_already_exists
                if not (exists or error.outcome_unknown):
                    raise
                unclear = unclear or error.outcome_unknown
                report.status("looking whether the task exists")
                existing = self._describe(client, TaskId.of(spec))
                if existing is not None:
                    self._take_over(spec, existing, may_adopt=unclear or naming.is_derived(spec))
                    return CallIds(getattr(error, "request_id", ""), error.trace_id)
                if attempt == _CREATE_ATTEMPTS:
                    raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _take_over(
        self,
        spec: DeliveryTaskSpec,
        existing: pb.DescribeDeliveryTaskResponse,
        *,
        may_adopt: bool,
    ) -> None:
        task = TaskId.of(spec)
        real = spec_of({**properties_of(spec), **_absent_optionals(), **_described(existing, spec)})
        found = [item for item in differences(spec, real) if item.replaces]
        if found:
            listed = "\n".join(
                f"  {item.path}: the program has {item.old!r}, the task {item.new!r}"
                for item in found
            )
            raise TaskConflictError(
                f"{task}: a task of this name exists and differs:\n{listed}\n"
                "Give the resource another task_name, make its inputs match, or delete the task."
            )
        if not may_adopt:
            raise TaskConflictError(
                f"{task}: a task of this name exists already, with the same content. Set "
                "adopt_existing=True to take it over as it is, or give another task_name."
            )

    # -- waiting -------------------------------------------------------------------------

    def _awaited(self, spec: DeliveryTaskSpec, outputs: dict[str, Any], report: Reporter) -> Found:
        """Waits until the task is where `wait_for` wants it; nothing is asked if it is."""
        task = TaskId.of(spec)
        state = codec.TaskState(
            outputs.get("phase") or "INIT",
            outputs.get("error_code") or "OK",
            outputs.get("error_detail") or "",
            outputs.get("synced_until") or "",
        )
        if state.error_code == "OK" and _has_arrived(spec, state):
            return Found(str(task), properties_of(spec), outputs)
        client = self._client(spec)
        started = self._clock.monotonic()
        pause = _FIRST_POLL
        while True:
            found = Found(str(task), properties_of(spec), outputs)
            try:
                answer = client.describe_delivery_task(spec.table_name, spec.task_name)
            except CallError as error:
                raise InitializationError(found, str(error)) from None
            state = codec.described_state(answer)
            outputs = {**outputs, **_state_outputs(state)}
            found = replace(found, outputs=outputs)
            if state.error_code != "OK":
                raise InitializationError(found, str(_unhealthy(task, state)))
            if _has_arrived(spec, state):
                report.status(f"phase {state.phase}")
                return found
            waited = self._clock.monotonic() - started
            if waited + pause > spec.timeout_seconds:
                raise InitializationError(
                    found,
                    str(
                        WaitTimeoutError(
                            f"{task}: still in phase {state.phase} after {waited:.0f} s, waiting "
                            f"for {spec.wait_for}. The task goes on; run `pulumi up` again to go "
                            "on waiting, or raise timeout_seconds."
                        )
                    ),
                )
            report.status(f"phase {state.phase}, waiting for {spec.wait_for} ({waited:.0f} s)")
            self._clock.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_POLL)

    # -- read ----------------------------------------------------------------------------

    def read(self, task_id: str, state: Mapping[str, Any]) -> Found | None:
        """Reads the task as it is; None if the service says that it does not exist.

        Args:
            task_id: `<instance>/<table>/<task>`.
            state: The outputs the stack has; empty for a task that is new to it.

        Raises:
            CallError: Anything but a clear answer; never taken for absence.
        """
        task = TaskId.parse(task_id)
        known = {name: state[name] for name in DeliveryTaskSpec.model_fields if name in state}
        client = self._client_of(task.instance_name, known.get("tablestore_endpoint"))
        answer = self._describe(client, task)
        if answer is None:
            self._insist_on_region(client, task, known.get("oss_endpoint"))
            return None
        old = _readable(known)
        spec = spec_of(
            {
                **{key: value for key, value in known.items() if key not in _absent_optionals()},
                **_described(answer, old),
                "instance_name": task.instance_name,
                "table_name": task.table_name,
                "task_name": task.task_name,
            }
        )
        outputs = {
            **properties_of(spec),
            **_state_outputs(codec.described_state(answer)),
            "location": _location(spec),
            "request_id": state.get("request_id") or "",
            "trace_id": state.get("trace_id") or "",
        }
        return Found(task_id, properties_of(spec), outputs)

    # -- update --------------------------------------------------------------------------

    def update(self, olds: Mapping[str, Any], news: Mapping[str, Any], report: Reporter) -> Found:
        """Takes over inputs that the service does not know, and goes on waiting if need be.

        Raises:
            InitializationError: The wait failed.
        """
        spec = spec_of(news)
        kept = {name: olds[name] for name in OUTPUTS if name in olds}
        return self._awaited(spec, {**properties_of(spec), **kept}, report)

    # -- delete --------------------------------------------------------------------------

    def delete(self, task_id: str, state: Mapping[str, Any], report: Reporter) -> None:
        """Deletes the task, for sure; what it delivered stays.

        A task that is gone already is a success. One that still initialises is waited for.

        Raises:
            CallError: The service could not be called, or refused.
            WaitTimeoutError: The task would not be deleted in time.
        """
        task = TaskId.parse(task_id)
        with self._lock:
            if task in self._made:
                report.warn(
                    f"{task} is not deleted: another resource of this stack took it over in this "
                    "run."
                )
                return
        client = self._client_of(task.instance_name, state.get("tablestore_endpoint"))
        timeout = float(state.get("timeout_seconds") or _DEFAULT_TIMEOUT)
        started = self._clock.monotonic()
        pause = _FIRST_POLL
        while not self._delete_once(client, task, state):
            waited = self._clock.monotonic() - started
            if waited + pause > timeout:
                raise WaitTimeoutError(
                    f"{task}: still initialising after {waited:.0f} s, and a task cannot be "
                    "deleted before that is over. It is still in the state; try again later."
                )
            report.status(f"waiting until the task can be deleted ({waited:.0f} s)")
            self._clock.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_POLL)
        with self._lock:
            self._managed.discard(task)

    def _delete_once(
        self, client: TablestoreClient, task: TaskId, state: Mapping[str, Any]
    ) -> bool:
        """Whether the task is gone; False if it is to be tried again."""
        try:
            client.delete_delivery_task(task.table_name, task.task_name)
        except ServiceError as error:
            if error.is_not_found:
                self._insist_on_region(client, task, state.get("oss_endpoint"))
                return True
            if error.is_denied:
                raise
            return self._is_gone(client, task, error)
        except CallError as error:
            if not error.outcome_unknown:
                raise
            return self._is_gone(client, task, error)
        return True

    def _is_gone(self, client: TablestoreClient, task: TaskId, error: CallError) -> bool:
        answer = self._describe(client, task)
        if answer is None:
            return True
        if codec.described_state(answer).phase == "INIT" or error.outcome_unknown:
            return False
        raise error

    # -- calls ---------------------------------------------------------------------------

    def _describe(
        self, client: TablestoreClient, task: TaskId
    ) -> pb.DescribeDeliveryTaskResponse | None:
        try:
            return client.describe_delivery_task(task.table_name, task.task_name)
        except ServiceError as error:
            if error.is_not_found:
                return None
            raise

    def _insist_on_region(
        self, client: TablestoreClient, task: TaskId, oss_endpoint: str | None
    ) -> None:
        """Keeps "does not exist" from being believed where somebody else was asked."""
        asked = self._settings.region(client.endpoint)
        home = endpoints.region_of_oss(oss_endpoint or "")
        if asked and home and asked != home:
            raise ConfigurationError(
                f"{task}: {client.endpoint} (region {asked}) does not know it, but its bucket is "
                f"in {home}, so the task must be there too. Check tablestore:endpoint and "
                "tablestore:region; nothing is concluded from this answer.",
                "tablestore_endpoint",
            )

    def _client(self, spec: DeliveryTaskSpec, retry: RetryPolicy | None = None) -> TablestoreClient:
        return self._client_of(spec.instance_name, spec.tablestore_endpoint, retry)

    def _client_of(
        self, instance_name: str, given_endpoint: str | None, retry: RetryPolicy | None = None
    ) -> TablestoreClient:
        endpoint = self._settings.endpoint(instance_name, given_endpoint)
        retry = retry or RetryPolicy()
        with self._lock:
            client = self._clients.get((endpoint, instance_name, retry))
            if client is None:
                client = TablestoreClient(
                    endpoint,
                    instance_name,
                    self._settings.credentials,
                    signature_version=self._settings.signature_version,
                    region=self._settings.signing_region(endpoint),
                    transport=self._transport,
                    retry=retry,
                    clock=self._clock,
                )
                self._clients[endpoint, instance_name, retry] = client
            return client


def _readable(properties: Mapping[str, Any]) -> DeliveryTaskSpec | None:
    """The spec in a bag; None if there is none, or one that this version cannot read."""
    try:
        return spec_of(properties) if properties else None
    except InvalidInputError:
        return None


def _absent_optionals() -> dict[str, None]:
    """Inputs that are absent from a description when the task does not have them."""
    return {"event_time_column": None, "oss_dirty_prefix": None}


def _described(
    answer: pb.DescribeDeliveryTaskResponse, old: DeliveryTaskSpec | None
) -> dict[str, Any]:
    """The inputs that the service tells, in the words of the old ones where they mean the same."""
    inputs = codec.described_inputs(answer)
    if (
        old is not None
        and not is_unknown(old.oss_endpoint)
        and endpoints.host_of(old.oss_endpoint) == endpoints.host_of(inputs["oss_endpoint"])
    ):
        inputs["oss_endpoint"] = old.oss_endpoint
    return inputs


def _has_arrived(spec: DeliveryTaskSpec, state: codec.TaskState) -> bool:
    if spec.wait_for == "none":
        return True
    if spec.wait_for == "initialized":
        return state.phase != "INIT"
    return state.phase == "INCR" and (spec.mode == "BASE" or bool(state.synced_until))


def _unhealthy(task: TaskId, state: codec.TaskState) -> TaskUnhealthyError:
    detail = f" ({state.error_detail})" if state.error_detail else ""
    remedy = _REMEDIES.get(state.error_code, "See the service's documentation.")
    return TaskUnhealthyError(f"{task}: the task reports {state.error_code}{detail}. {remedy}")


def _state_outputs(state: codec.TaskState) -> dict[str, str]:
    return {
        "phase": state.phase,
        "synced_until": state.synced_until,
        "error_code": state.error_code,
        "error_detail": state.error_detail,
    }


def _location(spec: DeliveryTaskSpec) -> str:
    return f"oss://{spec.oss_bucket}/{spec.oss_prefix}"
