"""A byte that changes on the way between a vendor's client and the emulator: refused with the cloud's code.

The vendors' clients sign; a relay between them and the emulator changes one part of what was signed.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from alibabacloud_tea_openapi.client import Client as TeaBase
from alibabacloud_tea_openapi.utils_models import OpenApiRequest, Params
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest
from darabonba.runtime import RuntimeOptions
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import Credential

from cloudmux_py.emulator import Emulator

from .vendor_clients import Keys, RefusedError, refusals, tea_config, tencent_profile

REGIONS = {"aliyun": "cn-hangzhou", "qcloud": "ap-guangzhou"}
MARK = "witness1"
"""Stands in a parameter that the actions do not look at, in query and body; its last bit is what flips."""

SWAPPED = {"GET": "POST", "POST": "GET"}
"""No method is one byte away from another: one that is legal takes its place."""


class Wire(NamedTuple):
    """A request."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


class Relay(ThreadingHTTPServer):
    """Stands between a client and the emulator, and changes what goes by."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(("127.0.0.1", 0), _Relaying)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.target = emulator.url.removeprefix("http://")
        self.change: Callable[[Wire], Wire] = lambda wire: wire
        self.seen: list[Wire] = []
        self.status = 0

    def relay(self, wire: Wire) -> tuple[int, bytes]:
        self.seen.append(wire)
        sent = self.change(wire)
        connection = HTTPConnection(self.target)
        target = f"{sent.path}?{sent.query}" if sent.query else sent.path
        connection.putrequest(sent.method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.headers.items():
            connection.putheader(name, value)
        connection.endheaders(sent.body)
        reply = connection.getresponse()
        self.status, body = reply.status, reply.read()
        connection.close()
        return self.status, body


class _Relaying(BaseHTTPRequestHandler):
    server: Relay

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, answer = self.server.relay(Wire(self.command, path, query, dict(self.headers.items()), body))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_DELETE = do_GET  # noqa: N815

    def log_message(self, *_: Any) -> None:
        pass


def flipped(text: str) -> str:
    """The text with one bit of its last digit changed, or of its last letter where it has none."""
    spot = max(hit.start() for hit in re.finditer(r"\d" if re.search(r"\d", text) else r"\w", text))
    return text[:spot] + chr(ord(text[spot]) ^ 1) + text[spot + 1 :]


def changed(part: str, method: str, wire: Wire) -> Wire:
    """The request with one part changed: method, path, query, body, or a header by its name."""
    match part:
        case "method":
            sent = wire._replace(method=method or SWAPPED[wire.method])
        case "path":  # a lone slash has no byte that could be another
            sent = wire._replace(path=wire.path + "x" if wire.path == "/" else flipped(wire.path))
        case "query":
            sent = wire._replace(query=wire.query.replace(MARK, flipped(MARK)))
        case "body":
            sent = wire._replace(body=wire.body.replace(MARK.encode(), flipped(MARK).encode()))
        case _:
            headers = {name: flipped(value) if name.lower() == part else value for name, value in wire.headers.items()}
            sent = wire._replace(headers=headers)
    assert sent != wire
    return sent


# Each signature: what is sent, and which headers it covers.


def rpc(url: str, keys: Keys, _: str) -> None:
    request = CommonRequest(domain=url.removeprefix("http://"), version="2014-05-26", action_name="DescribeRegions")
    request.set_method("POST")
    request.add_query_param("Note", MARK)
    request.add_body_params("Remark", MARK)
    _core(request, keys)


def roa(url: str, keys: Keys, id: str) -> None:
    host, path = url.removeprefix("http://"), f"/openapi/instances/{id}"
    request = CommonRequest(domain=host, version="2017-06-13", uri_pattern=path)
    request.set_method("GET")
    request.add_query_param("note", MARK)
    request.set_content(f'{{"note": "{MARK}"}}'.encode())
    _core(request, keys)


def _core(request: CommonRequest, keys: Keys) -> None:
    with refusals():
        AcsClient(*keys, REGIONS["aliyun"], auto_retry=False).do_action_with_exception(request)


def acs3(style: str, version: str, action: str, path: str, method: str) -> Callable[[str, Keys, str], None]:
    def send(url: str, keys: Keys, id: str) -> None:
        api = Params(
            action=action,
            version=version,
            protocol="HTTP",
            pathname=path.format(id=id),
            method=method,
            auth_type="AK",
            style=style,
            req_body_type="formData",
            body_type="json",
        )
        request = OpenApiRequest(query={"note": MARK}, body={"remark": MARK})
        with refusals():
            TeaBase(tea_config(url, keys, REGIONS["aliyun"])).call_api(api, request, RuntimeOptions())

    return send


def tencent(signature: str, method: str) -> Callable[[str, Keys, str], None]:
    def send(url: str, keys: Keys, _: str) -> None:
        profile = tencent_profile(url, method, signature)
        client = CommonClient("es", "2018-04-16", Credential(*keys), REGIONS["qcloud"], profile)
        with refusals():
            client.call_json("DescribeInstances", {"InstanceNames": [MARK]})

    return send


def listed_headers(wire: Wire) -> set[str]:
    """As the Authorization header names them, and Tencent's timestamp, which is signed beside them."""
    [names] = re.findall(r"SignedHeaders=([^, ]+)", wire.headers["Authorization"])
    return {*names.split(";")} | {name.lower() for name in wire.headers if name.lower() == "x-tc-timestamp"}


def roa_headers(wire: Wire) -> set[str]:
    fixed = {"accept", "content-md5", "content-type", "date"}
    return {name.lower() for name in wire.headers if name.lower() in fixed or name.lower().startswith("x-acs-")}


class Signature(NamedTuple):
    """A way of signing.

    Args:
        provider: The cloud.
        send: Makes the vendor's client send a signed request: base URL, keys, id of an Elasticsearch instance.
        parts: What it covers beside headers.
        headers: Which headers it covers.
        others: The parts whose change meets another answer than a wrong signature does.
        method: The method that takes the place of the signed one, if not the usual one.
    """

    provider: str
    send: Callable[[str, Keys, str], None]
    parts: str = "method path query body"
    headers: Callable[[Wire], set[str]] = listed_headers
    others: Mapping[str, tuple[str, int]] = MappingProxyType({})
    method: str = ""


REFUSED = {"aliyun": ("SignatureDoesNotMatch", 400), "qcloud": ("AuthFailure.SignatureFailure", 200)}
NO_API = ("InvalidApi.NotFound", 404)
"""What a call that there is not is answered, whoever signed it."""

SIGNATURES = {
    "RPC": Signature("aliyun", rpc, headers=lambda _: set()),
    "ROA": Signature(
        "aliyun",
        roa,
        headers=roa_headers,
        others={"body": ("ContentMD5NotMatched", 400), "x-acs-version": NO_API},
        method="DELETE",
    ),
    "ACS3, a path": Signature(
        "aliyun",
        acs3("ROA", "2017-06-13", "DescribeInstance", "/openapi/instances/{id}", "GET"),
        others={"x-acs-version": NO_API},
        method="DELETE",
    ),
    "ACS3, an action": Signature(
        "aliyun",
        acs3("RPC", "2014-05-26", "DescribeRegions", "/", "POST"),
        others=dict.fromkeys(("path", "x-acs-action", "x-acs-version"), NO_API),
    ),
    "TC3, GET": Signature("qcloud", tencent("TC3-HMAC-SHA256", "GET"), "method path query"),
    "TC3, POST": Signature("qcloud", tencent("TC3-HMAC-SHA256", "POST"), "method path body"),
} | {
    f"{signature}, {method}": Signature("qcloud", tencent(signature, method), parts, lambda _: {"host"})
    for signature in ("HmacSHA1", "HmacSHA256")
    for method, parts in {"GET": "method path query", "POST": "method path body"}.items()
}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(instances=1, kinds=["elastic_search"]) as running:
        yield running


@pytest.fixture
def relay(emulator: Emulator) -> Iterator[Relay]:
    with Relay(emulator) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("name", SIGNATURES)
def test_whatever_changes_on_the_way_is_refused(name: str, relay: Relay, emulator: Emulator) -> None:
    signature = SIGNATURES[name]
    account = emulator.world.of(signature.provider)[0]
    keys, [id] = Keys(account.access_key, account.secret), emulator.rows("aliyun", REGIONS["aliyun"])
    signature.send(relay.url, keys, id)  # as it is, it passes
    answers: dict[str, tuple[str, int]] = {}
    headers = signature.headers(relay.seen[0])
    for part in [*signature.parts.split(), *headers]:
        relay.change = partial(changed, part, signature.method)
        with pytest.raises(RefusedError) as caught:
            signature.send(relay.url, keys, id)
        answers[part] = (caught.value.code, relay.status)
    assert answers == {part: signature.others.get(part, REFUSED[signature.provider]) for part in answers}
    assert len(relay.seen) == 1 + len(answers), "a client asked twice"
    assert list(emulator.rows("aliyun", REGIONS["aliyun"])) == [id]


@pytest.mark.parametrize("name", [name for name in SIGNATURES if name == "RPC" or name.startswith("ACS3")])
def test_a_request_that_comes_twice_is_refused(name: str, relay: Relay, emulator: Emulator) -> None:
    account = emulator.world.of("aliyun")[0]
    [id] = emulator.rows("aliyun", REGIONS["aliyun"])
    SIGNATURES[name].send(relay.url, Keys(account.access_key, account.secret), id)
    status, body = relay.relay(relay.seen[0])
    assert (status, json.loads(body)["Code"]) == (400, "SignatureNonceUsed")
