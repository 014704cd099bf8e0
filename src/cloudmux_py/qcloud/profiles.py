"""Profiles of tccli: ``<profile>.credential`` and ``<profile>.configure``.

Source: tencentcloud-cli ``tccli/configure.py``.
"""

from collections.abc import Mapping
from pathlib import Path

from cloudmux_py.cloudprovider.errors import UsageError
from cloudmux_py.credentials.files import read_json, text
from cloudmux_py.credentials.keys import Credentials, checked

from .config import CONFIG


def load(profile: str, home: Path, environ: Mapping[str, str]) -> Credentials | None:
    """Plain keys of a profile; of the vendor's current one where none is named.

    Returns:
        None where no profile was named and there is no file.

    Raises:
        UsageError: The profile does not exist, or its kind cannot be used here.
        AuthFailed: The file cannot be read.
    """
    profile = profile or environ.get("TCCLI_PROFILE", "")
    name = profile or "default"
    if "/" in name or name.startswith("."):
        raise UsageError(f"{name!r} is no profile name")
    file = CONFIG.file(home).with_name(f"{name}.credential")
    values = read_json(file)
    if values is None:
        if profile:
            raise UsageError(f"no profile {profile!r}: {file} does not exist")
        return None
    source = f"profile {name!r} of {file.parent}"
    kind = text(values, "type")
    if kind not in {"", "default"} or text(values, "role-arn"):
        what = kind or "role"
        raise UsageError(f"{source} is of kind {what}, which is not supported; only plain keys are")
    if not text(values, "secretId"):
        return None
    keys = (
        checked(text(values, "secretId"), f"key of {source}"),
        checked(text(values, "secretKey"), f"secret of {source}"),
    )
    settings = read_json(file.with_suffix(".configure")) or {}
    system = settings.get("_sys_param")
    region = text(system, "region") if isinstance(system, dict) else ""
    return Credentials("qcloud", *keys, text(values, "token"), region=region, source=source)
