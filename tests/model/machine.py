"""Anything may happen in any order: clouds change and fail, people sync, delete, rename and purge, processes die.

The machine keeps what must be true whatever happens: see `Machine.check`. Choices are plain numbers, taken modulo what
there is at that moment, so that a run can be repeated and shortened.
"""

import copy
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from climc_py.errors import Refused
from climc_py.models import row as rows
from climc_py.models import tag
from climc_py.models import task as tasks
from climc_py.models.account import Account
from climc_py.store import schema
from climc_py.store.database import Database
from climc_py.store.history import rewind
from climc_py.store.query import ListQuery, list_rows
from climc_py.sync import jobs, proving
from climc_py.sync.run import Options, Result, sync
from climc_py.tasks.delete import Clouds, Deletion, bury_gone, plan, validate
from climc_py.tasks.resume import resume
from cloudmux_py.cloudprovider.errors import CloudmuxError, NotFound, UsageError
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.emulator import Emulator
from cloudmux_py.emulator.clock import Clock as CloudClock
from cloudmux_py.emulator.state import Row, Table
from cloudmux_py.engine.retry import Clock
from cloudmux_py.resources import resource_type

from ..conftest import REGIONS, World
from ..e2e.test_history import age, aged, assert_same, hours_ago, known
from . import killed, patience
from .kinds import DELETES, KINDS, SCOPES, Kind, Scope, ids_of
from .replay import Rows, replay

FEW = 2
"""Instead of ten: the scopes are small."""

ROWS = 6
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where writing takes no time: what a killed process wrote is there after its death, wherever it is."""

NUMBERS = st.integers(0, 999)
KEYWORDS = sorted({kind.keyword for kind in KINDS})
REFUSED = {"Throttling.User", "RequestLimitExceeded"}
"""Codes that prove that a call was not executed."""

LYING = ["lists-say-zero", "hide-rows", "short-page", "empty-page", "large-total", "growing-total", "repeat-page"]
BROKEN = ["truncate", "empty-body", "not-json", "missing-key", "bad-row", "duplicate-id", "string-total"]
FAILING = ["throttle", "error", "status", "reset-before", "reset-after"]
FAULTS = st.none() | st.tuples(st.sampled_from(LYING + BROKEN + FAILING), st.integers(0, 2), st.integers(0, 2))
"""Kind, how many calls it hits (0: all), and which page (0: any)."""

SENDING = st.sampled_from(
    ["", "", "throttle", "error", "status", "reset-before", "reset-after", "truncate", "not-json"]
)
ONE_IN_FIVE = st.integers(0, 4).map(lambda number: number == 0)


class Frozen(CloudClock):
    """The clouds' time stands still unless it is moved."""

    def __init__(self) -> None:
        super().__init__()
        self.start = super().now()

    def now(self) -> float:
        return self.start + self.added


class Machine(RuleBasedStateMachine):
    """Two clouds with two regions and two types each, one account of each, and a cache."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        patch = self.stack.enter_context(pytest.MonkeyPatch.context())
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory(dir=MEMORY)))
        self.key_file = str(self.folder / "key")
        patch.setenv("CLIMC_KEY_FILE", self.key_file)
        patch.setattr(proving, "FEW", FEW)
        patience.apply(patch)
        self.stack.callback(patience.forget)
        emulator = self.stack.enter_context(Emulator(instances=ROWS, regions=REGIONS, kinds=KEYWORDS))
        emulator.world.clock = Frozen()
        self.database = self.stack.enter_context(Database.write(self.folder / "cache.db"))
        self.world = World(emulator, self.database)
        for account in self.world.accounts.values():
            self.database.execute("UPDATE cloudaccounts_tbl SET no_delete_lock = 1 WHERE id = ?", [account.id])
        self._prepare(emulator)

    def _prepare(self, emulator: Emulator) -> None:
        self.removed: dict[Scope, dict[str, Row]] = {scope: {} for scope in SCOPES}
        self.settled = {scope: copy.deepcopy(self.cloud(scope)) for scope in SCOPES}
        self.samples = {scope: next(iter(rows.values())) for scope, rows in self.settled.items()}
        self.ever = {scope: {scope.kind.identity(id) for id in self.cloud(scope)} for scope in SCOPES}
        self.restored, self.executed = list[str](), list[str]()
        self.mine: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.history: list[dict[str, Rows]] = []
        self.number = 0
        self.begin()
        for action in DELETES:
            emulator.on(f"after {action}", self._note_execution)
        emulator.on("DescribeInstances", self._fold)
        emulator.on("DeleteInstance", self._fold)

    def _note_execution(self, call: Any) -> None:
        kind = next(k for k in KINDS if k.provider == call.provider and k.delete == call.action)
        self.executed += [kind.identity(id) for id in ids_of(kind, call.params | call.path)]

    def _fold(self, call: Any) -> None:
        """A cloud that folds case takes an id however it is written."""
        for kind in KINDS:
            if kind.folds and (kind.provider, call.service) == (call.provider, "es"):
                spelt = {id.lower(): id for id in call.table(kind.keyword).rows()}
                if call.params.get("InstanceIds"):
                    call.params["InstanceIds"] = [spelt.get(id.lower(), id) for id in call.params["InstanceIds"]]
                elif "InstanceId" in call.params:
                    id = call.params["InstanceId"]
                    call.params["InstanceId"] = spelt.get(id.lower(), id)

    def teardown(self) -> None:
        try:
            self.check_history()
            (found,) = self.database.rows("PRAGMA integrity_check")
            assert found[0] == "ok"
        finally:
            self.stack.close()

    # What there is.

    def table(self, scope: Scope) -> Table:
        return self.world.emulator.table(scope.kind.provider, scope.region, scope.kind.keyword)

    def cloud(self, scope: Scope) -> dict[str, Row]:
        return dict(self.table(scope).rows())

    def account(self, kind: Kind) -> Account:
        return self.world.accounts[kind.provider]

    def cached(self, keyword: str) -> Rows:
        found = self.database.rows(f"SELECT * FROM {schema.table(resource_type(keyword))}")
        return {row["id"]: dict(row) for row in found}

    def scope_of(self, keyword: str, row: Mapping[str, Any]) -> Scope:
        region = row["cloudregion_id"].partition("/")[2]
        return next(
            s
            for s in SCOPES
            if (s.kind.keyword, s.region) == (keyword, region) and self.account(s.kind).id == row["account_id"]
        )

    def pick(self, scope: Scope, number: int) -> str:
        """An id of the cloud; empty if there is none."""
        ids = sorted(self.cloud(scope))
        return ids[number % len(ids)] if ids else ""

    def living(self, number: int) -> tuple[str, dict[str, Any]] | None:
        """A living row of the cache, with its type."""
        found = [(keyword, row) for keyword in KEYWORDS for row in self.cached(keyword).values() if not row["deleted"]]
        found.sort(key=lambda item: (item[1]["account_id"], item[1]["cloudregion_id"], item[0], item[1]["identity"]))
        return found[number % len(found)] if found else None

    # The clouds change.

    @rule(scope=st.sampled_from(SCOPES), spelt=st.booleans())
    def create(self, scope: Scope, spelt: bool) -> None:
        self.number += 1
        prefix = self.samples[scope][scope.kind.id].rpartition("-")[0]
        self.add(scope, f"{prefix}-{'new' if spelt else 'New'}{self.number:04d}", f"new-{self.number % 3}")

    def add(self, scope: Scope, id: str, name: str) -> None:
        kind = scope.kind
        row = copy.deepcopy(self.samples[scope]) | {kind.id: id, kind.name: name}
        self.put(scope, row)

    def put(self, scope: Scope, row: Row) -> None:
        id = row[scope.kind.id]
        self.table(scope).cancel(id)
        self.table(scope).put(id, copy.deepcopy(row))
        self.settled[scope][id] = copy.deepcopy(row)
        self.ever[scope].add(scope.kind.identity(id))

    @rule(scope=st.sampled_from(SCOPES), number=NUMBERS, count=st.sampled_from([1, 1, 1, 2, 4]))
    def remove(self, scope: Scope, number: int, count: int) -> None:
        for _ in range(count):
            if id := self.pick(scope, number):
                self.removed[scope][id] = self.settled[scope][id]
                self.table(scope).remove(id)

    @rule(scope=st.sampled_from(SCOPES), number=NUMBERS, other=ONE_IN_FIVE)
    def restore(self, scope: Scope, number: int, other: bool) -> None:
        """What is being deleted, or was removed, is there again; or something else under its id."""
        gone = {**self.removed[scope], **self.settled[scope]}
        living = {scope.kind.identity(id) for id in self.cloud(scope)}
        gone = {id: row for id, row in gone.items() if scope.kind.identity(id) not in living}
        if not gone:
            return
        id = sorted(gone)[number % len(gone)]
        self.put(scope, gone[id] | ({scope.kind.created: scope.kind.later} if other else {}))
        self.restored.append(scope.kind.identity(id))

    @rule(number=NUMBERS)
    def undelete(self, number: int) -> None:
        """Somebody takes back a deletion that the cloud had accepted, while it is still under way."""
        found = [
            (scope, id)
            for scope in SCOPES
            for id in sorted(self.cloud(scope))
            if self.settled[scope][id] != self.cloud(scope)[id] or self.due(scope, id)
        ]
        if found:
            scope, id = found[number % len(found)]
            self.put(scope, self.settled[scope][id])
            self.restored.append(scope.kind.identity(id))

    def due(self, scope: Scope, id: str) -> bool:
        return any(entry[1] == id for entry in self.table(scope)._due)

    def modify(self, scope: Scope, id: str, changes: Row) -> None:
        self.table(scope).patch(id, copy.deepcopy(changes))
        self.settled[scope][id].update(copy.deepcopy(changes))

    @rule(scope=st.sampled_from(SCOPES), number=NUMBERS, name=st.integers(0, 3))
    def rename_there(self, scope: Scope, number: int, name: int) -> None:
        if id := self.pick(scope, number):
            self.modify(scope, id, {scope.kind.name: f"name-{name}"})

    @rule(
        scope=st.sampled_from(SCOPES),
        number=NUMBERS,
        tags=st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy")),
    )
    def tag_there(self, scope: Scope, number: int, tags: dict[str, str]) -> None:
        if id := self.pick(scope, number):
            self.modify(scope, id, scope.kind.tags(tags))

    @rule(scope=st.sampled_from(SCOPES), number=NUMBERS, word=st.integers(0, 1))
    def change_status(self, scope: Scope, number: int, word: int) -> None:
        id = self.pick(scope, number)
        if id and not self.due(scope, id):
            self.modify(scope, id, {scope.kind.status: list(scope.kind.words)[word]})

    @rule(number=NUMBERS, region=st.integers(0, 1))
    def respell(self, number: int, region: int) -> None:
        """The cloud writes an id in another case."""
        scope = next(s for s in SCOPES if s.kind.folds and s.region == REGIONS[s.kind.provider][region])
        id = self.pick(scope, number)
        if id and not self.due(scope, id):
            row = self.settled[scope][id]
            self.table(scope).remove(id)
            self.put(scope, row | {scope.kind.id: id.swapcase()})

    @rule(seconds=st.sampled_from([1, 2, 10, 100_000]))
    def time_passes_there(self, seconds: float) -> None:
        self.world.emulator.world.hasten(seconds)

    # People work with the cache.

    @rule(
        who=st.sampled_from(["", "aliyun", "qcloud"]),
        keyword=st.sampled_from(["", *KEYWORDS]),
        region=st.integers(0, 3),
        mode=st.sampled_from(["", "", "", "", "dry_run", "accept_removals", "full"]),
        fault=FAULTS,
        where=st.sampled_from(SCOPES),
        drift=ONE_IN_FIVE,
        number=NUMBERS,
    )
    def sync(
        self,
        who: str,
        keyword: str,
        region: int,
        mode: str,
        fault: tuple[str, int, int] | None,
        where: Scope,
        drift: bool,
        number: int,
    ) -> None:
        chosen = [account for provider, account in self.world.accounts.items() if who in {"", provider}]
        options: dict[str, Any] = {"resources": [keyword] if keyword else KEYWORDS}
        if region < 2 and who:
            options["regions"] = [REGIONS[who][region]]
        if mode:
            options[mode] = True
        if fault:
            self.switch_on(where, *fault, number)
        elif drift:
            self.drift(where, number)
        self.sure = mode == "accept_removals"
        before = self.whole() if mode == "dry_run" else None
        jobs._clouds.clear()  # as a new process would
        results = sync(self.database, chosen, Options(**options))
        if before is not None:
            assert self.whole() == before, "a dry run writes nothing"
        else:
            self.check_results(results, where if fault or drift else None, fault[0] if fault else "drift")
        self.settle()

    def switch_on(self, scope: Scope, kind: str, times: int, page: int, number: int) -> None:
        options: dict[str, Any] = {"times": times, "page": page}
        if kind == "hide-rows":
            if not scope.kind.weak:
                return  # such a cloud names what it hides as gone: that is its word, and no fault of ours
            most = len(self.cloud(scope)) - FEW - 1
            options = {"keep": number % most if most > 0 else 0}
            if most <= 0:
                return
        if kind == "error":
            options |= {"code": "InternalError", "status": 500}
        self.world.emulator.fault(
            kind,
            provider=scope.kind.provider,
            region=scope.region,
            **options,
            **({} if kind == "hide-rows" else {"action": scope.kind.list}),
        )

    def drift(self, scope: Scope, number: int) -> None:
        """A row goes, and another comes, before the second page is asked for."""
        done = []

        def disturb(call: Any) -> None:
            second = call.params.get("page") == "2" or call.params.get("Offset") or call.params.get("NextToken")
            mine = (call.provider, call.region, call.action) == (scope.kind.provider, scope.region, scope.kind.list)
            if second and mine and not done:
                done.append(call)
                self.remove(scope, number, 1)
                self.create(scope, True)

        self.world.emulator.world.hooks[scope.kind.list].append(disturb)
        self.hook = (scope.kind.list, disturb)

    def settle(self) -> None:
        """No faults any more; and everything is checked."""
        self.world.emulator.world.faults.clear()
        if self.hook:
            self.world.emulator.world.hooks[self.hook[0]].remove(self.hook[1])
        self.check()
        self.begin()

    def begin(self) -> None:
        """Keep how things are before the next step."""
        self.sure, self.purged, self.hook = False, "", None
        self.before = {keyword: self.cached(keyword) for keyword in KEYWORDS}
        found = self.database.one("SELECT coalesce(max(id), 0) AS last FROM opslog_tbl")
        assert found
        self.last_event = found["last"]

    def whole(self) -> Any:
        tables = [*self.world.dump(), "servers_tbl", "scopes_tbl", "syncs_tbl", "cloudaccounts_tbl"]
        return {name: [tuple(row) for row in self.database.rows(f"SELECT * FROM {name}")] for name in tables}

    @rule(number=NUMBERS, fault=SENDING, timeout=st.sampled_from([0, 60]), final=ONE_IN_FIVE)
    def delete(self, number: int, fault: str, timeout: int, final: bool) -> None:
        found = self.living(number)
        if not found:
            return
        keyword, row = found
        scope, kind = self.scope_of(keyword, row), resource_type(keyword)
        options = DeleteOptions(stop_first=keyword == "server", final=final and keyword == "server")
        if fault:
            code = {"code": "InternalError", "status": 500} if fault == "error" else {"status": 502}
            self.world.emulator.fault(
                fault,
                provider=scope.kind.provider,
                region=scope.region,
                action=scope.kind.delete,
                times=1 + number % 2,
                **code,
            )
        try:
            clouds = Clouds(self.database)
            target = validate(self.database, clouds, kind, rows.by_id(self.database, kind, row["id"]), options)
            if target.seen is None:
                bury_gone(self.database, kind, target)
            for _, task in plan(self.database, kind, [target], options):
                deletion = Deletion(self.database, task, target.region, timeout)
                target.region.account.client.clock = deletion.clock = self.hastening()
                deletion.run()
        except (Refused, NotFound, CloudmuxError):
            assert self.cached(keyword)[row["id"]] == row, "what is refused changes nothing"
        self.settle()

    def hastening(self) -> Clock:
        """Waiting brings forward what is due in the cloud."""
        passed = [0.0]

        def sleep(seconds: float) -> None:
            passed[0] += seconds
            self.world.emulator.world.hasten(seconds)

        return Clock(now=lambda: passed[0], sleep=sleep, jitter=lambda low, high: high)

    @rule()
    def resume(self) -> None:
        before = len(self.sends())
        chosen = tasks.tasks(self.database, stages=tasks.OPEN)
        planned = [task for task in chosen if task.stage == "planned"]
        for _ in resume(self.database, chosen, 0):
            pass
        assert len(self.sends()) - before <= len(planned), "whoever resumes what was sent only looks"
        self.settle()

    @rule(
        number=NUMBERS,
        name=st.integers(0, 5),
        lock=st.sampled_from([None, None, 0, 1]),
        words=st.sampled_from([None, "", "mine"]),
    )
    def update(self, number: int, name: int, lock: int | None, words: str | None) -> None:
        found = self.living(number)
        if not found:
            return
        keyword, row = found
        changes: dict[str, Any] = {"name": f"name-{name}"} if name < 4 else {}
        changes |= {"disable_delete": lock} if lock is not None else {}
        changes |= {"description": words} if words is not None else {}
        kind = resource_type(keyword)
        try:
            rows.update(self.database, kind, rows.by_id(self.database, kind, row["id"]), changes)
        except UsageError:  # the name is taken
            changes = {}
        if changes.get("name") == row["name"]:
            del changes["name"]  # it has that name already: nothing was chosen
        self.mine.setdefault(row["id"], {}).update(changes)
        self.settle()

    @rule(
        number=NUMBERS,
        tags=st.dictionaries(st.sampled_from("pq"), st.sampled_from(["1", "2", "none"]), min_size=1),
        replace=st.booleans(),
    )
    def tag_here(self, number: int, tags: dict[str, str], replace: bool) -> None:
        found = self.living(number)
        if not found:
            return
        keyword, row = found
        kind = resource_type(keyword)
        given = {f"user:{key}": value for key, value in tags.items()}
        tag.apply(self.database, kind, rows.by_id(self.database, kind, row["id"]), given, replace=replace)
        mine = ({} if replace else self.tags.get(row["id"], {})) | given
        self.tags[row["id"]] = {key: value for key, value in mine.items() if value != "none"}
        self.settle()

    @rule(number=NUMBERS)
    def purge(self, number: int) -> None:
        found = self.living(number)
        if not found:
            return
        keyword, row = found
        kind = resource_type(keyword)
        self.purged = row["id"]
        with self.database.transaction():
            rows.bury(self.database, kind, rows.by_id(self.database, kind, row["id"]), "delete", {"by": "purge"})
        self.settle()

    @rule()
    def an_hour_passes(self) -> None:
        """The cache is an hour older, and how it looked is kept."""
        self.history.append({keyword: self.listed(keyword) for keyword in KEYWORDS})
        age(self.world)
        self.begin()

    @rule(
        what=st.sampled_from(["sync", "sync", "delete", "resume"]),
        number=NUMBERS,
        statement=st.integers(0, 250),
        where=st.sampled_from(SCOPES),
    )
    def kill(self, what: str, number: int, statement: int, where: Scope) -> None:
        """A process is killed at a statement."""
        words: dict[str, Any] = {}
        found = self.living(number)
        if what == "sync":
            words = {"account": self.account(where.kind).id, "resources": [where.kind.keyword]}
        elif what == "delete":
            if not found:
                return
            words = {"keyword": found[0], "id": found[1]["id"], "stop_first": found[0] == "server"}
            statement %= 40
        killed.run(self.database.path, self.key_file, statement, what, **words)
        self.settle()

    # What must be true.

    def check(self) -> None:
        """Whatever happened: nothing is lost or invented, and all of it is told by events."""
        for keyword in KEYWORDS:
            before, after = self.before[keyword], self.cached(keyword)
            events = self.database.rows(
                "SELECT * FROM opslog_tbl WHERE id > ? AND obj_type = ? ORDER BY id", (self.last_event, keyword)
            )
            assert before.keys() <= after.keys(), "a row left the table"
            for id, row in after.items():
                scope = self.scope_of(keyword, row)
                if row["deleted"] and id in before and not before[id]["deleted"]:
                    self.check_removal(scope, before[id], events)
                if not row["deleted"]:
                    assert scope.kind.identity(row["external_id"]) in self.ever[scope], "a row was invented"
                    self.check_mine(keyword, id, row, before.get(id))
            replay(before, [dict(event) for event in events], after)
            names = [row["name"] for row in after.values() if not row["deleted"]]
            assert len(names) == len(set(names)), "names are unique"
        self.check_sends()

    def check_removal(self, scope: Scope, row: Mapping[str, Any], events: Sequence[Any]) -> None:
        """A row left: by the user's word, or with proof and truly."""
        import json

        (event,) = [e for e in events if e["obj_id"] == row["id"] and e["action"] == "delete"]
        notes = json.loads(event["notes"])
        if notes["by"] == "purge":
            assert self.purged == row["id"]
            return
        proof = notes["proof"]
        assert proof["request_id"], "a removal keeps its proof"
        agreed = self.sure or (row["missing_since"] or "9") < hours_ago(1)
        if proof["strength"] in {"weak", "unwitnessed"} and agreed and notes["by"] == "sync":
            return
        living = {scope.kind.identity(id) for id in self.cloud(scope)}
        assert row["identity"] not in living, f"{row['external_id']} is gone here, and lives in the cloud: {notes}"

    def check_mine(self, keyword: str, id: str, row: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
        """What belongs to the user stays."""
        mine = self.mine.get(id, {})
        came_back = before is not None and before["deleted"]
        if came_back and mine.get("name") and row["name"] != mine["name"]:
            assert row["name"].startswith(f"{mine['name']}-"), "a name that was taken meanwhile gets a number"
            mine["name"] = row["name"]
        assert {name: row[name] for name in mine} == mine, "what the user gave is the user's"
        assert tag.of(self.database, keyword, id) == self.tags.get(id, {})

    def sends(self) -> list[str]:
        """The ids of all deletions on the wire but those that were refused as too many."""
        found: list[str] = []
        for call in self.world.emulator.requests:
            if call.action in DELETES and call.code not in REFUSED:
                kind = next(k for k in KINDS if k.provider == call.provider and k.delete == call.action)
                found += [id.lower() for id in ids_of(kind, call.params)]
        return found

    def check_sends(self) -> None:
        """Each task sends once at most, and the cloud deletes once what nobody restored and no task left open."""
        sends = self.sends()
        made = [row["external_id"].lower() for row in self.database.rows("SELECT external_id FROM tasks_tbl")]
        for id in set(sends):
            assert sends.count(id) <= made.count(id), (
                f"{id}: {sends.count(id)} deletions sent by {made.count(id)} tasks"
            )

    def check_results(self, results: Sequence[Result], where: Scope | None, fault: str) -> None:
        """A complete scope equals the cloud's."""
        for result in results:
            if result.state != "complete":
                continue
            provider = next(p for p, account in self.world.accounts.items() if account.name == result.account)
            scope = next(
                s
                for s in SCOPES
                if (s.kind.provider, s.kind.keyword, s.region) == (provider, result.type, result.region)
            )
            near = where is not None and (where.kind.provider, where.region) == (scope.kind.provider, scope.region)
            if not near or fault in FAILING:
                self.check_equal(scope)

    def check_equal(self, scope: Scope) -> None:
        kind, keyword = scope.kind, scope.kind.keyword
        busy = {task.obj_id for task in tasks.tasks(self.database, stages=tasks.OPEN)}
        here = {
            row["identity"]: row
            for row in self.cached(keyword).values()
            if not row["deleted"] and self.scope_of(keyword, row) == scope
        }
        there = {kind.identity(id): row for id, row in self.cloud(scope).items()}
        assert here.keys() == there.keys(), "a complete sync leaves what the cloud has"
        for identity, row in there.items():
            found = here[identity]
            assert found["cloud_name"] == (row[kind.name] or row[kind.id])
            assert found["missing_since"] is None
            if row[kind.status] in kind.words and found["id"] not in busy and not self.due(scope, row[kind.id]):
                assert found["status"] == kind.words[row[kind.status]]

    # The cache as it was.

    def listed(self, keyword: str, at: str = "") -> Rows:
        row = resource_type(keyword)
        with Database.read(self.database.path) as reader:
            if at:
                rewind(reader, row, at)
            columns = list(schema.view_kinds(row))
            found, _ = list_rows(reader, row, ListQuery(limit=0, delete_all=True), columns)
            return {item["id"]: item for item in found}

    def check_history(self) -> None:
        """Each hour's list is what it was."""
        for hours, kept in enumerate(reversed(self.history), start=1):
            for keyword in KEYWORDS:
                assert_same(known(self.listed(keyword, hours_ago(hours))), aged(kept[keyword], hours))
