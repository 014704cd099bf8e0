"""The server: takes HTTP requests apart, hands them to the right cloud, and lets faults have their way."""

import importlib
import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import distributions
from logging import getLogger
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug.wrappers import Request as HttpRequest
from werkzeug.wrappers import Response

from . import breaking
from . import seed as seeding
from .aliyun import wire as aliyun
from .aliyun.request import Incoming
from .control import control
from .faults import Fault, make
from .faults import parse as parse_fault
from .limits import Limits
from .qcloud import wire as qcloud
from .replay import Replay
from .serving import Serving
from .state import KEPT_REQUESTS, Account, Request, Row, Table, World
from .wire import ApiError, Call, Reset

PLUGINS = "cloudmux_py.emulator"

REGIONS = {
    "aliyun": ["cn-hangzhou", "cn-shanghai", "cn-beijing", "cn-shenzhen", "ap-southeast-1"],
    "qcloud": ["ap-guangzhou", "ap-shanghai", "ap-beijing", "ap-singapore", "na-siliconvalley"],
}
ACCOUNTS = [
    Account(
        "aliyun",
        f"100000000000000{n}",
        f"20000000000000000{n}",
        f"LTAI5tEmulatorKey000000{n}",
        f"aliyun-emulator-secret-{n}",
    )
    for n in (1, 2)
] + [
    Account(
        "qcloud",
        f"10000000000{n}",
        f"10000000001{n}",
        f"AKIDEmulatorSecretId000000000000000{n}",
        f"qcloud-emulator-secret-{n}",
    )
    for n in (1, 2)
]
HTML = "<html><body><h1>Bad Gateway</h1></body></html>"


UNREADABLE = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)
"""What reading a parameter of an odd shape raises."""

UNREAD = "InvalidParameter"
"""What both clouds answer to it. Source: Tencent's common error codes; Aliyun's name of it is a guess."""


class Emulator(Serving):
    """Both clouds on one loopback port; a context manager.

    Args:
        instances: Rows of each kind in each region of the first account of each cloud.
        latency_ms: Added to each call.
        qps: Calls a second of one action of one account in one region beyond which the clouds throttle; 0 for none.
        default_region: Aliyun region of clients that send none.
        seed: Makes ids, names and times reproducible.
        port: 0 for a free one.
        host: Address to listen on.
        regions: Region ids by provider.
        rows: Rows by provider and region, instead of `instances`.
        accounts: The accounts; two a cloud by default.
        plugins: Modules that register further actions, beside those that are installed.
        kinds: Only these kinds have rows; all without it.
        filled: How many accounts of each cloud have rows, the first ones.
        replay: Answer from this recording instead of from rows.
        kept: How many calls `requests` remembers, the last ones.
    """

    def __init__(  # noqa: PLR0913 - all by name, each a knob of its own
        self,
        *,
        instances: int = 12,
        latency_ms: float = 0,
        qps: float = 0,
        default_region: str = "cn-hangzhou",
        seed: int = 1,
        port: int = 0,
        host: str = "127.0.0.1",
        regions: Mapping[str, Sequence[str]] | None = None,
        rows: Mapping[str, Mapping[str, int]] | None = None,
        accounts: Sequence[Account] | None = None,
        plugins: Sequence[str] = (),
        kinds: Sequence[str] = (),
        filled: int = 1,
        replay: Replay | None = None,
        kept: int = KEPT_REQUESTS,
    ) -> None:
        self.replay = replay
        self.kinds = frozenset(kinds)
        self.filled = filled
        self.kept = kept
        self.latency_ms = latency_ms
        self.qps = qps
        self.default_region = default_region
        self.options = (instances, {name: dict(counts) for name, counts in (rows or {}).items()}, seed)
        told = replay.regions if replay else regions or {}
        self.region_ids = {name: list(told.get(name) or REGIONS[name]) for name in REGIONS}
        self.account_list = list(accounts or ACCOUNTS)
        self._load(plugins)
        self.reset()
        self.listen(host, port)

    def _load(self, plugins: Sequence[str]) -> None:
        for file in sorted(Path(__file__).parent.glob("*/*.py")):
            importlib.import_module(f"{__package__}.{file.parent.name}.{file.stem}")
        _load_installed()
        for name in plugins:
            importlib.import_module(name)

    def reset(self) -> None:
        """Start over: the seeded rows, no faults, no requests."""
        instances, rows, seed = self.options
        self.world = World(seed, self.kept)
        self.world.accounts = list(self.account_list)
        self.world.regions = {name: list(ids) for name, ids in self.region_ids.items()}
        self.limits = Limits(self.qps, self.world.clock.now)

        def fill(table: Table, account: Account, region: str, kind: str) -> None:
            provider = account.provider
            if account.account_id not in {known.account_id for known in self.world.of(provider)[: self.filled]}:
                return
            if (self.kinds and kind not in self.kinds) or region not in self.region_ids[provider]:
                return
            count = rows[provider].get(region, 0) if provider in rows else instances
            seeding.fill(table, seed, account, region, kind, count)

        self.world.fill = fill

    # What tests and the control API use.

    @property
    def access_key(self) -> str:
        """Key id of the first Aliyun account."""
        return self.world.of("aliyun")[0].access_key

    @property
    def secret(self) -> str:
        """Secret of the first Aliyun account."""
        return self.world.of("aliyun")[0].secret

    @property
    def secret_id(self) -> str:
        """Key id of the first Tencent account."""
        return self.world.of("qcloud")[0].access_key

    @property
    def secret_key(self) -> str:
        """Secret of the first Tencent account."""
        return self.world.of("qcloud")[0].secret

    def now(self) -> float:
        """The emulator's time, in seconds since 1970."""
        return self.world.clock.now()

    @property
    def clock(self) -> Any:
        """The emulator's time."""
        return self.world.clock

    @property
    def requests(self) -> list[Request]:
        """Every API call so far."""
        return self.world.requests

    def table(self, provider: str, region: str, kind: str = "elastic_search", account: int = 0) -> Table:
        """The rows of a kind in a region of an account."""
        return self.world.table(provider, self.world.of(provider)[account].account_id, region, kind)

    def rows(self, provider: str, region: str, kind: str = "elastic_search", account: int = 0) -> dict[str, Row]:
        """The living rows by id, as the cloud's detail call gives them."""
        return dict(self.table(provider, region, kind, account).rows())

    def fault(self, kind: str, **options: Any) -> Fault:
        """Switch a fault on."""
        return self.world.faults.add(make(kind, **options))

    def on(self, action: str, function: Callable[[Call], None]) -> None:
        """Call a function before an action is answered."""
        self.world.hooks[action].append(function)

    # How a request is answered.

    def _application(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = HttpRequest(environ)
        if request.path.startswith("/_emulator/"):
            return control(self, request)(environ, start_response)
        try:
            response = self.replay.answer(request) if self.replay else self._answer(request, environ)
        except Reset:
            breaking.reset(environ["werkzeug.socket"])
        return response(environ, start_response)

    def _answer(self, request: HttpRequest, environ: dict[str, Any]) -> Response:
        body = request.get_data(cache=True)  # before the form: once parsed from the wire, the bytes are gone
        tencent = "X-TC-Action" in request.headers or "Region" in request.args or "SecretId" in request.form
        provider = "qcloud" if tencent or "SecretId" in request.args else "aliyun"
        request_id = self.world.request_id()
        call: Call | None = None
        try:
            call, handler = self._open(provider, request, environ, body, request_id)
            self._before(call)
            result = handler(call)
            for function in self.world.hooks.get(f"after {call.action}", []):
                function(call)
            status, headers, answer = (aliyun if provider == "aliyun" else qcloud).success(call, result)
            code = ""
        except _Page as page:
            self._log(provider, request, call, page.status, "")
            return Response(HTML, page.status, page.headers, content_type="text/html")
        except (ApiError, *UNREADABLE) as error:
            refusal = error if isinstance(error, ApiError) else ApiError(UNREAD, f"{type(error).__name__}: {error}")
            code = refusal.code
            if provider == "aliyun":
                status, headers, answer = aliyun.failure(refusal, request_id, request.host)
            else:
                status, headers, answer = qcloud.failure(refusal, request_id)
        except Reset:
            self._log(provider, request, call, 0, "reset")
            raise
        if call and call.fault("no-result"):
            status, headers, answer = (aliyun if provider == "aliyun" else qcloud).success(call, {})
        lost = bool(call and call.fault("reset-after"))
        self._log(provider, request, call, 0 if lost else status, "reset" if lost else code)
        if lost:
            raise Reset
        return self._respond(call, status, headers, answer, environ)

    def _open(self, provider: str, request: HttpRequest, environ: dict[str, Any], body: bytes, request_id: str) -> Any:
        raw = urlsplit(environ.get("REQUEST_URI", request.full_path))
        if provider == "qcloud":
            path, headers = raw.path or "/", dict(request.headers)
            return qcloud.open_call(self.world, request.method, path, raw.query, headers, body, request_id)
        incoming = Incoming(
            method=request.method,
            raw_path=raw.path or "/",
            query=dict(parse_qsl(raw.query, keep_blank_values=True)),
            form=dict(request.form),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body,
        )
        return aliyun.open_call(self.world, incoming, self.default_region, request_id)

    def _before(self, call: Call) -> None:
        for function in self.world.hooks.get(call.action, []):
            function(call)
        call.page = _page_of(call.params)
        wire = aliyun if call.provider == "aliyun" else qcloud
        if self.latency_ms:
            time.sleep(self.latency_ms / 1000)
        if call.fault("reset-before"):
            raise Reset
        if slow := call.fault("slow"):
            time.sleep(slow.seconds)
        if throttle := call.fault("throttle"):
            raise wire.throttled(throttle.retry_after)
        if not self.limits.take((call.account.account_id, call.service, call.action, call.region)):
            raise wire.throttled(1000)
        if error := call.fault("error"):
            raise ApiError(error.code, "", error.status or 400)
        if page := call.fault("status"):
            raise _Page(page)
        if call.action in call.account.denied:
            raise wire.denied(call.action)

    def _respond(
        self, call: Call | None, status: int, headers: dict[str, str], answer: dict[str, Any], environ: dict[str, Any]
    ) -> Response:
        # JSON escapes half a character, which UTF-8 cannot hold.
        body = json.dumps(answer, ensure_ascii=False).encode("utf-8", "backslashreplace")
        response = Response(body, status, headers, content_type="application/json")
        if call:
            breaking.spoil(call, response)
            breaking.interrupt(call, response, environ["werkzeug.socket"])
        return response

    def _log(self, provider: str, request: HttpRequest, call: Call | None, status: int, code: str) -> None:
        headers = dict(request.headers)
        action = call.action if call else headers.get("X-Tc-Action") or headers.get("X-Acs-Action", "")
        self.world.log(
            Request(
                provider=provider,
                action=action or request.values.get("Action", ""),
                region=call.region if call else "",
                method=request.method,
                path=request.path,
                params={**call.params, **call.path} if call else {},
                headers=headers,
                access_key=call.account.access_key if call else "",
                status=status,
                code=code,
                at=time.time(),
            )
        )


@cache
def _load_installed() -> None:
    """Load what other distributions register, once; where that is broken, its kinds alone are not served."""
    for distribution in distributions():
        try:
            for point in distribution.entry_points:
                if point.group == PLUGINS:
                    point.load()
        except (Exception, SystemExit) as error:  # it is not our code: it may fail in any way
            text = "what %s brings is not emulated: %s: %s"
            getLogger(__name__).warning(text, distribution.name, type(error).__name__, error)


class _Page(Exception):
    """Answer with a gateway's page."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.status)
        self.status = fault.status or 502
        self.headers = {"Retry-After": str(-(-fault.retry_after // 1000))} if fault.retry_after else {}
        if 300 <= self.status < 400:
            self.headers["Location"] = "/elsewhere"


def _page_of(params: Mapping[str, Any]) -> int:
    for name in ("page", "PageNumber"):
        if name in params:
            return int(params[name]) if str(params[name]).isdecimal() else 1
    if str(params.get("Offset", "")).isdecimal() and str(params.get("Limit", "")).isdecimal():
        return int(params["Offset"]) // max(1, int(params["Limit"])) + 1
    return 1


def exports(emulator: Emulator) -> str:
    """Lines to paste into a shell."""
    values = {
        "ALIYUN_ACCESS_KEY": emulator.access_key,
        "ALIYUN_SECRET": emulator.secret,
        "ALIYUN_REGION": emulator.world.regions["aliyun"][0],
        "ALIYUN_ENDPOINT": emulator.url,
        "QCLOUD_SECRET_ID": emulator.secret_id,
        "QCLOUD_SECRET_KEY": emulator.secret_key,
        "QCLOUD_REGION": emulator.world.regions["qcloud"][0],
        "QCLOUD_ENDPOINT": emulator.url,
    }
    return "\n".join(f"export {name}={value}" for name, value in values.items())


def serve(*, faults: Sequence[str] = (), **options: Any) -> None:
    """Serve until Ctrl-C or SIGTERM; prints lines to paste into a shell first.

    Args:
        faults: Faults to switch on, as `faults.parse` reads them.
        options: As `Emulator` takes them.
    """
    switched_on = [parse_fault(text) for text in faults]
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    with Emulator(**options) as emulator:
        for fault in switched_on:
            emulator.world.faults.add(fault)
        sys.stdout.write(exports(emulator) + "\n")
        sys.stdout.flush()
        while not stopped.wait(0.5):
            pass
