"""The vendors' own profile files: only read, tolerantly, and never taken for what they are not.

Sources: aliyun-cli ``config/profile.go`` (``~/.aliyun/config.json``) and tencentcloud-cli ``tccli/configure.py``
(``~/.tccli/<profile>.credential`` and ``<profile>.configure``).
"""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cloudmux_py.cloudprovider.errors import AuthFailed, UsageError

from .keys import AssumeRole, Credentials, checked

TRIES = 4
PAUSE = 0.05
METADATA = "http://100.100.100.200"
"""Alibaba Cloud's instance metadata service."""


def aliyun_file(home: Path) -> Path:
    """aliyun-cli's file."""
    return home / ".aliyun" / "config.json"


def tccli_file(home: Path, profile: str = "default") -> Path:
    """The credential file of a tccli profile."""
    return home / ".tccli" / f"{profile}.credential"


FILES: dict[str, Callable[[Path], Path]] = {"aliyun": aliyun_file, "qcloud": tccli_file}


def load(provider: str, profile: str, home: Path, environ: Mapping[str, str]) -> Credentials | None:
    """Keys of a profile; of the vendor's current one where none is named.

    Returns:
        None where no profile was named and there is no file.

    Raises:
        UsageError: The named profile does not exist, or its kind cannot be used here.
        AuthFailed: The file cannot be read.
    """
    if provider == "aliyun":
        return _aliyun(profile, home, environ)
    if provider == "qcloud":
        return _tencent(profile or environ.get("TCCLI_PROFILE", ""), home)
    return None


def _read(file: Path) -> dict[str, Any] | None:
    """A JSON file; one that another process is writing is read again."""
    reason = ""
    for _ in range(TRIES):
        try:
            value = json.loads(file.read_text("utf-8"))
        except FileNotFoundError:
            return None
        except (ValueError, OSError) as error:
            reason = str(error)
            time.sleep(PAUSE)
            continue
        if isinstance(value, dict):
            return value
        reason = "it holds no JSON object"
    raise AuthFailed(f"{file} cannot be read: {reason}")


def _text(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    return value.strip() if isinstance(value, str) else ""


# Alibaba Cloud.


def _aliyun(profile: str, home: Path, environ: Mapping[str, str]) -> Credentials | None:
    file = aliyun_file(home)
    config = _read(file)
    if config is None:
        if profile:
            raise UsageError(f"no profile {profile!r}: {file} does not exist")
        return None
    name = profile or environ.get("ALIBABA_CLOUD_PROFILE", "") or _text(config, "current") or "default"
    listed = config.get("profiles")
    found = [item for item in listed or [] if isinstance(item, dict) and item.get("name") == name]
    if not found:
        names = ", ".join(str(item.get("name")) for item in listed or [] if isinstance(item, dict))
        raise UsageError(f"no profile {name!r} in {file}; there are: {names}")
    values = found[0]
    mode = _text(values, "mode") or "AK"
    reader = MODES.get(mode)
    source = f"profile {name!r} of {file}"
    if reader is None:
        raise UsageError(f"{source} is of mode {mode}, which is not supported; supported: {', '.join(MODES)}")
    keys = reader(values, source)
    return keys._replace(region=_text(values, "region_id"), source=source) if keys.access_key else None


def _access_key(values: Mapping[str, Any], source: str) -> Credentials:
    access_key = checked(_text(values, "access_key_id"), f"key of {source}")
    return Credentials("aliyun", access_key, checked(_text(values, "access_key_secret"), f"secret of {source}"))


def _sts_token(values: Mapping[str, Any], source: str) -> Credentials:
    return _access_key(values, source)._replace(token=_text(values, "sts_token"))


def _ram_role(values: Mapping[str, Any], source: str) -> Credentials:
    session = _text(values, "ram_session_name") or "cloudmux-py"
    duration = values.get("expired_seconds")
    role = AssumeRole(_text(values, "ram_role_arn"), session, duration if isinstance(duration, int) else 3600)
    return _sts_token(values, source)._replace(role=role)


def _ecs_role(values: Mapping[str, Any], source: str) -> Credentials:
    """Ask the metadata service for the keys of the machine's role."""
    from urllib.error import URLError
    from urllib.request import ProxyHandler, Request, build_opener

    opener = build_opener(ProxyHandler({}))
    base = f"{METADATA}/latest"
    try:
        ask = Request(f"{base}/api/token", method="PUT", headers={"X-aliyun-ecs-metadata-token-ttl-seconds": "300"})
        token = opener.open(ask, timeout=2).read().decode()
        header = {"X-aliyun-ecs-metadata-token": token}
        path = f"{base}/meta-data/ram/security-credentials/"
        role = _text(values, "ram_role_name") or opener.open(Request(path, headers=header), timeout=2).read().decode()
        answer = json.load(opener.open(Request(path + role, headers=header), timeout=2))
    except (URLError, OSError, ValueError) as error:
        raise AuthFailed(f"{source}: the metadata service of this machine gives no keys ({error})") from None
    return Credentials("aliyun", answer["AccessKeyId"], answer["AccessKeySecret"], answer["SecurityToken"])


def _external(values: Mapping[str, Any], source: str) -> Credentials:
    """Run the profile's command, without a shell; it prints a profile as JSON."""
    import shlex
    import subprocess

    command = shlex.split(_text(values, "process_command"))
    try:
        done = subprocess.run(command, capture_output=True, timeout=60, check=True, text=True)
        answer = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        raise AuthFailed(f"{source}: its process_command gave no keys") from None
    mode = _text(answer, "mode") if isinstance(answer, dict) else ""
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


# Tencent Cloud.


def _tencent(profile: str, home: Path) -> Credentials | None:
    name = profile or "default"
    if "/" in name or name.startswith("."):
        raise UsageError(f"{name!r} is no profile name")
    file = tccli_file(home, name)
    values = _read(file)
    if values is None:
        if profile:
            raise UsageError(f"no profile {profile!r}: {file} does not exist")
        return None
    source = f"profile {name!r} of {file.parent}"
    kind = _text(values, "type")
    if kind not in {"", "default"} or _text(values, "role-arn"):
        what = kind or "role"
        raise UsageError(f"{source} is of kind {what}, which is not supported; only plain keys are")
    if not _text(values, "secretId"):
        return None
    keys = (
        checked(_text(values, "secretId"), f"key of {source}"),
        checked(_text(values, "secretKey"), f"secret of {source}"),
    )
    settings = _read(home / ".tccli" / f"{name}.configure") or {}
    system = settings.get("_sys_param")
    region = _text(system, "region") if isinstance(system, dict) else ""
    return Credentials("qcloud", *keys, _text(values, "token"), region=region, source=source)
