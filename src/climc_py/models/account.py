"""Cloud accounts that the user added."""

import json
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from cloudmux_py.cloudprovider.errors import UsageError

from ..errors import Refused, RowNotFound
from ..store.database import Database
from ..store.values import compact, now
from . import event, scope

KIND = "cloudaccount"


@dataclass
class Account:
    """An account; `secret` and `token` are sealed.

    Attributes:
        provider: ``aliyun`` or ``qcloud``; `brand` is its name for people.
        cloud_account_id: The cloud's id of the account: what its rows belong to, whatever keys are used.
        profile: A profile of the vendor's own command line, instead of stored keys.
        regions: Only these regions; empty for all.
        skip_resources: Resource types that a sync leaves out.
    """

    name: str
    provider: str
    cloud_account_id: str
    brand: str = ""
    id: str = ""
    user_id: str = ""
    access_key: str = ""
    secret: str = ""
    token: str = ""
    profile: str = ""
    endpoint: str = ""
    allow_http: bool = False
    regions: list[str] = field(default_factory=list)
    skip_resources: list[str] = field(default_factory=list)
    enabled: bool = True
    read_only: bool = False
    no_delete_lock: bool = False
    status: str = "connected"
    description: str = ""
    error_count: int = 0
    last_error: str = ""
    last_sync: str | None = None
    last_sync_end_at: str | None = None
    created_at: str = ""

    @property
    def subject(self) -> event.Subject:
        """What events about it are about."""
        return event.Subject(KIND, self.id, self.name, self.id)

    @property
    def names(self) -> list[str]:
        """All that it is called by; the cloud's id is the one that both programs know."""
        return [self.name, self.cloud_account_id, self.id]

    def region_id(self, region: str) -> str:
        """The cache's id of one of its regions."""
        return f"{self.brand}/{region}"

    def to_dict(self) -> dict[str, Any]:
        """As JSON shows it: nothing secret."""
        return {name: getattr(self, name) for name in COLUMNS}


FIRST, SEALED = ("id", "name"), {"secret", "token"}
COLUMNS = [*FIRST, *(field.name for field in fields(Account) if field.name not in {*FIRST, *SEALED})]
"""What is shown of an account: nothing secret."""

LISTS = {"regions", "skip_resources"}
FLAGS = {"enabled", "read_only", "no_delete_lock", "allow_http"}


def _account(row: sqlite3.Row) -> Account:
    values = {name: row[name] for name in Account.__dataclass_fields__}
    for name in LISTS:
        values[name] = json.loads(values[name])
    for name in FLAGS:
        values[name] = bool(values[name])
    texts = {name: values[name] or "" for name, item in Account.__dataclass_fields__.items() if item.type is str}
    return Account(**(values | texts))


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: compact(value) if name in LISTS else value for name, value in values.items()}


def add(database: Database, account: Account) -> Account:
    """Store a new account.

    Raises:
        Refused: The cloud account is there already, or the name is taken.
    """
    account.id = account.id or str(uuid.uuid4())
    account.brand = account.provider.capitalize()
    account.created_at = now()
    with database.transaction():
        for other in accounts(database):
            if (other.provider, other.cloud_account_id) == (account.provider, account.cloud_account_id):
                raise Refused(
                    f"{account.brand} account {account.cloud_account_id} is here already: {other.name} ({other.id})"
                )
            if other.name == account.name:
                raise Refused(f"the name {account.name!r} is taken by account {other.id}")
        values = _stored(vars(account))
        marks = ", ".join(f":{name}" for name in values)
        database.execute(f"INSERT INTO cloudaccounts_tbl ({', '.join(values)}) VALUES ({marks})", values)
        event.log(database, account.subject, "create")
    return account


def accounts(database: Database) -> list[Account]:
    """All accounts, the oldest first."""
    rows = database.rows("SELECT * FROM cloudaccounts_tbl WHERE deleted = 0 ORDER BY created_at, id")
    return [_account(row) for row in rows]


def find(database: Database, text: str) -> Account:
    """The account of an id, a name or a cloud account id.

    Raises:
        RowNotFound: There is none.
        UsageError: There are several.
    """
    found = [a for a in accounts(database) if text in {a.id, a.name, a.cloud_account_id}]
    if not found:
        raise RowNotFound(f"no account {text!r}; climc cloud-account-list shows them")
    if len(found) > 1:
        raise UsageError(f"{text!r} may be any of {', '.join(f'{a.name} ({a.id})' for a in found)}: give the id")
    return found[0]


def update(database: Database, account: Account, changes: Mapping[str, Any], action: str = "update") -> Account:
    """Change some fields; the event tells which, and nothing secret."""
    old = vars(account)
    differing = {name: value for name, value in changes.items() if old[name] != value}
    if not differing:
        return account
    with database.transaction():
        taken = "name" in differing and any(a.name == differing["name"] for a in accounts(database))
        if taken:
            raise Refused(f"the name {differing['name']!r} is taken")
        pairs = ", ".join(f"{name} = :{name}" for name in differing)
        database.execute(
            f"UPDATE cloudaccounts_tbl SET {pairs} WHERE id = :account", {**_stored(differing), "account": account.id}
        )
        if differing.get("enabled") is False:
            scope.mark_stale(database, account.id, "the account is disabled")
        notes = {
            name: "changed" if name in SEALED else {"old": old[name], "new": value} for name, value in differing.items()
        }
        event.log(database, account.subject, action, notes)
    return find(database, account.id)


def note_sync(database: Database, account: Account, errors: Sequence[str], started: str) -> None:
    """Keep when an account was synced, and what went wrong."""
    with database.transaction():
        database.execute(
            "UPDATE cloudaccounts_tbl SET last_sync = :started, last_sync_end_at = :ended, last_error = :error,"
            " error_count = CASE WHEN :error = '' THEN 0 ELSE error_count + 1 END,"
            " status = CASE WHEN :error = '' THEN 'connected' ELSE status END WHERE id = :account",
            {"started": started, "ended": now(), "error": "; ".join(errors)[:500], "account": account.id},
        )


def remove(database: Database, account: Account) -> None:
    """Mark an account as deleted; its secrets go for good. Within the caller's transaction."""
    database.execute(
        "UPDATE cloudaccounts_tbl SET deleted = 1, deleted_at = ?, secret = '', token = '', enabled = 0 WHERE id = ?",
        (now(), account.id),
    )
    event.log(database, account.subject, "delete")
