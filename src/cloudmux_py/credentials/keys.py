"""Keys of an account; they never show themselves."""

from typing import NamedTuple

from cloudmux_py.cloudprovider.errors import AuthFailed


class AssumeRole(NamedTuple):
    """A role that the keys are exchanged for.

    Attributes:
        arn: The role.
        session_name: Name of the session, as audit logs show it.
        duration: Seconds that the exchanged keys live.
    """

    arn: str
    session_name: str
    duration: int = 3600


class Credentials(NamedTuple):
    """Keys, and what came with them.

    Attributes:
        provider: ``aliyun`` or ``qcloud``.
        access_key: Access key id (SecretId).
        secret: Its secret.
        token: Security token of temporary keys.
        region: Region that the same source names.
        endpoint: Base URL for every API, if one was given.
        source: Where the keys came from, for ``--debug``.
        role: What they must be exchanged for first, or None.
    """

    provider: str
    access_key: str
    secret: str
    token: str = ""
    region: str = ""
    endpoint: str = ""
    source: str = ""
    role: AssumeRole | None = None

    def __repr__(self) -> str:
        return f"<Credentials {self.provider} {self.access_key[:4]}… from {self.source or 'code'}>"

    def __str__(self) -> str:
        return repr(self)


def checked(value: str, what: str) -> str:
    """A key without stray white space.

    Raises:
        AuthFailed: It holds what no key can, as a cut or badly pasted one does.
    """
    clean = value.strip()
    if not clean.isascii() or not clean.isprintable() or " " in clean:
        raise AuthFailed(f"the {what} holds characters that no key has; was it pasted whole?")
    return clean
