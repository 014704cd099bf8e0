"""The cache that a command works on, and the rows and accounts in it that the user's rules let it touch."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.console import debug
from cloudmux_py.console.permit import permit, phrases_of
from cloudmux_py.console.rules import Act, rules
from cloudmux_py.console.settings import Settings

from ..store.database import Database, default_path
from ..store.query import find

if TYPE_CHECKING:
    from ..models.account import Account


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


def act(settings: Settings, account: "Account", type: str = "", verb: str = "") -> Act:
    """What a command does to an account, or to a type in it, as the user's rules see it."""
    return Act(type or settings.type, verb or settings.verb, account.provider, lambda: account.names)


def permit_alone(settings: Settings, verb: str = "", *, dry_run: bool = False) -> bool:
    """For a command that is about no account."""
    kind = settings.type.replace("_", "-")
    return permit(settings, [Act(settings.type, verb or settings.verb)], [kind], dry_run=dry_run)


def permit_listed(settings: Settings, covered: "Callable[[], Sequence[Account]]") -> bool:
    """For a list of what several accounts have; without rules nobody need know which."""
    if not rules():
        return False
    acts = [act(settings, account) for account in covered()] or [Act(settings.type, settings.verb)]
    return permit(settings, acts, [settings.type.replace("_", "-")])


def permit_accounts(settings: Settings, found: "Sequence[Account]", *, dry_run: bool = False) -> bool:
    """For a command about whole accounts; of all of them none is touched if a rule denies one."""
    phrases = phrases_of([account.names for account in found])
    return permit(settings, [act(settings, account) for account in found], phrases, dry_run=dry_run)


def chosen_account(settings: Settings, database: Database, id: str, *, dry_run: bool = False) -> "tuple[Account, bool]":
    """The account that a command names, once the rules allow it, and whether that was confirmed by typing."""
    from ..models import account as accounts

    account = accounts.find(database, id)
    return account, permit_accounts(settings, [account], dry_run=dry_run)


def chosen_rows(
    settings: Settings, database: Database, kind: type[ICloudResource], ids: Sequence[str], *, dry_run: bool = False
) -> tuple[list[sqlite3.Row], bool]:
    """The rows that a command names, each once, when the rules allow it for all; whether that was confirmed by typing.

    Raises:
        RowNotFound: One is not there.
        Refused: A rule denies it for one of them, or wants a confirmation that did not come.
    """
    from ..models import account as accounts

    found = {row["id"]: row for row in (find(database, kind, id) for id in ids)}
    owners = {row["account_id"]: accounts.find(database, row["account_id"]) for row in found.values()}
    names = [[row["name"], row["external_id"], row["id"]] for row in found.values()]
    acts = [act(settings, owner) for owner in owners.values()]
    return list(found.values()), permit(settings, acts, phrases_of(names), dry_run=dry_run)
