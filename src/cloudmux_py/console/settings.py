"""Options of every command. They may stand before or after the command; the later wins."""

from collections.abc import Mapping, Sequence
from copy import copy
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

import typer

from cloudmux_py.cloudprovider.errors import UsageError

FORMATS = ("table", "json", "jsonl", "yaml", "csv", "tsv", "kv", "id")


COMMAND = "command that runs"
"""Where a program keeps what its command is about and what it does; no option has such a name."""


class Settings(NamedTuple):
    """What the shared options say.

    Attributes:
        output: One of `FORMATS`.
        columns: Columns to show, in this order; empty for the usual ones.
        query: JMESPath over the whole result; empty for none.
        debug: Log calls to stderr, and show tracebacks.
        no_input: Never ask.
        type: What the command is about: a resource type, or another noun of `rules`.
        verb: What it does.
        values: All options of this program that may stand anywhere, by name.
    """

    output: str = "table"
    columns: Sequence[str] = ()
    query: str = ""
    debug: bool = False
    no_input: bool = False
    type: str = ""
    verb: str = ""
    values: Mapping[str, Any] = MappingProxyType({})


def settings(ctx: typer.Context) -> Settings:
    """The settings of a command that runs.

    Raises:
        UsageError: There is no such format, the query is none, or the file of rules cannot be understood.
    """
    from .rules import rules

    rules()
    values = ctx.find_root().ensure_object(dict)
    output = values.get("output") or "table"
    if output not in FORMATS:
        raise UsageError(f"no output format {output!r}; there are: {', '.join(FORMATS)}")
    query = values.get("query") or ""
    if query:
        _check_query(query)
    if (path := values.pop("record", None)) is not None:
        from cloudmux_py.engine.recording import start

        start(path, hash_names=bool(values.get("record_hash_names")))
    names = [name.strip() for text in values.get("columns") or [] for name in text.split(",")]
    return Settings(
        output=output,
        columns=[name for name in names if name],
        query=query,
        debug=bool(values.get("debug")),
        no_input=bool(values.get("no_input")),
        type=values.get(COMMAND, ("", ""))[0],
        verb=values.get(COMMAND, ("", ""))[1],
        values=values,
    )


def _check_query(query: str) -> None:
    """Refuse what is no JMESPath before anything is done."""
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        jmespath.compile(query)
    except (JMESPathError, ValueError, RecursionError) as error:  # it lets some of Python's own through
        raise UsageError(f"--query: {' '.join(str(error).split())}") from None


def remember(ctx: typer.Context, param: typer.CallbackParam, value: Any) -> Any:
    """Callback of an option that may stand anywhere: the command's own wins over the program's."""
    source = ctx.get_parameter_source(param.name or "")
    if ctx.parent is None or (source is not None and source.name == "COMMANDLINE"):
        ctx.find_root().ensure_object(dict)[param.name] = value
        if param.name == "debug" and value:
            from .debug import enable

            enable()
    return value


def after(option: Any) -> Any:
    """A program's option as one of its commands: known there, but not handed to the function."""
    twin = copy(option)
    twin.expose_value = False
    twin.envvar = None
    return twin


ENV_OUTPUT = ["CLOUDCLI_OUTPUT", "CLIMC_OUTPUT_FORMAT"]

Output = Annotated[
    str,
    typer.Option(
        "-o",
        "--output",
        "--output-format",
        callback=remember,
        envvar=ENV_OUTPUT,
        metavar="|".join(FORMATS),
        help="Format of the result.",
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--columns", "--field", callback=remember, metavar="A,B", help="Columns to show, in this order."),
]
Query = Annotated[
    str, typer.Option("--query", callback=remember, metavar="JMESPATH", help="JMESPath over the whole result.")
]
Debug = Annotated[bool, typer.Option("--debug", callback=remember, help="Log calls to stderr; show tracebacks.")]
NoInput = Annotated[bool, typer.Option("--no-input", callback=remember, help="Never ask anything.")]
Confirm = Annotated[
    str,
    typer.Option(
        "--confirm", callback=remember, metavar="TEXT", help="What a confirm rule of the policy file asks to be typed."
    ),
]

Record = Annotated[
    str | None,
    typer.Option(callback=remember, metavar="FILE", help="Write the calls to clouds, redacted, to a new file."),
]
RecordHashNames = Annotated[
    bool,
    typer.Option("--record-hash-names", callback=remember, help="Replace ids and names in it as well."),
]

SHARED = ("output", "columns", "query", "debug", "no_input", "confirm", "record", "record_hash_names")
"""Names of the options that every command of both programs takes."""
