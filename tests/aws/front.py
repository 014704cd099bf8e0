"""Moto, in this process, behind a door that checks keys, makes faults on demand, and remembers what was asked.

Moto itself answers whatever is signed, and well. What AWS says instead, and with which status: "Common errors" of the
EC2 API reference, "Common Errors" of the STS and OpenSearch Service API references. That EC2 calls wrong secrets and
wrong tokens ``AuthFailure``, and which services call a request of another time by the code of a wrong signature, no
document says: guesses, from what users report.
"""

import os
import re
import threading
import time
from collections.abc import Iterable
from copy import deepcopy
from functools import cache
from io import BytesIO
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from werkzeug.wrappers import Request as HttpRequest
from werkzeug.wrappers import Response

from cloudmux_py.emulator import breaking
from cloudmux_py.emulator.faults import Fault, Faults, make
from cloudmux_py.emulator.server import HTML
from cloudmux_py.emulator.serving import Serving
from cloudmux_py.emulator.state import Request
from cloudmux_py.emulator.wire import Reset

from .conftest import Aws, vendor
from .played import REGIONS, XML
from .test_types import SEEDS

HERE = ("us-east-1", "eu-west-1")
"""The regions that it has: those of `played.REGIONS`."""

ROWS = 8
ACCOUNTS = count(1)
READING = ("Describe", "Get", "List")
SKEW = 300.0
"""Seconds by which a request's time may be wrong."""

SCOPE = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request,"
    r" ?SignedHeaders=(?P<headers>[^,]+), ?Signature=(?P<signature>[0-9a-f]+)"
)
DELETIONS = {
    "disk": ("ec2", "delete_volume", "VolumeId"),
    "eip": ("ec2", "release_address", "AllocationId"),
    "network": ("ec2", "delete_subnet", "SubnetId"),
    "vpc": ("ec2", "delete_vpc", "VpcId"),
}


class Words(NamedTuple):
    """What a service answers to what: codes, and of throttling the status."""

    protocol: str
    unknown_key: str
    wrong_secret: str
    wrong_token: str
    wrong_time: str
    throttled: tuple[str, int]


SERVICES = {
    "ec2": Words("ec2", "AuthFailure", "AuthFailure", "AuthFailure", "RequestExpired", ("RequestLimitExceeded", 503)),
    "sts": Words(
        *("query", "InvalidClientTokenId", "SignatureDoesNotMatch", "InvalidClientTokenId"),
        *("SignatureDoesNotMatch", ("Throttling", 400)),
    ),
    "es": Words(
        *("rest-json", "UnrecognizedClientException", "InvalidSignatureException", "UnrecognizedClientException"),
        *("InvalidSignatureException", ("ThrottlingException", 400)),
    ),
}


class Refusal(Exception):
    """An error as the service words it."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(code)
        self.code, self.status = code, status


class Call(NamedTuple):
    """The call in hand."""

    faults: Faults
    service: str
    action: str
    region: str
    account: str

    @property
    def words(self) -> Words:
        """How its service speaks."""
        return SERVICES[self.service]

    def fault(self, kind: str) -> Fault | None:
        """The fault of a kind that hits it."""
        return self.faults.take(kind, "aws", self.region, self.action, self.account)


class Front(Serving):
    """An AWS of one account in two regions, with rows of some types; a context manager.

    Attributes:
        url: Its endpoint.
        requests: The calls that arrived.
        faults: Those that are switched on.
        ahead: Seconds by which its time is ahead of this machine's.
    """

    def __init__(self, kinds: Iterable[str] = ()) -> None:
        self.kinds = tuple(sorted(SEEDS.keys() & set(kinds)))
        self.account = f"{next(ACCOUNTS):012d}"
        self.access_key, self.secret, self.token = f"AKIA{self.account}", f"aws-front-secret-{self.account}", ""
        self.keys = (self.access_key, self.secret, self.token)
        self.requests: list[Request] = []
        self.faults = Faults()
        self.ahead, self.changed = 0.0, True
        self.lock = threading.Lock()
        self.listen()

    def now(self) -> float:
        """Its time."""
        return time.time() + self.ahead

    def reset(self) -> None:
        """Start over: the seeded rows, its own keys and time, no faults, no requests."""
        if self.changed:
            restore(self.account, seeded(self.kinds))
        self.changed, self.ahead = False, 0.0
        self.access_key, self.secret, self.token = self.keys
        self.faults.clear()
        self.requests.clear()

    def fault(self, kind: str, **options: Any) -> Fault:
        """Switch a fault on."""
        return self.faults.add(make(kind, **options))

    def sdk(self, region: str) -> Aws:
        """The vendor's own client."""
        return Aws(self.url, region, *self.keys[:2])

    def take(self, region: str, kind: str, id: str) -> None:
        """Take a row away, past our library."""
        aws = self.sdk(region)
        if kind == "elastic_search":
            aws.sdk("opensearch").delete_domain(DomainName=id.rpartition("/")[2])
        elif kind == "server":
            aws.sdk("ec2").terminate_instances(InstanceIds=[id])
        else:
            service, method, name = DELETIONS[kind]
            getattr(aws.sdk(service), method)(**{name: id})

    # How a request is answered.

    def _application(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = HttpRequest(environ)
        body = request.get_data(cache=True)
        scope = SCOPE.match(request.headers["Authorization"])
        assert scope, "every call is signed"
        call = Call(self.faults, scope["service"], _action(request, body, scope["service"]), scope["region"], "")
        try:
            response, code = self._answer(call, request, body, scope)
            lost = bool(call.fault("reset-after"))
            self._log(call, request, scope["key"], 0 if lost else response.status_code, "reset" if lost else code)
            if lost:
                raise Reset
            _spoil(call, response)
            breaking.interrupt(call, response, environ["werkzeug.socket"])  # type: ignore[arg-type]  # it wants a fault
        except Reset:
            breaking.reset(environ["werkzeug.socket"])
        return response(environ, start_response)

    def _answer(self, call: Call, request: HttpRequest, body: bytes, scope: re.Match[str]) -> tuple[Response, str]:
        try:
            self._check(call, request, body, scope)
            self._before(call, request, scope)
        except Refusal as refusal:
            return failure(call, refusal), refusal.code
        if page := call.fault("status"):
            headers = {"Retry-After": str(-(-page.retry_after // 1000))} if page.retry_after else {}
            if 300 <= page.status < 400:
                headers["Location"] = "/elsewhere"
            return Response(HTML, page.status, headers, content_type="text/html"), "page"
        if call.action == "DescribeRegions":
            response = Response(REGIONS.body, content_type="text/xml")
        else:
            self.changed = self.changed or not call.action.startswith(READING)
            response = self._moto(request, body)
        if call.fault("no-result"):
            response = bare(call)
        return response, "" if response.status_code < 300 else "refused"

    def _check(self, call: Call, request: HttpRequest, body: bytes, scope: re.Match[str]) -> None:
        """Whether the keys are good, and the time."""
        words, stamp = call.words, request.headers["X-Amz-Date"]
        if scope["key"] != self.access_key:
            raise Refusal(words.unknown_key, 401)
        if request.headers.get("X-Amz-Security-Token", "") != self.token:
            raise Refusal(words.wrong_token, 403)
        if signature(request, body, scope, self.secret) != scope["signature"]:
            raise Refusal(words.wrong_secret, 403)
        if abs(time.mktime(time.strptime(stamp, "%Y%m%dT%H%M%SZ")) - time.timezone - self.now()) > SKEW:
            raise Refusal(words.wrong_time, 400)

    def _before(self, call: Call, request: HttpRequest, scope: re.Match[str]) -> None:
        if call.fault("reset-before"):
            self._log(call, request, scope["key"], 0, "reset")
            raise Reset
        if call.fault("throttle"):
            raise Refusal(*call.words.throttled)
        if error := call.fault("error"):
            raise Refusal(error.code, error.status or 400)

    def _moto(self, request: HttpRequest, body: bytes) -> Response:
        own = {"HTTP_X_MOTO_ACCOUNT_ID": self.account, "wsgi.input": BytesIO(body)}
        return Response.from_app(moto(), request.environ | own, buffered=True)

    def _log(self, call: Call, request: HttpRequest, key: str, status: int, code: str) -> None:
        params = dict(parse_qsl(request.get_data().decode()))
        where = ("aws", call.action, call.region, request.method, request.path)
        with self.lock:
            self.requests.append(Request(*where, params, dict(request.headers), key, status, code, time.time()))


# What answers are made of.


def failure(call: Call, refusal: Refusal) -> Response:
    """An error in the form of the service's protocol (botocore ``parsers.py``)."""
    code, status = refusal.code, refusal.status
    if call.words.protocol == "ec2":
        text = f"<Response><Errors><Error><Code>{code}</Code><Message>{code}.</Message></Error></Errors>"
        return Response(f"{text}<RequestID>front</RequestID></Response>", status, content_type="text/xml")
    if call.words.protocol == "query":
        text = f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{code}.</Message></Error>"
        return Response(f"{text}<RequestId>front</RequestId></ErrorResponse>", status, content_type="text/xml")
    headers = {"x-amzn-ErrorType": code, "x-amzn-RequestId": "front"}
    return Response(f'{{"message": "{code}."}}', status, headers, content_type="application/json")


def bare(call: Call) -> Response:
    """A good answer that has the request's id alone."""
    id, name = "<requestId>front</requestId>", f"{call.action}Response"
    if call.words.protocol == "ec2":
        return Response(f'<{name} xmlns="{XML}">{id}</{name}>', content_type="text/xml")
    if call.words.protocol == "query":
        text = f"<{name}><ResponseMetadata><RequestId>front</RequestId></ResponseMetadata></{name}>"
        return Response(text, content_type="text/xml")
    return Response("{}", headers={"x-amzn-RequestId": "front"}, content_type="application/json")


def _spoil(call: Call, response: Response) -> None:
    """Change what an answer is. What is no answer of AWS has no id of AWS; where XML is due another shape is XML."""
    breaking.spoil(call, response)  # type: ignore[arg-type]  # it wants a fault
    other = {breaking.OTHER_SHAPE: b"<hello><world/></hello>", breaking.NOT_JSON: b"not what you asked for", b"": b""}
    if response.data in other:
        response.headers.remove("x-amzn-RequestId")
        if call.words.protocol != "rest-json":
            response.data = other[response.data]


def signature(request: HttpRequest, body: bytes, scope: re.Match[str], secret: str) -> str:
    """What botocore signs such a request with."""
    signed = {name: request.headers[name] for name in scope["headers"].split(";")}
    token = request.headers.get("X-Amz-Security-Token")
    auth = SigV4Auth(Credentials(scope["key"], secret, token), scope["service"], scope["region"])
    url = f"{request.scheme}://{request.host}{request.environ['REQUEST_URI']}"  # as it came, quotes and all
    again = AWSRequest(request.method, url, signed, body)
    again.context["timestamp"] = request.headers["X-Amz-Date"]
    return str(auth.signature(auth.string_to_sign(again, auth.canonical_request(again)), again))


def _action(request: HttpRequest, body: bytes, service: str) -> str:
    """Which call it is: of a REST service, method and path tell it, by the vendor's model."""
    if service != "es":
        return dict(parse_qsl(body.decode()))["Action"]
    return next(name for name, method, path in rest() if method == request.method and path.fullmatch(request.path))


@cache
def rest() -> list[tuple[str, str, re.Pattern[str]]]:
    """The calls of OpenSearch Service: name, method and path."""
    model = vendor().get_service_model("opensearch")
    https = {name: model.operation_model(name).http for name in model.operation_names}
    return [
        (name, http["method"], re.compile(re.sub(r"\{\w+\}", "[^/]+", http["requestUri"].partition("?")[0])))
        for name, http in https.items()
    ]


# What moto holds.


@cache
def moto() -> Any:
    """The application that answers for AWS."""
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    from moto.server import DomainDispatcherApplication, create_backend_app

    return DomainDispatcherApplication(create_backend_app)


State = dict[tuple[str, str], Any]
SEEDING = threading.Lock()


def seeded(kinds: tuple[str, ...]) -> State:
    """What an account holds that has rows of some types: made once, for it takes seconds."""
    with SEEDING:
        return _seeded(kinds)


@cache
def _seeded(kinds: tuple[str, ...]) -> State:
    with Front() as front:
        for region in HERE:
            for kind in kinds:
                SEEDS[kind][0](front.sdk(region), ROWS)
        return {
            (service, region): deepcopy(_backend(service, front.account)[region])
            for service in ("ec2", "opensearch")
            for region in HERE
        }


def restore(account: str, state: State) -> None:
    """Give an account what another one held."""
    for (service, region), backend in state.items():
        _backend(service, account)[region] = deepcopy(backend)


def _backend(service: str, account: str) -> Any:
    from moto.backends import get_backend

    return get_backend(service)[account]
