"""Reproducible rows: how a kind fills a region, and the ids by which rows of other kinds refer to it."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from .state import Account, Row, Table

Make = Callable[[random.Random, Account, str, int, str], Row]
"""From randomness, account, region, number and id to a row."""

LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
REFERRED = 3
"""References point to one of this many first rows of a kind."""


class Seeder(NamedTuple):
    """How the rows of a kind are made; ids are `prefix` and so many letters, or what `name` makes of a region."""

    prefix: str
    length: int
    make: Make
    name: Callable[[str, int], str] | None = None


_seeders: dict[tuple[str, str], Seeder] = {}

NAMES = [
    "orders",
    "logs",
    "audit",
    "metrics",
    "订单检索",
    "日志",
    "search-prod",
    "search-test",
    "db[/bold]",
    "app[prod]",
]
ENVIRONMENTS = ["prod", "test", "dev"]
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)


def seeder(
    provider: str, kind: str, prefix: str = "", length: int = 0, name: Callable[[str, int], str] | None = None
) -> Callable[[Make], Make]:
    """Register what makes the rows of a kind."""

    def register(make: Make) -> Make:
        _seeders[provider, kind] = Seeder(prefix, length, make, name)
        return make

    return register


def kinds(provider: str) -> list[str]:
    """The kinds that can be seeded."""
    return [kind for known, kind in _seeders if known == provider]


def id_of(account: Account, region: str, kind: str, number: int) -> str:
    """The id of the so-manieth row of a kind, the same whenever and by whomever it is asked for."""
    known = _seeders[account.provider, kind]
    if known.name:
        return known.name(region, number)
    rng = random.Random(f"{account.account_id} {region} {kind} {number}")  # noqa: S311 - reproducible, not secret
    return known.prefix + word(rng, known.length)


def reference(rng: random.Random, account: Account, region: str, kind: str) -> str:
    """The id of some row of another kind in the same region; one of no row where that kind is not emulated."""
    if (account.provider, kind) not in _seeders:
        return f"{kind}-{word(rng, 8)}"
    return id_of(account, region, kind, rng.randrange(REFERRED))


def fill(table: Table, seed: int, account: Account, region: str, kind: str, count: int) -> None:
    """Add rows to a region; the same ones whatever else was filled before."""
    known = _seeders.get((account.provider, kind))
    if known is None:
        return
    rng = random.Random(f"{seed} {account.account_id} {region} {kind}")  # noqa: S311
    for number in range(count):
        id = id_of(account, region, kind, number)
        table.put(id, known.make(rng, account, region, number, id))


@cache
def template(file: str) -> str:
    """A documented row as JSON text."""
    return (Path(__file__).parent / file).read_text("utf-8")


def copy(file: str) -> Row:
    """A row of its own."""
    row: Row = json.loads(template(file))
    return row


def word(rng: random.Random, length: int) -> str:
    """A piece of an id."""
    return "".join(rng.choices(LETTERS, k=length))


def name(rng: random.Random, number: int) -> str:
    """A name; every twelfth row has none."""
    return "" if number % 12 == 11 else f"{rng.choice(NAMES)}-{number:03d}"


def moment(rng: random.Random) -> datetime:
    """A time of creation within two years."""
    return EPOCH + timedelta(seconds=rng.randrange(2 * 365 * 86400))


def beijing(time: datetime) -> str:
    """A time as Tencent Cloud's texts without a zone have it."""
    return (time + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
