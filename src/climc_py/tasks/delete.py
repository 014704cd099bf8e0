"""Deleting in the cloud: planned → sent → accepted → done, each stage on the disk before the next step.

A deletion is sent at most once per task: only the process whose statement moved it from planned to sent sends it,
and whoever resumes a sent task only looks.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from cloudmux_py.cloudprovider.errors import CloudError, CloudmuxError, NotFound, NotImplementedByProvider, Throttled
from cloudmux_py.cloudprovider.region import DeleteOptions
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.cloudprovider.status import DELETE_FAILED, DELETING, ISOLATED, UNAVAILABLE
from cloudmux_py.console.rules import Act, check
from cloudmux_py.engine.bindings import find_binding
from cloudmux_py.engine.deleting import Prepared
from cloudmux_py.engine.proof import Proof
from cloudmux_py.engine.region import Region
from cloudmux_py.engine.retry import Clock
from cloudmux_py.resources import resource_type

from ..errors import Refused
from ..models import account as accounts
from ..models import row as rows
from ..models import task as tasks
from ..models.account import Account
from ..models.connection import caller, check_identity, cloud
from ..models.task import Task
from ..store import schema
from ..store.database import Database

Row = type[ICloudResource]

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 10.0
UNSURE_SECONDS = 10.0
"""How long a deletion whose answer got lost may take to show before it counts as not done."""

ACCEPTED_SECONDS = 600.0
"""How long after the cloud accepted a deletion the resource may look as before (a guess: no document tells).

An ECS instance that is being released shows nothing until it is gone; so how long anybody waits proves nothing.
"""


SECOND = 2
"""Step of a task whose second call was sent, by whoever had it before."""

SETTLED = frozenset({ISOLATED, UNAVAILABLE})
"""Statuses of what a cloud keeps restorable, in a recycle bin or frozen where it was."""


class Target(NamedTuple):
    """A row to delete, looked at in the cloud.

    Attributes:
        found: The cache's row.
        account: Its account.
        region: Its region, connected.
        seen: What the cloud says of it now; None where it proved that it is gone already.
        proof: Of its absence.
    """

    found: sqlite3.Row
    account: Account
    region: Region
    seen: ICloudResource | None
    proof: Proof | None = None


@dataclass
class Outcome:
    """How a deletion ended, or stands.

    Attributes:
        stage: Of the task.
        error: Why it failed; its exit code is the command's.
    """

    id: str
    name: str
    external_id: str
    task: str
    stage: str
    note: str = ""
    error: CloudmuxError | None = None

    def to_dict(self) -> dict[str, str]:
        """As JSON shows it."""
        return {name: value for name, value in vars(self).items() if name != "error"}

    @property
    def done(self) -> bool:
        """Whether what was asked for happened."""
        return self.stage in {"done", "isolated"}


class Clouds:
    """The connections of one command: each account is connected, and its identity checked, once."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.known: dict[str, tuple[Account, Any]] = {}

    def region(self, account_id: str, region: str) -> tuple[Account, Region]:
        """The account and one of its regions.

        Raises:
            IdentityMismatch: The keys belong to another account than the rows.
        """
        if account_id not in self.known:
            account = accounts.find(self.database, account_id)
            live = cloud(account)
            check_identity(account, live)
            self.known[account_id] = (account, live)
        account, live = self.known[account_id]
        return account, live.region(region)


def validate(
    database: Database, clouds: Clouds, row: Row, found: sqlite3.Row, options: DeleteOptions, task: Task | None = None
) -> Target:
    """Whether a row may be deleted: the one place that says so, for deleting, resuming and dry runs.

    Raises:
        NotImplementedByProvider: The cloud, or we, cannot delete the type.
        Refused: Locked, read-only, disabled, in work already, or protected in the cloud.
        NotFound: The cloud does not know it, without proof that it is gone.
        CloudError: It could not be asked.
    """
    account = accounts.find(database, found["account_id"])
    name = f"{row.word()} {found['name']}"
    other = tasks.open_of(database, found["id"])
    binding = find_binding(row, account.provider)
    if binding is None or not binding.deletes:
        raise NotImplementedByProvider(f"deleting {row.word()}", account.provider)
    if found["disable_delete"]:
        raise Refused(f"{name} is locked; climc {row.word()}-update {found['id']} --delete enable unlocks it")
    if not account.enabled:
        raise Refused(f"{name}: account {account.name} is disabled")
    if account.read_only:
        raise Refused(f"{name}: account {account.name} is read-only")
    check(Act(row.keyword, "delete", account.provider, lambda: account.names))
    if other and (task is None or other.id != task.id):
        raise Refused(f"{name} has an open task ({other.stage}); climc task-resume {other.id}")
    account, region = clouds.region(account.id, rows.region_of(found))
    try:
        seen, reason = region.refusal(row, found["external_id"], options)
    except NotFound as error:
        return Target(found, account, region, None, _proved(database, row, found, region, error))
    if reason:
        raise Refused(f"{name}: {reason}")
    return Target(found, account, region, seen)


def _proved(database: Database, row: Row, found: sqlite3.Row, region: Region, error: NotFound) -> Proof:
    """The proof that a row is gone before anything was sent; without one the error stands, and so does the row."""
    if error.code:
        return Proof("gone", "strong", error.code, error.request_id)
    beside = database.one(
        f"SELECT external_id FROM {schema.table(row)} WHERE account_id = ? AND cloudregion_id = ? AND deleted = 0"
        " AND id <> ? ORDER BY missing_since IS NOT NULL, row_version DESC LIMIT 1",
        (found["account_id"], found["cloudregion_id"], found["id"]),
    )
    if beside:
        proof = region.ask(row, [found["external_id"]], beside["external_id"])[found["external_id"]]
        if proof.state == "gone" and proof.strength == "weak":
            return proof
    raise error


def plan(database: Database, row: Row, targets: Sequence[Target], options: DeleteOptions) -> list[tuple[Target, Task]]:
    """Write the tasks of all targets, and mark their rows, in one transaction."""
    planned = []
    with database.transaction():
        for target in targets:
            if target.seen is None:
                continue
            task = tasks.plan(database, target.found, row.keyword, target.region.id, options._asdict())
            rows.set_status(database, row, target.found, DELETING, "updatestatus", {"task": task.id})
            planned.append((target, task))
    return planned


def bury_gone(database: Database, row: Row, target: Target, task: Task | None = None) -> Outcome:
    """A target that was gone before anything was sent; its planned task, if it has one, is done with it."""
    assert target.proof
    found, note = target.found, "was gone already"
    _, strength, code, request_id, _ = target.proof
    notes = _notes(target.region, strength, code, request_id) | ({"task": task.id} if task else {})
    with database.transaction():
        if task is None or tasks.advance(database, task, "done", note=note, request_id=target.proof.request_id):
            rows.bury(database, row, found, "delete", notes)
    if task:
        task = tasks.get(database, task.id)
        return Outcome(found["id"], found["name"], found["external_id"], task.id, task.stage, task.note)
    return Outcome(found["id"], found["name"], found["external_id"], "", "done", note)


def cancel(database: Database, task: Task) -> None:
    """End a task that nothing was sent for, and give its row its status back."""
    row = resource_type(task.obj_type)
    with database.transaction():
        if tasks.advance(database, task, "cancelled", note="interrupted before anything was sent"):
            rows.set_status(database, row, rows.by_id(database, row, task.obj_id), task.status_before, "updatestatus")


class Deletion:
    """One task on its way.

    Args:
        database: The cache.
        task: The task.
        region: Where its resource is, with the account's own keys.
        timeout: Seconds to wait until it is gone; 0 to look once.
    """

    def __init__(self, database: Database, task: Task, region: Region, timeout: float) -> None:
        self.database = database
        self.task = task
        self.region = region
        self.timeout = timeout
        self.row = resource_type(task.obj_type)
        self.clock: Clock = region.account.client.clock

    def run(self) -> Outcome:
        """From planned to its end, or to the end of the time."""
        options = DeleteOptions(**{**self.task.options, "client_token": self.task.client_token})
        try:
            prepared = self.prepare(options)
        except CloudmuxError as error:
            return self.give_up(error)
        if not tasks.claim(self.database, self.task, SECOND if prepared.second else 1):
            self.task = tasks.get(self.database, self.task.id)
            return self.outcome("another process has it")
        self.task.stage = "sent"
        return self.send(options, prepared)

    def prepare(self, options: DeleteOptions) -> Prepared:
        """Stop what runs if that was asked for, and find the call that deletes. Both can be done again."""
        if options.stop_first:
            self.region.stop(self.row, self.task.external_id, self.timeout)
        return self.region.prepare_delete(self.row, self.task.external_id, options)

    def send(self, options: DeleteOptions, prepared: Prepared) -> Outcome:
        """Send it, once."""
        try:
            deletion = self.region.delete(self.row, self.task.external_id, options, prepared)
        except NotFound as error:
            return self.gone(error)
        except CloudError as error:
            if _certainly_refused(error):
                return self.fail(error)
            return self.look(sure=False, why=str(error))
        self.move("accepted", request_id=deletion.request_id)
        if deletion.ends == "isolated":
            return self.isolated(deletion.note)
        return self.look(sure=True)

    def resume(self) -> Outcome:
        """Go on with a task that was sent: only look."""
        return self.look(sure=self.task.stage == "accepted", once=self.timeout <= 0)

    def look(self, *, sure: bool, why: str = "", once: bool = False) -> Outcome:
        """Poll until the resource is gone, isolated, back as it was, or the time is up.

        Args:
            sure: The cloud accepted the deletion; otherwise its answer got lost.
            why: How it got lost.
            once: Do not wait.
        """
        started = self.clock.now()
        end = started + (self.timeout if sure else min(self.timeout, UNSURE_SECONDS))
        overdue = started + ACCEPTED_SECONDS - self.task.age()
        pause, seen_deleting, final = FIRST_PAUSE, False, bool(self.task.options.get("final"))
        while True:
            last, live, due = self.peek()
            late = sure and self.clock.now() >= overdue
            if isinstance(last, NotFound):
                return self.gone(last)
            if live and live.status == ISOLATED and not final:
                return self.isolated("in the recycle bin")
            if live and (due or live.status == DELETING):
                if not sure:
                    self.move("accepted")
                    sure, end = True, started + self.timeout
                seen_deleting = True
                ended = self.follow() if due else None
                if ended:
                    return ended
            elif live and live.status != ISOLATED and (seen_deleting or late) and self.as_before(live):
                return self.lost(live, "it is there as before: restored, or never deleted")
            if once or self.clock.now() + pause > end:
                break
            self.clock.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
        lost = f"lost ({why or 'another process ended'})" if not sure else ""
        return self.out_of_time(last, live, lost, overdue=due and self.clock.now() >= overdue)

    def out_of_time(self, last: CloudError | None, live: ICloudResource | None, lost: str, *, overdue: bool) -> Outcome:
        """Where it stands when nobody waits any longer.

        Args:
            last: Why it could not be looked at.
            live: How it looks.
            lost: What became of the cloud's answer, if none came.
            overdue: Its second call is due, long after the last call was sent.
        """
        if lost and live and self.as_before(live):
            return self.lost(live, f"it was sent, the answer got {lost}, it is there as before")
        if live and overdue and self.task.step == SECOND:
            return self.lost(live, "its second call was sent, and had no effect: delete it anew")
        sent = f"sent, the answer got {lost}" if lost else "accepted"
        note = str(last) if last else f"{sent}, and not gone yet; climc task-resume {self.task.id}"
        return self.outcome(note)

    def as_before(self, live: ICloudResource) -> bool:
        """Whether it looks as when the task was planned; some clouds call what they delete pending or stopped."""
        return live.status == self.task.status_before

    def follow(self) -> Outcome | None:
        """Send the second call of a deletion that takes two, once; None where there is more to wait for."""
        try:
            self.check_second()
        except Refused as refusal:  # it stays due, for whoever may send it
            return self.outcome(f"the second call is due: {refusal}", refusal)
        if not tasks.claim_second(self.database, self.task):
            return None  # sent already, by whomever: only look
        try:
            self.region.follow(self.row, self.task.external_id)
        except NotFound as error:
            return self.gone(error)
        except CloudError as error:
            return self.fail(error) if _certainly_refused(error) else None
        return None

    def check_second(self) -> None:
        """Whether it may still be sent: the account and the rules may have changed since the first.

        Raises:
            Refused: The account is read-only or disabled by now, or a rule denies it.
        """
        account = accounts.find(self.database, self.task.account_id)
        if account.read_only or not account.enabled:
            raise Refused(f"account {account.name} is {'read-only' if account.read_only else 'disabled'}")
        check(Act(self.task.obj_type, self.task.kind, account.provider, lambda: account.names))

    def peek(self) -> tuple[CloudError | None, ICloudResource | None, bool]:
        """One look at the cloud: an error or the row, and whether the second call is due."""
        try:
            return None, *self.region.watch(self.row, self.task.external_id)
        except CloudError as error:
            return error, None, False

    # How it ends.

    def gone(self, error: NotFound) -> Outcome:
        """The cloud accepted, and knows it no more."""
        strength = "strong" if error.code else "accepted"
        notes = _notes(self.region, strength, error.code, error.request_id) | {"task": self.task.id}
        with self.database.transaction():
            if tasks.advance(self.database, self.task, "done"):
                rows.bury(self.database, self.row, self.found(), "delete", notes)
        return self.outcome()

    def isolated(self, note: str) -> Outcome:
        """The cloud keeps it restorable: the row stays, with the cloud's own status once that is settled."""
        end, pause = self.clock.now() + self.timeout, FIRST_PAUSE
        while True:
            last, live, _ = self.peek()
            if isinstance(last, NotFound):
                return self.gone(last)
            if (live and live.status in SETTLED) or self.clock.now() + pause > end:
                break
            self.clock.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)
        with self.database.transaction():
            tasks.advance(self.database, self.task, "isolated", note=note)
            rows.set_status(
                self.database,
                self.row,
                self.found(),
                live.status if live else ISOLATED,
                "pending_delete",
                {"note": note},
            )
        return self.outcome(note)

    def give_up(self, error: CloudmuxError) -> Outcome:
        """Nothing was sent, and nothing will be: the row is as it was."""
        text = " ".join(str(error).split())
        with self.database.transaction():
            if tasks.advance(self.database, self.task, "failed", note=text):
                notes = {"error": text, "task": self.task.id}
                before = self.task.status_before
                rows.set_status(self.database, self.row, self.found(), before, "delocate_fail", notes)
        return self.outcome(text, error)

    def fail(self, error: CloudError) -> Outcome:
        """The cloud refused."""
        text = " ".join(str(error).split())
        with self.database.transaction():
            if tasks.advance(self.database, self.task, "failed", note=text, request_id=error.request_id):
                notes = {"error": text, "task": self.task.id}
                rows.set_status(self.database, self.row, self.found(), DELETE_FAILED, "delocate_fail", notes)
        return self.outcome(text, error)

    def lost(self, live: ICloudResource, note: str) -> Outcome:
        """Nobody knows; the row follows the cloud, and nothing is sent again."""
        with self.database.transaction():
            if tasks.advance(self.database, self.task, "unknown", note=note):
                notes = {"note": note, "task": self.task.id}
                rows.set_status(self.database, self.row, self.found(), live.status, "delocate_fail", notes)
        return self.outcome(note)

    def move(self, stage: str, request_id: str = "") -> None:
        """To the next stage, on the disk."""
        with self.database.transaction():
            tasks.advance(self.database, self.task, stage, request_id=request_id)

    def found(self) -> sqlite3.Row:
        """The cache's row as it is now."""
        return rows.by_id(self.database, self.row, self.task.obj_id)

    def outcome(self, note: str = "", error: CloudmuxError | None = None) -> Outcome:
        """Where it stands."""
        task = self.task
        return Outcome(task.obj_id, task.obj_name, task.external_id, task.id, task.stage, note or task.note, error)


def _notes(region: Region, strength: str, code: str, request_id: str) -> dict[str, Any]:
    """What the event of a removal keeps."""
    proof = {"strength": strength, "code": code, "request_id": request_id, "caller": caller(region.account)}
    return {"proof": proof, "by": "delete"}


def _certainly_refused(error: CloudError) -> bool:
    """Whether a failed deletion was certainly not executed: it never left, or the cloud said no by a code."""
    if not error.sent or isinstance(error, Throttled):
        return True
    return bool(error.code) and not error.retryable
