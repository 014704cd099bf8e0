"""Anything may happen in any order: clouds change and fail, people sync, delete, rename and purge, processes die.

The machine keeps what must be true whatever happens: see `Machine.check`. Choices are plain numbers, taken modulo what
there is at that moment, so that a run can be repeated and shortened.
"""

import tempfile
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from climc_py.errors import Refused
from climc_py.models import account as accounts
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
from climc_py.tasks.delete import Clouds as Connections
from climc_py.tasks.delete import Deletion, bury_gone, plan, validate
from climc_py.tasks.resume import resume
from cloudmux_py.cloudprovider.errors import CloudmuxError, NotFound, UsageError
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.emulator import Emulator
from cloudmux_py.engine.retry import Clock
from cloudmux_py.resources import resource_type

from ..conftest import REGIONS, World
from ..e2e.test_history import age, aged, assert_same, hours_ago, known
from . import killed, patience
from .clouds import CHANGES, Clouds
from .kinds import KINDS, OWNERS, SCOPES, Scope
from .replay import Rows, replay

FEW = 2
"""Instead of ten: the scopes are small."""

ROWS = 6
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where writing takes no time: what a killed process wrote is there after its death, wherever it is."""

NUMBERS = st.integers(0, 999)
KEYWORDS = sorted({kind.keyword for kind in KINDS})
HIDING = ["lists-say-zero", "hide-rows", "blind"]
SHORT = ["short-page", "empty-page", "large-total", "growing-total", "repeat-page"]
BROKEN = ["truncate", "empty-body", "not-json", "missing-key", "bad-row", "duplicate-id", "string-total"]
FAILING = ["throttle", "error", "status", "reset-before", "reset-after"]
Trouble = tuple[str, int, int]
"""Kind of a fault, how many calls it hits (0: all), and which page (0: any)."""


def faults(kinds: Sequence[str]) -> st.SearchStrategy[Trouble]:
    return st.tuples(st.sampled_from(kinds), st.integers(0, 2), st.integers(0, 2))


SENDING = st.sampled_from([*FAILING, "truncate", "not-json", "empty-body"])
ONE_IN_FIVE = st.integers(0, 4).map(lambda number: number == 0)


@cache
def empty_cache() -> bytes:
    """A new cache's file; making it is most of what a run's start costs."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        Database.write(Path(folder) / "cache.db").close()
        return (Path(folder) / "cache.db").read_bytes()


class Machine(RuleBasedStateMachine):
    """Two clouds with two regions and two types each, one account of the one, two of the other, and a cache."""

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
        emulator = self.stack.enter_context(Emulator(instances=ROWS, regions=REGIONS, kinds=KEYWORDS, filled=2))
        (self.folder / "cache.db").write_bytes(empty_cache())
        self.database = self.stack.enter_context(Database.write(self.folder / "cache.db"))
        self.world = World(emulator, self.database)
        found = self.world.accounts | {"other": self.world.add("qcloud", "two", OWNERS["other"][1])}
        self.accounts = {
            owner: accounts.update(self.database, account, {"no_delete_lock": True}) for owner, account in found.items()
        }
        self.clouds = Clouds(emulator)
        self.mine: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.history: list[dict[str, Rows]] = []
        self.begin()

    def teardown(self) -> None:
        try:
            self.check_history()
            (found,) = self.database.rows("PRAGMA integrity_check")
            assert found[0] == "ok"
        finally:
            self.stack.close()

    # What there is.

    def account(self, scope: Scope) -> Account:
        return self.accounts[scope.owner]

    def cached(self, keyword: str) -> Rows:
        found = self.database.rows(f"SELECT * FROM {schema.table(resource_type(keyword))}")
        return {row["id"]: dict(row) for row in found}

    def scope_of(self, keyword: str, row: Mapping[str, Any]) -> Scope:
        region = row["cloudregion_id"].partition("/")[2]
        return next(
            s
            for s in SCOPES
            if (s.kind.keyword, s.region) == (keyword, region) and self.account(s).id == row["account_id"]
        )

    def living(self, number: int) -> tuple[str, dict[str, Any]] | None:
        """A living row of the cache, with its type."""
        found = [(keyword, row) for keyword in KEYWORDS for row in self.cached(keyword).values() if not row["deleted"]]
        found.sort(key=lambda item: (item[1]["account_id"], item[1]["cloudregion_id"], item[0], item[1]["identity"]))
        return found[number % len(found)] if found else None

    # The clouds change.

    @rule(
        scope=st.sampled_from(SCOPES),
        number=NUMBERS,
        what=st.sampled_from(["create", "remove", "remove", "restore", "restore as another", "undelete", "undelete"]),
        count=st.sampled_from([1, 1, 2, 4]),
    )
    def come_or_go(self, scope: Scope, number: int, what: str, count: int) -> None:
        for _ in range(count):
            if what == "create":
                self.clouds.create(scope, number)
            elif what == "remove":
                self.clouds.remove(scope, number, 1)
            elif what == "undelete":
                self.clouds.undelete(number)
            else:
                self.clouds.restore(scope, number, other=what != "restore")

    @rule(scope=st.sampled_from(SCOPES), number=NUMBERS, what=st.sampled_from(CHANGES), value=st.integers(0, 3))
    def change(self, scope: Scope, number: int, what: str, value: int) -> None:
        self.clouds.change(scope, number, what, value)

    @rule(seconds=st.sampled_from([1, 2, 10, 100_000]))
    def time_passes_there(self, seconds: float) -> None:
        self.world.emulator.world.hasten(seconds)

    # People work with the cache.

    @rule(
        who=st.sampled_from(["", *OWNERS]),
        keyword=st.sampled_from(["", *KEYWORDS]),
        region=st.integers(0, 3),
        mode=st.sampled_from(["", "", "", "dry_run", "accept_removals", "full"]),
    )
    def sync(self, who: str, keyword: str, region: int, mode: str) -> None:
        options: dict[str, Any] = {"resources": [keyword] if keyword else KEYWORDS}
        if region < 2 and who:
            options["regions"] = [REGIONS[OWNERS[who][0]][region]]
        self.follow([who] if who else list(OWNERS), options | ({mode: True} if mode else {}))

    @rule(where=st.sampled_from(SCOPES), number=NUMBERS, lost=st.integers(0, 5), lie=faults(SHORT), sure=ONE_IN_FIVE)
    def sync_while_it_lies(self, where: Scope, number: int, lost: int, lie: Trouble, sure: bool) -> None:
        self.sync_in_trouble(where, number, lost, lie, sure)

    @rule(
        where=st.sampled_from(SCOPES),
        number=NUMBERS,
        lost=st.integers(0, 5),
        lie=faults(HIDING),
        sure=ONE_IN_FIVE,
        left=st.sampled_from([0, 0, 1, FEW]),
    )
    def sync_while_it_hides(self, where: Scope, number: int, lost: int, lie: Trouble, sure: bool, left: int) -> None:
        """With few rows left the rule about many holds nothing: only that nothing witnesses an empty answer does."""
        if left:
            self.clouds.remove(where, number, len(self.clouds.rows(where)) - left)
            self.follow([where.owner], {"resources": [where.kind.keyword], "accept_removals": True})
        self.sync_in_trouble(where, number, lost % left if left else lost, lie, sure)

    @rule(where=st.sampled_from(SCOPES), number=NUMBERS, lost=st.integers(0, 5), fault=faults(BROKEN + FAILING))
    def sync_while_it_fails(self, where: Scope, number: int, lost: int, fault: Trouble) -> None:
        self.sync_in_trouble(where, number, lost, fault, False)

    def sync_in_trouble(self, where: Scope, number: int, lost: int, fault: Trouble, sure: bool) -> None:
        """Some rows went, perhaps one came, one changed, and the cloud fails or lies."""
        self.clouds.remove(where, number, lost)
        if number % 2:
            self.clouds.create(where, number)
        self.clouds.change(where, number, CHANGES[number % len(CHANGES)], number % 4)
        self.clouds.switch_on(where, *fault, number, few=FEW)
        options = {"resources": [where.kind.keyword], "accept_removals": sure}
        others = [owner for owner, (provider, _) in OWNERS.items() if provider == where.kind.provider]
        self.follow(others if number % 3 else [where.owner], options, where, fault[0])

    @rule(where=st.sampled_from(SCOPES), number=NUMBERS)
    def sync_while_it_changes(self, where: Scope, number: int) -> None:
        self.clouds.drift(where, number)
        self.follow([where.owner], {"resources": [where.kind.keyword]}, where, "drift")

    def follow(
        self, owners: Sequence[str], options: dict[str, Any], where: Scope | None = None, trouble: str = ""
    ) -> None:
        """Sync, and hold what it says against the clouds."""
        chosen = [self.accounts[owner] for owner in owners]
        self.sure, self.trouble, self.where = options.get("accept_removals", False), trouble, where
        dry = options.get("dry_run", False)
        before = self.whole() if dry else None
        jobs._clouds.clear()  # as a new process would
        results = sync(self.database, chosen, Options(**options))
        if dry:
            assert self.whole() == before, "a dry run writes nothing"
        else:
            spared = [r for r in results if where is None or r.account != self.account(where).name]
            assert {r.state for r in spared} <= {"complete", "held"}, "without trouble no sync fails"
            self.check_results(results, where, trouble)
        self.settle(*chosen)

    def settle(self, *mine: Account) -> None:
        """No faults any more; and everything is checked: of other accounts than these nothing has changed."""
        self.clouds.calm()
        self.check({account.id for account in mine})
        self.begin()

    def begin(self) -> None:
        """Keep how things are before the next step."""
        self.sure, self.purged, self.trouble, self.where = False, "", "", None
        self.before = {keyword: self.cached(keyword) for keyword in KEYWORDS}
        found = self.database.one("SELECT coalesce(max(id), 0) AS last FROM opslog_tbl")
        assert found
        self.last_event = found["last"]

    def whole(self) -> Any:
        tables = [*self.world.dump(), "servers_tbl", "scopes_tbl", "syncs_tbl", "cloudaccounts_tbl"]
        return {name: [tuple(row) for row in self.database.rows(f"SELECT * FROM {name}")] for name in tables}

    @rule(number=NUMBERS, timeout=st.sampled_from([0, 60]), final=ONE_IN_FIVE)
    def delete(self, number: int, timeout: int, final: bool) -> None:
        self.send(number, "", timeout, final)

    @rule(number=NUMBERS, fault=SENDING, timeout=st.sampled_from([0, 60]))
    def delete_in_trouble(self, number: int, fault: str, timeout: int) -> None:
        self.send(number, fault, timeout, False)

    def send(self, number: int, fault: str, timeout: int, final: bool) -> None:
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
                **self.clouds.where(scope),
                action=scope.kind.delete,
                times=1 + number % 2,
                **code,
            )
        try:
            target = validate(
                self.database, Connections(self.database), kind, rows.by_id(self.database, kind, row["id"]), options
            )
            if target.seen is None:
                bury_gone(self.database, kind, target)
            for _, task in plan(self.database, kind, [target], options):
                deletion = Deletion(self.database, task, target.region, timeout)
                target.region.account.client.clock = deletion.clock = self.hastening()
                deletion.run()
        except (Refused, NotFound, CloudmuxError):
            assert self.cached(keyword)[row["id"]] == row, "what is refused changes nothing"
        self.settle(self.account(scope))

    def hastening(self) -> Clock:
        """Waiting brings forward what is due in the cloud."""
        passed = [0.0]

        def sleep(seconds: float) -> None:
            passed[0] += seconds
            self.world.emulator.world.hasten(seconds)

        return Clock(now=lambda: passed[0], sleep=sleep, jitter=lambda low, high: high)

    @rule()
    def resume(self) -> None:
        before = len(self.clouds.sends())
        chosen = tasks.tasks(self.database, stages=tasks.OPEN)
        planned = [task for task in chosen if task.stage == "planned"]
        for _ in resume(self.database, chosen, 0):
            pass
        assert len(self.clouds.sends()) - before <= len(planned), "whoever resumes what was sent only looks"
        self.settle(*self.accounts.values())

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
        self.settle(self.account(self.scope_of(keyword, row)))

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
        self.settle(self.account(self.scope_of(keyword, row)))

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
        self.settle(self.account(self.scope_of(keyword, row)))

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
        mine = list(self.accounts.values())
        found = self.living(number)
        if what == "sync":
            words, mine = {"account": self.account(where).id, "resources": [where.kind.keyword]}, [self.account(where)]
        elif what == "delete":
            if not found:
                return
            words = {"keyword": found[0], "id": found[1]["id"], "stop_first": found[0] == "server"}
            mine = [self.account(self.scope_of(*found))]
            statement %= 40
        killed.run(self.database.path, self.key_file, statement, what, **words)
        self.settle(*mine)

    # What must be true.

    def check(self, mine: Collection[str]) -> None:
        """Whatever happened: nothing is lost or invented, and all of it is told by events.

        Args:
            mine: Ids of the accounts that it was about.
        """
        for keyword in KEYWORDS:
            before, after = self.before[keyword], self.cached(keyword)
            events = self.database.rows(
                "SELECT * FROM opslog_tbl WHERE id > ? AND obj_type = ? ORDER BY id", (self.last_event, keyword)
            )
            assert before.keys() <= after.keys(), "a row left the table"
            untouched = {id: row for id, row in before.items() if row["account_id"] not in mine}
            assert untouched == {id: row for id, row in after.items() if row["account_id"] not in mine}
            assert {event["account_id"] for event in events} <= {*mine}, "an event of another account"
            for id, row in after.items():
                scope = self.scope_of(keyword, row)
                if row["deleted"] and id in before and not before[id]["deleted"]:
                    self.check_removal(scope, before[id], events)
                if not row["deleted"]:
                    assert scope.kind.identity(row["external_id"]) in self.clouds.ever[scope], "a row was invented"
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
        keyword, hidden = scope.kind.keyword, scope == self.where and self.trouble == "hide-rows" and self.clouds.shown
        deletes = [self.before[keyword][e["obj_id"]] for e in events if e["action"] == "delete"]
        few = sum(self.scope_of(keyword, gone) == scope for gone in deletes) <= FEW
        if proof["strength"] == "weak" and hidden and few:
            return  # a few rows that are hidden beside others cannot be told from rows that are gone
        assert row["identity"] not in self.clouds.identities(scope), (
            f"{row['external_id']} is gone here, and lives in the cloud: {notes}"
        )

    def check_mine(self, keyword: str, id: str, row: Mapping[str, Any], before: Mapping[str, Any] | None) -> None:
        """What belongs to the user stays."""
        mine = self.mine.get(id, {})
        came_back = before is not None and before["deleted"]
        if came_back and mine.get("name") and row["name"] != mine["name"]:
            assert row["name"].startswith(f"{mine['name']}-"), "a name that was taken meanwhile gets a number"
            mine["name"] = row["name"]
        assert {name: row[name] for name in mine} == mine, "what the user gave is the user's"
        assert tag.of(self.database, keyword, id) == self.tags.get(id, {})

    def check_sends(self) -> None:
        """Each task sends once at most, and the cloud deletes once what nobody restored and no task left open."""
        sends = self.clouds.sends()
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
            owner = next(owner for owner, account in self.accounts.items() if account.name == result.account)
            scope = next(
                s for s in SCOPES if (s.owner, s.kind.keyword, s.region) == (owner, result.type, result.region)
            )
            near = where is not None and (where.owner, where.region) == (scope.owner, scope.region)
            if not near or fault in FAILING + BROKEN or (fault in SHORT and not scope.kind.token):
                self.check_equal(scope)

    def check_equal(self, scope: Scope) -> None:
        kind, keyword = scope.kind, scope.kind.keyword
        busy = {task.obj_id for task in tasks.tasks(self.database, stages=tasks.OPEN)}
        here = {
            row["identity"]: row
            for row in self.cached(keyword).values()
            if not row["deleted"] and self.scope_of(keyword, row) == scope
        }
        there = self.clouds.identities(scope)
        assert here.keys() == there.keys(), "a complete sync leaves what the cloud has"
        for identity, row in there.items():
            found = here[identity]
            assert found["cloud_name"] == (row[kind.name] or row[kind.id])
            assert found["missing_since"] is None
            if row[kind.status] in kind.words and found["id"] not in busy and not self.clouds.due(scope, row[kind.id]):
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
