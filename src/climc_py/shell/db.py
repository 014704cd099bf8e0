"""``climc db``."""

import sqlite3
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import typer

from cloudmux_py.cloudprovider.errors import UsageError
from cloudmux_py.console.output import check_columns, show_text
from cloudmux_py.console.settings import Settings, settings
from cloudmux_py.console.terminal import can_ask, confirm, note

from ..errors import Refused, SecretError, StoreError
from ..store.upkeep import Health, Restored, backup, check, restore
from .session import path, permit_alone, reading, writing

ACTIONS = "path | check | backup FILE | restore FILE | prune --older-than DAYS | rekey [--forget-old-keys]"
SWITCHES = {"rekey": "--forget-old-keys", "prune": "--dry-run"}
"""Options of one action alone."""
BACKUP = ("path", "bytes")
RESTORED = (*Restored._fields, "accounts_without_key")
PRUNED = ("before", "rows", "events", "tasks", "syncs")
REKEYED = ("key_file", "secrets", "old_keys")


def db(
    ctx: typer.Context,
    action: str = typer.Argument(metavar="ACTION", help=ACTIONS),
    file: str = typer.Argument("", metavar="[FILE]", help="The backup; a new one overwrites no file."),
    older_than: int = typer.Option(
        0, min=0, max=36_500, metavar="DAYS", help="How old what prune forgets is at least; from 1 on."
    ),
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what prune would forget, and do nothing."),
    forget_old_keys: bool = typer.Option(
        False, "--forget-old-keys", help="After rekey, drop the keys that backups and other caches may still need."
    ),
) -> None:
    """Say where the cache is, check it, back it up, take a backup back, prune it, or seal its secrets with a new key.

    A backup has the accounts' secrets, sealed; the key that opens them is not in it. A restore keeps the cache as it
    was beside it. After a prune --at reaches back no further than what was kept. After a rekey the older keys stay in
    the key file, below the new one.
    """
    chosen = settings(ctx)
    _check_words(action, file, older_than, {"rekey": forget_old_keys, "prune": dry_run})
    confirmed = permit_alone(chosen, action, dry_run=dry_run)
    if action == "path":
        check_columns(chosen, ["path"])
        show_text(chosen, [str(path(chosen))], {"path": str(path(chosen))})
    elif action == "check":
        _check(chosen)
    elif action == "backup":
        _backup(chosen, Path(file))
    elif action == "restore":
        _restore(chosen, Path(file), yes or confirmed)
    elif action == "rekey":
        _rekey(chosen, forget_old_keys)
    else:
        _prune(chosen, older_than, yes or confirmed, dry_run)


def _check_words(action: str, file: str, older_than: int, switches: Mapping[str, bool]) -> None:
    if bool(file) != (action in {"backup", "restore"}):
        raise UsageError(f"db {action}: {'takes no file' if file else 'which FILE?'}")
    if bool(older_than) != (action == "prune"):
        raise UsageError(f"db {action}: {'give --older-than DAYS' if action == 'prune' else 'takes no --older-than'}")
    for only, given in switches.items():
        if given and action != only:
            raise UsageError(f"db {action}: takes no {SWITCHES[only]}")
    if action not in {words.split()[0] for words in ACTIONS.split(" | ")}:
        raise UsageError(f"no action {action!r} of db; there are: {ACTIONS}")


def _check(chosen: Settings) -> None:
    check_columns(chosen, Health._fields)
    found = check(path(chosen))
    current = "this version's" if found.schema == found.expected_schema else "another version's; a sync updates it"
    mark = found.application_id.to_bytes(4, "big").decode("ascii")
    line = f"{found.path}: integrity ok; application id {mark}; schema {found.schema}, {current}; {found.bytes} bytes"
    show_text(chosen, [line], found._asdict())


def _backup(chosen: Settings, target: Path) -> None:
    check_columns(chosen, BACKUP)
    if not path(chosen).exists():
        raise StoreError(f"there is no cache at {path(chosen)} yet")
    with reading(chosen) as database:
        size = backup(database, target)
    show_text(chosen, [f"{target}: {size} bytes, checked"], {"path": str(target), "bytes": size})


def _restore(chosen: Settings, source: Path, yes: bool) -> None:
    from ..models import restoring

    check_columns(chosen, RESTORED)
    if not yes and not can_ask(chosen):
        raise UsageError("db restore: there is no terminal to ask on; give --yes")
    question = f"Put {source} in place of {path(chosen)}? The cache as it is now is kept beside it."
    if not confirm(question, chosen, yes=yes):
        raise Refused("nothing was restored")
    restored = restore(path(chosen), source)
    sealed = _sealed(chosen)
    lifted = _lifted(chosen, restored)
    for line in [*sealed.values(), *lifted]:
        note(f"warning: {line}")
    with writing(chosen) as database:
        restoring.log(database, lifted)
    kept = f"; the cache as it was: {restored.kept}" if restored.kept else ""
    line = f"{restored.path}: {restored.bytes} bytes, from {source}{kept}"
    show_text(chosen, [line], {**restored._asdict(), "accounts_without_key": list(sealed)})


def _lifted(chosen: Settings, restored: Restored) -> list[str]:
    """What was locked, read-only or disabled until now and is not in the backup: that must not go unseen."""
    if not restored.kept:
        return []
    from ..models.lifted import lifted
    from ..store.database import Database

    try:
        Database.read(Path(restored.kept)).close()  # or SQLite would throw away the log beside a file that is empty
        with reading(chosen) as database:
            return lifted(database, Path(restored.kept))
    except (StoreError, sqlite3.DatabaseError) as error:
        return [f"whether the backup lifts locks cannot be told, as {restored.kept} cannot be read: {error}"]


def _sealed(chosen: Settings) -> dict[str, str]:
    """Accounts whose secrets this machine's key does not open, each with what to do."""
    from ..models.account import accounts
    from ..secrets import unseal

    found = {}
    with writing(chosen) as database:  # an old backup is brought up to date
        for account in accounts(database):
            for text in filter(None, (account.secret, account.token)):
                try:
                    unseal(account.id, text)
                except SecretError as error:
                    found[account.name] = f"account {account.name}: {error}"
    return found


def _prune(chosen: Settings, days: int, yes: bool, dry_run: bool) -> None:
    from ..models.prune import count, days_ago, prune

    check_columns(chosen, PRUNED)
    before = days_ago(days)
    if dry_run:
        with reading(chosen) as database:
            found = count(database, before)
        show_text(chosen, [f"would forget {found} from before {before}"], asdict(found))
        return
    with writing(chosen) as database:
        if not confirm(f"Forget for good {count(database, before)} from before {before}?", chosen, yes=yes):
            raise Refused("nothing was forgotten")
        gone = prune(database, before)
    show_text(chosen, [f"forgot {gone} from before {before}"], asdict(gone))


def _rekey(chosen: Settings, forget_old_keys: bool) -> None:
    from ..models.account import accounts
    from ..models.rekey import rekey
    from ..sync.lock import locked

    check_columns(chosen, REKEYED)
    if not path(chosen).exists():
        raise StoreError(f"there is no cache at {path(chosen)} yet")
    with writing(chosen) as database, locked(database, accounts(database), wait=False):
        found = rekey(database, forget_old_keys=forget_old_keys)
    line = f"{found.secrets} secrets sealed with a new key in {found.key_file}"
    kept = f"; {found.old_keys} older keys stay in it for backups and other caches (--forget-old-keys drops them)"
    show_text(chosen, [line + (kept if found.old_keys else "")], asdict(found))
