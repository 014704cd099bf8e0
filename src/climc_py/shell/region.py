"""``climc cloud-region-list``."""

import typer

from cloudmux_py.console.output import Listing, show_list
from cloudmux_py.console.settings import settings

from .session import permit_alone, reading

COLUMNS = ["id", "external_id", "name", "provider"]


def region_list(ctx: typer.Context) -> None:
    """List the regions that syncs have seen."""
    chosen = settings(ctx)
    permit_alone(chosen)
    with reading(chosen) as database:
        rows = [
            dict(row)
            for row in database.rows("SELECT id, external_id, name, provider FROM cloudregions_tbl ORDER BY id")
        ]
    show_list(chosen, Listing(rows, COLUMNS, COLUMNS, "id", total=len(rows)))
