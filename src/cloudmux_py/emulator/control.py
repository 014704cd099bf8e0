"""The control API under ``/_emulator/``: what tests and demonstrations in other processes change the clouds with."""

import json
from typing import TYPE_CHECKING, Any
from urllib.request import ProxyHandler, build_opener
from urllib.request import Request as Outgoing

from werkzeug.wrappers import Request, Response

from .faults import make

if TYPE_CHECKING:
    from .server import Emulator


def control(emulator: "Emulator", request: Request) -> Response:
    """Answer a control request."""
    parts = request.path.removeprefix("/_emulator/").strip("/").split("/")
    answer = _ROUTES.get(parts[0])
    if answer is None:
        return Response(json.dumps({"error": f"no {parts[0]!r}"}), 404, content_type="application/json")
    try:
        body = json.loads(request.get_data() or b"null")
        result = answer(emulator, request, parts[1:], body)
    except (LookupError, ValueError, TypeError, AttributeError) as error:  # JSON of another shape, or none
        return Response(json.dumps({"error": str(error)}), 400, content_type="application/json")
    return Response(json.dumps(result, ensure_ascii=False), content_type="application/json")


def _health(*_: Any) -> Any:
    return {"ok": True}


def _requests(emulator: "Emulator", request: Request, *_: Any) -> Any:
    if request.method == "DELETE":
        emulator.world.requests.clear()
    action = request.args.get("action")
    return [call._asdict() for call in list(emulator.requests) if not action or call.action == action]


def _faults(emulator: "Emulator", request: Request, _: list[str], body: Any) -> Any:
    if request.method == "DELETE":
        emulator.world.faults.clear()
    if request.method == "POST":
        for item in body if isinstance(body, list) else [body]:
            emulator.world.faults.add(make(**item))
    return emulator.world.faults.to_list()


def _clock(emulator: "Emulator", request: Request, _: list[str], body: Any) -> Any:
    if request.method == "POST":
        emulator.clock.advance(float(body["advance"]))
    return {"now": emulator.clock.now()}


def _accounts(emulator: "Emulator", *_: Any) -> Any:
    return [account._asdict() for account in emulator.world.accounts]


def _regions(emulator: "Emulator", request: Request, parts: list[str], body: Any) -> Any:
    provider = parts[0]
    if request.method == "PUT" and len(parts) > 1:
        emulator.world.service_regions[provider, parts[1]] = list(body)
    elif request.method == "PUT":
        emulator.world.regions[provider] = list(body)
    return emulator.world.regions_of(provider, parts[1] if len(parts) > 1 else "")


def _rows(emulator: "Emulator", request: Request, parts: list[str], body: Any) -> Any:
    provider, region, kind = parts[:3]
    table = emulator.table(provider, region, kind, int(request.args.get("account", 0)))
    if len(parts) == 3:
        return table.snapshot()
    if request.method == "PUT":
        table.put(parts[3], body)
    elif request.method == "PATCH":
        table.patch(parts[3], body)
    elif request.method == "DELETE":
        table.remove(parts[3])
        return None
    return table.rows()[parts[3]]


_ROUTES: dict[str, Any] = {
    "health": _health,
    "requests": _requests,
    "faults": _faults,
    "clock": _clock,
    "accounts": _accounts,
    "regions": _regions,
    "rows": _rows,
}


class Control:
    """The control API's client.

    Args:
        url: The emulator's base URL.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One control request."""
        data = None if body is None else json.dumps(body).encode()
        request = Outgoing(f"{self.url}/_emulator/{path}", data=data, method=method)
        with build_opener(ProxyHandler({})).open(request, timeout=10) as reply:
            return json.load(reply)

    def requests(self, action: str = "") -> list[dict[str, Any]]:
        """The API calls so far."""
        found: list[dict[str, Any]] = self.call("GET", f"requests?action={action}")
        return found

    def fault(self, kind: str, **options: Any) -> None:
        """Switch a fault on."""
        self.call("POST", "faults", {"kind": kind, **options})

    def clear_faults(self) -> None:
        """Switch all faults off."""
        self.call("DELETE", "faults")

    def advance(self, seconds: float) -> None:
        """Move the clouds' time forward."""
        self.call("POST", "clock", {"advance": seconds})

    def rows(self, provider: str, region: str, kind: str = "elastic_search", account: int = 0) -> list[dict[str, Any]]:
        """The living rows of a cloud's so-manieth account, counted from 0."""
        found: list[dict[str, Any]] = self.call("GET", f"rows/{provider}/{region}/{kind}?account={account}")
        return found

    def patch(
        self,
        provider: str,
        region: str,
        id: str,
        changes: dict[str, Any],
        kind: str = "elastic_search",
        account: int = 0,
    ) -> None:
        """Change a row."""
        self.call("PATCH", f"rows/{provider}/{region}/{kind}/{id}?account={account}", changes)

    def put(
        self, provider: str, region: str, id: str, row: dict[str, Any], kind: str = "elastic_search", account: int = 0
    ) -> None:
        """Add a row."""
        self.call("PUT", f"rows/{provider}/{region}/{kind}/{id}?account={account}", row)

    def remove(self, provider: str, region: str, id: str, kind: str = "elastic_search", account: int = 0) -> None:
        """Take a row away."""
        self.call("DELETE", f"rows/{provider}/{region}/{kind}/{id}?account={account}")

    def regions(self, provider: str, ids: list[str], service: str = "") -> None:
        """Change what regions a cloud, or one of its services, lists."""
        self.call("PUT", f"regions/{provider}/{service}".rstrip("/"), ids)
