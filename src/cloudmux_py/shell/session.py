"""The account and region that a command talks to, from its options, the environment and the vendors' profiles."""

import logging
from collections.abc import Sequence
from typing import Any

from cloudmux_py import connect
from cloudmux_py.cloudprovider.errors import MissingCredentials, UsageError
from cloudmux_py.console import debug
from cloudmux_py.console.permit import permit, phrases_of
from cloudmux_py.console.rules import Act
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
    """The account, for a command about no single resource that the user's rules allow; no call is made yet."""
    live = connected(settings, credentials)
    permit(settings, [act(settings, live)], [settings.type.replace("_", "-")])
    return live


def act(settings: Settings, live: Account[Any]) -> Act:
    """What the command does, as the user's rules see it; whose keys these are is asked only if a rule depends on it."""

    def names() -> list[str]:
        profile = str(settings.values.get("profile") or "")
        return [name for name in (profile, live.caller_identity().account_id) if name]

    return Act(settings.type, settings.verb, live.name, names)


def connected(settings: Settings, credentials: Credentials | None = None) -> Account[Any]:
    """The account, which the user's rules are still to be asked about; no call is made yet."""
    debug.start()
    return connect(
        (credentials or (credentials := keys(settings))).provider,
        credentials=credentials,
        timeout=float(settings.values.get("timeout") or 60.0),
        allow_http=bool(settings.values.get("allow_http")),
        read_only=bool(settings.values.get("read_only")),
    )


def region(settings: Settings, ids: Sequence[str] = (), *, dry_run: bool = False) -> tuple[Region, bool]:
    """The region, for a command that the user's rules allow; no call is made yet.

    Args:
        settings: Of the command.
        ids: What it is about.
        dry_run: It only tells what it would do.

    Returns:
        The region, and whether what it does was confirmed by typing.

    Raises:
        Refused: A rule denies it.
        UsageError: No region was named anywhere.
    """
    credentials = keys(settings)
    if not credentials.region:
        raise UsageError("no region: give --region, or --all-regions where a command has it; region-list shows them")
    live = connected(settings, credentials)
    phrases = phrases_of([[id] for id in ids]) if ids else [settings.type.replace("_", "-")]
    confirmed = permit(settings, [act(settings, live)], phrases, dry_run=dry_run)
    return live.region(credentials.region), confirmed
