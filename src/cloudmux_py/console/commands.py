"""Making the functions behind commands: their help, their columns, their ids."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from typer.core import TyperCommand

from cloudmux_py.cloudprovider.errors import UsageError

Command = Callable[..., None]


def named(function: Command, doc: str, columns: Mapping[str, str] | None = None) -> Command:
    """Give a command its help, and with it the columns of its result.

    Args:
        function: What runs.
        doc: Its help.
        columns: Name and help of each column.
    """
    function.__doc__ = doc
    if columns:
        function.command_class = _with_columns(columns)  # type: ignore[attr-defined]
    return function


def _with_columns(columns: Mapping[str, str]) -> type[TyperCommand]:
    class WithColumns(TyperCommand):
        """Lists the columns after the options."""

        def format_epilog(self, ctx: Any, formatter: Any) -> None:
            """The columns with their help."""
            with formatter.section("Columns"):
                formatter.write_dl(list(columns.items()))

    return WithColumns


def read_ids(given: Sequence[str]) -> list[str]:
    """Ids as given, each once; ``-`` reads them from stdin, one a line."""
    ids: list[str] = []
    for id in given:
        ids += [line.strip() for line in sys.stdin if line.strip()] if id == "-" else [id]
    unique = list(dict.fromkeys(ids))
    if not unique:
        raise UsageError("no ids were given")
    return unique
