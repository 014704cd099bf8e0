"""Calls to AWS: botocore builds, signs and reads them; our session is its transport, and every retry is ours.

botocore's own transport could not say whether a request certainly never left, and its retries would run inside ours.
Its event ``before-send`` takes an answer from elsewhere: that is where our session sends.
"""

from collections.abc import Callable
from contextvars import ContextVar
from functools import cache, partial
from io import BytesIO
from os import devnull
from typing import TYPE_CHECKING, Any, TypeVar

from cloudmux_py.cloudprovider.errors import (
    CloudError,
    InvalidParam,
    ServerFault,
    UnknownRegion,
)
from cloudmux_py.cloudprovider.resource import ICloudResource
from cloudmux_py.credentials import Credentials
from cloudmux_py.engine import binding, client
from cloudmux_py.engine.facts import Facts
from cloudmux_py.engine.http import USER_AGENT, Reply, Request
from cloudmux_py.engine.paging import Params
from cloudmux_py.engine.raw import Raw

from .errors import error_type

if TYPE_CHECKING:
    from botocore.session import Session as Sdk


class Api(Facts):
    """An API call.

    Attributes:
        service: Name of botocore's service model, such as ``ec2``.
        action: Action name.
        qps: Calls a second and region to start with. EC2 refills 20 a second for calls that read ("Request throttling
            for the Amazon EC2 API"); other services publish none (guess).
    """

    service: str
    action: str
    qps: float = 20.0


R = TypeVar("R", bound=ICloudResource)
Binding = binding.Binding[R, Api]
RegionList = binding.RegionList[Api]

DUE = "XML or JSON of the cloud"

Carrier = Callable[[Request], Reply]
_carrier: ContextVar[Carrier] = ContextVar("carrier")
"""How the request of this thread is sent: one SDK client serves all threads."""


class Client(client.Client[Api]):
    """Hands calls to botocore's clients, one for each service and region."""

    provider = "aws"

    def prepare(self) -> None:
        """Import botocore; its models are read when a service is first called."""
        with client.imports:
            _sdk()
        self.clients: dict[tuple[str, ...], Any] = {}

    def send(self, api: Api, params: Params, region: str, left: float, once: bool) -> Raw:
        """Let botocore make one attempt, and give its errors our names."""
        with self.noted(api, region) as sent:

            def carry(request: Request) -> Reply:
                sent.request = request
                sent.reply = self.session.send(request, left, fresh=once)
                return sent.reply

            _carrier.set(carry)
            try:
                sent.keys = self.credentials()
                return _read(self._method(api, region, sent.keys)(**params))
            except CloudError:
                raise
            except Exception as error:  # botocore's have several roots, and an odd answer makes it fail in odd ways
                raise _named(error, sent) from error

    def _method(self, api: Api, region: str, keys: Credentials) -> Callable[..., dict[str, Any]]:
        from botocore import xform_name
        from botocore.config import Config

        key = (api.service, region, keys.access_key, keys.token)
        with client.imports:  # making clients of one session is not safe for threads, using them is
            if key not in self.clients:
                made = _sdk().create_client(
                    api.service,
                    region_name=region,
                    endpoint_url=self.endpoint or None,
                    aws_access_key_id=keys.access_key,
                    aws_secret_access_key=keys.secret,
                    aws_session_token=keys.token or None,
                    config=Config(
                        retries={"total_max_attempts": 1, "mode": "standard"},
                        user_agent_extra=USER_AGENT,
                        ignore_configured_endpoint_urls=True,
                    ),
                )
                made.meta.events.register("before-send", _transport)
                self.clients[key] = made
        method: Callable[..., dict[str, Any]] = getattr(self.clients[key], xform_name(api.action))
        return method


@cache
def _sdk() -> "Sdk":
    """The one session of botocore: it reads no file and no profile, and hands out times as text, as JSON has them."""
    import botocore.session

    nothing = (None, None, None, None)
    no_file = (None, None, devnull, None)
    names = {"profile": nothing, "config_file": no_file, "credentials_file": no_file}
    session = botocore.session.Session(session_vars=names)
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_time)
    return session


@cache
def _model(service: str) -> Any:
    with client.imports:
        return _sdk().get_service_model(service)


def operation(api: Api) -> Any:
    """Botocore's model of an operation; None where it has none of that name."""
    from botocore.exceptions import UnknownServiceError
    from botocore.model import OperationNotFoundError

    try:
        return _model(api.service).operation_model(api.action)
    except (UnknownServiceError, OperationNotFoundError):
        return None


def read(api: Api, reply: Reply) -> Raw:
    """What an answer that came before says, as a call reads it.

    Raises:
        CloudError: It is an error, or cannot be read.
    """
    from botocore.awsrequest import AWSResponse
    from botocore.endpoint import convert_to_response_dict
    from botocore.exceptions import ClientError

    model, factory = operation(api), _sdk().get_component("response_parser_factory")
    answer = convert_to_response_dict(AWSResponse("", reply.status, reply.headers, _Body(reply.body)), model)
    try:
        parsed = factory.create_parser(model.service_model.resolved_protocol).parse(answer, model.output_shape)
    except Exception as error:  # an odd answer makes it fail in odd ways
        raise client.unreadable(reply, DUE) from error
    if reply.status >= 300:
        raise _named(ClientError(parsed, api.action), client.Sent(reply=reply))
    return _read(parsed)


def _time(value: Any) -> str:
    from botocore.utils import parse_timestamp

    found = parse_timestamp(value)
    return str(found.isoformat() + ("" if found.tzinfo else "+00:00"))


def _transport(request: Any, **_: Any) -> Any:
    """What botocore signed, sent by our session; the answer as botocore reads it."""
    from botocore.awsrequest import AWSResponse

    body = request.body.encode() if isinstance(request.body, str) else request.body
    headers = {name: v.decode() if isinstance(v, bytes) else v for name, v in request.headers.items()}
    reply = _carrier.get()(Request(request.method, request.url, headers, body))
    return AWSResponse(request.url, reply.status, reply.headers, _Body(reply.body))


class _Body(BytesIO):
    """A whole body where botocore would read a stream."""

    def stream(self) -> Any:
        """The chunks."""
        return iter(partial(self.read, 65536), b"")


def _read(reply: dict[str, Any]) -> Raw:
    """The reply; what botocore adds about the call is left out, but the request's id."""
    id = reply.pop("ResponseMetadata", {}).get("RequestId")
    return Raw(reply | {"RequestId": id} if id else reply)


def _named(error: Exception, sent: client.Sent) -> CloudError:
    """One of ours for what botocore raised before it handed the request over, or after it got the answer.

    Raises:
        Exception: It is neither: a mistake of ours.
    """
    from botocore.exceptions import BotoCoreError, ClientError, InvalidRegionError, ParamValidationError

    if isinstance(error, ClientError):
        return _answered(error, sent)
    if sent.reply:  # ResponseParserError, which is a bare Exception, or whatever the parser stumbled over
        return client.unreadable(sent.reply, DUE)
    if isinstance(error, ParamValidationError):
        return InvalidParam(" ".join(str(error).split()), sent=False)
    if isinstance(error, InvalidRegionError):
        return UnknownRegion(str(error), sent=False)
    if isinstance(error, BotoCoreError):
        return CloudError(str(error), sent=False)
    raise error


def _answered(error: Any, sent: client.Sent) -> CloudError:
    """The error that the cloud answered, by its whole code."""
    about, answer = error.response.get("ResponseMetadata", {}), error.response.get("Error", {})
    code, status = str(answer.get("Code", "")), int(about.get("HTTPStatusCode", 0))
    # Botocore makes a code of the status where somebody else answered.
    if sent.reply and (not code or (code == str(status) and "RequestId" not in about)):
        return client.unreadable(sent.reply, DUE)
    kind = error_type(code)
    if kind is CloudError and status >= 500:
        kind = ServerFault
    # A refused signature comes with all that was signed, security tokens included.
    message = str(answer.get("Message", "")).partition("The Canonical String")[0]
    named = kind(message, code=code, request_id=str(about.get("RequestId", "")))
    if sent.reply:
        named.retry_after = client.retry_after(sent.reply.headers)
        client.explain_time(named, sent.reply.headers)
    return named
