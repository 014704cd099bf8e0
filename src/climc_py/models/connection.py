"""From an account of the cache to its cloud, and the check that it is still the same one."""

from pathlib import Path
from typing import Any

from cloudmux_py import connect as connect_cloud
from cloudmux_py.cloudprovider.errors import MissingCredentials, UsageError
from cloudmux_py.credentials import Credentials, resolve
from cloudmux_py.engine.account import Account as Cloud

from ..errors import IdentityMismatch
from ..secrets import unseal
from ..store.database import Database
from . import account as accounts
from .account import Account

TIMEOUT = 60.0


def reference(database: Database, account: Account) -> str:
    """An account as a text without secrets: the cache's path and its id."""
    return f"{account.id}@{database.path}"


def connect(text: str) -> Cloud[Any]:
    """The cloud behind a reference.

    Raises:
        SecretError: The stored secret cannot be read.
    """
    id, _, path = text.partition("@")
    with Database.read(Path(path)) as database:
        return cloud(accounts.find(database, id))


def keys(account: Account) -> Credentials:
    """The keys that were stored, or those of the profile that was named; the environment is not read."""
    if account.profile:
        try:
            found = resolve(account.provider, profile=account.profile, endpoint=account.endpoint, environ={})
        except UsageError as error:  # right when it was given, and gone since
            raise MissingCredentials(f"account {account.name}: {error}") from None
        return found._replace(endpoint=account.endpoint)
    return Credentials(
        account.provider,
        account.access_key,
        unseal(account.id, account.secret),
        unseal(account.id, account.token) if account.token else "",
        endpoint=account.endpoint,
        source=f"account {account.name}",
    )


def cloud(account: Account, credentials: Credentials | None = None) -> Cloud[Any]:
    """The cloud of an account; no call is made yet.

    Its regions tell a cloud of several partitions, as AWS is, which one it is in.
    """
    found = credentials or keys(account)
    if account.regions:
        found = found._replace(region=account.regions[0])
    return connect_cloud(
        account.provider,
        credentials=found,
        timeout=TIMEOUT,
        allow_http=account.allow_http,
        read_only=account.read_only,
    )


def caller(live: Cloud[Any]) -> dict[str, str]:
    """Who asks, as part of a proof: another caller might be shown less."""
    found = live.caller_identity()
    return {"account_id": found.account_id, "user_id": found.user_id}


def check_identity(account: Account, live: Cloud[Any]) -> None:
    """Hold the caller's cloud account against the one that the rows belong to.

    Raises:
        IdentityMismatch: They differ: nothing may be compared.
    """
    found = live.caller_identity().account_id
    if found != account.cloud_account_id:
        raise IdentityMismatch(
            f"account {account.name}: its keys belong to {account.brand} account {found}, its rows to"
            f" {account.cloud_account_id}; nothing was compared or changed"
        )
