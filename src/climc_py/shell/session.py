"""The cache that a command works on."""

from pathlib import Path

from cloudmux_py.console import debug
from cloudmux_py.console.settings import Settings

from ..store.database import Database, default_path


def path(settings: Settings) -> Path:
    """The cache's file: ``--db``, ``CLIMC_DB``, or the user's data folder."""
    given = str(settings.values.get("db") or "")
    return Path(given) if given else default_path()


def reading(settings: Settings) -> Database:
    """The cache, to be read."""
    return Database.read(path(settings))


def writing(settings: Settings) -> Database:
    """The cache, to be written; it is made or brought up to date if need be."""
    debug.start()
    return Database.write(path(settings))
