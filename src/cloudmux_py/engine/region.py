"""A region of any cloud: lists, gets and deletes every type that has a binding."""

import builtins
from collections.abc import Callable, Iterator, Sequence
from functools import cache, wraps
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from cloudmux_py.cloudprovider.access import AccessInfo
from cloudmux_py.cloudprovider.errors import (
    BrokenPlugin,
    CloudError,
    CloudmuxError,
    Drift,
    HostNotFound,
    MalformedResponse,
    NotFound,
    NotImplementedByProvider,
    PaginationError,
    Refused,
    UnknownRegion,
    UsageError,
)
from cloudmux_py.cloudprovider.region import DEFAULTS, DeleteOptions, Deletion, Page
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.cloudprovider.status import DELETING, ISOLATED, STOPPING
from cloudmux_py.resources import binding_module, distribution_of, leave_out, plugin, resource_types

from .binding import Binding
from .paging import Fetched, Offset, Params, pages, rows_of
from .proof import Proof
from .raw import Raw

if TYPE_CHECKING:
    from .account import Account

R = TypeVar("R", bound=ICloudResource)
T = TypeVar("T")

LISTING_TRIES = 3
"""How often a listing is made anew when the cloud changed meanwhile."""


class Prepared(NamedTuple):
    """The call that will delete a row.

    Attributes:
        api: The call.
        params: Its parameters.
    """

    api: Any
    params: Params


class Scanned(NamedTuple):
    """One page of a scan.

    Attributes:
        rows: The rows that could be read.
        unreadable: Why the others could not.
        total: What the cloud says is the number of all rows, or None.
        request_id: The cloud's id of the request.
    """

    rows: list[Any]
    unreadable: list[MalformedResponse]
    total: int | None
    request_id: str


def find_binding(row: type[ICloudResource], provider: str) -> Binding[Any, Any] | None:
    """The binding of a type on a provider, or None where the provider lacks the type.

    Raises:
        BrokenPlugin: Another distribution brings it, and it cannot be used.
    """
    name = binding_module(row, provider)
    if not distribution_of(row.keyword):
        return _load_binding(name)
    with plugin(row.keyword):
        return _load_guarded(name, row.keyword)


def provides(row: type[ICloudResource], provider: str) -> bool:
    """Whether a provider has a type; a broken binding of another distribution is named in one warning, and is none."""
    if not distribution_of(row.keyword):
        return find_spec(binding_module(row, provider)) is not None
    try:
        return find_binding(row, provider) is not None
    except BrokenPlugin as error:
        leave_out(row.keyword, error.distribution, error.reason)
        return False


@cache
def _load_binding(name: str) -> Binding[Any, Any] | None:
    if find_spec(name) is None:
        return None
    binding = import_module(name).BINDING
    if not isinstance(binding, Binding):
        raise TypeError(f"{name}: BINDING must be a Binding")
    return binding


@cache
def _load_guarded(name: str, keyword: str) -> Binding[Any, Any] | None:
    """A binding that is not ours: whatever its `parse` may raise, only a row that cannot be read comes of it."""
    binding = _load_binding(name)
    if binding is None:
        return None
    guarded = {"parse": _guarded(binding.parse, keyword)}
    if binding.gone_as:
        guarded["gone_as"] = _guarded(binding.gone_as, keyword)
    return Binding(**{**vars(binding), **guarded})


def _guarded(read: Callable[[Raw], T], keyword: str) -> Callable[[Raw], T]:
    @wraps(read)
    def guarded(raw: Raw) -> T:
        try:
            return read(raw)
        except CloudmuxError:
            raise
        except Exception as error:  # it is not our code: it may fail in any way
            reason = f"{type(error).__name__}: {error}"
            raise MalformedResponse(f"{distribution_of(keyword)} cannot read a row of {keyword}: {reason}") from error

    return guarded


def reference_identities(row: type[ICloudResource], provider: str) -> dict[str, Callable[[str], str]]:
    """How the columns that hold other types' ids are compared, for those types whose ids fold case."""
    found = {}
    known = {other.keyword: other for other in resource_types()}
    for name, column in row.columns.items():
        other = known.get(column.references)
        binding = find_binding(other, provider) if other and provides(other, provider) else None
        if binding and binding.identity is not str:
            found[name] = binding.identity
    return found


class Region:
    """One region of one account; `SRegion` of each cloud adds the named methods of its types.

    Args:
        account: The account, which holds the client.
        id: The region's id.
    """

    def __init__(self, account: "Account[Any]", id: str) -> None:
        self.account = account
        self.id = id
        self.provider = account.name

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """Named methods of types that this cloud lacks say so; mypy reports them before."""
            if name.split("_", maxsplit=1)[0] in {"get", "iter", "delete"}:
                raise NotImplementedByProvider(name, self.__dict__.get("provider", "this provider"))
            raise AttributeError(name)

    def binding(self, row: type[R]) -> Binding[R, Any]:
        """How this cloud has a type.

        Raises:
            NotImplementedByProvider: It does not.
        """
        binding = find_binding(row, self.provider)
        if binding is None:
            raise NotImplementedByProvider(row.word(), self.provider)
        return binding

    def page(self, row: type[R], *, size: int | None = None, page: int = 1) -> Page[R]:
        """Exactly one page of the cloud's list.

        Args:
            row: The resource type.
            size: Rows a page; the API's maximum by default.
            page: Counted from 1. Token APIs have the first page only.

        Raises:
            UsageError: The size is beyond the API's maximum, or the page cannot be asked for.
            MalformedResponse: A row cannot be read.
        """
        binding = self.binding(row)
        reply = self._page(binding, size or binding.paging.max, page)
        total = reply.number(binding.paging.total) if binding.paging.total else None
        raws = self._detailed(binding, rows_of(reply, binding.rows, total))
        if not raws and page == 1:
            self.account.check_region(self.id, row)
        return Page(self._rows(binding, raws), total)

    def window(self, row: type[R], *, offset: int, limit: int) -> tuple[list[R], int | None, bool]:
        """`limit` rows from `offset` on, with only the pages that they need.

        Returns:
            The rows, the number of all rows if the cloud says it, and whether the listing was proved whole.
        """
        binding = self.binding(row)
        style = binding.paging
        if isinstance(style, Offset) and style.takes(offset, limit) and offset and len(binding.filters) == 1:
            reply = self._call(binding, binding.list, {**binding.filters[0], **style.window(offset, limit)})
            return self._rows(binding, list(reply.each(binding.rows))), reply.number(style.total), False
        found: list[Any] = []
        first = 0
        for scanned in self._scan(row):
            if scanned.unreadable:
                raise scanned.unreadable[0]
            found += scanned.rows[max(0, offset - first) : max(0, offset + limit - first)]
            first += len(scanned.rows)
            if first >= offset + limit and (scanned.total is None or first < scanned.total):
                return [self._bind(item) for item in found], scanned.total, False
        return [self._bind(item) for item in found], first, True

    def iter(self, row: type[R]) -> Iterator[R]:
        """All rows, page by page as they come; ends normally only if the listing proved itself complete.

        Raises:
            PaginationError: It did not.
            MalformedResponse: A row cannot be read.
        """
        for scanned in self.scan(row):
            if scanned.unreadable:
                raise scanned.unreadable[0]
            yield from map(self._bind, scanned.rows)

    def list(self, row: type[R]) -> "list[R]":
        """All rows at once; made anew, at most three times, when the cloud changed while it was listed."""
        found: list[R] = []
        self.gather(row, found.append, found.clear)
        return found

    def gather(self, row: type[R], keep: Callable[[R], object], forget: Callable[[], object]) -> None:
        """All rows, each handed to `keep`; when the cloud changed meanwhile, `forget` is called and all starts anew.

        Raises:
            PaginationError: The listing did not prove itself complete, three times at most.
        """
        for tries in range(1, LISTING_TRIES + 1):
            forget()
            try:
                for item in self.iter(row):
                    keep(item)
                return
            except Drift:
                if tries == LISTING_TRIES:
                    raise

    def scan(self, row: type[R]) -> Iterator[Scanned]:
        """All pages with their readable and unreadable rows; what sync reads."""
        return self._scan(row)

    def raw(self, row: type[R]) -> Iterator[Any]:
        """The cloud's own replies, page by page."""
        return (fetched.reply.data for fetched in self._pages(self.binding(row)))

    def get(self, row: type[R], id: str) -> R:
        """One row by its id.

        Raises:
            NotFound: It is gone; with the cloud's code if the cloud named it.
        """
        binding = self.binding(row)
        return self._bind(binding.parse(self._get(binding, id)))

    def raw_get(self, row: type[R], id: str) -> Any:
        """The object that the cloud answers for an id, as it came."""
        return self._get(self.binding(row), id).data

    def access_info(self, row: type[R], id: str) -> AccessInfo:
        """Addresses and ports, live."""
        binding = self.binding(row)
        if binding.access is None:
            raise NotImplementedByProvider(f"access information of {row.word()}", self.provider)
        return binding.access(self._get(binding, id))

    def refusal(self, row: type[R], id: str, options: DeleteOptions = DEFAULTS) -> tuple[R, str]:
        """The row as it is now, and why it must not be deleted, or nothing.

        Raises:
            NotFound: It is gone.
            NotImplementedByProvider: The cloud cannot delete the type, or lacks one of the options.
        """
        binding = self._deletable(row, options)
        raw = self._get(binding, id)
        found = self._bind(binding.parse(raw))
        if _half_deleted(binding, raw, found.status):
            return found, ""
        reason = _refusal(found.status, options) or (binding.refuse(raw) if binding.refuse else "")
        stop = binding.stop
        if not reason and stop and stop.required and not options.stop_first and found.status not in stop.stopped:
            reason = f"it is {found.status}, and only what is stopped can be deleted: --stop-first stops it"
        return found, reason

    def prepare_delete(self, row: type[R], id: str, options: DeleteOptions = DEFAULTS) -> Prepared:
        """The call that will delete; nothing is changed yet.

        Raises:
            NotFound: It is gone.
            NotImplementedByProvider: The cloud cannot delete the type, or lacks one of the options.
            Refused: Such a call would destroy what is in the recycle bin, unasked.
        """
        binding = self._deletable(row, options)
        self._check_id(id)
        if binding.then:
            raw = self._find(binding, id)
            if _half_deleted(binding, raw, binding.parse(raw).status):
                return Prepared(binding.then.call, binding.then.by(id))
        if binding.delete_call:
            raw = self._get(binding, id)
            # The same call twice can destroy for good: it may have been isolated since anybody looked.
            if reason := _refusal(binding.parse(raw).status, options):
                raise Refused(f"{self.provider} {self.id} {id}: {reason}")
            prepared = Prepared(*binding.delete_call(raw, options))
            assert prepared.api in binding.delete_calls, "delete_calls must name every call"
            return prepared
        assert binding.delete_by
        return Prepared(binding.delete, binding.delete_by(id, options))

    def delete(
        self, row: type[R], id: str, options: DeleteOptions = DEFAULTS, prepared: Prepared | None = None
    ) -> Deletion:
        """Ask the cloud to delete; sent once, and returns when the cloud accepted.

        Args:
            row: The resource type.
            id: Id in the cloud.
            options: How.
            prepared: What `prepare_delete` gave; it is asked for without.

        Raises:
            NotFound: It is gone already.
            Conflict: The cloud refuses.
        """
        binding = self._deletable(row, options)
        call = prepared or self.prepare_delete(row, id, options)
        reply = self._call(binding, call.api, call.params, id, once=True)
        ends, note = binding.ends(reply, options) if binding.ends else ("gone", "")
        return Deletion(reply.text("RequestId", ""), ends, note)

    def watch(self, row: type[R], id: str) -> tuple[R, bool]:
        """The row as it is, and whether the second call of its deletion is due (`follow`).

        Raises:
            NotFound: It is gone.
        """
        binding = self.binding(row)
        raw = self._find(binding, id)
        return self._bind(binding.parse(raw)), bool(binding.then and binding.then.when(raw))

    def follow(self, row: type[R], id: str) -> Deletion:
        """Send the second call of a deletion that takes two; sent once."""
        binding = self.binding(row)
        assert binding.then
        reply = self._call(binding, binding.then.call, binding.then.by(id), id, once=True)
        return Deletion(reply.text("RequestId", ""))

    def stop(self, row: type[R], id: str, timeout: float = 300.0) -> None:
        """Stop what runs, and wait until it has stopped; does nothing where nothing runs.

        Raises:
            NotImplementedByProvider: The cloud cannot stop the type.
            NotFound: It is gone.
            WaitTimeout: It did not stop in time.
        """
        from .wait import wait_stopped

        stop = self._deletable(row, DeleteOptions(stop_first=True)).stop
        assert stop
        status = self.get(row, id).status
        if status in stop.stopped:
            return
        if status != STOPPING:  # the clouds refuse to stop what is stopping
            self._call(self.binding(row), stop.call, stop.by(id), id, once=True)
        wait_stopped(self, row, id, stop.stopped, timeout, self.account.client.clock)

    def ask(self, row: type[R], ids: Sequence[str], witness: str = "") -> dict[str, Proof]:
        """What the cloud answers about ids, as proofs; never raises for what one id meets.

        Args:
            row: The resource type.
            ids: The ids in question.
            witness: An id known to live, asked for in the same requests; without it an empty answer is weaker.
        """
        binding = self.binding(row)
        if not binding.ask_by:
            return {id: self._ask_one(binding, id) for id in ids}
        size = binding.batch - 1
        answers: dict[str, Proof] = {}
        for start in range(0, len(ids), size):
            answers |= self._ask_many(binding, ids[start : start + size], witness)
        return answers

    def wait_gone(self, row: type[R], id: str, timeout: float = 300.0, *, final: bool = False) -> str:
        """Wait until an accepted deletion ended: ``gone``, or ``isolated`` in the recycle bin where it was not `final`.

        Raises:
            WaitTimeout: It did not in time.
        """
        from .wait import wait_gone

        return wait_gone(self, row, id, timeout, self.account.client.clock, final=final)

    # How calls are made.

    def _bind(self, row: R) -> R:
        row.region = self
        return row

    def _rows(self, binding: Binding[R, Any], raws: Sequence[Raw]) -> "builtins.list[R]":
        return [self._bind(binding.parse(raw)) for raw in raws if not binding.gone_word(raw)]

    def _call(self, binding: Binding[Any, Any], api: Any, params: Params, id: str = "", *, once: bool = False) -> Raw:
        try:
            return self.account.client.call(api, params, self.id, once=once)
        except (HostNotFound, UnknownRegion) as error:
            error.resource = id
            self.account.check_region(self.id)
            if isinstance(error, HostNotFound) and binding.served and self.id not in binding.served:
                where = {"provider": self.provider, "region": self.id, "action": api.action}
                raise UnknownRegion("the cloud does not offer this here", **where) from error
            raise
        except CloudError as error:
            error.resource = id
            if id and error.code in binding.gone:
                raise NotFound.from_(error) from error
            raise

    def _page(self, binding: Binding[Any, Any], size: int, page: int) -> Raw:
        style = binding.paging
        if style.max and not style.least <= size <= style.max:
            raise UsageError(f"a page of {self.provider} has {style.least} to {style.max} rows, not {size}")
        if page < 1 or (page > 1 and not style.total):
            raise UsageError(f"page {page} cannot be asked for")
        if len(binding.filters) > 1:
            raise UsageError(f"{self.provider} keeps these in several lists, which have no common pages: use --limit")
        return self._call(binding, binding.list, {**binding.filters[0], **style.ask(page, size, "")})

    def _pages(self, binding: Binding[Any, Any]) -> Iterator[Fetched]:
        def fetch(params: Params) -> Raw:
            return self._call(binding, binding.list, params)

        try:
            for fetched in pages(fetch, binding.paging, binding.rows, binding.listed_key, binding.filters):
                yield fetched._replace(rows=self._detailed(binding, fetched.rows))
        except (PaginationError, MalformedResponse) as error:
            self._where(error, binding.list)
            raise

    def _detailed(self, binding: Binding[Any, Any], listed: "builtins.list[Raw]") -> "builtins.list[Raw]":
        """The rows of a page of names, in the names' order; the page itself where the list tells rows.

        Raises:
            Drift: A name was not answered, as when it was deleted meanwhile.
            PaginationError: Something else was answered.
        """
        details = binding.details
        if not details:
            return listed
        names = [raw.text(details.name) for raw in listed]
        found: dict[str, Raw] = {}
        for start in range(0, len(names), details.size):
            asked = names[start : start + details.size]
            for raw in self._call(binding, details.call, details.by(asked)).each(details.rows):
                name = raw.text(details.name)
                if name in found or name not in asked:
                    raise PaginationError(f"{details.call.action} answered {name} unasked, or twice")
                found[name] = raw
        if missing := [name for name in names if name not in found]:
            raise Drift(f"{details.call.action} did not answer {missing[0]}, which the list names")
        return [found[name] for name in names]

    def _scan(self, row: type[R]) -> Iterator[Scanned]:
        binding = self.binding(row)
        try:
            for fetched in self._pages(binding):
                if fetched.number == 1 and not fetched.rows:
                    self.account.check_region(self.id, row)
                scanned = _parsed(binding, fetched)
                for error in scanned.unreadable:
                    self._where(error, binding.list)
                yield scanned
            if binding.unlisted:
                yield Scanned([binding.parse(Raw(values)) for values in binding.unlisted], [], None, "")
        except HostNotFound:
            self.account.check_region(self.id, row)
            raise

    def _get(self, binding: Binding[Any, Any], id: str) -> Raw:
        """The object of an id, with what its further calls tell.

        Raises:
            NotFound: It is gone; with the cloud's code, or its word in the row, if the cloud named it.
        """
        raw = self._find(binding, id)
        for extra in binding.extras:
            if extra.wanted(raw):
                reply = self._call(binding, extra.call, extra.params(id, raw), id)
                raw.data[extra.under] = reply.at(extra.row).data if extra.row else reply.data
        return raw

    def _find(self, binding: Binding[Any, Any], id: str) -> Raw:
        self._check_id(id)
        key = binding.identity(id)
        for values in binding.unlisted:
            if binding.key_of(Raw(values)) == key:
                return Raw(dict(values))
        reply = self._call(binding, binding.get, binding.get_by(id), id)
        request = reply.text("RequestId", "")
        word = ""
        candidates, alone = _candidates(reply, binding)
        for raw in candidates:
            if binding.key_of(raw) == key:
                word = binding.gone_word(raw)
                if not word:
                    return raw
            elif alone:
                raise raw.malformed(binding.id, f"the id {id} that was asked for", raw.any(binding.id))
        where = {"provider": self.provider, "region": self.id, "action": binding.get.action, "resource": id}
        raise NotFound("the cloud knows no such id here", code=word, request_id=request, **where)

    def _deletable(self, row: type[R], options: DeleteOptions) -> Binding[R, Any]:
        binding = self.binding(row)
        if not binding.deletes:
            raise NotImplementedByProvider(f"deleting {row.word()}", self.provider)
        wanted = {name for name, value in options._asdict().items() if value is True}
        if lacking := wanted - binding.options:
            raise NotImplementedByProvider(f"deleting {row.word()} with {', '.join(sorted(lacking))}", self.provider)
        return binding

    def _where(self, error: CloudError, api: Any) -> None:
        error.provider, error.region, error.action = self.provider, self.id, api.action

    def _check_id(self, id: str) -> None:
        if not id.strip() or len(id) > 256 or not id.isprintable():
            raise UsageError(f"{id!r} is no id")

    def _ask_one(self, binding: Binding[Any, Any], id: str) -> Proof:
        try:
            self._find(binding, id)
        except NotFound as error:
            return Proof("gone", "strong" if error.code else "unwitnessed", error.code, error.request_id)
        except CloudError as error:
            return Proof("unknown", error=error)
        return Proof("alive")

    def _ask_many(self, binding: Binding[Any, Any], ids: Sequence[str], witness: str) -> dict[str, Proof]:
        assert binding.ask_by
        asked = [*ids, witness] if witness else list(ids)
        try:
            reply = self._call(binding, binding.get, binding.ask_by(asked))
            total = reply.number(binding.paging.total, None) if binding.paging.total else None
            raws = rows_of(reply, binding.rows, total)
            if total is not None and len(raws) < total:
                raise reply.malformed(binding.rows, f"{total} rows", f"{len(raws)}")
            words = {binding.key_of(raw): binding.gone_word(raw) for raw in raws}
        except CloudError as error:
            if error.code in binding.gone:  # one of them is gone, and the code does not say which
                return {id: self._ask_one(binding, id) for id in ids}
            return dict.fromkeys(ids, Proof("unknown", error=error))
        request = reply.text("RequestId", "")
        if not witness:
            absent = Proof("gone", "unwitnessed", request_id=request)
        elif words.get(binding.identity(witness)) == "":
            absent = Proof("gone", "weak", request_id=request)
        else:
            absent = Proof("unknown", request_id=request, error=_no_witness(self, binding))
        return {id: _answer(words.get(binding.identity(id)), absent, request) for id in ids}


def _half_deleted(binding: Binding[Any, Any], raw: Raw, status: str) -> bool:
    """Whether the first call of a deletion that takes two has worked, and nobody has sent the second."""
    return status == DELETING and bool(binding.then and binding.then.when(raw))


def _refusal(status: str, options: DeleteOptions) -> str:
    """Why what has a status must not be deleted with these options, or nothing."""
    if status == DELETING:
        return "it is being deleted already"
    if status == ISOLATED and not options.final:
        return "it is in the recycle bin already; --final destroys it for good, where the cloud offers that"
    if status != ISOLATED and options.final:
        return "it is not in the recycle bin: delete it without --final first"
    return ""


def _candidates(reply: Raw, binding: Binding[Any, Any]) -> tuple[list[Raw], bool]:
    """The objects of a get's reply, and whether there is but one, which then must be the one that was asked for."""
    if binding.row == ".":
        return [reply], True
    if not binding.row:
        total = reply.number(binding.paging.total, None) if binding.paging.total else None
        return rows_of(reply, binding.rows, total), False
    if isinstance(reply.any(binding.row), list):
        return list(reply.each(binding.row)), False
    return [reply.at(binding.row)], True


def _parsed(binding: Binding[Any, Any], fetched: Fetched) -> Scanned:
    rows, unreadable = [], []
    for raw in fetched.rows:
        try:
            if not binding.gone_word(raw):
                rows.append(binding.parse(raw))
        except MalformedResponse as error:
            unreadable.append(error)
    total = fetched.total if len(binding.filters) == 1 else None
    return Scanned(rows, unreadable, total, fetched.reply.text("RequestId", ""))


def _answer(word: str | None, absent: Proof, request: str) -> Proof:
    """What the answer about one of several ids proves; `word` is the cloud's if it says that the row is gone."""
    if word is None:
        return absent
    return Proof("gone", "strong", word, request) if word else Proof("alive")


def _no_witness(region: Region, binding: Binding[Any, Any]) -> CloudError:
    where = {"provider": region.provider, "region": region.id, "action": binding.get.action}
    return CloudError("the answer lacks a row that is known to live: it proves nothing", **where)
