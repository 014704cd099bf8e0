"""One account's way to a cloud: the vendor's SDK signs, our session sends, errors get their names."""

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from cloudmux_py.cloudprovider.errors import (
    AuthFailed,
    ClockSkew,
    CloudError,
    Denied,
    MalformedResponse,
    Refused,
    ServerFault,
    Throttled,
)
from cloudmux_py.credentials import Credentials

from .http import Reply, Request, Session, check_endpoint
from .paging import Params
from .ratelimit import Limiter
from .raw import Raw
from .retry import CLOCK, Clock, retrying

log = logging.getLogger("cloudmux_py")

TOLERATED = 120.0
"""Seconds by which a clock may be wrong before it is told to be; the clouds accept some minutes."""

LONGEST_WAIT = 10
"""Digits of a wait beyond which it is none: no call waits for years."""


class Api(Protocol):
    """What the engine must know of an API call; each cloud's own class has more."""

    @property
    def service(self) -> str:
        """Product code, such as ``elasticsearch``."""

    @property
    def action(self) -> str:
        """Action name, such as ``ListInstance``."""

    @property
    def qps(self) -> float:
        """Calls a second to start with."""


A = TypeVar("A", bound=Api)

READING = ("Describe", "Get", "List", "Query")
"""How the clouds' actions begin that change nothing."""


def changes(api: Api, once: bool) -> bool:
    """Whether a call changes something: it is declared so, or its action does not begin as those that only read.

    The code's own name of the action is judged, never the request: calls in ROA style name none in their query.
    """
    return once or not api.action.startswith(READING)


@dataclass
class Sent:
    """One request under way: the keys that sign it, what was sent and what came back, as far as it got."""

    keys: Credentials | None = None
    request: Request | None = None
    reply: Reply | None = None


@dataclass
class Exchange:
    """One request that ended: what was sent, what came back or why nothing did."""

    provider: str
    region: str
    api: Api
    sent: Sent
    error: CloudError | None
    seconds: float


tap: Callable[[Exchange], None] | None = None
"""Gets every exchange of this process as it ends; it raises nothing. See `recording`."""


class Client(ABC, Generic[A]):
    """Sends calls of one account; safe for threads.

    Args:
        credentials: Gives the keys anew for each call, so that temporary ones can be renewed.
        endpoint: Base URL for every API; empty for the cloud's own hosts.
        timeout: Seconds for one call with all its repetitions.
        allow_http: Accept a plain http endpoint that is not on this machine.
        read_only: Refuse every call that changes something, before it is signed.
    """

    provider: ClassVar[str]

    def __init__(
        self,
        credentials: Callable[[], Credentials],
        *,
        endpoint: str = "",
        timeout: float = 60.0,
        allow_http: bool = False,
        read_only: bool = False,
        clock: Clock = CLOCK,
    ) -> None:
        self.credentials = credentials
        self.endpoint = check_endpoint(endpoint, allow_http) if endpoint else ""
        self.timeout = timeout
        self.read_only = read_only
        self.clock = clock
        self.session = Session()
        self.limiter = Limiter(clock.now, clock.sleep)
        self.prepare()

    @abstractmethod
    def prepare(self) -> None:
        """Import the vendor's SDK; called once, under a lock (`imports`): parallel imports of it deadlock."""

    @abstractmethod
    def send(self, api: A, params: Params, region: str, left: float, once: bool) -> Raw:
        """Send a call exactly once, over our own session and under `noted`, within the seconds that are left."""

    def call(self, api: A, params: Params, region: str, *, once: bool = False) -> Raw:
        """Send a call and read its reply; repeats what may be repeated.

        Args:
            api: What to call.
            params: Its parameters.
            region: Where.
            once: It changes something: never sent twice unless it certainly was not executed, and over a
                connection of its own.

        Raises:
            CloudError: With provider, region, action, code and request id filled in.
            Refused: It changes something, and the account is read-only.
        """
        if self.read_only and changes(api, once):
            raise Refused(f"{self.provider} {region}: {api.action} was not sent: the account is read-only")
        bucket = self.limiter.bucket((api.service, api.action, region), api.qps)

        def attempt(left: float) -> Raw:
            self.limiter.wait(bucket)
            try:
                return self.send(api, params, region, left, once)
            except Throttled:
                bucket.throttled()
                raise

        reply = retrying(attempt, timeout=self.timeout, once=once, clock=self.clock)
        reply.origin = (self.provider, region, api.action)
        return reply

    @contextmanager
    def noted(self, api: A, region: str) -> Iterator["Sent"]:
        """While one request is on its way: an error learns where it happened, and the log how it went."""
        sent, started, failure, failed = Sent(), time.monotonic(), "", None
        try:
            yield sent
        except CloudError as error:
            error.provider, error.region, error.action = self.provider, region, api.action
            if isinstance(error, Denied):
                error.advice = self._lacking(api)
            failure, failed = f" {type(error).__name__} {error.code} {error.request_id}".rstrip(), error
            raise
        finally:
            status = str(sent.reply.status) if sent.reply else ""
            took = time.monotonic() - started
            log.debug(
                "%s %s %s %s %s -> %s in %.0f ms",
                self.provider,
                region,
                api.action,
                sent.request.method if sent.request else "",
                sent.request.url.split("?")[0] if sent.request else "",
                f"{status}{failure}".strip(),
                took * 1000,
            )
            if tap:
                tap(Exchange(self.provider, region, api, sent, failed, took))

    def _lacking(self, api: A) -> str:
        """What a denied call lacks, and where the policy is that has it."""
        from .policy import language_of

        language = language_of(self.provider)
        name = language.name(api)
        where = "cloudcli policy, or climc cloud-account-policy, prints the whole policy"
        return f"{language.title} grants it as {name}; {where}" if name else Denied.advice


class SigningClient(Client[A]):
    """A client whose SDK signs requests for JSON APIs, and leaves the rest to us."""

    @abstractmethod
    def sign(self, api: A, params: Params, region: str, credentials: Credentials) -> Request:
        """The signed request."""

    @abstractmethod
    def read(self, body: Any, status: int) -> Raw:
        """The reply's payload, or the `CloudError` that it carries."""

    def send(self, api: A, params: Params, region: str, left: float, once: bool) -> Raw:
        """Sign, send and read."""
        with self.noted(api, region) as sent:
            sent.keys = self.credentials()
            sent.request = self.sign(api, params, region, sent.keys)
            sent.reply = self.session.send(sent.request, left, fresh=once)
            return self._read(sent.reply)

    def _read(self, reply: Reply) -> Raw:
        try:
            body = json_of(reply)
            return self.read(body, reply.status)
        except CloudError as error:
            error.retry_after = retry_after(reply.headers)
            explain_time(error, reply.headers)
            raise


def json_of(reply: Reply) -> Any:
    """The JSON of a reply whatever its content type says.

    Raises:
        ServerFault: An HTTP 5xx that carries no JSON, such as a gateway's page.
        Throttled: An HTTP 429 that carries no JSON.
        MalformedResponse: Anything else that is no JSON object.
    """
    try:
        body = _parsed(reply.body)
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, dict):
        return body
    raise unreadable(reply, "JSON")


def unreadable(reply: Reply, due: str) -> CloudError:
    """What a reply comes to that is no answer of the API, such as a gateway's page."""
    came, excerpt = reply.headers.get("Content-Type", "no content type"), reply.body[:60].decode("utf-8", "replace")
    text = f"HTTP {reply.status} with {came} where {due} is due: {excerpt!r}"
    kind = ServerFault if reply.status >= 500 else Throttled if reply.status == 429 else MalformedResponse
    return kind(text)


def _parsed(body: bytes) -> Any:
    """JSON as orjson reads it; what it is too strict for (halves of characters, NaN) as the standard library does.

    Raises:
        ValueError: It is no JSON.
        RecursionError: It is nested too deeply.
    """
    import orjson

    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        import json

        return json.loads(body)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the cloud asks us to wait: Alibaba's header is in milliseconds, the standard one in seconds."""
    for name, unit in (("x-acs-retry-after", 0.001), ("Retry-After", 1.0)):
        value = headers.get(name, "")
        if value.isdecimal() and len(value) < LONGEST_WAIT:
            return int(value) * unit
    return None


def explain_time(error: CloudError, headers: Mapping[str, str]) -> None:
    """Say by how much this machine's clock is wrong where that may be why a call was refused.

    Some services call a request of another time one with a wrong signature.
    """
    seconds = _ahead(headers)
    if isinstance(error, ClockSkew) or (isinstance(error, AuthFailed) and abs(seconds or 0) > TOLERATED):
        said = "the answer does not tell by how much the clock is wrong"
        if seconds is not None:
            way = "ahead of" if seconds > 0 else "behind"
            said = f"this machine's clock is {abs(seconds):.0f} s {way} the cloud's"
        error.message = f"{error.message}; {said}".lstrip("; ")


def _ahead(headers: Mapping[str, str]) -> float | None:
    """Seconds by which this machine's clock is ahead of the cloud's, as its ``Date`` tells."""
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        return (datetime.now(UTC) - parsedate_to_datetime(headers.get("Date", ""))).total_seconds()
    except (TypeError, ValueError):
        return None


imports = threading.RLock()
"""Held while a vendor's SDK is imported: threads that import it at once block each other for ever."""
