"""Forgetting rows here; the cloud is not asked and keeps what it has."""

from graphlib import CycleError, TopologicalSorter

from cloudmux_py.cloudprovider.resource import ICloudResource

from ..store import schema
from ..store.database import Database
from ..store.values import now
from .account import Account, remove


def order(types: list[type[ICloudResource]]) -> list[type[ICloudResource]]:
    """Types such that what refers to another comes before it, from the declared references.

    Types of other distributions may refer to each other in a circle: then the order is theirs.
    """
    known = {row.keyword: row for row in types}
    graph: dict[str, set[str]] = {keyword: set() for keyword in known}
    for row in types:
        for column in row.columns.values():
            if column.references in known and column.references != row.keyword:
                graph[column.references].add(row.keyword)
    try:
        return [known[keyword] for keyword in TopologicalSorter(graph).static_order()]
    except CycleError:
        return types


def purge_account(database: Database, account: Account) -> int:
    """Forget an account with all its rows; returns how many."""
    purged = 0
    with database.transaction():
        kinds = [(row.keyword, schema.table(row)) for row in order(schema.all_types())]
        for keyword, table in [*kinds, *_left_behind(database, {table for _, table in kinds})]:
            time = now()
            database.execute(
                "INSERT INTO opslog_tbl (ops_time, obj_type, obj_id, obj_name, action, account_id, notes)"
                f" SELECT ?, ?, id, name, 'delete', account_id, '{{\"by\":\"account deletion\"}}' FROM {table}"
                " WHERE account_id = ? AND deleted = 0",
                (time, keyword, account.id),
            )
            purged += database.execute(
                f"UPDATE {table} SET deleted = 1, deleted_at = ?, updated_at = ?, row_version = ?"
                " WHERE account_id = ? AND deleted = 0",
                (time, time, database.next_version(), account.id),
            )
        database.execute(
            "UPDATE tasks_tbl SET stage = CASE stage WHEN 'planned' THEN 'cancelled' ELSE 'unknown' END,"
            " note = 'account deleted', ended_at = ?, updated_at = ?"
            " WHERE account_id = ? AND stage IN ('planned', 'sent', 'accepted')",
            (now(), now(), account.id),
        )
        remove(database, account)
    return purged


def _left_behind(database: Database, known: set[str]) -> list[tuple[str, str]]:
    """Keyword and table of the types that this cache holds, but that cannot be loaded any more."""
    tables = database.rows(
        "SELECT m.name FROM sqlite_master m WHERE m.type = 'table' AND m.name LIKE '%s_tbl'"
        " AND EXISTS (SELECT 1 FROM pragma_table_info(m.name) c WHERE c.name = 'identity')"
    )
    return [(row["name"].removesuffix("s_tbl"), row["name"]) for row in tables if row["name"] not in known]
