"""The result on stdout, in every format. This is the only place that writes there."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from cloudmux_py.cloudprovider.errors import UsageError

from . import table
from .settings import Settings
from .spool import Spool
from .text import cell, hides, json_visible, spreadsheet, visible, yaml_visible

Row = dict[str, Any]


class Listing(NamedTuple):
    """A list to show.

    Attributes:
        rows: Rows as JSON shows them; can be gone over several times.
        columns: All columns.
        shown: The columns that a table shows without being asked.
        id: The column that ``-o id`` prints.
        total: Number of all rows; None where nobody knows.
        limit: What was asked for; 0 for all.
        offset: Rows left out before.
        footer: A further line under a table.
        keys: Columns that a table never shortens.
        also: Further keys of the JSON and YAML document.
    """

    rows: Iterable[Row]
    columns: Sequence[str]
    shown: Sequence[str]
    id: str
    total: int | None = None
    limit: int = 0
    offset: int = 0
    footer: str = ""
    keys: frozenset[str] = frozenset({"id", "external_id"})
    also: Mapping[str, Any] = MappingProxyType({})


def write(lines: Iterable[str]) -> None:
    """Write lines to stdout; a reader that went away ends the program quietly."""
    try:
        for line in lines:
            sys.stdout.write(line)
            sys.stdout.write("\n")
        sys.stdout.flush()
    except BrokenPipeError:
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None


def check_columns(settings: Settings, columns: Sequence[str]) -> None:
    """Refuse a column that there is not, before anything is asked for."""
    wrong = [name for name in settings.columns if name not in columns]
    if wrong:
        raise UsageError(f"no column {', '.join(wrong)}; there are: {', '.join(columns)}")


def show_list(settings: Settings, listing: Listing) -> None:
    """Print a list."""
    check_columns(settings, listing.columns)
    if settings.query:
        show_query(settings, _document(listing))
        return
    names = settings.columns or (listing.shown if settings.output == "table" else listing.columns)
    if settings.output == "json":
        write(_json_list(listing, names))
    elif settings.output == "yaml":
        write(_yaml_list(listing, names))
    elif settings.output == "table":
        _table(listing, names)
    else:
        write(_lines(settings.output, listing.rows, names, listing.id))


def stream(settings: Settings, rows: Iterable[Row], columns: Sequence[str]) -> None:
    """Print rows as they come, for jsonl; the exit code tells whether all came."""
    check_columns(settings, columns)
    write(_lines("jsonl", rows, settings.columns or columns, ""))


def show_object(settings: Settings, row: Row, id: str = "id") -> None:
    """Print one object."""
    check_columns(settings, list(row))
    if settings.query:
        show_query(settings, row)
        return
    names = settings.columns or list(row)
    picked = {name: row[name] for name in names}
    if settings.output == "json":
        write([as_json(picked, 2)])
    elif settings.output == "yaml":
        write([_yaml(picked).rstrip("\n")])
    elif settings.output == "kv":
        write(table.key_value(picked))
    elif settings.output == "table":
        fields = [{"field": name, "value": cell(value)} for name, value in picked.items()]
        if table.on_terminal():
            table.fitted(fields, ["field", "value"], frozenset({"field", "value"}))
        else:
            write(table.plain(fields, ["field", "value"]))
    else:
        write(_lines(settings.output, [row], names, id))


def show_text(settings: Settings, lines: Iterable[str], row: Row) -> None:
    """Print what is told best in words; other formats, chosen columns and queries get the same as an object."""
    if settings.output == "table" and not settings.columns and not settings.query:
        write(visible(line) for line in lines)
    else:
        show_object(settings, row)


def show_query(settings: Settings, document: Any) -> None:
    """Print what a JMESPath expression makes of the whole result."""
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        found = jmespath.search(settings.query, document)
    except (JMESPathError, ValueError, TypeError, RecursionError) as error:  # as when a slice's step is 0
        raise UsageError(f"--query: {' '.join(str(error).split())}") from None
    objects = isinstance(found, list) and bool(found) and all(isinstance(item, dict) for item in found)
    if settings.output == "json":
        write([as_json(found, 2)])
    elif settings.output == "yaml":
        write([_yaml(found).rstrip("\n")])
    elif isinstance(found, dict):
        show_object(_without_query(settings), found)
    elif objects:
        names = list(dict.fromkeys(name for item in found for name in item))
        show_list(_without_query(settings), Listing(found, names, names, names[0], total=len(found)))
    else:
        values = found if isinstance(found, list) else [found]
        write(as_json(v) if settings.output == "jsonl" else visible(cell(v)) for v in values)


def _without_query(settings: Settings) -> Settings:
    return Settings(output=settings.output, debug=settings.debug, no_input=settings.no_input)


def _document(listing: Listing) -> dict[str, Any]:
    rows = list(listing.rows)
    return {"data": rows, **_numbers(listing, len(rows))}


def _numbers(listing: Listing, count: int) -> dict[str, Any]:
    total = count if listing.total is None else listing.total
    return {"total": total, "limit": listing.limit, "offset": listing.offset, **listing.also}


def _picked(rows: Iterable[Row], names: Sequence[str]) -> Iterator[Row]:
    return ({name: row.get(name) for name in names} for row in rows)


def _json_list(listing: Listing, names: Sequence[str]) -> Iterator[str]:
    """One row a line, so that memory stays flat and a diff is readable."""
    count, before = 0, '{"data": ['
    for row in _picked(listing.rows, names):
        yield before if count == 0 else before + ","
        before = as_json(row)
        count += 1
    numbers = as_json(_numbers(listing, count))[1:]
    if count:
        yield before
        yield f"], {numbers}"
    else:
        yield f'{{"data": [], {numbers}'


def as_json(value: Any, indent: int | None = None) -> str:
    """JSON that is exact, readable, and harmless on a terminal."""
    import json  # 3 ms, which a table does without

    return json_visible(json.dumps(value, ensure_ascii=False, indent=indent))


def _yaml(value: Any) -> str:
    import yaml

    text = yaml.dump(value, Dumper=_yaml_dumper(), allow_unicode=True, sort_keys=False, width=2**20)
    return yaml_visible(text)


@cache
def _yaml_dumper() -> Any:
    """Puts into double quotes what holds characters that only escapes show: only there does YAML know them."""
    import yaml

    class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
        """A safe dumper."""

    def text(dumper: Any, value: str) -> Any:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"' if hides(value) else None)

    Dumper.add_representer(str, text)
    return Dumper


def _yaml_list(listing: Listing, names: Sequence[str]) -> Iterator[str]:
    count = 0
    for row in _picked(listing.rows, names):
        if count == 0:
            yield "data:"
        yield _yaml([row]).rstrip("\n")
        count += 1
    if count == 0:
        yield "data: []"
    yield _yaml(_numbers(listing, count)).rstrip("\n")


def _lines(output: str, rows: Iterable[Row], names: Sequence[str], id: str) -> Iterator[str]:
    if output == "jsonl":
        for row in _picked(rows, names):
            yield as_json(row)
    elif output == "id":
        for row in rows:
            yield visible(cell(row.get(id)))
    elif output == "kv":
        for number, row in enumerate(_picked(rows, names)):
            if number:
                yield ""
            yield from table.key_value(row)
    elif output == "tsv":
        yield "\t".join(map(_tsv, names))
        for row in rows:
            yield "\t".join(_tsv(row.get(name)) for name in names)
    else:
        yield from _csv(rows, names)


def _tsv(value: Any) -> str:
    return spreadsheet(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def _csv(rows: Iterable[Row], names: Sequence[str]) -> Iterator[str]:
    import csv
    from io import StringIO

    buffer = StringIO()
    writer = csv.writer(buffer)  # before Python 3.13 it quotes line breaks only if it ends lines with them
    writer.writerow(map(spreadsheet, names))
    yield buffer.getvalue().removesuffix(writer.dialect.lineterminator)
    for row in rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([spreadsheet(row.get(name)) for name in names])
        yield buffer.getvalue().removesuffix(writer.dialect.lineterminator)


def _table(listing: Listing, names: Sequence[str]) -> None:
    rows = listing.rows if isinstance(listing.rows, Spool | list) else list(listing.rows)
    if table.on_terminal():
        table.fitted(rows, names, listing.keys)
    else:
        write(table.plain(rows, names))
    write(filter(None, [footer(listing, len(rows)), listing.footer]))


def footer(listing: Listing, count: int) -> str:
    """The line under a table, as climc prints it."""
    total = count if listing.total is None else listing.total
    text = f"Total: {total}"
    if listing.limit and total > 0:
        pages = -(-total // listing.limit)
        page = listing.offset // listing.limit + 1
        text += f" Pages: {pages} Limit: {listing.limit} Offset: {listing.offset} Page: {page}"
    return f"***  {text}  ***"
