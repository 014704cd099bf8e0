"""Scopes: one account x region x resource type, the unit that is listed, proved and compared."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from cloudmux_py.cloudprovider.region import RegionInfo

from ..store import schema
from ..store.database import Database
from ..store.values import compact, now

if TYPE_CHECKING:
    from .account import Account


class Scope(NamedTuple):
    """A scope by its ids."""

    account_id: str
    cloudregion_id: str
    keyword: str


def keep_regions(database: Database, account: "Account", regions: Iterable[RegionInfo]) -> None:
    """Keep names of regions; only what is new or changed is written."""
    known = {row["id"]: row["name"] for row in database.rows("SELECT id, name FROM cloudregions_tbl")}
    fresh = [
        (account.region_id(region.id), account.provider, region.id, region.name)
        for region in regions
        if known.get(account.region_id(region.id)) != region.name
    ]
    if fresh:
        with database.transaction():
            database.many(
                "INSERT INTO cloudregions_tbl (id, provider, external_id, name) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET name = excluded.name",
                fresh,
            )


def finish(database: Database, scope: Scope, state: str, *, error: str = "", held: int = 0) -> None:
    """Keep how the last sync of a scope ended; only a complete listing moves ``synced_at``."""
    time = now()
    values = {
        "account": scope.account_id,
        "region": scope.cloudregion_id,
        "keyword": scope.keyword,
        "state": state,
        "synced": time if state in {"complete", "held"} else None,
        "stale": None if state in {"complete", "held"} or (state == "unsupported" and not held) else time,
        "time": time,
        "error": error[:500],
        "held": held,
    }
    with database.transaction():
        database.execute(
            "INSERT INTO scopes_tbl"
            " (account_id, cloudregion_id, keyword, state, synced_at, stale_since, attempted_at, error, held)"
            " VALUES (:account, :region, :keyword, :state, :synced, :stale, :time, :error, :held)"
            " ON CONFLICT (account_id, cloudregion_id, keyword) DO UPDATE SET state = :state, attempted_at = :time,"
            " synced_at = coalesce(:synced, synced_at), error = :error, held = :held,"
            " stale_since = CASE WHEN :stale IS NULL THEN NULL ELSE coalesce(stale_since, :stale) END",
            values,
        )


def mark_stale(database: Database, account_id: str, error: str, keyword: str = "") -> None:
    """All scopes of an account, or of one type in it, cannot be synced; within the caller's transaction."""
    database.execute(
        "UPDATE scopes_tbl SET state = 'stale', stale_since = coalesce(stale_since, :time), error = :error"
        " WHERE account_id = :account AND (:keyword = '' OR keyword = :keyword)",
        {"time": now(), "error": error[:500], "account": account_id, "keyword": keyword},
    )


def living(database: Database, keyword: str, scope: Scope) -> int:
    """How many living rows a scope has."""
    from cloudmux_py.resources import resource_type

    row = database.one(
        f"SELECT count(*) AS n FROM {schema.table(resource_type(keyword))}"
        " WHERE account_id = ? AND cloudregion_id = ? AND deleted = 0",
        (scope.account_id, scope.cloudregion_id),
    )
    return int(row["n"]) if row else 0


def inhabited(database: Database, account: "Account", keyword: str) -> list[str]:
    """The cloud's ids of the regions in which an account has living rows of a type."""
    from cloudmux_py.resources import resource_type

    rows = database.rows(
        f"SELECT DISTINCT cloudregion_id AS id FROM {schema.table(resource_type(keyword))}"
        " WHERE account_id = ? AND deleted = 0",
        (account.id,),
    )
    return [str(row["id"]).partition("/")[2] for row in rows]


def start_sync(database: Database, id: str, account: "Account") -> str:
    """Keep that a sync began. One that is said to run still was killed: the account's lock is ours."""
    time = now()
    with database.transaction():
        database.execute(
            "UPDATE syncs_tbl SET state = 'interrupted' WHERE account_id = ? AND state = 'running'", (account.id,)
        )
        database.execute(
            "INSERT INTO syncs_tbl (id, account_id, started_at, state) VALUES (?, ?, ?, 'running')",
            (id, account.id, time),
        )
    return time


def end_sync(database: Database, id: str, state: str, result: Any) -> None:
    """Keep how a sync ended."""
    with database.transaction():
        database.execute(
            "UPDATE syncs_tbl SET ended_at = ?, state = ?, result = ? WHERE id = ?", (now(), state, compact(result), id)
        )
