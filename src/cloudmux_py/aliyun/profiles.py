"""Profiles of aliyun-cli. Source: its ``config/profile.go`` (``~/.aliyun/config.json``)."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cloudmux_py.cloudprovider.errors import AuthFailed, UsageError
from cloudmux_py.credentials.files import read_json, text
from cloudmux_py.credentials.keys import AssumeRole, Credentials, checked

from .config import CONFIG

METADATA = "http://100.100.100.200"
"""Alibaba Cloud's instance metadata service."""


def load(profile: str, home: Path, environ: Mapping[str, str]) -> Credentials | None:
    """Keys of a profile; of the current one where none is named.

    Returns:
        None where no profile was named and there is no file.

    Raises:
        UsageError: The profile does not exist, or its mode cannot be used here.
        AuthFailed: The file cannot be read.
    """
    file = CONFIG.file(home)
    config = read_json(file)
    if config is None:
        if profile:
            raise UsageError(f"no profile {profile!r}: {file} does not exist")
        return None
    name = profile or environ.get("ALIBABA_CLOUD_PROFILE", "") or text(config, "current") or "default"
    listed = config.get("profiles")
    profiles = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    found = [item for item in profiles if item.get("name") == name]
    if not found:
        names = ", ".join(str(item.get("name")) for item in profiles)
        raise UsageError(f"no profile {name!r} in {file}; there are: {names}")
    values = found[0]
    mode = text(values, "mode") or "AK"
    reader = MODES.get(mode)
    source = f"profile {name!r} of {file}"
    if reader is None:
        raise UsageError(f"{source} is of mode {mode}, which is not supported; supported: {', '.join(MODES)}")
    keys = reader(values, source)
    return keys._replace(region=text(values, "region_id"), source=source) if keys.access_key else None


def _access_key(values: Mapping[str, Any], source: str) -> Credentials:
    access_key = checked(text(values, "access_key_id"), f"key of {source}")
    return Credentials("aliyun", access_key, checked(text(values, "access_key_secret"), f"secret of {source}"))


def _sts_token(values: Mapping[str, Any], source: str) -> Credentials:
    return _access_key(values, source)._replace(token=text(values, "sts_token"))


def _ram_role(values: Mapping[str, Any], source: str) -> Credentials:
    session = text(values, "ram_session_name") or "cloudmux-py"
    duration = values.get("expired_seconds")
    role = AssumeRole(text(values, "ram_role_arn"), session, duration if isinstance(duration, int) else 3600)
    return _sts_token(values, source)._replace(role=role)


def _ecs_role(values: Mapping[str, Any], source: str) -> Credentials:
    """Ask the metadata service for the keys of the machine's role."""
    from http.client import HTTPException
    from urllib.error import URLError
    from urllib.request import ProxyHandler, Request, build_opener

    opener = build_opener(ProxyHandler({}))
    base = f"{METADATA}/latest"
    try:
        ask = Request(f"{base}/api/token", method="PUT", headers={"X-aliyun-ecs-metadata-token-ttl-seconds": "300"})
        token = opener.open(ask, timeout=2).read().decode()
        header = {"X-aliyun-ecs-metadata-token": token}
        path = f"{base}/meta-data/ram/security-credentials/"
        role = text(values, "ram_role_name") or opener.open(Request(path, headers=header), timeout=2).read().decode()
        answer = json.load(opener.open(Request(path + role, headers=header), timeout=2))
        keys = (answer["AccessKeyId"], answer["AccessKeySecret"], answer["SecurityToken"])
    except (URLError, OSError, ValueError, RecursionError, HTTPException) as error:
        raise AuthFailed(f"{source}: the metadata service of this machine gives no keys ({error})") from None
    except (KeyError, TypeError):
        raise AuthFailed(f"{source}: the metadata service of this machine answers without keys") from None
    access_key, secret, token = (checked(str(key), f"answer for {source}") for key in keys)
    return Credentials("aliyun", access_key, secret, token)


def _external(values: Mapping[str, Any], source: str) -> Credentials:
    """Run the profile's command, without a shell; it prints a profile as JSON."""
    import shlex
    import subprocess

    try:
        command = shlex.split(text(values, "process_command"))
        if not command:
            raise ValueError("empty")
        done = subprocess.run(command, capture_output=True, timeout=60, check=True, text=True)
        answer = json.loads(done.stdout)
    except (OSError, ValueError, RecursionError, subprocess.SubprocessError):
        raise AuthFailed(f"{source}: its process_command gave no keys") from None
    mode = text(answer, "mode") if isinstance(answer, dict) else ""
    if mode not in {"AK", "StsToken"}:
        raise AuthFailed(f"{source}: its process_command answered mode {mode!r}; AK and StsToken are known")
    return _sts_token(answer, source)


MODES: dict[str, Callable[[Mapping[str, Any], str], Credentials]] = {
    "AK": _access_key,
    "StsToken": _sts_token,
    "RamRoleArn": _ram_role,
    "EcsRamRole": _ecs_role,
    "External": _external,
}
