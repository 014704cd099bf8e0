"""Making the functions behind commands: their help, their columns, their ids."""

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import typer
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


def with_words(function: Command, words: Mapping[str, str]) -> Command:
    """Turn the ``**words`` of a command into optional positionals, after those that it has.

    Args:
        function: What runs.
        words: Name and help of each, in their order.
    """
    signature = inspect.signature(function)
    kept = [param for param in signature.parameters.values() if param.kind is not param.VAR_KEYWORD]
    added = [
        inspect.Parameter(
            name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            default=typer.Argument("", metavar=f"[{name.upper()}]", help=help),
            annotation=str,
        )
        for name, help in words.items()
    ]
    function.__signature__ = signature.replace(parameters=[*kept, *added])  # type: ignore[attr-defined]
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
