"""A new key for the secrets that the cache holds: crash-safe, for the old key stays until all of them are rewritten."""

from dataclasses import dataclass

from .. import secrets
from ..store.database import Database
from . import event
from .account import SEALED, Account, accounts


@dataclass
class Rekeyed:
    """What became of it.

    Attributes:
        key_file: Where the keys are.
        secrets: How many secrets were sealed anew.
        old_keys: How many older keys the file still holds, for backups and for other caches.
    """

    key_file: str
    secrets: int
    old_keys: int


def rekey(database: Database, *, forget_old_keys: bool) -> Rekeyed:
    """Make a key, and seal all secrets of the cache with it.

    Each step leaves a key for every secret: the new key is put before the old ones, then one transaction rewrites the
    secrets, then the file is rid of what free pages held of the old text, and only then may old keys go.

    Raises:
        SecretError: A secret cannot be opened; nothing was changed.
    """
    with secrets.key_in_use():
        for account in accounts(database):
            _opened(account)
        if secrets.key_path().exists():
            secrets.add_key()
        with database.transaction():
            count = sum(_seal_anew(database, account) for account in accounts(database))
        database.vacuum()
        if not secrets.key_path().exists():  # no account ever stored a key
            return Rekeyed(str(secrets.key_path()), 0, 0)
        if forget_old_keys:
            secrets.forget_old_keys()
        return Rekeyed(str(secrets.key_path()), count, secrets.old_keys())


def _opened(account: Account) -> dict[str, str]:
    """The account's secrets that the cache itself holds, by their columns."""
    sealed = {name: getattr(account, name) for name in sorted(SEALED)}
    return {name: secrets.unseal(account.id, text) for name, text in sealed.items() if text and text != secrets.KEYRING}


def _seal_anew(database: Database, account: Account) -> int:
    opened = _opened(account)
    for name, secret in opened.items():
        values = (secrets.seal(account.id, secret), account.id)
        database.execute(f"UPDATE cloudaccounts_tbl SET {name} = ? WHERE id = ?", values)
    if opened:
        event.log(database, account.subject, "rekey", dict.fromkeys(opened, "changed"))
    return len(opened)
