"""What a restore lifts: a backup may be older than a lock, or than an account's being read-only or disabled."""

from pathlib import Path

from ..store import schema
from ..store.database import Database


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
        "SELECT n.name, o.read_only AND NOT n.read_only AS writable, n.enabled AND NOT o.enabled AS enabled"
        " FROM main.cloudaccounts_tbl n JOIN kept.cloudaccounts_tbl o ON o.id = n.id WHERE n.deleted = 0"
    )
    told = [(row["name"], [word for word in ("writable", "enabled") if row[word]]) for row in rows]
    return [f"account {name} is {' and '.join(words)} again" for name, words in told if words]


def _rows(database: Database, table: str) -> str:
    row = database.rows(
        f"SELECT count(*) AS unlocked FROM main.{table} n JOIN kept.{table} o ON o.id = n.id"
        " WHERE n.deleted = 0 AND o.disable_delete AND NOT n.disable_delete"
    )[0]
    return f"{row['unlocked']} rows of {table.removesuffix('s_tbl')} are unlocked again" if row["unlocked"] else ""
