"""Pulumi's engine for one resource: its calls, in its order, and its state.

The order follows the engine's step generator: a targeted replacement (`--replace`, taint) is
checked once, without old inputs, and never diffed; every other replacement is checked twice.
The resource's option decides the order of delete and create, and without it the diff does. A
create that fails after the delete leaves the entry pending replacement, and the next run never
deletes it.
"""

from dataclasses import dataclass, field, replace

from support.lifecycle_world import HERE, bag

from pulumi_tablestore_delivery.lifecycle import (
    InitializationError,
    Registry,
    StateEntries,
    TaskId,
)

URN = "urn:pulumi:dev::shop::t::own"


@dataclass
class Entry:
    id: str
    inputs: dict
    outputs: dict
    is_pending_replacement: bool = False
    has_init_errors: bool = False


class Killed(BaseException):
    """The run ends here, and nothing of this step reaches the state."""


@dataclass
class Stack:
    """A stack with one resource.

    Attributes:
        world: The service.
        here: How the program declares the resource.
        sees_state: Whether the program tells the provider what the state holds, as Python does.
        has_two_providers: Whether deletes go to another provider object than creates, and
            nothing is shared between them.
    """

    world: object
    here: object = HERE
    sees_state: bool = True
    has_two_providers: bool = False
    entry: Entry | None = None
    to_delete: list = field(default_factory=list)
    others: dict = field(default_factory=dict)

    @property
    def id(self):
        return self.entry.id if self.entry else ""

    def up(self, *, force="", option=None, retain=False, kill="", refresh=False, **changes):
        """Run `pulumi up`.

        Args:
            force: `targeted` (--replace, taint) or `decided` (replace_on_changes, a trigger, a
                change of the provider, …).
            option: `delete_before_replace` as the program gives it. The front end registers True
                where the program gives the name and not the option.
            retain: `retain_on_delete`.
            kill: `create`: the run is killed after the service has created the task.
                `delete`: it is killed before a pending delete.
        """
        if refresh:
            self.refresh()
        given = bag(**changes)
        self.order = True if option is None and "task_name" in changes else option
        self.run = self.world.run(Registry())
        self.deleting = self.world.run(Registry()) if self.has_two_providers else self.run
        self.declaration = replace(
            self.here, urn=URN, knows_options=True, delete_before_replace=option,
            retain_on_delete=retain, entries=self._entries(),
        )  # fmt: skip
        if self.entry is None:
            self._create(self._check({}, given), kill)
        else:
            self._change(given, force, kill)
        self._delete_pending(kill)

    def _change(self, given, force, kill):
        old = self.entry
        if force == "targeted":
            inputs, deletes_first = self._check({}, given), False
        else:
            inputs = self._check(old.inputs, given)
            scope, row = self.declaration.scope, self.world.row
            diff = self.run.diff(old.outputs, inputs, row, scope)
            if not (force or old.is_pending_replacement or diff.replaces):
                if diff.differences or old.has_init_errors:
                    self._keep(lambda: self.run.update(old.outputs, inputs, row, None, scope))
                return
            inputs, deletes_first = self._check({}, given), diff.delete_before_replace
        self._replace(inputs, kill, deletes_first=deletes_first)

    def _replace(self, inputs, kill, *, deletes_first):
        old, option = self.entry, self.order
        retain = self.declaration.retain_on_delete
        if (deletes_first if option is None else option) and not old.is_pending_replacement:
            if not retain:
                self.deleting.delete(old.id, old.outputs, self.world.row)
            old.is_pending_replacement = True
        try:
            self._create(inputs, kill)
        finally:
            if self.entry is not old and not old.is_pending_replacement and not retain:
                self.to_delete.append(old)

    def _check(self, olds, given):
        checked = self.run.check(olds, given, self.declaration, self.world.row)
        if checked.violations:
            raise CheckError(checked.violations)
        return checked.inputs

    def destroy(self):
        run = self.world.run(Registry())
        for entry in [*self.to_delete, *([self.entry] if self.entry else [])]:
            if not entry.is_pending_replacement:
                run.delete(entry.id, entry.outputs, self.world.row)
        self.entry, self.to_delete = None, []

    def refresh(self):
        if self.entry is None or self.entry.is_pending_replacement:
            return
        found = self.world.run(Registry()).read(self.entry.id, self.entry.outputs)
        self.entry = Entry(found.id, found.inputs, found.outputs) if found else None

    def _entries(self):
        if not self.sees_state:
            return None
        own = {URN: TaskId.parse(self.entry.id)} if self.entry else {}
        return StateEntries({**own, **self.others})

    def _create(self, inputs, kill):
        def create():
            found = self.run.create(inputs, self.world.row, None, self.here.scope)
            if kill == "create":
                raise Killed
            return found

        self._keep(create)

    def _keep(self, work):
        try:
            found = work()
        except InitializationError as error:
            found = error.found
            self.entry = Entry(found.id, found.inputs, found.outputs, has_init_errors=True)
            raise
        self.entry = Entry(found.id, found.inputs, found.outputs)

    def _delete_pending(self, kill):
        if kill == "delete":
            raise Killed
        while self.to_delete:
            old = self.to_delete[0]
            self.deleting.delete(old.id, old.outputs, self.world.row)
            self.to_delete.pop(0)

    def assert_sound(self):
        """The state's task is the only one there is, and nothing is left to be done."""
        assert [self.id] == [f"inst/orders/{name}" for name in self.world.tasks()]
        assert not self.to_delete
        assert not self.entry.is_pending_replacement


class CheckError(Exception):
    """Check refused the inputs."""
