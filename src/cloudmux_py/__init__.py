"""List, get and delete resources of several clouds behind one set of interfaces.

Example::

    region = connect("aliyun", access_key="…", secret="…").region("cn-beijing")
    for instance in region.iter_elastic_searchs():
        print(instance.external_id, instance.name)
"""

from typing import TYPE_CHECKING, Any, Literal, overload

from cloudmux_py.cloudprovider.config import check_provider, providers

if TYPE_CHECKING:
    from cloudmux_py.aliyun.provider import Provider as Aliyun
    from cloudmux_py.aws.provider import Provider as Aws
    from cloudmux_py.credentials import Credentials
    from cloudmux_py.engine.account import Account
    from cloudmux_py.qcloud.provider import Provider as Qcloud

__version__ = "0.1.0"

__all__ = ["__version__", "connect", "providers"]


@overload
def connect(
    provider: Literal["aliyun"],
    *,
    access_key: str = "",
    secret: str = "",
    token: str = "",
    endpoint: str = "",
    profile: str = "",
    credentials: "Credentials | None" = None,
    timeout: float = 60.0,
    allow_http: bool = False,
) -> "Aliyun": ...
@overload
def connect(
    provider: Literal["aws"],
    *,
    access_key: str = "",
    secret: str = "",
    token: str = "",
    endpoint: str = "",
    profile: str = "",
    credentials: "Credentials | None" = None,
    timeout: float = 60.0,
    allow_http: bool = False,
) -> "Aws": ...
@overload
def connect(
    provider: Literal["qcloud"],
    *,
    access_key: str = "",
    secret: str = "",
    token: str = "",
    endpoint: str = "",
    profile: str = "",
    credentials: "Credentials | None" = None,
    timeout: float = 60.0,
    allow_http: bool = False,
) -> "Qcloud": ...
@overload
def connect(
    provider: str,
    *,
    access_key: str = "",
    secret: str = "",
    token: str = "",
    endpoint: str = "",
    profile: str = "",
    credentials: "Credentials | None" = None,
    timeout: float = 60.0,
    allow_http: bool = False,
) -> "Account[Any]": ...
def connect(
    provider: str,
    *,
    access_key: str = "",
    secret: str = "",
    token: str = "",
    endpoint: str = "",
    profile: str = "",
    credentials: "Credentials | None" = None,
    timeout: float = 60.0,
    allow_http: bool = False,
) -> "Account[Any]":
    """An account of a cloud; no call is made yet.

    Args:
        provider: One of `providers`.
        access_key: Access key id (SecretId); what is not given comes from the environment or the vendor's profile.
        secret: Its secret.
        token: Security token of temporary keys.
        endpoint: Base URL for every API of the cloud, such as a private gateway's.
        profile: Name of a profile of the vendor's own command line.
        credentials: All of the above, resolved already; then the rest is not read.
        timeout: Seconds for one call with all its repetitions.
        allow_http: Accept a plain http endpoint that is not on this machine.

    Raises:
        UsageError: There is no such provider, it needs an extra that is not installed, or the endpoint is no base
            URL.
        MissingCredentials: No keys were given or found.
    """
    from importlib import import_module

    check_provider(provider)
    if credentials is None:
        from cloudmux_py.credentials import resolve

        credentials = resolve(
            provider, access_key=access_key, secret=secret, token=token, endpoint=endpoint, profile=profile
        )
    kind: type[Account[Any]] = import_module(f"{__name__}.{provider}.provider").Provider
    return kind.connect(credentials, timeout=timeout, allow_http=allow_http)
