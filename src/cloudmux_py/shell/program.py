"""The commands of ``cloudcli`` and the options that all of them take."""

from collections.abc import Iterator
from functools import cache, partial
from typing import Annotated, Any, ClassVar

import typer

from cloudmux_py import providers
from cloudmux_py.cloudprovider.config import config_of
from cloudmux_py.console import settings as shared
from cloudmux_py.console.lazy import Entry, LazyGroup, free
from cloudmux_py.console.settings import remember
from cloudmux_py.resources import modules

ABOUT = {
    "region-list": ("region", "list"),
    "caller-identity": ("cloud-account", "show"),
    "capability-list": ("capability", "list"),
    "policy": ("cloud-account", "policy"),
}
"""What each of these is about and does, for the user's rules."""

VERBS = {
    "list": "List {word} resources.",
    "show": "Show one {word} by its id.",
    "delete": "Delete {word} resources in the cloud.",
    "create": "Not implemented.",
    "access-info": "Show addresses and ports of {one}, live.",
}
EXTRA_VERBS = {"access-info": frozenset({"elastic_search"})}
"""Verbs that only some types have. This is the one place that names them."""


@cache
def index(provider: str = "") -> dict[str, Entry]:
    """All commands, from names alone: nothing is imported until one runs.

    Args:
        provider: The one cloud of the program, whose own words in cloudmux are known as well; empty for any.
    """
    entries = {
        "region-list": Entry("List the cloud's regions.", lambda: _load("account", "region_list")),
        "caller-identity": Entry("Show whose credentials these are.", lambda: _load("account", "caller_identity")),
        "capability-list": Entry(
            "List the resource types that the cloud has.", lambda: _load("account", "capabilities")
        ),
        "policy": Entry(
            "Print the cloud's policy with the least permissions, or try which of them the keys have.",
            lambda: _load("account", "policy"),
        ),
        "emulator": Entry("Serve both clouds locally, without an account.", lambda: _load("emulator", "emulator")),
    }
    entries |= {name: entries[name]._replace(type=of, verb=verb) for name, (of, verb) in ABOUT.items()}
    for keyword in modules():
        entries |= free(keyword, dict(_of_type(keyword)), entries)
    for alias, keyword in config_of(provider).aliases.items() if provider else ():
        for name, entry in _of_type(keyword):
            entries[name.replace(keyword.replace("_", "-"), alias, 1)] = entry._replace(hidden=True)
    return entries


def _of_type(keyword: str) -> Iterator[tuple[str, Entry]]:
    word = keyword.replace("_", "-")
    one = f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
    for verb, text in VERBS.items():
        if keyword in EXTRA_VERBS.get(verb, {keyword}):
            told, build = text.format(word=word, one=one), _builder(verb, keyword)
            yield f"{word}-{verb}", Entry(told, build, verb == "create", keyword, verb)


def _load(module: str, name: str) -> Any:
    from importlib import import_module

    return getattr(import_module(f"{__package__}.{module}"), name)


def _builder(verb: str, keyword: str) -> Any:
    return lambda: _load("resource", f"{verb.replace('-', '_')}_command")(keyword)


class Program(LazyGroup):
    """The group of all commands."""

    index = staticmethod(index)
    shared: ClassVar[tuple[str, ...]] = (
        *shared.SHARED,
        "version",
        "provider",
        "access_key",
        "secret",
        "region",
        "cloud_env",
        "endpoint",
        "profile",
        "timeout",
        "allow_http",
        "read_only",
        "account_id",
    )


def _version(value: bool) -> None:
    if value:
        from cloudmux_py import __version__

        typer.echo(__version__)
        raise typer.Exit


def options(
    ctx: typer.Context,
    provider: Annotated[
        str,
        typer.Option(callback=remember, envvar="CLOUDCLI_PROVIDER", metavar="|".join(providers()), help="The cloud."),
    ] = "",
    access_key: Annotated[
        str, typer.Option("--access-key", "--secret-id", callback=remember, help="Access key id (SecretId).")
    ] = "",
    secret: Annotated[str, typer.Option("--secret", "--secret-key", callback=remember, help="Its secret.")] = "",
    region: Annotated[str, typer.Option("--region", "--region-id", callback=remember, help="Region id.")] = "",
    cloud_env: Annotated[
        str, typer.Option(callback=remember, hidden=True, help="Accepted; the region says it already.")
    ] = "",
    endpoint: Annotated[
        str, typer.Option(callback=remember, metavar="URL", help="Base URL for every API of the cloud.")
    ] = "",
    profile: Annotated[str, typer.Option(callback=remember, help="Profile of the vendor's own command line.")] = "",
    timeout: Annotated[
        float, typer.Option(callback=remember, min=1, metavar="S", help="Seconds for one call with its repetitions.")
    ] = 60.0,
    allow_http: Annotated[
        bool, typer.Option("--allow-http", callback=remember, help="Accept a plain http endpoint on another machine.")
    ] = False,
    read_only: Annotated[
        bool,
        typer.Option(
            "--read-only",
            callback=remember,
            envvar="CLOUDCLI_READ_ONLY",
            help="Refuse whatever would change something in the cloud.",
        ),
    ] = False,
    account_id: Annotated[
        str, typer.Option(callback=remember, hidden=True, help="Accepted; the credentials say it already.")
    ] = "",
    output: shared.Output = "table",
    columns: shared.Columns = None,
    query: shared.Query = "",
    debug: shared.Debug = False,
    no_input: shared.NoInput = False,
    confirm: shared.Confirm = "",
    record: shared.Record = None,
    record_hash_names: shared.RecordHashNames = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Talk straight to a cloud: list, show and delete its resources; keeps no state."""


def command(name: str, provider: str) -> Any:
    """The Typer group of a program.

    Args:
        name: Its name.
        provider: The one cloud that it is for; empty for any.
    """
    kind: Any = type(name, (Program,), {"index": staticmethod(partial(index, provider))})
    app = typer.Typer(name=name, cls=kind, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback()(options)
    group = typer.main.get_command(app)
    if provider:
        for param in group.params:
            if param.name == "provider":
                param.default, param.hidden = provider, True  # type: ignore[attr-defined]
    return group
