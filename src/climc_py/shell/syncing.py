"""``climc cloud-account-sync``: progress on the terminal, a table of what became of each scope."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from cloudmux_py import providers
from cloudmux_py.cloudprovider.errors import AuthFailed, CloudmuxError, Denied, UsageError
from cloudmux_py.console.exit_codes import CREDENTIALS, FAILED, PARTLY
from cloudmux_py.console.output import Listing, check_columns, show_list
from cloudmux_py.console.permit import permit, phrases_of
from cloudmux_py.console.settings import Settings, settings
from cloudmux_py.console.terminal import note

from ..errors import IdentityMismatch, Refused
from ..models import account as accounts
from ..models.account import Account
from ..store.database import Database
from ..sync.run import Options, Progress, Result, sync, synced_types
from .session import act, writing

COLUMNS = [
    "account",
    "region",
    "type",
    "state",
    "added",
    "updated",
    "removed",
    "held",
    "failed",
    "unchanged",
    "seconds",
    "error",
]


def account_sync(
    ctx: typer.Context,
    ids: list[str] = typer.Argument(None, metavar="[ID]…", help="Accounts, by id or name."),
    all_accounts: bool = typer.Option(False, "--all", help="All enabled accounts."),
    force: bool = typer.Option(False, "--force", help="Wait for a sync that runs, instead of being refused."),
    full_sync: bool = typer.Option(False, "--full-sync", help="Also get each row, and ignore skip lists."),
    region: list[str] = typer.Option([], "--region", help="Only this region."),
    resources: list[str] = typer.Option([], "--resources", help="Only this resource type."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Compare, and write nothing."),
    accept_removals: bool = typer.Option(
        False, "--accept-removals", help="Take rows for gone that vanished at once, or from an empty list."
    ),
) -> None:
    """Sync resources of accounts into the cache. A row goes only on proof that the cloud has it no more."""
    chosen = settings(ctx)
    options = Options(force, full_sync, region, _split(resources), dry_run, accept_removals)
    check_columns(chosen, COLUMNS)
    with writing(chosen) as database:
        found = _accounts(database, ids or [], all_accounts)
        acts = [act(chosen, account, row.keyword) for account in found for row in synced_types(account, options)]
        permit(chosen, acts, phrases_of([account.names for account in found]), dry_run=dry_run)
        try:
            with _progress(chosen) as progress:
                results = sync(database, found, options, progress)
        except KeyboardInterrupt:
            database.connection.interrupt()
            note("scopes that were done are kept")
            raise
    _report(chosen, results)


def _split(words: Sequence[str]) -> list[str]:
    return [part for word in words for part in word.split(",") if part]


def _accounts(database: Database, ids: Sequence[str], every: bool) -> list[Account]:
    if every and not ids:
        found = [account for account in accounts.accounts(database) if account.enabled]
        if not found:
            clouds = "|".join(providers())
            raise UsageError(f"there is no enabled account; climc cloud-account-create-{clouds} adds one")
        return found
    if not ids:
        raise UsageError("name accounts, or give --all")
    found = list({account.id: account for account in (accounts.find(database, id) for id in ids)}.values())
    disabled = [account.name for account in found if not account.enabled]
    if disabled:
        raise Refused(f"disabled: {', '.join(disabled)}; climc cloud-account-enable enables an account")
    return found


@contextmanager
def _progress(settings: Settings) -> Iterator[Progress]:
    """A live display on the terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda total, result: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("scopes"),
        TextColumn("{task.fields[rows]} rows"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as live:
        bar = live.add_task("Syncing", total=None, rows=0)
        rows = 0

        def update(total: int, result: Result | None) -> None:
            nonlocal rows
            if result:
                rows += result.added + result.updated + result.unchanged
            live.update(bar, total=total, advance=1 if result else 0, rows=rows)

        yield update


def _report(settings: Settings, results: Sequence[Result]) -> None:
    told = [result for result in results if settings.output != "table" or not _empty(result)]
    rows: list[dict[str, Any]] = [result.to_dict() for result in told]
    shown = COLUMNS[:-1] if settings.output == "table" else COLUMNS
    show_list(settings, Listing(rows, COLUMNS, shown, "region", total=len(results)))
    if len(told) < len(results):
        note(f"{len(results) - len(told)} scopes that hold nothing are left out; -o json has them")
    for result in results:
        if result.error:
            where = " ".join(filter(None, (result.account, result.region, result.type)))
            note(f"{'error' if result.state == 'failed' else result.state}: {where}: {result.error}")
    code = exit_code(results)
    if code:
        raise SystemExit(code)


def _empty(result: Result) -> bool:
    """Whether a scope was synced well and holds nothing, nor ever did: most regions, for most types."""
    rows = (result.added, result.updated, result.removed, result.unchanged, result.held)
    return result.good and not any(rows)


def exit_code(results: Sequence[Result]) -> int:
    """0, or 5 where something failed or is held, or why nothing succeeded at all."""
    if all(result.good for result in results):
        return 0
    if any(result.state != "failed" for result in results):
        return PARTLY
    causes = [result.cause for result in results]
    return CREDENTIALS if all(_credentials(cause) for cause in causes) else FAILED


def _credentials(cause: CloudmuxError | None) -> bool:
    return isinstance(cause, AuthFailed | Denied | IdentityMismatch) or (
        cause is not None and cause.exit_code == CREDENTIALS
    )
