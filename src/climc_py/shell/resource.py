"""Commands that every resource type has. Nothing here knows a type by name."""

import sqlite3
from typing import Any

import typer

from cloudmux_py.cloudprovider.errors import CloudError, NotFound, NotImplementedByProvider
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.cloudprovider.status import UNKNOWN
from cloudmux_py.console import debug, table
from cloudmux_py.console.commands import Command, named, read_ids
from cloudmux_py.console.exit_codes import PARTLY
from cloudmux_py.console.output import Listing, check_columns, show_list, show_object
from cloudmux_py.console.settings import Settings, settings
from cloudmux_py.console.terminal import confirm, note
from cloudmux_py.console.text import mention
from cloudmux_py.resources import resource_type

from ..errors import Refused
from ..models import account as accounts
from ..models import event, row, tag
from ..store import schema
from ..store.database import Database
from ..store.query import decode
from .session import chosen_rows, reading, writing

Row = type[ICloudResource]
IDS: Any = typer.Argument(metavar="ID…", help="Ids or names; - reads them from stdin.")
ID = typer.Argument(metavar="ID", help="Id, cloud id or name.")
YES = typer.Option(False, "--yes", "-y", help="Do not ask.")
LAST_EVENTS = 5
RESULT = ["id", "name", "external_id", "result"]
TAGGED = ["id", "name", "metadata"]


def view_row(database: Database, kind: Row, id: str) -> dict[str, Any]:
    """A row as JSON shows it, from the view."""
    found = database.one(f"SELECT * FROM {kind.plural} WHERE id = ?", [id])
    assert found is not None
    return decode(kind, found)


def show_command(keyword: str) -> Command:
    """The command ``<type>-show``."""
    kind = resource_type(keyword)

    def run(ctx: typer.Context, id: str = ID) -> None:
        chosen = settings(ctx)
        with reading(chosen) as database:
            (found,), _ = chosen_rows(chosen, database, kind, [id])
            show_object(chosen, view_row(database, kind, found["id"]))
            if chosen.output == "table" and table.on_terminal():
                events, _ = event.events(database, ids=[found["id"]], limit=LAST_EVENTS)
                names = ["ops_time", "action", "notes"]
                show_list(chosen, Listing(events, names, names, "id", total=len(events)))

    return named(run, f"Show one of: {kind.__doc__}", schema.view_helps(kind))


def update_command(keyword: str) -> Command:
    """The command ``<type>-update``."""
    kind = resource_type(keyword)

    def run(
        ctx: typer.Context,
        id: str = ID,
        name: str = typer.Option("", help="New name, here."),
        description: str | None = typer.Option(None, help="Your own words."),
        delete: str = typer.Option("", metavar="enable|disable", help="Unlock, or lock, against deletion."),
    ) -> None:
        chosen = settings(ctx)
        if delete not in {"", "enable", "disable"}:
            raise typer.BadParameter(f"{delete!r} is neither enable nor disable", param_hint="--delete")
        check_columns(chosen, list(schema.view_kinds(kind)))
        changes: dict[str, Any] = {"name": name} if name else {}
        changes |= {} if description is None else {"description": description}
        changes |= {"disable_delete": int(delete == "disable")} if delete else {}
        with writing(chosen) as database:
            (found,), _ = chosen_rows(chosen, database, kind, [id])
            row.update(database, kind, found, changes)
            show_object(chosen, view_row(database, kind, found["id"]))
        note("the cloud is unchanged")

    return named(run, "Rename, describe, lock or unlock, here; the cloud is unchanged.")


def add_tag_command(keyword: str) -> Command:
    """The command ``<type>-add-tag``."""
    return _tag_command(keyword, False, "Add tags of your own, here; the value none removes one.")


def set_tag_command(keyword: str) -> Command:
    """The command ``<type>-set-tag``."""
    return _tag_command(keyword, True, "Replace your own tags, here.")


def _tag_command(keyword: str, replace: bool, doc: str) -> Command:
    kind = resource_type(keyword)

    def run(
        ctx: typer.Context,
        id: str = ID,
        words: list[str] = typer.Argument(metavar="KEY=VALUE…", help="The tags."),
    ) -> None:
        chosen = settings(ctx)
        check_columns(chosen, TAGGED)
        tags = tag.parse(words)
        with writing(chosen) as database:
            (found,), _ = chosen_rows(chosen, database, kind, [id])
            tag.apply(database, kind, found, tags, replace=replace)
            show_object(chosen, {name: view_row(database, kind, found["id"])[name] for name in TAGGED})
        note("the cloud is unchanged")

    return named(run, doc)


def purge_command(keyword: str) -> Command:
    """The command ``<type>-purge``."""
    kind = resource_type(keyword)

    def run(
        ctx: typer.Context,
        ids: list[str] = IDS,
        yes: bool = YES,
        dry_run: bool = typer.Option(False, "--dry-run", help="Say what would be forgotten, and do nothing."),
    ) -> None:
        chosen = settings(ctx)
        check_columns(chosen, RESULT)
        with writing(chosen) as database:
            targets, confirmed = chosen_rows(chosen, database, kind, read_ids(ids), dry_run=dry_run)
            names = ", ".join(mention(target["name"]) for target in targets)
            if not dry_run:
                if not confirm(f"Forget {len(targets)} here: {names}?", chosen, yes=yes or confirmed):
                    raise Refused("nothing was forgotten")
                with database.transaction():
                    for target in targets:
                        owner = accounts.find(database, target["account_id"])
                        row.forget(database, kind, target, locked=not owner.no_delete_lock)
        result = "would be forgotten" if dry_run else "forgotten"
        _results(chosen, [_result(target, result) for target in targets])
        note("the cloud is unchanged; the next sync brings back what it still has")

    return named(run, "Forget cached rows; the cloud keeps the resources.")


def create_command(keyword: str) -> Command:
    """The command ``<type>-create``, which is not implemented."""

    def run(ctx: typer.Context) -> None:
        raise NotImplementedByProvider(f"{keyword.replace('_', '-')}-create", "any cloud")

    return named(run, "Not implemented.")


def syncstatus_command(keyword: str) -> Command:
    """The command ``<type>-syncstatus``."""
    kind = resource_type(keyword)

    def run(ctx: typer.Context, ids: list[str] = IDS) -> None:
        chosen = settings(ctx)
        check_columns(chosen, list(schema.view_kinds(kind)))
        errors: list[CloudError] = []
        with writing(chosen) as database:
            from ..tasks.delete import Clouds

            targets, _ = chosen_rows(chosen, database, kind, read_ids(ids))
            clouds = Clouds(database)
            for target in targets:
                try:
                    _sync_one(database, clouds, kind, target)
                except CloudError as error:
                    errors.append(error)
                    note(f"error: {error}")
            rows = [view_row(database, kind, target["id"]) for target in targets]
        names = ["id", "name", "external_id", "status"]
        show_list(chosen, Listing(rows, list(schema.view_kinds(kind)), names, "id", total=len(rows)))
        if errors:
            raise SystemExit(errors[0].exit_code if len(errors) == len(targets) == 1 else PARTLY)

    return named(run, "Get rows anew from their cloud, with the columns that lists lack.")


def _sync_one(database: Database, clouds: Any, kind: Row, target: sqlite3.Row) -> None:
    version = database.version()
    account, region = clouds.region(target["account_id"], row.region_of(target))
    try:
        seen = region.get(kind, target["external_id"])
    except NotFound:
        if target["status"] != UNKNOWN:
            with database.transaction():
                row.set_status(database, kind, target, UNKNOWN, "sync_status")
        raise
    row.refresh(database, account, kind, target, seen, version)


def access_info_command(keyword: str) -> Command:
    """The command ``<type>-access-info``."""
    kind = resource_type(keyword)

    def run(ctx: typer.Context, id: str = ID) -> None:
        chosen = settings(ctx)
        debug.start()
        with reading(chosen) as database:
            from ..tasks.delete import Clouds

            (found,), _ = chosen_rows(chosen, database, kind, [id])
            _, region = Clouds(database).region(found["account_id"], row.region_of(found))
        show_object(chosen, region.access_info(kind, found["external_id"])._asdict(), "domain")

    return named(run, "Show addresses and ports, live.")


def delete_command(keyword: str) -> Command:
    """The command ``<type>-delete``."""
    kind = resource_type(keyword)

    def run(
        ctx: typer.Context,
        ids: list[str] = IDS,
        yes: bool = YES,
        dry_run: bool = typer.Option(False, "--dry-run", help="Check everything, and do nothing."),
        wait_timeout: float = typer.Option(300.0, min=0, metavar="S", help="How long to wait until each is gone."),
        recoverable: bool = typer.Option(False, "--recoverable", help="Keep them restorable, where the cloud can."),
        final: bool = typer.Option(False, "--final", help="Destroy for good what is in the recycle bin."),
        stop_first: bool = typer.Option(False, "--stop-first", help="Stop what runs."),
    ) -> None:
        from cloudmux_py.cloudprovider.region import DeleteOptions

        from .deleting import delete_rows

        options = DeleteOptions(recoverable=recoverable, final=final, stop_first=stop_first)
        delete_rows(settings(ctx), kind, read_ids(ids), options, yes=yes, dry_run=dry_run, timeout=wait_timeout)

    return named(run, f"Delete in the cloud, by a task that survives: {kind.__doc__}")


def _result(found: sqlite3.Row, result: str) -> dict[str, Any]:
    return {"id": found["id"], "name": found["name"], "external_id": found["external_id"], "result": result}


def _results(chosen: Settings, rows: list[dict[str, Any]]) -> None:
    show_list(chosen, Listing(rows, RESULT, RESULT, "id", total=len(rows)))
