"""``climc event-list``."""

import typer

from cloudmux_py.console.output import Listing, check_columns, show_list
from cloudmux_py.console.settings import settings
from cloudmux_py.console.terminal import note

from ..models import event as events
from ..store.filters import convert
from .session import permit_alone, reading

SHOWN = ["ops_time", "obj_type", "obj_name", "action", "notes"]


def event_list(
    ctx: typer.Context,
    type: list[str] = typer.Option([], "--type", help="Only of this type, such as elastic_search."),
    id: list[str] = typer.Option([], "--id", "--name", help="Only about this id or name."),
    action: list[str] = typer.Option([], "--action", help="Only this action, such as delete."),
    since: str = typer.Option("", help="Only from this time on, such as 2026-01-01."),
    until: str = typer.Option("", help="Only before this time."),
    limit: int = typer.Option(20, min=0, help="At most this many; 0 for all."),
    offset: int = typer.Option(0, min=0, help="Leave out this many first."),
) -> None:
    """List what happened, the newest first."""
    chosen = settings(ctx)
    check_columns(chosen, events.COLUMNS)
    permit_alone(chosen)
    with reading(chosen) as database:
        rows, total = events.events(
            database,
            kinds=[name.replace("-", "_") for name in type],
            ids=id,
            actions=action,
            since=convert("--since", since, "time") if since else "",
            until=convert("--until", until, "time") if until else "",
            limit=limit,
            offset=offset,
        )
    show_list(chosen, Listing(rows, events.COLUMNS, SHOWN, "id", total=total, limit=limit, offset=offset))
    if offset + len(rows) < total:
        note(f"{len(rows)} of {total} shown; --limit 0 for all")
