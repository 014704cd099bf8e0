"""The clouds' side of the model: what they truly have, and all that may happen to it."""

import copy
from collections.abc import Callable
from typing import Any

from cloudmux_py.emulator import Emulator
from cloudmux_py.emulator.clock import Clock
from cloudmux_py.emulator.state import Row, Table

from .kinds import DELETES, KINDS, OWNERS, SCOPES, Scope, ids_of

REFUSED = {"Throttling.User", "RequestLimitExceeded"}
"""Codes that prove that a call was not executed."""

CHANGES = ["rename", "tag", "status", "respell"]


class Frozen(Clock):
    """The clouds' time stands still unless it is moved."""

    def __init__(self) -> None:
        super().__init__()
        self.start = super().now()

    def now(self) -> float:
        return self.start + self.added


class Clouds:
    """Both clouds.

    Attributes:
        settled: Every row that ever was, as it is when nothing is being done to it.
        ever: What each id that ever was is compared by.
        shown: How many rows show while a fault hides the others.
    """

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        emulator.world.clock = Frozen()
        self.settled = {scope: copy.deepcopy(self.rows(scope)) for scope in SCOPES}
        self.samples = {scope: copy.deepcopy(next(iter(rows.values()))) for scope, rows in self.settled.items()}
        self.ever = {scope: {scope.kind.identity(id) for id in self.rows(scope)} for scope in SCOPES}
        self.created, self.shown = 0, 0
        self.hooks: list[tuple[str, Callable[[Any], None]]] = []
        for action in ("DescribeInstances", "DeleteInstance"):
            emulator.on(action, self._fold)

    def table(self, scope: Scope) -> Table:
        provider, which = OWNERS[scope.owner]
        return self.emulator.table(provider, scope.region, scope.kind.keyword, which)

    def where(self, scope: Scope) -> dict[str, str]:
        """What selects the calls about a scope's region with its account's keys."""
        provider, which = OWNERS[scope.owner]
        account = self.emulator.world.of(provider)[which].account_id
        return {"provider": provider, "region": scope.region, "account": account}

    def about(self, call: Any, scope: Scope) -> bool:
        """Whether a call is of a scope's account and region."""
        found = {"provider": call.provider, "region": call.region, "account": call.account.account_id}
        return found == self.where(scope)

    def rows(self, scope: Scope) -> dict[str, Row]:
        return dict(self.table(scope).rows())

    def identities(self, scope: Scope) -> dict[str, Row]:
        """The rows by what their ids are compared by."""
        return {scope.kind.identity(id): row for id, row in self.rows(scope).items()}

    def pick(self, scope: Scope, number: int) -> str:
        """An id; empty if there is none."""
        ids = sorted(self.rows(scope))
        return ids[number % len(ids)] if ids else ""

    def due(self, scope: Scope, id: str) -> bool:
        """Whether something is being done to a row."""
        return any(entry[1] == id for entry in self.table(scope)._due)

    def sends(self) -> list[str]:
        """The ids of all deletions on the wire but those that were refused as too many."""
        found: list[str] = []
        for call in self.emulator.requests:
            if call.action in DELETES and call.code not in REFUSED:
                found += [id.lower() for id in ids_of(call.params)]
        return found

    # Changes.

    def create(self, scope: Scope, number: int) -> None:
        self.created += 1
        kind, row = scope.kind, self.samples[scope]
        prefix = row[kind.id].rpartition("-")[0]
        id = f"{prefix}-{'new' if number % 2 else 'New'}{self.created:04d}"
        self.put(scope, row | {kind.id: id, kind.name: f"name-{number % 4}"})

    def put(self, scope: Scope, row: Row) -> None:
        """A row as it is from now on, whatever was being done to it."""
        id = row[scope.kind.id]
        self.table(scope).cancel(id)
        self.table(scope).put(id, copy.deepcopy(row))
        self.settled[scope][id] = copy.deepcopy(row)
        self.ever[scope].add(scope.kind.identity(id))

    def remove(self, scope: Scope, number: int, count: int) -> None:
        for _ in range(count):
            if id := self.pick(scope, number):
                self.table(scope).remove(id)

    def restore(self, scope: Scope, number: int, *, other: bool) -> None:
        """What went is there again; or something else under its id."""
        living = self.identities(scope)
        gone = sorted(id for id in self.settled[scope] if scope.kind.identity(id) not in living)
        if gone:
            row = self.settled[scope][gone[number % len(gone)]]
            self.put(scope, row | ({scope.kind.created: scope.kind.later} if other else {}))

    def undelete(self, number: int) -> None:
        """Somebody takes back a deletion that the cloud had accepted, while it is still under way."""
        found = [(scope, id) for scope in SCOPES for id in sorted(self.rows(scope)) if self.due(scope, id)]
        if found:
            scope, id = found[number % len(found)]
            self.put(scope, self.settled[scope][id])

    def change(self, scope: Scope, number: int, what: str, value: int) -> None:
        """Rename, tag, or give another status; or write the id in another case, where that makes no difference."""
        id, kind = self.pick(scope, number), scope.kind
        if not id or self.due(scope, id):
            return
        row = self.settled[scope][id]
        if what == "respell" and kind.folds:
            self.table(scope).remove(id)
            row = row | {kind.id: id.swapcase()}
        elif what == "tag":
            row = row | kind.tags(dict.fromkeys("ab"[: value % 3], f"v{value}"))
        elif what == "status":
            row = row | {kind.status: list(kind.words)[value % 2]}
        else:
            row = row | {kind.name: f"name-{value}"}
        self.put(scope, row)

    # Trouble.

    def switch_on(self, scope: Scope, kind: str, times: int, page: int, number: int, *, few: int) -> None:
        """A fault of a scope's lists."""
        options: dict[str, Any] = {"times": times, "page": page}
        if kind == "blind":
            self.blind(scope)
            return
        if kind == "hide-rows":
            if not scope.kind.weak:
                return  # such a cloud names what it hides as gone: that is its word, and no fault of ours
            most = len(self.rows(scope)) - few - 1
            self.shown = number % most if most > 0 else 0
            options = {"keep": self.shown}
        if kind == "short-page" and scope.kind.token:
            options["times"] = 1  # twice, the answer by id lies as well: a weak proof, which is taken for a few rows
        if kind == "error":
            options |= {"code": "InternalError", "status": 500}
        self.emulator.fault(
            kind,
            **self.where(scope),
            **options,
            **({} if kind == "hide-rows" else {"action": scope.kind.list}),
        )

    def blind(self, scope: Scope) -> None:
        """The list lacks one row, and whoever asks by id sees none at all, not even those that the list had."""
        kind, seen = scope.kind, max(0, len(self.rows(scope)) - 1)

        def hide(call: Any) -> None:
            if kind.weak and self.about(call, scope):
                keep = 0 if call.params.get("InstanceIds") else seen
                self.emulator.fault("hide-rows", **self.where(scope), action=kind.list, keep=keep, times=1)

        self.emulator.on(kind.list, hide)
        self.hooks.append((kind.list, hide))

    def drift(self, scope: Scope, number: int) -> None:
        """A row goes, and another comes, before the second page is asked for."""
        done: list[Any] = []

        def disturb(call: Any) -> None:
            second = call.params.get("page") == "2" or call.params.get("Offset") or call.params.get("NextToken")
            if second and self.about(call, scope) and call.action == scope.kind.list and not done:
                done.append(call)
                self.remove(scope, number, 1)
                self.create(scope, number)

        self.emulator.on(scope.kind.list, disturb)
        self.hooks.append((scope.kind.list, disturb))

    def calm(self) -> None:
        """No trouble any more."""
        self.emulator.world.faults.clear()
        while self.hooks:
            action, hook = self.hooks.pop()
            self.emulator.world.hooks[action].remove(hook)

    def _fold(self, call: Any) -> None:
        """A cloud that folds case takes an id however it is written."""
        for kind in KINDS:
            if kind.folds and (kind.provider, call.service) == (call.provider, "es"):
                spelt = {id.lower(): id for id in call.table(kind.keyword).rows()}
                if call.params.get("InstanceIds"):
                    call.params["InstanceIds"] = [spelt.get(id.lower(), id) for id in call.params["InstanceIds"]]
                elif "InstanceId" in call.params:
                    call.params["InstanceId"] = spelt.get(call.params["InstanceId"].lower(), call.params["InstanceId"])
