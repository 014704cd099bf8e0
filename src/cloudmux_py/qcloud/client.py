"""Calls to Tencent Cloud API 3.0: tencentcloud-sdk-python signs them (TC3-HMAC-SHA256)."""

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from cloudmux_py.cloudprovider.errors import ServerFault
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.credentials import Credentials
from cloudmux_py.engine import binding, client
from cloudmux_py.engine.facts import Facts
from cloudmux_py.engine.http import USER_AGENT, Request
from cloudmux_py.engine.paging import Params
from cloudmux_py.engine.raw import Raw

from .errors import error_type

if TYPE_CHECKING:
    from tencentcloud.common.common_client import CommonClient

LANGUAGE = "en-US"
"""Of the cloud's error messages; Chinese is its default."""


class Api(Facts):
    """An API call.

    Attributes:
        service: Product code as in its host, such as ``es``.
        version: API version.
        action: Action name.
        qps: Calls a second and region, the documented default of API 3.0.
    """

    service: str
    version: str
    action: str
    qps: float = 20.0


R = TypeVar("R", bound=ICloudResource)
Binding = binding.Binding[R, Api]
RegionList = binding.RegionList[Api]


def host(service: str, region: str) -> str:
    """Host of a product; the regions for finance have hosts of their own, which the SDK does not derive."""
    inside = f"{region}." if region.endswith("-fsi") and service not in {"sts", "region", "tag"} else ""
    return f"{service}.{inside}tencentcloudapi.com"


class Client(client.SigningClient[Api]):
    """Signs with the vendor's common client, and reads the replies of API 3.0."""

    provider = "qcloud"

    def prepare(self) -> None:
        """Import what signs."""
        with client.imports:
            _signer_class()

    def sign(self, api: Api, params: Params, region: str, credentials: Credentials) -> Request:
        """The signed request."""
        base = self.endpoint or f"https://{host(api.service, region)}"
        signed = _signer_class()(api, region, urlsplit(base).netloc, credentials).signed(api.action, dict(params))
        return Request("POST", base + "/", {**signed.header, "User-Agent": USER_AGENT}, signed.data.encode())

    def read(self, body: Any, status: int) -> Raw:
        """The reply's ``Response``; errors come with HTTP 200, whatever the content type says."""
        raw = Raw(body).at("Response")
        code = raw.any("Error.Code")
        if code:
            kind = error_type(str(code))
            raise kind(
                str(raw.any("Error.Message") or ""),
                code=str(code),
                request_id=str(raw.any("RequestId") or ""),
            )
        if status >= 500:
            raise ServerFault(f"HTTP {status} without a code")
        if status != 200 or not raw.data:
            raise raw.malformed("Response", "an object with HTTP 200", {"status": status, "keys": sorted(body)})
        return raw


@cache
def _signer_class() -> "type[CommonClient]":
    from tencentcloud.common.common_client import CommonClient
    from tencentcloud.common.credential import Credential
    from tencentcloud.common.http.request import RequestInternal
    from tencentcloud.common.profile.client_profile import ClientProfile
    from tencentcloud.common.profile.http_profile import HttpProfile

    class Signer(CommonClient):  # type: ignore[misc]  # the SDK has no types
        """The vendor's client up to its signature; it sends nothing itself."""

        def __init__(self, api: Api, region: str, host: str, keys: Credentials) -> None:
            profile = ClientProfile(httpProfile=HttpProfile(endpoint=host), language=LANGUAGE)
            credential = Credential(keys.access_key, keys.secret, keys.token or None)
            super().__init__(api.service, api.version, credential, region, profile)

        def signed(self, action: str, params: dict[str, Any]) -> RequestInternal:
            """The request as the SDK would send it."""
            request = RequestInternal(self._get_endpoint(), "POST", self._requestPath)
            self._build_req_inter(action, params, request)
            return request

    return Signer
