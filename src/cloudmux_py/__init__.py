"""List, get and delete resources of several clouds behind one set of interfaces.

Example::

    region = connect("aliyun", access_key="…", secret="…").region("cn-beijing")
    for instance in region.iter_elastic_searchs():
        print(instance.external_id, instance.name)
"""

from typing import TYPE_CHECKING, Any, Literal, TypedDict, overload

from cloudmux_py.cloudprovider.config import check_provider, providers

if TYPE_CHECKING:
    from typing import Unpack

    from cloudmux_py.aliyun.provider import Provider as Aliyun
    from cloudmux_py.aws.provider import Provider as Aws
    from cloudmux_py.credentials import Credentials
    from cloudmux_py.engine.account import Account
    from cloudmux_py.qcloud.provider import Provider as Qcloud

__version__ = "0.1.0"

__all__ = ["Options", "__version__", "connect", "providers"]


class Options(TypedDict, total=False):
    """How to connect; all can be left out.

    Attributes:
        access_key: Access key id (SecretId); what is not given comes from the environment or the vendor's profile.
        secret: Its secret.
        token: Security token of temporary keys.
        endpoint: Base URL for every API of the cloud, such as a private gateway's.
        profile: Name of a profile of the vendor's own command line.
        credentials: All of the above, resolved already; then the rest is not read.
        timeout: Seconds for one call with all its repetitions; 60 by default.
        allow_http: Accept a plain http endpoint that is not on this machine.
        read_only: Refuse every call that would change something in the cloud, before it is signed.
    """

    access_key: str
    secret: str
    token: str
    endpoint: str
    profile: str
    credentials: "Credentials | None"
    timeout: float
    allow_http: bool
    read_only: bool


@overload
def connect(provider: Literal["aliyun"], **options: "Unpack[Options]") -> "Aliyun": ...
@overload
def connect(provider: Literal["aws"], **options: "Unpack[Options]") -> "Aws": ...
@overload
def connect(provider: Literal["qcloud"], **options: "Unpack[Options]") -> "Qcloud": ...
@overload
def connect(provider: str, **options: "Unpack[Options]") -> "Account[Any]": ...
def connect(provider: str, **options: "Unpack[Options]") -> "Account[Any]":
    """An account of a cloud; no call is made yet.

    Args:
        provider: One of `providers`.
        options: As `Options` names them.

    Raises:
        UsageError: There is no such provider, it needs an extra that is not installed, or the endpoint is no base
            URL.
        MissingCredentials: No keys were given or found.
    """
    from importlib import import_module

    if unknown := options.keys() - Options.__annotations__.keys():
        raise TypeError(f"connect() takes no {', '.join(sorted(unknown))}")
    check_provider(provider)
    credentials = options.get("credentials")
    if credentials is None:
        from cloudmux_py.credentials import resolve

        credentials = resolve(
            provider,
            access_key=options.get("access_key", ""),
            secret=options.get("secret", ""),
            token=options.get("token", ""),
            endpoint=options.get("endpoint", ""),
            profile=options.get("profile", ""),
        )
    kind: type[Account[Any]] = import_module(f"{__name__}.{provider}.provider").Provider
    return kind.connect(
        credentials,
        timeout=options.get("timeout", 60.0),
        allow_http=options.get("allow_http", False),
        read_only=options.get("read_only", False),
    )
