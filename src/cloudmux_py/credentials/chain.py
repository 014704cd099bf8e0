"""The chain: flags, then the environment, then the vendors' profile files; a named profile beats the environment.

Key and secret always come from one place: a pair is never put together from two.
"""

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from cloudmux_py.cloudprovider.config import check_provider, config_of, installed, providers
from cloudmux_py.cloudprovider.errors import MissingCredentials

from .keys import Credentials, checked


def resolve(
    provider: str,
    *,
    access_key: str = "",
    secret: str = "",
    token: str = "",
    region: str = "",
    endpoint: str = "",
    profile: str = "",
    environ: Mapping[str, str] | None = None,
    home: Path | None = None,
) -> Credentials:
    """Keys of a provider, from the first place that has them.

    Args:
        provider: Such as ``aliyun``.
        access_key: As a flag gives it.
        secret: As a flag gives it.
        token: As a flag gives it.
        region: As a flag gives it.
        endpoint: As a flag gives it; the environment's otherwise.
        profile: A profile of the vendor's own command line, asked for by name.
        environ: Instead of the process's environment.
        home: Instead of the home folder.

    Raises:
        MissingCredentials: No keys, or half a pair, were found; says where was looked.
        UsageError: There is no such provider, it needs an extra that is not installed, or the profile cannot be used.
    """
    check_provider(provider)
    environ = os.environ if environ is None else environ
    home = home or Path.home()
    found = _from_flags(provider, access_key, secret, token)
    if not found and profile:
        found = _from_profile(provider, profile, home, environ)
    found = found or _from_environment(provider, environ) or _from_profile(provider, "", home, environ)
    if not found:
        raise MissingCredentials(_how_to(provider))
    return found._replace(
        region=region or _region(provider, environ) or found.region,
        endpoint=endpoint or environ.get(config_of(provider).endpoint, "").strip(),
    )


def available(environ: Mapping[str, str] | None = None, home: Path | None = None) -> dict[str, str]:
    """The providers that have credentials, and where; the files are looked for, not followed."""
    environ = os.environ if environ is None else environ
    found = {}
    for provider in providers():
        if not installed(provider):
            continue
        known = config_of(provider)
        names = (names.access_key for names in known.environment)
        named = next((name for name in names if environ.get(name, "").strip()), "")
        file = known.file(home or Path.home())
        if named:
            found[provider] = f"environment {named}"
        elif file.exists():
            found[provider] = str(file)
    return found


def _from_flags(provider: str, access_key: str, secret: str, token: str) -> Credentials | None:
    if not access_key and not secret:
        return None
    if not access_key or not secret:
        missing = "secret" if access_key else "access key"
        raise MissingCredentials(f"the {missing} is missing: key and secret must come from the same place")
    keys = (checked(access_key, "access key"), checked(secret, "secret"), token.strip())
    return Credentials(provider, *keys, source="flags")


def _from_environment(provider: str, environ: Mapping[str, str]) -> Credentials | None:
    for names in config_of(provider).environment:
        access_key, secret = (environ.get(name, "").strip() for name in (names.access_key, names.secret))
        if not access_key and not secret:
            continue
        if not access_key or not secret:
            missing = names.secret if access_key else names.access_key
            raise MissingCredentials(f"{missing} is not set: key and secret must come from the same place")
        source = f"environment {names.access_key}"
        token = environ.get(names.token, "").strip()
        return Credentials(
            provider, checked(access_key, names.access_key), checked(secret, names.secret), token, source=source
        )
    return None


def _region(provider: str, environ: Mapping[str, str]) -> str:
    regions = (environ.get(names.region, "").strip() for names in config_of(provider).environment)
    return next(filter(None, regions), "")


def _from_profile(provider: str, profile: str, home: Path, environ: Mapping[str, str]) -> Credentials | None:
    found = import_module(f"cloudmux_py.{provider}.profiles").load(profile, home, environ)
    assert found is None or isinstance(found, Credentials)
    return found


def _how_to(provider: str) -> str:
    known = config_of(provider)
    names, file = known.environment[0], known.file(Path("~"))
    return f"no credentials for {provider}: set {names.access_key} and {names.secret}, or configure {file}"
