"""The paging styles of the clouds as values, and the one loop that runs them all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from cloudmux_py.cloudprovider.errors import Drift, MalformedResponse, PaginationError

from .facts import Facts
from .raw import Raw

Params = Mapping[str, Any]


class Style(Facts):
    """How an API hands out a list in pages, and what proves that all came.

    Attributes:
        max: The largest page that the API gives; 0 where it gives all at once.
        total: Path of the number of rows on all pages; empty where the API gives none.
        least: The smallest page that the API gives; some give it to whoever asks for less.
    """

    max: int
    total: str = ""
    least: int = 1

    def ask(self, page: int, size: int, token: str) -> Params:
        """Parameters of a page, counted from 1."""
        raise NotImplementedError

    def token(self, reply: Raw) -> str:
        """What the next page must be asked with; empty where there is none."""
        return ""

    def check(self) -> str:
        """Why this style cannot work, or nothing."""
        return "" if self.total else f"{type(self).__name__} needs the path of the total"


class Whole(Style):
    """The API gives all rows in one reply."""

    max: int = 0

    def ask(self, page: int, size: int, token: str) -> Params:
        """Nothing to ask for."""
        return {}

    def check(self) -> str:
        """Can always work."""
        return ""


class PageNumber(Style):
    """Pages are counted from 1; the total proves the listing."""

    page: str = "PageNumber"
    size: str = "PageSize"

    def ask(self, page: int, size: int, token: str) -> Params:
        """Page number and size."""
        return {self.page: page, self.size: size}


class Offset(Style):
    """Pages are found by the number of rows before them; the total proves the listing.

    Attributes:
        cast: `str` for the APIs that declare both parameters as strings.
        multiples: Whether the API takes multiples of the limit alone as offsets.
    """

    cast: Callable[[int], int | str] = int
    multiples: bool = False
    offset: str = "Offset"
    limit: str = "Limit"

    def ask(self, page: int, size: int, token: str) -> Params:
        """Offset and limit; the step is the limit, not the rows received, as some APIs demand multiples."""
        return self.window((page - 1) * size, size)

    def takes(self, offset: int, limit: int) -> bool:
        """Whether one call can ask for this stretch."""
        return limit <= self.max and not (self.multiples and offset % limit)

    def window(self, offset: int, limit: int) -> Params:
        """Any stretch of at most a page."""
        return {self.offset: self.cast(offset), self.limit: self.cast(limit)}


class Token(Style):
    """Each page names the next; an absent or empty token proves the end. Totals mean nothing here."""

    next: str = "NextToken"
    size: str = "MaxResults"

    def ask(self, page: int, size: int, token: str) -> Params:
        """Page size, and the token of the page before."""
        return {self.size: size} | ({self.next: token} if token else {})

    def token(self, reply: Raw) -> str:
        """The next page's token."""
        return reply.text(self.next, "")

    def check(self) -> str:
        """Refuses a total, which such APIs fill with what means nothing."""
        return "Token takes no total" if self.total else ""


class Fetched(NamedTuple):
    """One page as it came.

    Attributes:
        number: Counted from 1.
        rows: The rows, unparsed.
        total: What the cloud says is the number of all rows, or None.
        reply: The whole reply.
    """

    number: int
    rows: list[Raw]
    total: int | None
    reply: Raw


def rows_of(reply: Raw, path: str, total: int | None) -> list[Raw]:
    """The rows of a reply. A missing key is an error; a null counts as empty only beside a total of 0."""
    if total == 0 and reply.any(path) is None and reply.has(path):
        return []
    return list(reply.each(path))


def pages(
    fetch: Callable[[Params], Raw],
    style: Style,
    path: str,
    key_of: Callable[[Raw], str],
    lists: Sequence[Params] = ({},),
) -> Iterator[Fetched]:
    """All pages of a list, or of several one after the other; ends normally only if each proved itself complete.

    Args:
        fetch: Sends a list call with the style's parameters.
        style: The API's way of paging, with its kind of proof.
        path: Where the rows are in a reply.
        key_of: Identity of a row. A row that has none counts as one, and is for the caller to report.
        lists: Constant parameters of each list; no row may be in two of them.

    Raises:
        Drift: An id came twice, or the total changed: repeating the whole listing may help.
        PaginationError: A page made no progress, or fewer rows came than the cloud counts.
        MalformedResponse: A page without rows or total where they are due.
    """
    seen: set[str] = set()
    number = 0
    for constant in lists:
        for fetched in _list(partial(_with, fetch, constant), style, path, key_of, seen):
            number += 1
            yield fetched._replace(number=number)


def _with(fetch: Callable[[Params], Raw], constant: Params, params: Params) -> Raw:
    return fetch({**constant, **params})


def _list(
    fetch: Callable[[Params], Raw], style: Style, path: str, key_of: Callable[[Raw], str], seen: set[str]
) -> Iterator[Fetched]:
    """The pages of one list; `seen` is added to."""
    tokens: set[str] = set()
    before, number, token, total = len(seen), 0, "", None
    while True:
        number += 1
        reply = fetch(style.ask(number, style.max, token))
        total = _total(reply, style, number, total)
        rows = rows_of(reply, path, total)
        _remember(seen, rows, key_of, number)
        yield Fetched(number, rows, total, reply)
        if total is not None:
            if len(seen) - before >= total:
                break
            if not rows:
                raise PaginationError(f"page {number} is empty, but only {len(seen) - before} of {total} rows came")
        else:
            token = style.token(reply)
            if not token:
                break
            if token in tokens:
                raise PaginationError(f"page {number} names a page that was fetched already")
            tokens.add(token)
    if total is not None and len(seen) - before != total:
        raise PaginationError(f"page {number}: {len(seen) - before} rows came, but the total is {total}")


def _total(reply: Raw, style: Style, number: int, before: int | None) -> int | None:
    if not style.total:
        return None
    total = reply.number(style.total)
    if total < 0:
        raise reply.malformed(style.total, "a number of rows", total)
    if before is not None and total != before:
        raise Drift(f"page {number}: the total changed from {before} to {total}")
    return total


def _remember(seen: set[str], rows: list[Raw], key_of: Callable[[Raw], str], number: int) -> None:
    for row in rows:
        try:
            key = key_of(row)
        except MalformedResponse:
            key = f"unreadable row {number} {row.path}"
        if key in seen:
            raise Drift(f"page {number}: {key} came twice")
        seen.add(key)
