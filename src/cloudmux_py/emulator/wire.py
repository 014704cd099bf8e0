"""What both clouds' wires share: the call in hand, errors, and lists with their faults."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .faults import Fault
from .state import Account, Row, Table, World


class ApiError(Exception):
    """An error as the cloud words it."""

    def __init__(
        self, code: str, message: str = "", status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message or f"{code}."
        self.status = status
        self.headers = dict(headers or {})


class Reset(Exception):
    """Break the connection instead of answering."""


@dataclass
class Call:
    """One API call that is being answered."""

    world: World
    provider: str
    service: str
    action: str
    region: str
    account: Account
    params: dict[str, Any]
    request_id: str
    path: dict[str, str] = field(default_factory=dict)
    page: int = 0

    def fault(self, kind: str) -> Fault | None:
        """The fault of a kind that hits this call."""
        return self.world.faults.take(kind, self.provider, self.region, self.action, self.account.account_id, self.page)

    def table(self, kind: str) -> Table:
        """The caller's rows of a kind in the call's region."""
        return self.world.table(self.provider, self.account.account_id, self.region, kind)

    def visible(self, kind: str) -> list[Row]:
        """The rows that the caller may see."""
        rows = self.table(kind).snapshot()
        hidden = self.fault("hide-rows")
        return rows[: hidden.keep] if hidden else rows

    def one(self, kind: str, key: str, id: Any, unknown: ApiError) -> Row:
        """The visible row of an id, or the error given."""
        found = next((row for row in self.visible(kind) if row[key] == id), None)
        if found is None:
            raise unknown
        return found

    def page_of(self, rows: list[Row], start: int, size: int) -> tuple[list[Row], Any]:
        """A page of rows and the total, with what faults make of them."""
        self.page = start // size + 1 if size else 1
        total: Any = len(rows)
        if self.fault("lists-say-zero"):
            return [], 0
        if self.fault("repeat-page"):
            start = 0
        page = rows[start : start + size]
        if self.fault("growing-total"):
            total += self.page
        if self.fault("large-total"):
            total += 1
        if self.fault("empty-page"):
            page = []
        if page and self.fault("short-page"):
            page = page[:-1]
        if page and self.fault("duplicate-id"):
            page = [page[0], *page]
        return page, str(total) if self.fault("string-total") else total


def body(call: Call, path: str, rows: list[Row], spoilt: Row, more: Mapping[str, Any]) -> dict[str, Any]:
    """The reply of a list, with what faults make of it.

    Args:
        call: The call.
        path: Where the rows are, such as ``Vpcs.Vpc``.
        rows: The page.
        spoilt: Fields of a row that nobody can read, for the fault ``bad-row``.
        more: The reply's other keys.
    """
    found: list[Row] = [dict(row) for row in rows]
    if found and call.fault("bad-row"):
        found[0] |= spoilt
    value: Any = found
    outer, _, inner = path.rpartition(".")
    for key in filter(None, [inner, *reversed(outer.split("."))]):
        value = {key: value}
    if call.fault("missing-key"):
        value = {}
    return {**more, **value}


Handler = Callable[[Call], Any]
Register = Callable[[Handler], Handler]
