"""That a backup was taken back: what the cache had learned since then is not in its events."""

from collections.abc import Sequence

from ..store.database import Database
from ..store.history import CACHE, RESTORE
from . import event


def log(database: Database, lifted: Sequence[str]) -> None:
    """Write the event of a restore.

    Args:
        database: The cache, as restored.
        lifted: What it lifted, one line each.
    """
    known = database.rows(
        "SELECT max(at) AS at FROM (SELECT max(ops_time) AS at FROM opslog_tbl"
        " UNION ALL SELECT max(ended_at) FROM syncs_tbl)"
    )[0]
    notes = {"known_until": known["at"] or "", "lifted": list(lifted)}
    with database.transaction():
        event.log(database, event.Subject(CACHE, "", database.path.name, ""), RESTORE, notes)
