"""``climc <type>-list``: from the cache, with climc's options."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cloudmux_py.cloudprovider.errors import UsageError
from cloudmux_py.cloudprovider.resource import ICloudResource, parse_time
from cloudmux_py.console import table
from cloudmux_py.console.commands import Command, named
from cloudmux_py.console.output import Listing, check_columns, show_list
from cloudmux_py.console.settings import Settings, settings
from cloudmux_py.console.spool import Spool
from cloudmux_py.console.terminal import note
from cloudmux_py.resources import resource_type

from ..store import schema
from ..store.database import Database
from ..store.filters import convert
from ..store.query import ListQuery, distinct, list_rows, summary
from .session import permit_listed, reading

if TYPE_CHECKING:
    from ..models.account import Account

Row = type[ICloudResource]

DETAILS = ("synced_at", "scope_age", "stale_since", "metadata")


AT = (
    "The cache as it was then, such as 2026-01-01T12:00; UTC unless it says otherwise. No event keeps how fresh scopes"
    " were: synced_at, scope_age and stale_since are empty, and so is missing_since where that is over; row_version is"
    " that of now."
)


def details_of(kind: Row) -> list[str]:
    """Columns that are shown only when asked for: --details, --columns, and the last, the tags, also --meta."""
    return [*schema.names_of_references(kind), *DETAILS]


def _words(help: str, *names: str, hidden: bool = False) -> Any:
    return typer.Option([], *names, help=help, hidden=hidden)


def list_command(keyword: str) -> Command:
    """The command ``<type>-list``."""
    kind = resource_type(keyword)

    def run(
        ctx: typer.Context,
        limit: int = typer.Option(20, min=0, help="At most this many; 0 for all."),
        offset: int = typer.Option(0, min=0, help="Leave out this many first."),
        order_by: list[str] = _words("Order by this column.", "--order-by"),
        order: str = typer.Option("desc", metavar="asc|desc", help="Direction of the order."),
        search: str = typer.Option("", help="Only what has this text in a name or id."),
        filter: list[str] = _words("Only what this holds for, such as disk_size_gb.gt(100).", "--filter"),
        filter_any: bool = typer.Option(False, "--filter-any", help="One filter suffices."),
        details: bool = typer.Option(
            False, "--details", help="With tags, and how old each scope is and since when it is stale."
        ),
        meta: bool = typer.Option(False, "--meta", help="With all tags."),
        id: list[str] = _words("Only this id.", "--id"),
        status: list[str] = _words("Only this status.", "--status"),
        account: list[str] = _words("Only of this account.", "--account", "--manager"),
        provider: list[str] = _words("Only of this cloud, such as Aliyun.", "--provider", "--brand"),
        region: list[str] = _words("Only in this region.", "--region"),
        project: list[str] = _words("Only in this project, by name or cloud id.", "--project"),
        vpc: list[str] = _words("Only in this VPC, by name or cloud id.", "--vpc"),
        network: list[str] = _words("Only in this network, by name or cloud id.", "--network"),
        zone: list[str] = _words("Only in this zone, by name or cloud id.", "--zone"),
        tags: list[str] = _words("Only with this tag: k or k=v, several joined by ;", "--tags"),
        no_tags: list[str] = _words("Only without this tag.", "--no-tags"),
        user_tags: list[str] = _words("As --tags, of your own tags alone.", "--user-tags"),
        cloud_tags: list[str] = _words("As --tags, of the cloud's tags alone.", "--cloud-tags"),
        delete_all: bool = typer.Option(False, "--delete-all", help="Also what is gone."),
        at: str = typer.Option("", metavar="TIME", help=AT),
        show_emulated: bool = typer.Option(False, "--show-emulated", help="Also placeholders."),
        summary_stats: bool = typer.Option(False, "--summary-stats", help="Also count each status."),
        distinct_field: str = typer.Option("", help="The values of this column, each once."),
        export_file: str = typer.Option("", metavar="FILE", help="Write CSV there instead."),
        export_keys: str = typer.Option("", metavar="A,B", help="Columns of --export-file."),
        export_texts: str = typer.Option("", metavar="A,B", help="Their titles."),
        scope: str = typer.Option("", hidden=True, help="Accepted; changes nothing."),
        admin: bool = typer.Option(False, "--admin", hidden=True, help="Accepted; changes nothing."),
        system: bool = typer.Option(False, "--system", hidden=True, help="Accepted; changes nothing."),
    ) -> None:
        query = ListQuery(
            limit=limit,
            offset=offset,
            order_by=order_by,
            order=order,
            search=search,
            filters=filter,
            filter_any=filter_any,
            ids=id,
            status=status,
            accounts=account,
            providers=provider,
            regions=region,
            references={"project": project, "vpc": vpc, "network": network, "zone": zone},
            tags=tags,
            no_tags=no_tags,
            user_tags=user_tags,
            cloud_tags=cloud_tags,
            delete_all=delete_all,
            show_emulated=show_emulated,
        )
        chosen = settings(ctx)
        if summary_stats and (chosen.output not in {"table", "json", "yaml"} or distinct_field or export_file):
            raise UsageError("--summary-stats needs a list as table, json or yaml")
        time = convert("--at", at, "time") if at else ""
        with reading(chosen) as database:
            permit_listed(chosen, partial(_covered, database, query))
            if time:
                from ..store.history import doubt, rewind

                rewind(database, kind, time)
                if doubtful := doubt(database, time):
                    note(f"warning: --at: {doubtful}")
            if distinct_field:
                found = _distinct(database, kind, query, distinct_field)
            elif export_file:
                found = _exported(database, kind, query, export_file, _split(export_keys))
            else:
                found = _listing(chosen, database, kind, query, details, meta, f"as of {time}" if time else "")
            if summary_stats:
                found = found._replace(also={"summary_stats": summary(database, kind, query)})
        # The cache is closed by now: a reader that pauses, as a pager does, holds up nothing.
        if export_file and not distinct_field:
            _export(found, export_file, _split(export_texts))
        else:
            _show(chosen, found)

    return named(run, f"List from the cache: {kind.__doc__}", schema.view_helps(kind))


def _covered(database: Database, query: ListQuery) -> "list[Account]":
    """The accounts whose rows a list may show."""
    from ..models import account as accounts

    clouds = {name.lower() for name in query.providers}
    return [
        account
        for account in accounts.accounts(database)
        if (not query.accounts or set(query.accounts) & set(account.names))
        and (not clouds or account.provider in clouds)
    ]


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def shown(kind: Row) -> list[str]:
    """The columns of a table that nobody asked for, the most telling first, as narrow terminals leave out the last.

    People on a terminal get the cloud's ids, which every command takes; pipes get ours too, as climc's tables begin.
    """
    first = ["name", "external_id", "status", "account", "cloudregion"]
    listed = [name for name, column in kind.columns.items() if column.listed and name not in first]
    return [*([] if table.on_terminal() else ["id"]), *first, *listed]


def _distinct(database: Database, kind: Row, query: ListQuery, name: str) -> Listing:
    rows = distinct(database, kind, query, name)
    return Listing(rows, [name], [name], name, total=len(rows))


def _listing(
    chosen: Settings, database: Database, kind: Row, query: ListQuery, details: bool, meta: bool, age: str
) -> Listing:
    names = list(schema.view_kinds(kind))
    check_columns(chosen, names)
    wanted = chosen.columns or (shown(kind) if chosen.output == "table" and not chosen.query else names)
    hidden = details_of(kind)
    quiet = set() if details else set(hidden) - {"metadata"} if meta else set(hidden)
    columns = [name for name in wanted if name in chosen.columns or name not in quiet]
    if details and chosen.output == "table" and not chosen.columns:
        columns += hidden
    return _read(database, kind, query, columns)._replace(footer=age or _age(database, kind))


def _read(database: Database, kind: Row, query: ListQuery, columns: Sequence[str]) -> Listing:
    """All rows at once, so that none is read while another is printed."""
    found, total = list_rows(database, kind, query, columns)
    rows = Spool()
    for row in found:
        rows.append(row)
    return Listing(rows, columns, columns, "id", total=total, limit=query.limit, offset=query.offset)


def _show(chosen: Settings, listing: Listing) -> None:
    show_list(chosen, listing)
    counts = listing.also.get("summary_stats", [])
    if counts and chosen.output == "table" and not chosen.query:
        show_list(Settings(), Listing(counts, ["status", "count"], ["status", "count"], "status", len(counts)))
    if isinstance(listing.rows, Spool) and listing.total and listing.offset + len(listing.rows) < listing.total:
        note(f"{len(listing.rows)} of {listing.total} shown; --limit 0 for all")


def _age(database: Database, kind: Row) -> str:
    """How old the answer is: ``synced 3 h ago; 1 of 12 scopes stale``."""
    rows = database.rows(
        "SELECT s.synced_at, s.stale_since FROM scopes_tbl s JOIN cloudaccounts_tbl a ON a.id = s.account_id"
        " WHERE s.keyword = ? AND a.deleted = 0",
        [kind.keyword],
    )
    if not rows:
        return "never synced; climc cloud-account-sync --all"
    stale = sum(row["stale_since"] is not None for row in rows)
    times = [row["synced_at"] for row in rows if row["synced_at"]]
    text = f"synced {_ago(min(times))} ago" if times else "never synced completely"
    return f"{text}; {stale} of {len(rows)} scopes stale" if stale else text


def _ago(time: str) -> str:
    seconds = max(0, int((datetime.now(UTC) - parse_time(time)).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _exported(database: Database, kind: Row, query: ListQuery, file: str, keys: Sequence[str]) -> Listing:
    if not file.endswith((".csv", ".txt")):
        raise UsageError("--export-file writes CSV: name it *.csv")
    names = keys or [name for name in schema.view_kinds(kind) if name not in details_of(kind)]
    return _read(database, kind, query, names)


def _export(listing: Listing, file: str, texts: Sequence[str]) -> None:
    import csv

    from cloudmux_py.console.text import spreadsheet

    names = listing.columns
    titles = texts or names
    if len(titles) != len(names):
        raise UsageError("--export-texts must name as many titles as --export-keys columns")
    count = 0
    with Path(file).open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(titles)
        for row in listing.rows:
            writer.writerow([spreadsheet(row[name]) for name in names])
            count += 1
    note(f"{count} rows written to {file}")
