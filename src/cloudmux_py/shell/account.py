"""Commands about the account: its regions, its identity, what its cloud has."""

import typer

from cloudmux_py.console import permissions
from cloudmux_py.console.output import Listing, check_columns, show_list, show_object
from cloudmux_py.console.permit import permit
from cloudmux_py.console.rules import Act
from cloudmux_py.console.settings import settings
from cloudmux_py.engine.probing import Answer, probe
from cloudmux_py.resources import resource_type

from .session import account, provider_name, region


def region_list(
    ctx: typer.Context,
    resource: str = typer.Option("", "--type", help="Only where this resource type is offered."),
) -> None:
    """List the cloud's regions."""
    chosen = settings(ctx)
    row = resource_type(resource) if resource else None
    rows = [region._asdict() for region in account(chosen).regions(row)]
    names = ["id", "name", "available"]
    show_list(chosen, Listing(rows, names, names, "id", total=len(rows)))


def caller_identity(ctx: typer.Context) -> None:
    """Show whose credentials these are."""
    chosen = settings(ctx)
    show_object(chosen, account(chosen).caller_identity()._asdict(), "account_id")


def capabilities(ctx: typer.Context) -> None:
    """List the resource types that the cloud has here."""
    chosen = settings(ctx)
    types = [resource_type(keyword) for keyword in sorted(account(chosen).capabilities())]
    rows = [{"keyword": row.keyword, "commands": f"{row.word()}-*", "help": row.__doc__ or ""} for row in types]
    names = ["keyword", "commands", "help"]
    show_list(chosen, Listing(rows, names, names, "keyword", total=len(rows)))


def policy(
    ctx: typer.Context,
    purpose: str = permissions.FOR,
    resources: list[str] = permissions.RESOURCES,
    check: bool = permissions.CHECK,
) -> None:
    """Print the cloud's policy with the least permissions, or try which of them the keys have."""
    chosen = settings(ctx)
    wanted, types = permissions.purpose_of(purpose), permissions.types_of(resources)
    if not check:
        provider = provider_name(chosen)
        permit(chosen, [Act(chosen.type, chosen.verb, provider)], [provider])
        permissions.show_policy(chosen, provider, wanted, types)
        return
    check_columns(chosen, Answer._fields)
    where, _ = region(chosen)
    permissions.show_answers(chosen, where.provider, probe(where, types, wanted, lambda row: ""))
