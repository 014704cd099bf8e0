"""Kills a command at each of its points, and looks at what is left."""

import os
import shlex
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from climc_py.store import schema, upkeep
from climc_py.store.database import Database

from .. import programs
from ..conftest import World
from .points import KillAt

EVERY = os.environ.get("CRASHES") == "all"
"""Whether each statement that writes is a point (``make crashes``); else the ends of transactions are."""

TABLE = "elastic_searchs_tbl"
VOLATILE = {"id", "account_id", "imported_at", "updated_at", "deleted_at", "missing_since", "row_version"}


class Cache:
    """A cache of its own, taken from one that is at rest, in which commands run and are killed."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.base = folder / "base.db"
        self.path = folder / "work" / "cache.db"
        self.log = folder / "points"
        self.env = {name: text for name, text in os.environ.items() if not name.startswith(("ALIYUN", "QCLOUD"))}
        self.env |= {"CLIMC_DB": str(self.path), "HOME": str(folder)}
        self.keep()

    def keep(self, path: Path | None = None) -> None:
        """What each command begins with, from now on: the world's cache as it is now, or another."""
        self.base.unlink(missing_ok=True)
        with Database.read(path or self.world.database.path) as database:
            upkeep.backup(database, self.base)

    def reset(self) -> None:
        shutil.rmtree(self.path.parent, ignore_errors=True)
        self.path.parent.mkdir()
        shutil.copy(self.base, self.path)

    def run(self, line: str, number: int = -1) -> programs.Done:
        """Run a command; with a number, until it reaches that point."""
        self.log.write_text("")
        hook = KillAt(number, str(self.log), EVERY) if number >= 0 else programs.nothing
        return programs.run(shlex.split(line), env=self.env, arrange=hook)

    def kills(
        self, line: Callable[[int], str], reset: Callable[[], None] | None = None, *, step: int = 1
    ) -> Iterator[str]:
        """Run a command whole, then kill it at its first point, its second, …; yields where it was killed.

        Args:
            line: The command, by the number of the point.
            reset: Makes what it runs on; the kept cache, without it.
            step: Leaves out points, to be quick, unless all were asked for.
        """
        for number in range(0, 10_000, 1 if EVERY else step):
            (reset or self.reset)()
            done = self.run(line(number), number)
            points = self.log.read_text().splitlines()
            if number and done.returncode != -signal.SIGKILL:
                assert len(points) < number, "it ended before it came to all its points"
                return
            assert not number or len(points) == number
            yield points[-1] if number else "whole"

    def dump(self) -> dict[str, list[Any]]:
        """What a command made of the cache, without ids, times and numbers, which differ from run to run."""
        with Database.read(self.path) as database:
            columns = ", ".join(name for name in schema.columns(_type()) if name not in VOLATILE)
            queries = {
                "rows": f"SELECT {columns} FROM {TABLE}",
                "tags": "SELECT key, value FROM metadata_tbl",
                "events": "SELECT obj_type, obj_name, action FROM opslog_tbl",
                "tasks": "SELECT external_id, stage, step FROM tasks_tbl",
                "accounts": "SELECT name, cloud_account_id, enabled, deleted, secret <> '' FROM cloudaccounts_tbl",
                "scopes": "SELECT cloudregion_id, keyword, state, held FROM scopes_tbl",
            }
            return {name: sorted(map(repr, map(tuple, database.rows(sql)))) for name, sql in queries.items()}

    def check(self, *, purged: set[str] = frozenset()) -> None:  # type: ignore[assignment]
        """Hold the cache against what must be true at any moment.

        Args:
            purged: Cloud ids that may be missing although their cloud has them.
        """
        upkeep.check(self.path)
        with Database.read(self.path) as database:
            rows = database.rows(f"SELECT * FROM {TABLE}")
            tasks = {row["obj_id"]: row for row in database.rows("SELECT * FROM tasks_tbl ORDER BY created_at")}
            told = {row["obj_id"] for row in database.rows("SELECT obj_id FROM opslog_tbl WHERE action = 'delete'")}
        living = {row["external_id"] for row in rows if not row["deleted"]}
        with Database.read(self.base) as before:
            known = {row[0] for row in before.rows(f"SELECT external_id FROM {TABLE} WHERE deleted = 0")}
        cloud = self.world.cloud("aliyun")
        assert not (known & cloud) - living - purged, "lost"
        assert living <= known | cloud, "invented"
        assert {row["id"] for row in rows if row["deleted"]} <= told, "gone without a word"
        for row in rows:
            task = tasks.get(row["id"])
            is_open = task is not None and task["stage"] in {"planned", "sent", "accepted"}
            assert (row["status"] == "deleting" and not row["deleted"]) == is_open
            assert task is None or (task["ended_at"] is None) == is_open
            assert task is None or (task["stage"] == "done") == bool(row["deleted"])


def _type() -> Any:
    from cloudmux_py.resources.elastic_search import ElasticSearch

    return ElasticSearch
