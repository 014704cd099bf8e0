"""Calls to Alibaba Cloud: aliyun-python-sdk-core signs them (HMAC-SHA1, RPC and ROA style)."""

from typing import Any, TypeVar
from urllib.parse import quote

from cloudmux_py import engine
from cloudmux_py.cloudprovider.errors import CloudError, MalformedResponse, ServerFault
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.credentials import Credentials
from cloudmux_py.engine import binding, client
from cloudmux_py.engine.facts import Facts
from cloudmux_py.engine.http import USER_AGENT, Request
from cloudmux_py.engine.paging import Params
from cloudmux_py.engine.raw import Raw

from .errors import error_type
from .hosts import host

__all__ = ["Api", "Binding", "Client", "Roa", "Rpc", "engine"]


class Api(Facts):
    """An API call.

    Attributes:
        service: Product code as in its host, such as ``ecs``.
        version: API version.
        action: Action name.
        method: HTTP method.
        path: Path of a ROA call, with ``[Name]`` for parameters in it; empty for RPC.
        qps: Calls a second and region to start with; the limits are not published for every API (guess), so
            throttling answers correct it.
    """

    service: str
    version: str
    action: str
    method: str = "GET"
    path: str = ""
    qps: float = 50.0


def Rpc(service: str, version: str, action: str, method: str = "GET") -> Api:  # noqa: N802 - reads as a type
    """A call in RPC style: all in the query."""
    return Api(service, version, action, method)


def Roa(service: str, version: str, action: str, method: str, path: str) -> Api:  # noqa: N802
    """A call in ROA style: method and path say what it does."""
    return Api(service, version, action, method, path)


R = TypeVar("R", bound=ICloudResource)
Binding = binding.Binding[R, Api]
RegionList = binding.RegionList[Api]


class Client(client.SigningClient[Api]):
    """Signs with the vendor's core SDK, and reads both styles' replies."""

    provider = "aliyun"

    def prepare(self) -> None:
        """Import what signs."""
        with client.imports:
            import aliyunsdkcore.request  # noqa: F401

    def sign(self, api: Api, params: Params, region: str, credentials: Credentials) -> Request:
        """The signed request; ids in paths are percent-encoded, which the SDK leaves to its callers."""
        from aliyunsdkcore.request import RoaRequest, RpcRequest

        query = dict(params)
        if api.path:
            names = [part[1:-1] for part in api.path.split("/") if part.startswith("[")]
            inside = {name: quote(str(query.pop(name)), safe="") for name in names}
            request = RoaRequest(
                api.service,
                api.version,
                api.action,
                method=api.method,
                uri_pattern=api.path,
                path_params=inside,
            )
        else:
            request = RpcRequest(api.service, api.version, api.action)
            request.set_method(api.method)
        request.set_accept_format("JSON")
        for name, value in query.items():
            request.add_query_param(name, value)
        if credentials.token and api.path:
            request.add_header("x-acs-security-token", credentials.token)
        elif credentials.token:
            request.add_query_param("SecurityToken", credentials.token)
        keys = (credentials.access_key, credentials.secret)
        headers = request.get_signed_header(region, *keys)  # before get_url: it adds what the URL then carries
        path = request.get_url(region, *keys)
        base = self.endpoint or f"https://{host(api.service, region)}"
        return Request(api.method, base + path, {"Accept": "application/json", **headers, "User-Agent": USER_AGENT})

    def read(self, body: Any, status: int) -> Raw:
        """The reply; an error body is one whatever the HTTP status, as some products answer 200 with it."""
        raw = Raw(body)
        code = body.get("Code")  # a number with kafka, which names it on success too
        failed = not 200 <= status < 300 or body.get("Success") is False
        named = isinstance(code, str) and code not in {"", "200"} and "Message" in body
        if named or (failed and code):
            raise _error(raw, str(code), status)
        if failed:
            kind = ServerFault if status >= 500 else MalformedResponse
            raise kind(f"HTTP {status} without a code: {str(body)[:80]}", request_id=str(raw.any("RequestId") or ""))
        return raw


def _error(raw: Raw, code: str, status: int) -> CloudError:
    kind = error_type(code)
    if kind is CloudError and status >= 500:
        kind = ServerFault
    # A refused signature comes with the whole string to sign, which helps nobody who uses an SDK.
    message = str(raw.any("Message") or "").partition(" server string to sign")[0]
    return kind(message, code=code, request_id=str(raw.any("RequestId") or ""))
