"""``climc why``."""

import typer

from cloudmux_py.console.output import check_columns, show_text
from cloudmux_py.console.settings import settings

from ..models import why as reasons
from .session import permit_alone, reading


def why(ctx: typer.Context, id: str = typer.Argument(metavar="ID", help="Id, cloud id or name, of any type.")) -> None:
    """Tell in three lines why a row is gone, or that it is not; other formats give the same as an object."""
    chosen = settings(ctx)
    check_columns(chosen, reasons.COLUMNS)
    permit_alone(chosen)
    with reading(chosen) as database:
        told = reasons.why(database, id)
    show_text(chosen, told["why"], told)
