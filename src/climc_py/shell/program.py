"""The commands of ``climc`` and the options that all of them take."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Annotated, Any, ClassVar

import typer

from cloudmux_py import providers
from cloudmux_py.cloudprovider.config import config_of
from cloudmux_py.console import settings as shared
from cloudmux_py.console.lazy import Entry, LazyGroup, free
from cloudmux_py.console.settings import remember
from cloudmux_py.resources import modules

COMMANDS: dict[str, tuple[str, str, str]] = {
    # name: (module, function, help)
    "cloud-account-list": ("account", "account_list", "List the accounts."),
    "cloud-account-show": ("account", "account_show", "Show one account."),
    "cloud-account-sync": ("syncing", "account_sync", "Sync resources of accounts into the cache."),
    "cloud-account-enable": ("account", "account_enable", "Enable an account."),
    "cloud-account-disable": ("account", "account_disable", "Disable an account: no sync, no change in its cloud."),
    "cloud-account-delete": ("account", "account_delete", "Forget a disabled account and its rows; asks no cloud."),
    "cloud-account-test-connectivity": ("account", "account_test", "Try an account's keys against its cloud."),
    "cloud-provider-list": ("account", "account_list", "The same as cloud-account-list."),
    "cloud-region-list": ("region", "region_list", "List the regions that syncs have seen."),
    "task-list": ("task", "task_list", "List tasks."),
    "task-show": ("task", "task_show", "Show one task."),
    "task-resume": ("task", "task_resume", "Go on with open tasks."),
    "event-list": ("event", "event_list", "List what happened."),
    "cloud-account-policy": (
        *("account", "account_policy"),
        "Print the policy with the least permissions for an account, or try which of them it has.",
    ),
    "db": ("db", "db", "Say where the cache is, check, back up, restore or prune it, or seal its secrets anew."),
    "why": ("why", "why", "Tell why a row is gone, or that it is not."),
}
HIDDEN = {"region-task-list": "task-list", "region-task-show": "task-show", "event-show": "event-list"}
"""Cloudpods' own words for the same."""

ABOUT = {
    "cloud-account-list": ("cloud-account", "list"),
    "cloud-account-show": ("cloud-account", "show"),
    "cloud-account-sync": ("cloud-account", "sync"),
    "cloud-account-enable": ("cloud-account", "enable"),
    "cloud-account-disable": ("cloud-account", "disable"),
    "cloud-account-delete": ("cloud-account", "delete"),
    "cloud-account-test-connectivity": ("cloud-account", "test"),
    "cloud-account-policy": ("cloud-account", "policy"),
    "cloud-provider-list": ("cloud-account", "list"),
    "cloud-region-list": ("region", "list"),
    "task-list": ("task", "list"),
    "task-show": ("task", "show"),
    "task-resume": ("task", "resume"),
    "event-list": ("event", "list"),
    "why": ("event", "show"),
    "db": ("db", ""),
}
"""What each of these is about and does, for the user's rules; ``db`` says itself what it does."""

VERBS = {
    "list": "List cached {word} resources.",
    "show": "Show one cached {word}.",
    "update": "Rename, describe, lock or unlock {one}, here.",
    "delete": "Delete {word} resources in their cloud, by a task.",
    "syncstatus": "Get {word} resources anew from their cloud.",
    "access-info": "Show addresses and ports of {one}, live.",
    "add-tag": "Add tags of your own to {one}, here.",
    "set-tag": "Replace your own tags of {one}, here.",
    "purge": "Forget cached {word} resources; the cloud keeps them.",
    "create": "Not implemented.",
}
EXTRA_VERBS = {"access-info": frozenset({"elastic_search"})}
"""Verbs that only some types have. This is the one place that names them."""


@cache
def index() -> dict[str, Entry]:
    """All commands, from names alone: nothing is imported until one runs."""
    entries: dict[str, Entry] = {}
    for provider in providers():
        name = config_of(provider).title
        for verb, text in (
            ("create", f"Add an account of {name}."),
            ("update", f"Change an account of {name}."),
            ("update-credential", f"Change the keys of an account of {name}."),
        ):
            build = _builder("account", f"{verb.replace('-', '_')}_command", provider)
            entries[f"cloud-account-{verb}-{provider}"] = Entry(text, build, False, "cloud-account", verb)
    for name, (module, function, text) in COMMANDS.items():
        entries[name] = Entry(text, _loader(module, function), False, *ABOUT[name])
    entries |= {name: entries[known]._replace(hidden=True) for name, known in HIDDEN.items()}
    for keyword in modules():
        entries |= free(keyword, dict(_of_type(keyword)), entries)
    return entries


def _of_type(keyword: str) -> Iterator[tuple[str, Entry]]:
    word = keyword.replace("_", "-")
    one = f"{'an' if word[0] in 'aeiou' else 'a'} {word}"
    for verb, text in VERBS.items():
        if keyword in EXTRA_VERBS.get(verb, {keyword}):
            module = "listing" if verb == "list" else "resource"
            build = _builder(module, f"{verb.replace('-', '_')}_command", keyword)
            yield f"{word}-{verb}", Entry(text.format(word=word, one=one), build, verb == "create", keyword, verb)


def _loader(module: str, function: str) -> Any:
    return lambda: getattr(import_module(f"{__package__}.{module}"), function)


def _builder(module: str, function: str, of: str) -> Any:
    """For a command of a resource type or a provider."""
    return lambda: getattr(import_module(f"{__package__}.{module}"), function)(of)


class Program(LazyGroup):
    """The group of all commands."""

    index = staticmethod(index)
    shared: ClassVar[tuple[str, ...]] = (*shared.SHARED, "version", "db")


def _version(value: bool) -> None:
    if value:
        from cloudmux_py import __version__

        typer.echo(__version__)
        raise typer.Exit


def options(
    ctx: typer.Context,
    db: Annotated[
        str, typer.Option("--db", callback=remember, envvar="CLIMC_DB", metavar="FILE", help="The cache.")
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
    """Manage a local cache of the resources of many cloud accounts."""


def command() -> Any:
    """The Typer group."""
    app = typer.Typer(
        name="climc", cls=Program, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
    )
    app.callback()(options)
    return typer.main.get_command(app)
