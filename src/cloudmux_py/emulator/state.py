"""What the emulated clouds hold: accounts, regions, and the rows of each account, region and kind."""

import threading
import uuid
from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

from .clock import Clock
from .faults import Faults

Row = dict[str, Any]

KEPT_REQUESTS = 10_000
"""How many calls are remembered, the last ones, so that an emulator that runs for weeks does not grow."""

NONCE_SECONDS = 15 * 60.0
"""How long a nonce may not be used again: as long as a signature's time is accepted."""


class Account(NamedTuple):
    """A cloud account with one pair of keys."""

    provider: str
    account_id: str
    user_id: str
    access_key: str
    secret: str
    token: str = ""
    denied: tuple[str, ...] = ()


class Table:
    """The rows of one kind in one region of one account, in the cloud's order, with what is due to happen to them."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self._rows: dict[str, Row] = {}
        self._due: list[tuple[float, str, Callable[[Row], bool]]] = []

    def rows(self) -> dict[str, Row]:
        """The living rows, after what was due happened."""
        with self.lock:
            now = self.clock.now()
            for entry in [entry for entry in self._due if entry[0] <= now]:
                self._due.remove(entry)
                row = self._rows.get(entry[1])
                if row is not None and not entry[2](row):
                    del self._rows[entry[1]]
            return self._rows

    def snapshot(self) -> list[Row]:
        """The rows as a list of their own."""
        with self.lock:
            return list(self.rows().values())

    def put(self, id: str, row: Row) -> None:
        """Add a row, or replace it."""
        with self.lock:
            self._rows[id] = row

    def patch(self, id: str, changes: Row) -> Row:
        """Change some fields of a row."""
        with self.lock:
            self.rows()[id].update(changes)
            return self._rows[id]

    def remove(self, id: str) -> None:
        """Take a row away at once, as if somebody else had deleted it."""
        with self.lock:
            self.rows().pop(id, None)

    def later(self, id: str, seconds: float, change: Callable[[Row], bool]) -> None:
        """Have a row changed after a while; it is removed where `change` returns False."""
        with self.lock:
            self._due.append((self.clock.now() + seconds, id, change))

    def patch_later(self, id: str, seconds: float, changes: Row) -> None:
        """Have some fields of a row change after a while."""

        def change(row: Row) -> bool:
            row.update(changes)
            return True

        self.later(id, seconds, change)

    def hasten(self, seconds: float) -> None:
        """Bring forward what is due."""
        with self.lock:
            self._due = [(at - seconds, id, change) for at, id, change in self._due]

    def cancel(self, id: str) -> None:
        """Forget what is due for a row, as restoring it does."""
        with self.lock:
            self._due = [entry for entry in self._due if entry[1] != id]


class Request(NamedTuple):
    """An API call as the emulator saw it."""

    provider: str
    action: str
    region: str
    method: str
    path: str
    params: dict[str, Any]
    headers: dict[str, str]
    access_key: str
    status: int
    code: str
    at: float


class World:
    """Everything behind one emulator.

    Args:
        seed: Makes names and times reproducible.
        kept: How many calls `requests` remembers.
    """

    def __init__(self, seed: int = 1, kept: int = KEPT_REQUESTS) -> None:
        self.clock = Clock()
        self.faults = Faults()
        self.seed = seed
        self.kept = kept
        self.fill: Callable[[Table, Account, str, str], None] = lambda *_: None
        self.accounts: list[Account] = []
        self.regions: dict[str, list[str]] = {}
        self.service_regions: dict[tuple[str, str], list[str]] = {}
        self.tables: dict[tuple[str, str, str, str], Table] = {}
        self.requests: list[Request] = []
        self.served = 0
        self.hooks: dict[str, list[Callable[[Any], None]]] = defaultdict(list)
        self.nonces: dict[str, float] = {}
        self.tokens: dict[str, str] = {}
        self.lock = threading.Lock()

    def table(self, provider: str, account_id: str, region: str, kind: str) -> Table:
        """The rows of a kind; filled when first looked at."""
        key = (provider, account_id, region, kind)
        with self.lock:
            if key not in self.tables:
                self.tables[key] = Table(self.clock)
                account = next(a for a in self.of(provider) if a.account_id == account_id)
                self.fill(self.tables[key], account, region, kind)
            return self.tables[key]

    def account(self, provider: str, access_key: str) -> Account | None:
        """The account of a key."""
        found = (a for a in self.accounts if a.provider == provider and a.access_key == access_key)
        return next(found, None)

    def of(self, provider: str) -> list[Account]:
        """The accounts of a cloud."""
        return [account for account in self.accounts if account.provider == provider]

    def regions_of(self, provider: str, service: str) -> list[str]:
        """The regions that a service lists."""
        return self.service_regions.get((provider, service), self.regions[provider])

    def log(self, request: Request) -> None:
        """Keep a call, and forget the oldest beyond what is kept."""
        with self.lock:
            self.served += 1
            self.requests.append(request)
            del self.requests[: -self.kept]

    def use_nonce(self, nonce: str) -> bool:
        """Take a nonce; False where it was used while its signature may still be accepted."""
        now = self.clock.now()
        with self.lock:
            while self.nonces and next(iter(self.nonces.values())) < now - NONCE_SECONDS:
                del self.nonces[next(iter(self.nonces))]
            if nonce in self.nonces:
                return False
            self.nonces[nonce] = now
            return True

    def all_tables(self) -> list[tuple[tuple[str, str, str, str], Table]]:
        """Every table that was looked at, with its key."""
        with self.lock:
            return list(self.tables.items())

    def hasten(self, seconds: float) -> None:
        """Bring forward what is due; the clock stays, for it also judges signatures."""
        for _, table in self.all_tables():
            table.hasten(seconds)

    @staticmethod
    def request_id() -> str:
        """A new id of a request."""
        return str(uuid.uuid4()).upper()
