"""Profiles of the AWS command line: botocore reads ``~/.aws``, with all that it knows of roles and single sign-on."""

from collections.abc import Mapping
from pathlib import Path

from cloudmux_py.cloudprovider.errors import AuthFailed, UsageError
from cloudmux_py.credentials.keys import Credentials

from .config import CONFIG

ELSEWHERE = ("env", "container-role", "iam-role")
"""What botocore would try beside the files: the environment is read before, and no machine is asked for its role."""


def load(profile: str, home: Path, environ: Mapping[str, str]) -> Credentials | None:
    """Keys of a profile; of ``default`` where none is named.

    A profile of a role or of single sign-on is exchanged for temporary keys once; they are not renewed.

    Returns:
        None where no profile was named and the files have no keys.

    Raises:
        UsageError: The named profile does not exist, or has no keys.
        AuthFailed: The files cannot be read, or the exchange failed.
    """
    from botocore.exceptions import BotoCoreError, ClientError, ProfileNotFound

    keys = Path(environ.get("AWS_SHARED_CREDENTIALS_FILE") or CONFIG.file(home))
    config = Path(environ.get("AWS_CONFIG_FILE") or keys.with_name("config"))
    profile = profile or environ.get("AWS_PROFILE", "")
    source = f"profile {profile or 'default'!r} of {keys.parent}"
    try:
        found = _keys(profile or "default", keys, config)
    except ProfileNotFound:
        found = None
    except (BotoCoreError, ClientError) as error:
        raise AuthFailed(f"{source}: {error}") from None
    if found is None and profile:
        raise UsageError(f"no profile {profile!r} that gives keys in {keys} or {config}")
    return found._replace(source=source) if found else None


def _keys(profile: str, keys: Path, config: Path) -> Credentials | None:
    import botocore.session

    files = {"credentials_file": (None, None, str(keys), None), "config_file": (None, None, str(config), None)}
    session = botocore.session.Session(profile=profile, session_vars=files)
    region = session.get_scoped_config().get("region", "")
    chain = session.get_component("credential_provider")
    for provider in ELSEWHERE:
        chain.remove(provider)
    found = chain.load_credentials()
    if not found:
        return None
    frozen = found.get_frozen_credentials()
    return Credentials("aws", frozen.access_key, frozen.secret_key, frozen.token or "", region=region)
