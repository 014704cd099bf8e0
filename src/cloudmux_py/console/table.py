"""Tables: rich and fitted to the width on a terminal, plain and uncut in a pipe."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from . import terminal
from .text import cell, columns, isolated, turns, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Column
    from rich.text import Text

NARROWEST = 10
"""Columns below which a cell tells nothing."""

GAP = 3
"""Columns between two columns as rich draws them: a space on both sides of the space that divides them."""

COLOURS = {
    "available": "green",
    "connected": "green",
    "done": "green",
    "complete": "green",
    "creating": "cyan",
    "deleting": "yellow",
    "held": "yellow",
    "stale": "yellow",
    "isolated": "yellow",
    "unavailable": "red",
    "delete_failed": "red",
    "failed": "red",
    "unknown": "magenta",
}

Rows = Iterable[dict[str, Any]]


def plain(rows: Rows, names: Sequence[str]) -> Iterator[str]:
    """Lines of a table in which nothing is cut. Goes over the rows twice."""
    heads = [visible(name) for name in names]
    widths = [columns(head) for head in heads]
    for row in rows:
        widths = [max(width, columns(visible(cell(row.get(name))))) for width, name in zip(widths, names, strict=True)]
    yield _line(heads, widths)
    yield "  ".join("-" * width for width in widths)
    for row in rows:
        yield _line([visible(cell(row.get(name))) for name in names], widths)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(text + " " * (width - columns(text)) for text, width in zip(cells, widths, strict=True)).rstrip()


def fit(
    wanted: Sequence[int], whole: Sequence[bool], available: int, heads: Sequence[int] = (), gap: int = GAP
) -> list[int]:
    """Widths of columns for a terminal; the last columns are left out where there is no room.

    Args:
        wanted: The width that each column's longest cell takes.
        heads: The width of each column's name, which is never shortened.
        whole: Whether a column must never be shortened.
        available: Columns of the terminal.
        gap: Columns between two columns.

    Returns:
        One width a column, for as many columns as fit; at least one.
    """
    heads = heads or [0] * len(wanted)
    least = [
        want if kept else max(min(want, NARROWEST), head) for want, kept, head in zip(wanted, whole, heads, strict=True)
    ]
    count = len(wanted)
    while count > 1 and sum(least[:count]) + gap * (count - 1) > available:
        count -= 1
    widths = list(wanted[:count])
    excess = sum(widths) + gap * (count - 1) - available
    while excess > 0:
        room = [width - low for width, low in zip(widths, least, strict=False)]
        widest = max((width for width, left in zip(widths, room, strict=True) if left > 0), default=0)
        if not widest:
            break
        index = next(i for i, width in enumerate(widths) if width == widest and room[i] > 0)
        widths[index] -= 1
        excess -= 1
    return widths


def fitted(rows: Rows, names: Sequence[str], keys: frozenset[str]) -> None:
    """Print a table on the terminal.

    Args:
        rows: The rows; gone over twice.
        names: Columns.
        keys: Columns that are never shortened: ids.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    heads = [visible(name) for name in names]
    wanted = [columns(head) for head in heads]
    for row in rows:
        wanted = [max(want, columns(visible(cell(row.get(name))))) for want, name in zip(wanted, names, strict=True)]
    console = Console(width=terminal.width(), highlight=False, soft_wrap=False)
    widths = fit(wanted, [name in keys for name in names], console.width, [columns(head) for head in heads])
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False, header_style="bold", show_edge=False)
    shown = names[: len(widths)]
    for name, width in zip(shown, widths, strict=True):
        kept = name in keys
        table.add_column(
            Text(isolated(visible(name))), width=width, no_wrap=not kept, overflow="fold" if kept else "ellipsis"
        )
    for row in rows:
        cells = [Text(visible(cell(row.get(name))), style=_style(name, row.get(name))) for name in shown]
        pairs = zip(cells, table.columns, strict=True)
        table.add_row(*(_alone(text, column, console) if turns(text.plain) else text for text, column in pairs))
    console.print(table)
    if len(shown) < len(names):
        terminal.note(f"no room for: {', '.join(names[len(shown) :])} (--columns, -o kv, or a wider terminal)")


def _alone(text: "Text", column: "Column", console: "Console") -> "Text":
    """A cell with letters from right to left, cut or wrapped to its column; each line of it is isolated."""
    from rich.text import Text

    assert column.width
    width = min(column.width, console.width)  # a single column may want more
    lines = text.wrap(console, width, overflow=column.overflow, no_wrap=column.no_wrap)
    return Text("\n".join(isolated(line.plain.rstrip()) for line in lines))


def _style(name: str, value: Any) -> str:
    return COLOURS.get(value, "") if name in {"status", "stage", "state"} and isinstance(value, str) else ""


def key_value(row: dict[str, Any]) -> Iterator[str]:
    """Lines ``key: value`` of an object, keys aligned to the right."""
    heads = [visible(name) for name in row]
    width = max(map(columns, heads), default=0)
    for head, value in zip(heads, row.values(), strict=True):
        yield f"{' ' * (width - columns(head))}{head}: {visible(cell(value))}"


def on_terminal() -> bool:
    """Whether stdout is a terminal."""
    return sys.stdout.isatty()
