"""A model of Pulumi's engine: which calls a provider gets in a run, and what the state keeps.

It follows `pkg/resource/deploy/step_generator.go` and `step.go` of Pulumi 3.255.0, with one step
after the other. What delivery tasks never meet (dependencies, views, hooks, plans, imports) is left
out.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from torture.host import PROJECT, PROVIDER, STACK, CallFailedError, Host, Kept

TYPE = "pulumi-python:dynamic/tablestore:DeliveryTask"
DECLARATION = "_declaration"


@dataclass(frozen=True)
class Options:
    """A resource's options, as far as the engine knows them.

    Attributes:
        delete_before_replace: The order of a replacement; what the provider answers if None.
        retain_on_delete: Whether the task stays when the entry goes.
    """

    delete_before_replace: bool | None = None
    retain_on_delete: bool = False


NO_OPTIONS = Options()


@dataclass(frozen=True)
class Resource:
    """A delivery task in a program.

    Attributes:
        inputs: Its inputs.
        options: Its options.
        provider: The pickled provider.
    """

    inputs: dict[str, Any]
    options: Options = NO_OPTIONS
    provider: str = ""


Program = dict[str, Resource]


@dataclass
class Entry:
    """A resource in the state."""

    urn: str
    id: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    delete: bool = False
    pending_replacement: bool = False
    init_errors: list[str] = field(default_factory=list)
    retain_on_delete: bool = False


@dataclass
class Verb:
    """A call of the provider.

    Attributes:
        method: The method's name.
        started: When it began (monotonic seconds).
        ended: When it ended.
        error: What the engine shows; empty if it succeeded.
    """

    method: str
    started: float
    ended: float = 0.0
    error: str = ""


@dataclass
class Outcome:
    """What a run did.

    Attributes:
        errors: What made it fail; empty for a success.
        steps: What was done, as (operation, resource).
        verbs: The provider's calls, in order.
    """

    errors: list[str] = field(default_factory=list)
    steps: list[tuple[str, str]] = field(default_factory=list)
    verbs: list[Verb] = field(default_factory=list)


class _FailedError(Exception):
    """The run ends: nothing more is done."""


def urn_of(name: str) -> str:
    """The URN of a delivery task in the program."""
    return f"urn:pulumi:{STACK}::{PROJECT}::{TYPE}::{name}"


class Engine:
    """One run of Pulumi, with a provider process of its own.

    Args:
        state: The state's file; written after each step, as the engine does.
        host: Makes the provider's process.
    """

    def __init__(self, state: Path, host: Callable[[], Host] = Host) -> None:
        self._path = state
        self._entries = load(state)
        self._host = host()
        self._outcome = Outcome()
        self._preview = False

    def up(
        self, program: Program, *, refresh: bool = False, replaced: frozenset[str] = frozenset()
    ) -> Outcome:
        """Run `pulumi up`.

        Args:
            program: The program.
            refresh: Whether to refresh first (`--refresh`).
            replaced: Names of the resources to replace (`--replace`).
        """
        with self._run():
            if refresh:
                self._refresh()
            entries = list(self._entries)
            for name, resource in program.items():
                self._register(name, resource, entries, replaced=name in replaced)
            self._delete_rest({urn_of(name) for name in program})
        return self._outcome

    def preview(self, program: Program) -> Outcome:
        """Run `pulumi preview`: check and diff, and nothing else."""
        self._preview = True
        return self.up(program)

    def refresh(self) -> Outcome:
        """Run `pulumi refresh`, without the program."""
        with self._run():
            self._refresh()
        return self._outcome

    def destroy(self) -> Outcome:
        """Run `pulumi destroy`, without the program."""
        with self._run():
            self._delete_rest(set())
        return self._outcome

    @contextmanager
    def _run(self) -> Iterator[None]:
        """End the run at the first failure; the outcome has its text."""
        try:
            yield
        except (CallFailedError, _FailedError):
            pass
        finally:
            self._save()

    def _register(
        self, name: str, resource: Resource, before: list[Entry], *, replaced: bool
    ) -> None:
        """Bring one resource of the program about, as `continueStepsFromImport` does."""
        urn = urn_of(name)
        old = next((each for each in self._entries if each.urn == urn and not each.delete), None)
        goal = self._goal(name, resource, before)
        if old is None or replaced:
            inputs = self._check(urn, {}, goal)
        else:
            inputs = self._check(urn, old.inputs, goal)
        new = Entry(urn, "", inputs, {}, retain_on_delete=resource.options.retain_on_delete)
        if old is None:
            self._create("create", new)
            return
        if replaced:
            changed, replaces, delete_first = True, True, False
        else:
            changed, replaces, delete_first = self._diff(old, inputs)
        if (changed or old.pending_replacement) and (replaces or old.pending_replacement):
            if not replaced:
                new.inputs = self._check(urn, {}, goal)
            if resource.options.delete_before_replace is not None:
                delete_first = resource.options.delete_before_replace
            self._replace(old, new, delete_first=delete_first)
        elif changed or old.init_errors:
            self._update(old, new)
        else:
            self._step("same", urn)
            self._put(old, replace(new, id=old.id, outputs=old.outputs))

    def _goal(self, name: str, resource: Resource, before: list[Entry]) -> dict[str, Any]:
        """What the program sends: its inputs, the provider, and where it is declared."""
        inputs = resource.inputs
        owned = [
            entry for entry in before if entry.inputs.get("table_name") == inputs.get("table_name")
        ]
        return {
            **inputs,
            PROVIDER: resource.provider,
            DECLARATION: json.dumps(
                {
                    "project": PROJECT,
                    "stack": STACK,
                    "parent": "",
                    "resource": name,
                    "preview": self._preview,
                    "delete_before_replace": resource.options.delete_before_replace,
                    "explicit_name": "task_name" in inputs,
                    "retain_on_delete": resource.options.retain_on_delete,
                    "entries": "\n".join(f"{entry.urn}\t{entry.id}" for entry in owned),
                }
            ),
        }

    def _check(self, urn: str, olds: dict[str, Any], goal: dict[str, Any]) -> dict[str, Any]:
        inputs, failures = self._call("check", self._host.check, urn, olds, goal)
        if failures:
            self._outcome.errors += [f"{name}: {reason}" for name, reason in failures]
            raise _FailedError
        return inputs

    def _diff(self, old: Entry, inputs: dict[str, Any]) -> tuple[bool, bool, bool]:
        """Whether something changed, whether that replaces, and whether the old one goes first."""
        answer = self._call(
            "diff", self._host.diff, old.urn, old.id, old.inputs, old.outputs, inputs
        )
        some = {answer.DIFF_SOME: True, answer.DIFF_NONE: False}
        changed = some.get(answer.changes, old.inputs != inputs)
        return changed, changed and bool(answer.replaces), answer.deleteBeforeReplace

    def _create(self, step: str, new: Entry) -> None:
        self._step(step, new.urn)
        if self._preview:
            return
        try:
            new.id, new.outputs = self._call("create", self._host.create, new.urn, new.inputs)
        except CallFailedError as error:
            if error.kept is not None:
                self._entries.append(_kept(new, error.kept))
            raise
        self._entries.append(new)

    def _update(self, old: Entry, new: Entry) -> None:
        self._step("update", old.urn)
        if self._preview:
            return
        new.id = old.id
        try:
            new.outputs = self._call(
                "update", self._host.update, old.urn, old.id, old.inputs, old.outputs, new.inputs
            )
        except CallFailedError as error:
            if error.kept is not None:
                self._put(old, replace(_kept(new, error.kept), id=old.id))
            raise
        self._put(old, new)

    def _replace(self, old: Entry, new: Entry, *, delete_first: bool) -> None:
        if delete_first:
            if not old.pending_replacement:
                self._delete("delete-replaced", old)
                old.pending_replacement = not self._preview
                self._save()
            self._create_replacement(new, lambda: self._entries.remove(old))
        else:
            # The delete comes at the end of the run.
            self._create_replacement(new, lambda: setattr(old, "delete", True))

    def _create_replacement(self, new: Entry, then: Callable[[], None]) -> None:
        count = len(self._entries)
        try:
            self._create("create-replacement", new)
        finally:
            if len(self._entries) > count:  # created, or kept despite a failure
                then()
                self._save()

    def _delete_rest(self, wanted: set[str]) -> None:
        """Delete what is to be deleted, and what the program no longer has."""
        failed = None
        for entry in list(self._entries):
            if not entry.delete and entry.urn in wanted:
                continue
            try:
                if not entry.delete and entry.pending_replacement:
                    self._step("remove-pending-replace", entry.urn)
                else:
                    self._delete("delete", entry)
            except CallFailedError as error:
                failed = error
                continue
            if not self._preview:
                self._entries.remove(entry)
                self._save()
        if failed:
            raise _FailedError

    def _delete(self, step: str, entry: Entry) -> None:
        self._step(step, entry.urn)
        if not (entry.retain_on_delete or self._preview):
            self._call(
                "delete", self._host.delete, entry.urn, entry.id, entry.inputs, entry.outputs
            )

    def _refresh(self) -> None:
        """Read every entry, as `RefreshStep` does."""
        for entry in list(self._entries):
            if entry.pending_replacement:
                continue
            self._step("refresh", entry.urn)
            id_, inputs, outputs = self._call(
                "read", self._host.read, entry.urn, entry.id, entry.inputs, entry.outputs
            )
            if id_:
                found = replace(
                    entry, id=id_, inputs=inputs or entry.inputs, outputs=outputs, init_errors=[]
                )
                self._call(
                    "diff", self._host.diff, entry.urn, id_, found.inputs, outputs, entry.inputs
                )
                self._put(entry, found)
            else:
                self._entries.remove(entry)
            self._save()

    def _put(self, old: Entry, new: Entry) -> None:
        self._entries[self._entries.index(old)] = new

    def _step(self, operation: str, urn: str) -> None:
        self._save()
        self._outcome.steps.append((operation, urn.rsplit("::", 1)[1]))

    def _save(self) -> None:
        """Write the state; a reader sees the old or the new one."""
        if self._preview:
            return
        text = json.dumps([asdict(entry) for entry in self._entries])
        temporary = self._path.with_suffix(".new")
        temporary.write_text(text)
        temporary.replace(self._path)

    def _call(self, method: str, call: Callable[..., Any], *arguments: Any) -> Any:
        verb = Verb(method, time.monotonic())
        self._outcome.verbs.append(verb)
        try:
            return call(*arguments)
        except CallFailedError as error:
            verb.error = error.text
            self._outcome.errors.append(error.text)
            raise
        finally:
            verb.ended = time.monotonic()


def _kept(new: Entry, kept: Kept) -> Entry:
    return replace(new, id=kept.id, outputs=kept.properties, init_errors=kept.reasons)


def load(path: Path) -> list[Entry]:
    """Read a state; empty if there is none."""
    if not path.exists():
        return []
    return [Entry(**entry) for entry in json.loads(path.read_text())]


def entries_of(path: Path) -> Iterator[tuple[str, str]]:
    """What is left to do with each entry, and its id."""
    for entry in load(path):
        if entry.delete:
            yield "delete", entry.id
        elif entry.pending_replacement:
            yield "pending replacement", entry.id
        elif entry.init_errors:
            yield "half made", entry.id
        else:
            yield "", entry.id
