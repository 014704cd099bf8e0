"""A sync: scopes are listed side by side; one thread owns the cache and merges them as they come."""

import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from functools import partial
from time import monotonic
from typing import Any

from cloudmux_py.cloudprovider.errors import CloudmuxError, PaginationError
from cloudmux_py.cloudprovider.region import RegionInfo
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.engine.bindings import find_binding, provides
from cloudmux_py.engine.proof import Proof
from cloudmux_py.engine.raw import Raw
from cloudmux_py.engine.reading import LISTING_TRIES
from cloudmux_py.resources import resource_type

from ..models import account as accounts
from ..models import event, scope
from ..models.account import Account
from ..models.connection import caller, check_identity, reference
from ..models.scope import Scope
from ..store import schema
from ..store.database import Database
from ..store.shape import shape_of
from ..store.stage import Missing, Stage
from .jobs import Job, Listing, ask, connection, list_scope, unpack
from .lock import locked
from .proving import Verdict, judge

PARALLEL_SCOPES = 20
"""Scopes that are listed side by side, beside those of one region that may be dead."""

PARALLEL_QUESTIONS = 8
COMPLETE, HELD, FAILED, STALE, UNSUPPORTED = "complete", "held", "failed", "stale", "unsupported"


@dataclass
class Options:
    """What a sync was asked for.

    Attributes:
        wait: Wait for another sync of an account, instead of being refused.
        full: Also get each row, and ignore skip lists.
        regions: Only these.
        resources: Only these types.
        dry_run: Write nothing.
        accept_removals: Take weak proofs.
    """

    wait: bool = False
    full: bool = False
    regions: Sequence[str] = ()
    resources: Sequence[str] = ()
    dry_run: bool = False
    accept_removals: bool = False


@dataclass
class Result:
    """What became of one scope."""

    account: str
    region: str
    type: str
    state: str
    added: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0
    held: int = 0
    failed: int = 0
    seconds: float = 0.0
    error: str = ""
    cause: CloudmuxError | None = field(default=None, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """As JSON shows it."""
        values = asdict(self)
        del values["cause"]
        return values | {"seconds": round(self.seconds, 2)}

    @property
    def good(self) -> bool:
        """Whether nothing is left to say about it."""
        return self.state == COMPLETE or (self.state == UNSUPPORTED and not self.held)


@dataclass
class _Work:
    """A scope under way."""

    account: Account
    job: Job
    scope: Scope
    version: int
    tries: int = 1


_Next = tuple["Future[Any]", Callable[[Any], Any]]
"""What a scope waits for, and what then becomes of it: a result, or the next such pair."""

Progress = Callable[[int, Result | None], None]
"""Called with the number of all scopes, and with each result as it comes."""


def sync(
    database: Database, chosen: Sequence[Account], options: Options, progress: Progress | None = None
) -> list[Result]:
    """Sync accounts; never raises for what a cloud does.

    Raises:
        Refused: An account is being synced by another process.
        UsageError: A region or a type was named that there is not.
    """
    types = _types(options)  # a type that there is not is refused before anything is locked
    with locked(database, chosen, wait=options.wait):
        run = _Run(database, options, progress or (lambda total, result: None), len(types))
        starts = {account.id: run.begin(account) for account in chosen}
        for account in chosen:
            run.prepare(account)
        run.check_regions(chosen)
        results = run.finish()
        for account in chosen:
            run.end(account, *starts[account.id], [r for r in results if r.account == account.name])
    return results


def _types(options: Options) -> list[type[ICloudResource]]:
    if not options.resources:
        return schema.all_types()
    return [schema.check(resource_type(name)) for name in options.resources]


def synced_types(account: Account, options: Options) -> list[type[ICloudResource]]:
    """The types that a sync looks at in an account.

    Raises:
        UsageError: A type was named that there is not.
    """
    return [row for row in _types(options) if options.full or row.keyword not in account.skip_resources]


class _Run:
    """One sync of several accounts; all its methods run in the thread that owns the cache."""

    def __init__(self, database: Database, options: Options, progress: Progress, types: int) -> None:
        self.database = database
        self.options = options
        self.progress = progress
        self.results: list[Result] = []
        self.work: list[_Work] = []
        self.known: set[str] = set()
        # A dead region holds one thread for each type until its calls time out: these must not be the others'.
        scopes = PARALLEL_SCOPES + types
        self.listers: Executor = ThreadPoolExecutor(scopes)
        self.judges: Executor = ThreadPoolExecutor(scopes)

    def begin(self, account: Account) -> tuple[str, str]:
        id = str(uuid.uuid4())
        return id, "" if self.options.dry_run else scope.start_sync(self.database, id, account)

    def end(self, account: Account, id: str, started: str, results: list[Result]) -> None:
        if self.options.dry_run:
            return
        bad = [result for result in results if not result.good]
        scope.end_sync(self.database, id, "partly" if bad else "done", [result.to_dict() for result in results])
        accounts.note_sync(self.database, account, [result.error for result in bad if result.error], started)
        if bad:
            with self.database.transaction():
                notes = {f"{r.region} {r.type}": f"{r.state}: {r.error}" for r in bad}
                event.log(self.database, account.subject, "sync_host_fail", notes)

    # Which scopes there are.

    def prepare(self, account: Account) -> None:
        wanted = synced_types(account, self.options)
        try:
            live = connection(reference(self.database, account))
            check_identity(account, live)
        except CloudmuxError as error:
            for row in wanted:
                self._fail_type(account, row, error)
            return
        bound = [row for row in wanted if provides(row, account.provider)]
        lists = [self.listers.submit(live.regions, row) for row in bound]
        for row, regions in zip(bound, lists, strict=True):
            try:
                self._prepare_type(account, row, regions.result())
            except CloudmuxError as error:
                self._fail_type(account, row, error)

    def check_regions(self, chosen: Sequence[Account]) -> None:
        """Refuse a region that was asked for and that no account's cloud has.

        Raises:
            UnknownRegion: It names near matches.
        """
        for region in self.options.regions:
            if self.known and region not in self.known:
                connection(reference(self.database, chosen[0])).check_region(region)

    def _prepare_type(self, account: Account, row: type[ICloudResource], listed: Sequence[RegionInfo]) -> None:
        if not self.options.dry_run:
            scope.keep_regions(self.database, account, listed)
        inhabited = scope.inhabited(self.database, account, row.keyword)
        self.known.update(info.id for info in listed)
        self.known.update(inhabited)
        chosen = self._regions(account, row, listed, inhabited)
        for region in chosen:
            job = Job(reference(self.database, account), region, row.keyword, self.options.full)
            where = Scope(account.id, account.region_id(region), row.keyword)
            self.work.append(_Work(account, job, where, self.database.version()))
        for region in inhabited:
            if region not in {info.id for info in listed} and self._asked(region):
                text = "the cloud no longer lists this region; its rows are kept"
                self._record(self._stale(account, region, row.keyword, text))
        if not listed:
            error = PaginationError("the cloud lists no regions at all", provider=account.provider)
            self.results.append(self._failed(account, "", row.keyword, error))

    def _regions(
        self,
        account: Account,
        row: type[ICloudResource],
        listed: Sequence[RegionInfo],
        inhabited: Sequence[str],
    ) -> list[str]:
        binding = find_binding(row, account.provider)
        limits = set(account.regions) if binding and binding.regional else set()
        return [
            info.id
            for info in listed
            if self._asked(info.id) and (not limits or info.id in limits) and (info.available or info.id in inhabited)
        ]

    def _asked(self, region: str) -> bool:
        return not self.options.regions or region in self.options.regions

    # Listing and merging.

    def finish(self) -> list[Result]:
        total = len(self.work) + len(self.results)
        for known in self.results:
            self.progress(total, known)
        waiting = dict(self._list(work) for work in self.work)
        while waiting:
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                outcome = waiting.pop(future)(future.result())
                if isinstance(outcome, Result):
                    self._record(outcome)
                    self.progress(total, outcome)
                else:
                    waiting.update([outcome])
        self.listers.shutdown()
        self.judges.shutdown()
        self.results.sort(key=lambda result: (result.account, result.region, result.type))
        return self.results

    def _list(self, work: _Work) -> _Next:
        return self.listers.submit(list_scope, work.job), partial(self._listed, work)

    def _listed(self, work: _Work, listing: Listing) -> Result | _Next:
        """Merge a listing, or have what it lacks asked for first: the answers may take as long as a dead region."""
        started = monotonic()
        if listing.unsupported:
            living = scope.living(self.database, work.job.keyword, work.scope)
            return self._result(work, UNSUPPORTED, listing, started, held=living, error=listing.error)
        try:
            stage = self._stage(work, listing)
        except PaginationError as drift:
            return self._result(work, FAILED, listing, started, error=drift)
        if not listing.complete:
            return self._merged(work, listing, stage, Verdict(), FAILED, started, listing.error)
        missing = stage.missing()
        if not missing:
            return self._merged(work, listing, stage, Verdict(), COMPLETE, started, None)
        verdict = self.judges.submit(self._judge(work, listing, stage, missing))
        return verdict, partial(self._judged, work, listing, stage, started)

    def _judged(self, work: _Work, listing: Listing, stage: Stage, started: float, verdict: Verdict) -> Result | _Next:
        """Merge a listing with what became of the rows that it lacks, or have it made anew."""
        if not verdict.alive:
            state = HELD if verdict.held else COMPLETE
            error = CloudmuxError(verdict.reason) if verdict.reason else None
            return self._merged(work, listing, stage, verdict, state, started, error)
        if work.tries < LISTING_TRIES:
            work.tries += 1
            work.version = self.database.version()
            return self._list(work)
        lied = PaginationError(f"the list lacks {verdict.alive}, which still answers by id")
        return self._merged(work, listing, stage, Verdict(), FAILED, started, lied)

    def _stage(self, work: _Work, listing: Listing) -> Stage:
        shape = shape_of(work.job.keyword, work.account.provider, full=work.job.full)
        where = (work.scope.account_id, work.scope.cloudregion_id)
        stage = Stage(self.database, shape, *where, version=work.version, locked=not work.account.no_delete_lock)
        while listing.pages:
            stage.add(unpack(listing.pages.pop(0)))
        return stage

    def _judge(self, work: _Work, listing: Listing, stage: Stage, missing: Sequence[Missing]) -> Callable[[], Verdict]:
        """What asks for the missing rows and decides, for another thread: it does not touch the cache."""
        binding = find_binding(resource_type(work.job.keyword), work.account.provider)
        assert binding is not None
        witness = stage.witness([binding.id_of(Raw(values)) for values in binding.unlisted])
        told = {
            "listing": {"began": listing.began, "pages": len(listing.requests), "request_ids": listing.requests[:3]},
            "caller": caller(connection(work.job.account)),
        }
        ask_all = partial(_ask_all, work.job, witness)
        accept = self.options.accept_removals
        return partial(judge, missing, stage.living(), ask_all, accept=accept, told=told)

    def _merged(
        self,
        work: _Work,
        listing: Listing,
        stage: Stage,
        verdict: Verdict,
        state: str,
        started: float,
        error: CloudmuxError | None,
    ) -> Result:
        if self.options.dry_run:
            counts = stage.counts()
            counts.removed, counts.held = len(verdict.removals), len(verdict.held)
        else:
            counts = stage.merge(verdict.removals, verdict.held, complete=listing.complete)
        result = self._result(work, state, listing, started, error=error)
        result.added, result.updated, result.removed = counts.added, counts.updated, counts.removed
        result.unchanged, result.held = counts.unchanged, counts.held
        return result

    # Results.

    def _result(
        self,
        work: _Work,
        state: str,
        listing: Listing,
        started: float,
        *,
        held: int = 0,
        error: CloudmuxError | None = None,
    ) -> Result:
        text = " ".join(str(error).split()) if error else ""
        seconds = listing.seconds + monotonic() - started
        result = Result(work.account.name, work.job.region, work.job.keyword, state, seconds=seconds, error=text)
        result.held, result.failed, result.cause = held, int(state == FAILED), error
        return result

    def _failed(self, account: Account, region: str, keyword: str, error: CloudmuxError) -> Result:
        return Result(account.name, region, keyword, FAILED, failed=1, error=" ".join(str(error).split()), cause=error)

    def _fail_type(self, account: Account, row: type[ICloudResource], error: CloudmuxError) -> None:
        """A type could not even be begun: none of its scopes is as fresh as it was asked to be."""
        result = self._failed(account, "", row.keyword, error)
        self.results.append(result)
        if not self.options.dry_run:
            with self.database.transaction():
                scope.mark_stale(self.database, account.id, result.error, row.keyword)

    def _stale(self, account: Account, region: str, keyword: str, text: str) -> Result:
        living = scope.living(self.database, keyword, Scope(account.id, account.region_id(region), keyword))
        return Result(account.name, region, keyword, STALE, held=living, error=text)

    def _record(self, result: Result) -> None:
        self.results.append(result)
        if self.options.dry_run or not result.region:
            return
        found = next(a for a in accounts.accounts(self.database) if a.name == result.account)
        where = Scope(found.id, found.region_id(result.region), result.type)
        scope.finish(self.database, where, result.state, error=result.error, held=result.held)


def _ask_all(job: Job, witness: str, ids: Sequence[str]) -> dict[str, Proof]:
    """Ask for ids side by side."""
    size = max(1, -(-len(ids) // PARALLEL_QUESTIONS))
    parts = [ids[start : start + size] for start in range(0, len(ids), size)]
    with ThreadPoolExecutor(PARALLEL_QUESTIONS) as askers:
        answers = list(askers.map(lambda part: ask(job, part, witness), parts))
    return {id: proof for answer in answers for id, proof in answer.items()}
