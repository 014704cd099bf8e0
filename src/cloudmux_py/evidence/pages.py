"""Whether the pages of recorded lists keep the rules that proofs of completeness stand on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cloudmux_py.cloudprovider.errors import MalformedResponse
from cloudmux_py.engine.paging import Offset, PageNumber, Token, Whole
from cloudmux_py.engine.raw import Raw

from .calls import Call, Use

VARYING = frozenset({"AccessKeyId", "SecurityToken", "Signature", "SignatureNonce", "Timestamp"})
"""Parameters that differ whenever a call is sent."""


@dataclass
class Listing:
    """A list under way: what its pages told so far."""

    total: int | None = None
    seen: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)


class Pages:
    """Follows every list of a recording from page to page."""

    def __init__(self) -> None:
        self.listings: dict[tuple[Any, ...], Listing] = {}

    def follow(self, call: Call, use: Use, reply: Raw, rows: list[Raw]) -> Iterator[tuple[str, str]]:
        """Path and difference, for each rule that a page breaks."""
        style = use.binding.paging
        if isinstance(style, Token):
            yield from self._token(style, call, use, reply, rows)
        elif isinstance(style, PageNumber | Offset):
            yield from self._counted(style, call, use, reply, rows)
        elif isinstance(style, Whole):
            yield from _twice(use, Listing(), rows)
            if reply.any(Token.next):
                yield Token.next, "a list that comes whole names a next page"

    def _listing(self, call: Call, use: Use, own: set[str], *, first: bool) -> Listing:
        constant = sorted((name, str(value)) for name, value in call.params.items() if name not in own | VARYING)
        key = (call.provider, call.region, use.row.keyword, *constant)
        if first or key not in self.listings:
            self.listings[key] = Listing()
        return self.listings[key]

    def _counted(
        self, style: PageNumber | Offset, call: Call, use: Use, reply: Raw, rows: list[Raw]
    ) -> Iterator[tuple[str, str]]:
        numbered = isinstance(style, PageNumber)
        number, size = (style.page, style.size) if isinstance(style, PageNumber) else (style.offset, style.limit)
        asked, count = _whole(call.params.get(size)), _whole(call.params.get(number, int(numbered)))
        if asked is None or count is None:  # asked for by ids
            return
        start = (count - 1) * asked if numbered else count
        listing = self._listing(call, use, {number, size}, first=start == 0)
        total, came = reply.number(style.total), start + len(rows)
        if listing.total not in {None, total}:
            yield style.total, f"the total changed from {listing.total} to {total} between pages"
        listing.total = total
        if len(rows) > asked:
            yield use.binding.rows, f"{len(rows)} rows on a page of {asked}"
        elif came > total and rows:
            yield style.total, f"the total is {total}, but {came} rows came"
        elif len(rows) < asked and came < total:
            yield style.total, f"the total is {total}, but a page of {asked} from {start} on has {len(rows)} rows"
        told = _whole(reply.any(size))
        if told not in {None, asked}:
            yield size, f"pages of {asked} were asked for, pages of {told} came"
        yield from _twice(use, listing, rows)

    def _token(self, style: Token, call: Call, use: Use, reply: Raw, rows: list[Raw]) -> Iterator[tuple[str, str]]:
        asked, sent, token = _whole(call.params.get(style.size)), call.params.get(style.next), style.token(reply)
        if asked is None:
            return
        listing = self._listing(call, use, {style.size, style.next}, first=not sent)
        counted = use.binding.rows.partition("[].")[0]  # of rows in groups, the groups count
        if (count := len(list(reply.each(counted)))) > asked:
            yield counted, f"{count} rows on a page of {asked}"
        if token and token == sent:
            yield style.next, "a page names itself as the next one"
        elif token and token in listing.tokens:
            yield style.next, "a page names one before it as the next one"
        elif token and not rows:
            yield style.next, "an empty page names a next one"
        listing.tokens.add(token)
        yield from _twice(use, listing, rows)


def _twice(use: Use, listing: Listing, rows: list[Raw]) -> Iterator[tuple[str, str]]:
    for row in rows:
        try:
            key = use.binding.listed_key(row)
        except MalformedResponse:
            continue  # named as a row that cannot be read
        if key in listing.seen:
            yield use.binding.id, "an id came twice in one list"
        listing.seen.add(key)


def _whole(value: Any) -> int | None:
    return int(value) if str(value).isdecimal() else None
