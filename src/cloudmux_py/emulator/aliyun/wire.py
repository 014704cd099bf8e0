"""Which call a request is, and how its answer or error looks."""

import json
import re
from typing import Any
from urllib.parse import unquote

from ..state import Row, World
from ..wire import ApiError, Call, Handler, Register
from .request import Incoming
from .signature import check

_rpc: dict[tuple[str, str], tuple[str, Handler, str]] = {}
_roa: list[tuple[str, str, re.Pattern[str], str, str, Handler]] = []

Answer = tuple[int, dict[str, str], dict[str, Any]]


def rpc(service: str, version: str, action: str, method: str = "") -> Register:
    """Register the handler of an RPC action; most take GET and POST alike, some one of them alone."""

    def register(handler: Handler) -> Handler:
        _rpc[version, action] = (service, handler, method)
        return handler

    return register


def roa(service: str, version: str, action: str, method: str, path: str) -> Register:
    """Register the handler of a ROA call; ``{name}`` in the path is handed over."""
    pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))

    def register(handler: Handler) -> Handler:
        _roa.append((version, method, pattern, service, action, handler))
        return handler

    return register


def find(request: Incoming) -> tuple[str, str, Handler, dict[str, str]]:
    """Service, action and handler of a request, and what its path holds."""
    params = {**request.query, **request.form}
    version = params.get("Version") or request.headers.get("x-acs-version", "")
    action = params.get("Action") or (request.headers.get("x-acs-action", "") if request.raw_path == "/" else "")
    if (version, action) in _rpc:
        service, handler, only = _rpc[version, action]
        if only and request.method != only:
            raise ApiError("UnsupportedHTTPMethod", "This http method is not supported.", 400)
        return service, action, handler, {}
    for known, method, pattern, service, name, handler in _roa:
        matched = pattern.fullmatch(request.raw_path)
        if known == version and method == request.method and matched:
            return service, name, handler, {key: unquote(value) for key, value in matched.groupdict().items()}
    raise ApiError("InvalidApi.NotFound", "Specified api is not found, please check your url and method.", 404)


def region_of(request: Incoming, default: str) -> str:
    """The region: a header, the query, the host, or the default."""
    named = request.headers.get("x-acs-region-id") or request.query.get("RegionId") or request.form.get("RegionId")
    if named:
        return named
    labels = request.headers.get("host", "").split(".")
    return labels[1] if len(labels) > 2 and "-" in labels[1] else default


def open_call(world: World, request: Incoming, default_region: str, request_id: str) -> tuple[Call, Handler]:
    """The call that a request is, once its signature holds."""
    service, action, handler, path = find(request)
    account = check(world, request)
    params = {**request.query, **request.form}
    region = region_of(request, default_region)
    return Call(world, "aliyun", service, action, region, account, params, request_id, path), handler


def success(call: Call, body: dict[str, Any]) -> Answer:
    """The answer of a call that went well."""
    return 200, {}, {"RequestId": call.request_id, **body}


def failure(error: ApiError, request_id: str, host: str) -> Answer:
    """The answer of a call that did not."""
    recommend = f"https://api.aliyun.com/troubleshoot?q={error.code}&requestId={request_id}"
    body = {
        "Code": error.code,
        "Message": error.message,
        "RequestId": request_id,
        "HostId": host,
        "Recommend": recommend,
    }
    return error.status, error.headers, body


def throttled(retry_after: int) -> ApiError:
    """The answer to a call beyond the rate limit."""
    headers = {"x-acs-retry-after": str(retry_after)} if retry_after else {}
    return ApiError("Throttling.User", "Request was denied due to user flow control.", 400, headers)


def denied(action: str) -> ApiError:
    """The answer to a RAM user who may not do this."""
    return ApiError("SubAccountNoPermission", f"The RAM user has no right to {action}.", 401)


def whole(call: Call, name: str, default: int, low: int, high: int) -> int:
    """A whole number of the query within its range."""
    text = str(call.params.get(name, default))
    if not text.isdecimal() or not low <= int(text) <= high:
        raise ApiError("InvalidParameter", f"The parameter {name} should be {low} to {high}.", 400)
    return int(text)


def numbered(call: Call, rows: list[Row], default: int, most: int) -> tuple[list[Row], dict[str, Any]]:
    """A page by PageNumber and PageSize, and the keys of the reply that tell which."""
    page = whole(call, "PageNumber", 1, 1, 10**6)
    size = whole(call, "PageSize", default, 1, most)
    found, total = call.page_of(rows, (page - 1) * size, size)
    return found, {"TotalCount": total, "PageNumber": page, "PageSize": size}


def tokened(call: Call, rows: list[Row], default: int, most: int, least: int = 1) -> tuple[list[Row], dict[str, Any]]:
    """A page by MaxResults and NextToken, and the keys of the reply; its total means nothing."""
    size = max(least, whole(call, "MaxResults", default, 1, most))
    token = call.params.get("NextToken", "")
    start = int(token.removeprefix("token-")) if token else 0
    found, _ = call.page_of(rows, start, size)
    more = {"NextToken": f"token-{start + size}" if start + size < len(rows) else ""}
    return found, {"TotalCount": 0, "PageNumber": 0, "PageSize": size, **more}


def commas(call: Call, name: str) -> list[str]:
    """Ids in one parameter, joined by commas."""
    return [part for part in str(call.params.get(name, "")).split(",") if part]


def array(call: Call, name: str) -> list[str] | None:
    """Ids in one parameter as a JSON array; None where it was not sent."""
    if not call.params.get(name):
        return None
    return [str(id) for id in json.loads(call.params[name])]


def numbers(call: Call, name: str) -> list[str]:
    """Ids in parameters that are counted from 1: ``InstanceId.1``."""
    found = [(int(key.rpartition(".")[2]), value) for key, value in call.params.items() if key.startswith(f"{name}.")]
    return [str(value) for _, value in sorted(found)]
