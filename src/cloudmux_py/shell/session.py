"""The account and region that a command talks to, from its options, the environment and the vendors' profiles."""

import logging
from typing import Any

from cloudmux_py import connect
from cloudmux_py.cloudprovider.errors import MissingCredentials, UsageError
from cloudmux_py.console import debug
from cloudmux_py.console.settings import Settings
from cloudmux_py.credentials import Credentials, available, resolve
from cloudmux_py.engine.account import Account
from cloudmux_py.engine.region import Region

log = logging.getLogger("cloudmux_py")


def provider_name(settings: Settings) -> str:
    """The cloud: as given, or the only one that has credentials."""
    given = str(settings.values.get("provider") or "")
    if given:
        return given
    found = available()
    if not found:
        raise MissingCredentials("no credentials for any cloud: give --provider and keys, or set ALIYUN_ACCESS_KEY …")
    if len(found) > 1:
        places = ", ".join(f"{name} ({place})" for name, place in found.items())
        raise UsageError(f"there are credentials for {places}: choose one with --provider")
    return next(iter(found))


def keys(settings: Settings) -> Credentials:
    """The credentials, from the first place that has them."""

    def given(name: str) -> str:
        return str(settings.values.get(name) or "")

    if secret := given("secret"):
        from cloudmux_py.console.argv import hide

        hide(secret)
    found = resolve(
        provider_name(settings),
        access_key=given("access_key"),
        secret=given("secret"),
        region=given("region"),
        endpoint=given("endpoint"),
        profile=given("profile"),
    )
    log.debug("credentials: %r", found)
    return found


def account(settings: Settings, credentials: Credentials | None = None) -> Account[Any]:
    """The account; no call is made yet."""
    debug.start()
    return connect(
        (credentials or (credentials := keys(settings))).provider,
        credentials=credentials,
        timeout=float(settings.values.get("timeout") or 60.0),
        allow_http=bool(settings.values.get("allow_http")),
    )


def region(settings: Settings) -> Region:
    """The region; no call is made yet.

    Raises:
        UsageError: None was named anywhere.
    """
    credentials = keys(settings)
    if not credentials.region:
        raise UsageError("no region: give --region, or --all-regions where a command has it; region-list shows them")
    return account(settings, credentials).region(credentials.region)
