"""``climc cloud-account-*``."""

from collections.abc import Mapping
from typing import Any

import typer

from cloudmux_py.cloudprovider.config import config_of
from cloudmux_py.cloudprovider.errors import MissingCredentials, UsageError
from cloudmux_py.console import debug, permissions
from cloudmux_py.console.argv import hide
from cloudmux_py.console.commands import Command, named, with_words
from cloudmux_py.console.output import Listing, check_columns, show_list, show_object
from cloudmux_py.console.permit import permit
from cloudmux_py.console.rules import Act, escaped
from cloudmux_py.console.settings import Settings, settings
from cloudmux_py.console.terminal import ask_secret, can_ask, confirm, note
from cloudmux_py.console.text import mention
from cloudmux_py.credentials import Credentials, resolve
from cloudmux_py.engine.probing import Answer, probe
from cloudmux_py.resources import resource_type

from ..errors import Refused
from ..models import account as accounts
from ..models import purge
from ..models import row as rows
from ..models.account import Account
from ..models.connection import check_identity, cloud, keys
from ..secrets import forget, key_in_use, seal
from ..store.database import Database
from ..sync.lock import locked
from .session import chosen_account, permit_listed, reading, writing

LIST = ["id", "name", "enabled", "status", "brand", "cloud_account_id", "read_only", "last_sync", "last_error"]
PURGED = ["id", "name", "purged"]


def _settings(ctx: typer.Context) -> Settings:
    """The settings of a command that changes an account and shows it: wrong columns are refused before."""
    chosen = settings(ctx)
    check_columns(chosen, accounts.COLUMNS)
    return chosen


def _types(words: list[str]) -> list[str]:
    return [resource_type(word).keyword for word in words]


# Adding an account, and changing its keys.


class Given:
    """Keys as a command got them: words, flags, stdin, or none."""

    def __init__(self, provider: str, words: Mapping[str, str], profile: str, from_stdin: bool) -> None:
        given = {word.holds: words[word.name] for word in config_of(provider).words}
        self.access_key = given["access_key"]
        self.secret = given["secret"]
        self.profile = profile
        if self.secret:
            hide(self.secret)
            note("warning: a secret on the command line shows in the process list; leave it out to be asked")
        if from_stdin:
            import sys

            self.secret = sys.stdin.readline().strip()

    def resolve(self, provider: str, settings: Settings, endpoint: str) -> Credentials:
        """Keys from words, environment, profile, or a hidden prompt."""
        if self.access_key and not self.secret:
            self.secret = ask_secret(f"Secret of {self.access_key}", settings)
        try:
            return resolve(
                provider,
                access_key=self.access_key,
                secret=self.secret,
                endpoint=endpoint,
                profile=self.profile,
            )
        except MissingCredentials:
            if not can_ask(settings):
                raise
            key = ask_secret("Access key id", settings)
            return resolve(provider, access_key=key, secret=ask_secret("Secret", settings), endpoint=endpoint)


def _create(ctx: typer.Context, provider: str, account: Account, given: Given, dry_run: bool, keyring: bool) -> None:
    import uuid

    chosen = _settings(ctx)
    credentials = given.resolve(provider, chosen, account.endpoint)
    account.id, account.endpoint = str(uuid.uuid4()), credentials.endpoint
    live = cloud(account, credentials)

    def names() -> list[str]:
        return [account.name, live.caller_identity().account_id]

    permit(chosen, [Act(chosen.type, chosen.verb, provider, names)], [account.name], dry_run=dry_run)
    identity = live.caller_identity()
    account.cloud_account_id, account.user_id = identity.account_id, identity.user_id
    for region in account.regions:
        live.check_region(region)
    if dry_run:
        note(f"the keys work: {identity.kind} of account {identity.account_id}; nothing was stored")
        return
    with writing(chosen) as database, key_in_use():
        vars(account).update(_stored_keys(account, credentials, given, keyring))
        try:
            added = accounts.add(database, account)
        except Refused:
            forget(account.id, account.secret)
            raise
    show_object(chosen, added.to_dict())


def _stored_keys(account: Account, credentials: Credentials, given: Given, keyring: bool) -> dict[str, str]:
    """What the cache holds of keys: the profile's name, or the key id and what is sealed."""
    stored = {"profile": given.profile, "access_key": "", "secret": "", "token": ""}
    if not given.profile:
        stored["access_key"] = credentials.access_key
        stored["secret"] = seal(account.id, credentials.secret, keyring=keyring)
        stored["token"] = seal(account.id, credentials.token) if credentials.token else ""
    return stored


_SKIP: Any = typer.Option([], "--skip-sync-resources", metavar="TYPE", help="Leave this type out of syncs.")
_REGIONS: Any = typer.Option([], "--region-id", metavar="REGION", help="Sync this region alone; all without it.")
_ENDPOINT = typer.Option("", metavar="URL", help="Base URL for every API, instead of the cloud's hosts.")
_HTTP = typer.Option(False, "--allow-http", help="Accept a plain http endpoint on another machine.")
_PROFILE = typer.Option("", help="Use this profile of the vendor's own command line; no key is stored.")
_STDIN = typer.Option(False, "--secret-stdin", help="Read the secret from stdin.")
_KEYRING = typer.Option(False, "--keyring", help="Keep the secret in the system's keyring.")
_READ_ONLY = typer.Option(False, "--read-only", help="Never change anything in this cloud.")
_DISABLED = typer.Option(False, "--disabled", help="Add it disabled.")
_UNLOCKED = typer.Option(False, "--no-delete-lock", help="New rows are not locked against deletion.")
_DRY = typer.Option(False, "--dry-run", help="Try the keys, and store nothing.")
_DESC = typer.Option("", "--desc", help="Your own words.")
_ID = typer.Argument(metavar="ID", help="The account, by id or name.")


def create_command(provider: str) -> Command:
    """The command ``cloud-account-create-<provider>``."""

    def run(
        ctx: typer.Context,
        name: str = typer.Argument(metavar="NAME", help="Name of the account, here."),
        endpoint: str = _ENDPOINT,
        allow_http: bool = _HTTP,
        region_id: list[str] = _REGIONS,
        profile: str = _PROFILE,
        secret_stdin: bool = _STDIN,
        keyring: bool = _KEYRING,
        read_only: bool = _READ_ONLY,
        disabled: bool = _DISABLED,
        skip: list[str] = _SKIP,
        no_delete_lock: bool = _UNLOCKED,
        dry_run: bool = _DRY,
        desc: str = _DESC,
        **words: str,
    ) -> None:
        account = Account(
            name=name,
            provider=provider,
            cloud_account_id="",
            endpoint=endpoint,
            allow_http=allow_http,
            regions=region_id,
            read_only=read_only,
            enabled=not disabled,
            skip_resources=_types(skip),
            no_delete_lock=no_delete_lock,
            description=desc,
        )
        _create(ctx, provider, account, Given(provider, words, profile, secret_stdin), dry_run, keyring)

    doc = "Its keys are tried against the cloud before anything is stored."
    return named(_with_keys(run, provider), f"Add an account of {config_of(provider).title}. {doc}")


def update_credential_command(provider: str) -> Command:
    """The command ``cloud-account-update-credential-<provider>``."""

    def run(
        ctx: typer.Context,
        id: str = _ID,
        profile: str = _PROFILE,
        secret_stdin: bool = _STDIN,
        keyring: bool = _KEYRING,
        **words: str,
    ) -> None:
        _update_credential(ctx, provider, id, Given(provider, words, profile, secret_stdin), keyring)

    doc = "Change an account's keys, once they proved to belong to the same cloud account."
    return named(_with_keys(run, provider), doc)


def _with_keys(run: Command, provider: str) -> Command:
    return with_words(run, {word.name: word.help for word in config_of(provider).words})


def _update_credential(ctx: typer.Context, provider: str, id: str, given: Given, keyring: bool) -> None:
    chosen = _settings(ctx)
    with writing(chosen) as database:
        account = _of(chosen, database, id, provider)
        credentials = given.resolve(provider, chosen, account.endpoint)._replace(endpoint=account.endpoint)
        check_identity(account, cloud(account, credentials))
        with key_in_use():
            changed = accounts.update(database, account, _stored_keys(account, credentials, given, keyring))
        if changed.secret != account.secret:
            forget(account.id, account.secret)
        show_object(chosen, changed.to_dict())


# Changing an account otherwise.


def _of(chosen: Settings, database: Database, id: str, provider: str) -> Account:
    account, _ = chosen_account(chosen, database, id)
    if account.provider != provider:
        raise UsageError(f"account {account.name} is of {account.brand}")
    return account


def update_command(provider: str) -> Command:
    """The command ``cloud-account-update-<provider>``."""

    def run(
        ctx: typer.Context,
        id: str = _ID,
        name: str = typer.Option("", help="New name."),
        desc: str = typer.Option(None, "--desc", help="Your own words."),
        read_only: bool = typer.Option(None, "--read-only/--no-read-only", help="Never change anything in this cloud."),
        region_id: list[str] = _REGIONS,
        all_regions: bool = typer.Option(False, "--all-regions", help="Lift the limit to some regions."),
        skip: list[str] = _SKIP,
        all_resources: bool = typer.Option(False, "--all-resources", help="Skip no type any more."),
    ) -> None:
        if (region_id and all_regions) or (skip and all_resources):
            raise UsageError("a limit cannot be set and lifted at once")
        regions = [] if all_regions else region_id or None
        skipped = [] if all_resources else _types(skip) or None
        _update(ctx, provider, id, name, desc, read_only, regions, skipped)

    return named(run, f"Change an account of {config_of(provider).title}, here.")


def _update(
    ctx: typer.Context,
    provider: str,
    id: str,
    name: str,
    desc: str | None,
    read_only: bool | None,
    regions: list[str] | None,
    skip: list[str] | None,
) -> None:
    chosen = _settings(ctx)
    given = {
        "name": name or None,
        "description": desc,
        "read_only": read_only,
        "regions": regions,
        "skip_resources": skip,
    }
    changes = {key: value for key, value in given.items() if value is not None}
    with writing(chosen) as database:
        account = _of(chosen, database, id, provider)
        if regions:
            live = cloud(account)
            for region in regions:
                live.check_region(region)
        changed = accounts.update(database, account, changes)
    for rule in escaped(provider, account.names, changed.names):
        id = account.cloud_account_id
        note(f"warning: {rule} was about account {account.name}, and is not any more; {id} would name it for good")
    show_object(chosen, changed.to_dict())


def account_enable(ctx: typer.Context, id: str = _ID) -> None:
    """Enable an account."""
    _switch(ctx, id, True)


def account_disable(ctx: typer.Context, id: str = _ID) -> None:
    """Disable an account: it is not synced, and nothing in its cloud can be changed from here."""
    _switch(ctx, id, False)


def _switch(ctx: typer.Context, id: str, enabled: bool) -> None:
    chosen = _settings(ctx)
    with writing(chosen) as database:
        account, _ = chosen_account(chosen, database, id)
        action = "enable" if enabled else "disable"
        show_object(chosen, accounts.update(database, account, {"enabled": enabled}, action).to_dict())


# Looking, trying, forgetting.


def account_list(ctx: typer.Context) -> None:
    """List the accounts."""
    chosen = settings(ctx)
    with reading(chosen) as database:
        found = accounts.accounts(database)
    permit_listed(chosen, lambda: found)
    rows = [account.to_dict() for account in found]
    show_list(chosen, Listing(rows, accounts.COLUMNS, LIST, "id", total=len(rows)))


def account_show(ctx: typer.Context, id: str = _ID) -> None:
    """Show one account."""
    chosen = settings(ctx)
    with reading(chosen) as database:
        show_object(chosen, chosen_account(chosen, database, id)[0].to_dict())


def account_test(ctx: typer.Context, id: str = _ID) -> None:
    """Try an account's keys against its cloud; nothing is stored."""
    chosen = settings(ctx)
    with reading(chosen) as database:
        account, _ = chosen_account(chosen, database, id)
    debug.start()
    live = cloud(account, keys(account))
    check_identity(account, live)
    show_object(chosen, live.caller_identity()._asdict(), "account_id")


def account_policy(
    ctx: typer.Context,
    id: str = _ID,
    purpose: str = permissions.FOR,
    resources: list[str] = permissions.RESOURCES,
    check: bool = permissions.CHECK,
    region: str = typer.Option("", "--region", help="Where --check tries; the account's first region without it."),
) -> None:
    """Print the policy with the least permissions for an account, or try which of them it has."""
    chosen = settings(ctx)
    wanted, types = permissions.purpose_of(purpose), permissions.types_of(resources)
    if check:
        check_columns(chosen, Answer._fields)
    with reading(chosen) as database:
        account, _ = chosen_account(chosen, database, id)
        if not check:
            permissions.show_policy(chosen, account.provider, wanted, types)
            return
        debug.start()
        live = cloud(account)
        check_identity(account, live)
        where = live.region(region or next(iter(account.regions), live.home_region))
        answers = probe(where, types, wanted, lambda row: rows.some_id(database, row, account, where.id))
    permissions.show_answers(chosen, account.provider, answers)


def account_delete(
    ctx: typer.Context,
    id: str = _ID,
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would be forgotten, and do nothing."),
) -> None:
    """Forget a disabled account and all its rows. No cloud is asked: everything there stays."""
    chosen = settings(ctx)
    check_columns(chosen, PURGED)
    with writing(chosen) as database:
        account, confirmed = chosen_account(chosen, database, id, dry_run=dry_run)
        if account.enabled:
            raise Refused(f"account {account.name} is enabled; climc cloud-account-disable {account.id} first")
        if dry_run:
            note(f"would forget account {account.name} and its rows; its cloud would keep everything")
            return
        if not confirm(f"Forget account {mention(account.name)} and all its rows?", chosen, yes=yes or confirmed):
            raise Refused("nothing was forgotten")
        with locked(database, [account], wait=False):
            count = purge.purge_account(database, account)
            forget(account.id, account.secret)
    show_object(chosen, dict(zip(PURGED, (account.id, account.name, count), strict=True)))
