"""To come."""

from typing import NamedTuple


class Credentials(NamedTuple):
    """Stub."""

    provider: str
    access_key: str
    secret: str
    token: str = ""
    region: str = ""
    endpoint: str = ""


def resolve(provider: str, **k: str) -> Credentials:
    """Stub."""
    return Credentials(provider, k["access_key"], k["secret"], "", "", k["endpoint"])
