"""Commands that every resource type has. Nothing here knows a type by name."""

import typer

from cloudmux_py.cloudprovider.errors import NotImplementedByProvider
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.console.commands import Command, named
from cloudmux_py.console.output import as_json, show_object, write
from cloudmux_py.console.settings import settings
from cloudmux_py.resources import resource_type

from .session import region


def helps(row: type[ICloudResource]) -> dict[str, str]:
    """Each column's help with its unit."""
    return {name: f"{c.help} ({c.unit})" if c.unit else c.help for name, c in row.columns.items()}


def list_command(keyword: str) -> Command:
    """The command ``<type>-list``."""
    row = resource_type(keyword)

    def run(
        ctx: typer.Context,
        limit: int = typer.Option(0, min=0, metavar="N", help="This many rows in all; 0 for all."),
        offset: int = typer.Option(0, min=0, metavar="M", help="Leave out this many first."),
        page: int = typer.Option(0, min=0, help="Exactly this page of the cloud's list, counted from 1."),
        size: int = typer.Option(0, min=0, help="Rows of a page; the API's maximum by default."),
        ids: list[str] = typer.Option([], "--ids", metavar="ID", help="Only these ids."),
        all_regions: bool = typer.Option(False, "--all-regions", help="In every region, at the same time."),
        raw: bool = typer.Option(False, "--raw", help="Print the cloud's own replies as they come."),
    ) -> None:
        from .listing import Wanted, list_rows

        list_rows(settings(ctx), row, Wanted(limit, offset, page, size, tuple(ids), all_regions, raw))

    return named(run, f"List {row.__doc__}", helps(row))


def show_command(keyword: str) -> Command:
    """The command ``<type>-show``."""
    row = resource_type(keyword)

    def run(
        ctx: typer.Context,
        id: str = typer.Argument(metavar="ID", help="Id in the cloud."),
        raw: bool = typer.Option(False, "--raw", help="Print the cloud's own reply as it came."),
    ) -> None:
        chosen = settings(ctx)
        where, _ = region(chosen, [id])
        if raw:
            write([as_json(where.raw_get(row, id), 2)])
            return
        show_object(chosen, where.get(row, id).to_dict(), "external_id")

    return named(run, f"Show one of: {row.__doc__}", helps(row))


def access_info_command(keyword: str) -> Command:
    """The command ``<type>-access-info``."""
    row = resource_type(keyword)

    def run(ctx: typer.Context, id: str = typer.Argument(metavar="ID", help="Id in the cloud.")) -> None:
        chosen = settings(ctx)
        show_object(chosen, region(chosen, [id])[0].access_info(row, id)._asdict(), "domain")

    return named(run, "Show addresses and ports, live.")


def create_command(keyword: str) -> Command:
    """The command ``<type>-create``, which is not implemented."""

    def run(ctx: typer.Context) -> None:
        raise NotImplementedByProvider(f"{keyword.replace('_', '-')}-create", "any cloud")

    return named(run, "Not implemented.")


def delete_command(keyword: str) -> Command:
    """The command ``<type>-delete``."""
    row = resource_type(keyword)

    def run(
        ctx: typer.Context,
        ids: list[str] = typer.Argument(metavar="ID…", help="Ids in the cloud; - reads them from stdin."),
        yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask."),
        dry_run: bool = typer.Option(False, "--dry-run", help="Check everything, and do nothing."),
        wait: bool = typer.Option(False, "--wait", help="Wait until they are gone."),
        wait_timeout: float = typer.Option(300.0, min=1, metavar="S", help="How long --wait waits, seconds."),
        recoverable: bool = typer.Option(False, "--recoverable", help="Keep them restorable, where the cloud can."),
        final: bool = typer.Option(False, "--final", help="Destroy for good what is in the recycle bin."),
        stop_first: bool = typer.Option(False, "--stop-first", help="Stop what runs."),
    ) -> None:
        from cloudmux_py.cloudprovider.region import DeleteOptions

        from .deleting import Plan, delete_rows

        options = DeleteOptions(recoverable=recoverable, final=final, stop_first=stop_first)
        delete_rows(settings(ctx), row, Plan(tuple(ids), options, yes, dry_run, wait_timeout if wait else 0.0))

    return named(run, f"Delete in the cloud: {row.__doc__}")
