"""What a restore lifts: a backup may be older than a lock, or than an account's being read-only or disabled."""

from pathlib import Path

from ..store import schema
from ..store.database import Database

SAME_ACCOUNT = "o.provider = n.provider AND o.cloud_account_id = n.cloud_account_id"
"""Ids of our own tell nothing: the account may have been deleted and added anew, or the backup be another cache's."""


def lifted(database: Database, kept: Path) -> list[str]:
    """What was guarded in the cache that was kept and is no more in the one that was put in its place, one line each.

    Args:
        database: The cache, as restored.
        kept: The cache as it was before.
    """
    database.execute("ATTACH ? AS kept", [f"file:{kept}?mode=ro"])
    try:
        there = {row["name"] for row in database.rows("SELECT name FROM kept.sqlite_master WHERE type = 'table'")}
        found = _accounts(database) if "cloudaccounts_tbl" in there else []
        tables = [schema.table(row) for row in schema.all_types() if schema.table(row) in there]
        return found + [line for table in tables if (line := _rows(database, table))]
    finally:
        database.execute("DETACH kept")


def _accounts(database: Database) -> list[str]:
    rows = database.rows(
        "SELECT n.name, max(o.read_only AND NOT n.read_only) AS writable, max(n.enabled AND NOT o.enabled) AS enabled"
        f" FROM main.cloudaccounts_tbl n JOIN kept.cloudaccounts_tbl o ON {SAME_ACCOUNT}"
        " WHERE n.deleted = 0 GROUP BY n.id ORDER BY n.name"
    )
    told = [(row["name"], [word for word in ("writable", "enabled") if row[word]]) for row in rows]
    return [f"account {name} is {' and '.join(words)} again" for name, words in told if words]


def _rows(database: Database, table: str) -> str:
    row = database.rows(
        f"SELECT count(DISTINCT r.id) AS unlocked FROM main.{table} r"
        " JOIN main.cloudaccounts_tbl n ON n.id = r.account_id"
        f" JOIN kept.cloudaccounts_tbl o ON {SAME_ACCOUNT} JOIN kept.{table} k ON k.account_id = o.id"
        " AND k.cloudregion_id = r.cloudregion_id AND k.identity = r.identity"
        " WHERE r.deleted = 0 AND k.disable_delete AND NOT r.disable_delete"
    )[0]
    return f"{row['unlocked']} rows of {table.removesuffix('s_tbl')} are unlocked again" if row["unlocked"] else ""
