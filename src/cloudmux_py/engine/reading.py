"""Lists and single rows of a region."""

import builtins
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from cloudmux_py.cloudprovider.access import AccessInfo
from cloudmux_py.cloudprovider.errors import (
    Drift,
    HostNotFound,
    MalformedResponse,
    NotImplementedByProvider,
    PaginationError,
    TimedOut,
    UsageError,
)
from cloudmux_py.cloudprovider.region import Page

from .binding import Binding
from .calling import Calling, R
from .paging import Fetched, Offset, Params, pages, rows_of
from .raw import Raw

LISTING_TRIES = 3
"""How often a listing is made anew when the cloud changed meanwhile."""

LISTING_DEADLINE = 600.0
"""Seconds for one listing: a list may name ever further pages, each of them in time."""


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


class Reading(Calling):
    """Reads every type that has a binding."""

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

    def raw_get(self, row: type[R], id: str) -> Any:
        """The object that the cloud answers for an id, as it came."""
        return self._get(self.binding(row), id).data

    def access_info(self, row: type[R], id: str) -> AccessInfo:
        """Addresses and ports, live."""
        binding = self.binding(row)
        if binding.access is None:
            raise NotImplementedByProvider(f"access information of {row.word()}", self.provider)
        return binding.access(self._get(binding, id))

    # How pages come.

    def _rows(self, binding: Binding[R, Any], raws: Sequence[Raw]) -> "builtins.list[R]":
        return [self._bind(binding.parse(raw)) for raw in raws if not binding.gone_word(raw)]

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

        now = self.account.client.clock.now
        deadline = now() + LISTING_DEADLINE
        try:
            for fetched in pages(fetch, binding.paging, binding.rows, binding.listed_key, binding.filters):
                if now() > deadline:
                    raise TimedOut(f"the listing took longer than {LISTING_DEADLINE:.0f} s; page {fetched.number} came")
                yield fetched._replace(rows=self._detailed(binding, fetched.rows))
        except (PaginationError, TimedOut) as error:
            error.provider, error.region, error.action = self.provider, self.id, binding.list.action
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
                yield _parsed(binding, fetched)
            if binding.unlisted:
                yield Scanned([binding.parse(Raw(values)) for values in binding.unlisted], [], None, "")
        except HostNotFound:
            self.account.check_region(self.id, row)
            raise


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
