"""One HTTP session per account: pooled, verified, bounded in time, and exact about what was sent.

The vendors' SDKs sign; this sends. Their own transports are not used: one goes over plain HTTP by default and
ignores NO_PROXY, the other hides the HTTP status and the truncation of bodies.
"""

import io
import os
import ssl
import threading
import time
from collections.abc import Mapping
from http.client import HTTPResponse
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi
import urllib3
from urllib3 import exceptions as u3
from urllib3.connection import HTTPConnection, HTTPSConnection

from cloudmux_py.cloudprovider.errors import (
    ConnectFailed,
    HostNotFound,
    MalformedResponse,
    TimedOut,
    UsageError,
)

CONNECT_TIMEOUT = 5.0
LARGEST_BODY = 64 * 1024 * 1024
USER_AGENT = "cloudmux-py"


class Request(NamedTuple):
    """A signed request, ready to be sent."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


class Reply(NamedTuple):
    """What came back, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_endpoint(url: str, allow_http: bool) -> str:
    """An endpoint as a base URL without a trailing slash.

    Raises:
        UsageError: It is no URL, or would carry keys in clear text over a network.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.username:
        raise UsageError(f"endpoint {url!r} is no base URL such as https://gateway.example.com")
    if parts.scheme == "http" and not is_loopback(parts.hostname) and not allow_http:
        raise UsageError(f"endpoint {url!r} is plain http; use https, or --allow-http if you must")
    return url.rstrip("/")


class _Bounded(io.RawIOBase):
    """Reads a socket until a moment, however little comes at a time: a socket's own time-out begins anew with each."""

    def __init__(self, raw: io.RawIOBase, sock: Any, seconds: float) -> None:
        self.raw = raw
        self.sock = sock
        self.deadline = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self.sock.settimeout(left)
        return self.raw.readinto(buffer)

    def close(self) -> None:
        self.raw.close()
        super().close()


class _InTime:
    """A connection whose whole answers, not each read of them, have the time that is left."""

    sock: Any
    timeout: Any

    def request(self, *args: Any, **options: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(self.timeout)  # the answer before has used its own up
        super().request(*args, **options)  # type: ignore[misc]  # of the class that this is mixed into

    def response_class(self, sock: Any, **options: Any) -> HTTPResponse:
        """What `http.client` reads an answer with: the cloud's, and a proxy's to CONNECT."""
        answer = HTTPResponse(sock, **options)
        answer.fp = io.BufferedReader(_Bounded(answer.fp.detach(), sock, self.timeout))
        return answer


class _PlainConnection(_InTime, HTTPConnection):  # type: ignore[misc]  # there it is a class
    pass


class _TlsConnection(_InTime, HTTPSConnection):  # type: ignore[misc]
    pass


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


POOLS = {"http": _PlainPool, "https": _TlsPool}


class Session:
    """Sends signed requests over pooled connections; safe for threads."""

    def __init__(self, connections: int = 32) -> None:
        self.connections = connections
        self.pools: dict[str, urllib3.PoolManager] = {}
        self.lock = threading.Lock()

    def send(self, request: Request, timeout: float, *, fresh: bool = False) -> Reply:
        """Send once, and read the whole answer.

        Args:
            request: What to send.
            timeout: Seconds for connecting, sending and reading together.
            fresh: Over a connection of its own, so that no reused one can break under it.

        Raises:
            ConnectFailed: With ``sent`` False where nothing can have arrived.
            TimedOut: No whole answer in time.
        """
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        pool = self._new_pool(parts.scheme, host) if fresh else self._pool(parts.scheme, host)
        try:
            response = pool.request(
                request.method,
                request.url,
                body=request.body,
                headers=dict(request.headers),
                timeout=urllib3.Timeout(connect=min(CONNECT_TIMEOUT, timeout), total=timeout),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            try:
                body = _read(response)
            except BaseException:
                response.close()  # half read, the connection must not be used again
                raise
            response.release_conn()
            return Reply(response.status, response.headers, body)
        except (u3.HTTPError, OSError) as error:
            raise _named(error, host, timeout) from error
        finally:
            if fresh:
                pool.clear()

    def _pool(self, scheme: str, host: str) -> urllib3.PoolManager:
        proxy = _proxy(scheme, host) or ""
        with self.lock:
            if proxy not in self.pools:
                self.pools[proxy] = self._new_pool(scheme, host)
            return self.pools[proxy]

    def _new_pool(self, scheme: str, host: str) -> urllib3.PoolManager:
        options = {"maxsize": self.connections, "num_pools": 64, "ca_certs": _ca_bundle()}
        proxy = _proxy(scheme, host)
        if proxy:
            pool: urllib3.PoolManager = urllib3.ProxyManager(proxy, **options)  # type: ignore[arg-type]
        else:
            pool = urllib3.PoolManager(**options)  # type: ignore[arg-type]  # urllib3 types **options by its first
        pool.pool_classes_by_scheme = POOLS
        return pool


def _ca_bundle() -> str:
    return os.environ.get("SSL_CERT_FILE") or os.environ.get("REQUESTS_CA_BUNDLE") or certifi.where()


def _proxy(scheme: str, host: str) -> str | None:
    if is_loopback(host) or proxy_bypass(host):
        return None
    proxies = getproxies()
    return proxies.get(scheme) or proxies.get("all")


def _read(response: urllib3.BaseHTTPResponse) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while chunk := response.read1(65536):
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_BODY:
            raise MalformedResponse(f"the answer is larger than {LARGEST_BODY // 2**20} MB")
    return b"".join(chunks)


def _named(error: Exception, host: str, timeout: float) -> ConnectFailed | TimedOut:
    if isinstance(error, u3.NameResolutionError):
        return HostNotFound(f"the name {host} does not resolve", sent=False)
    # Before the time-out, whose kind urllib3 makes it.
    if isinstance(error, u3.NewConnectionError | u3.ProxyError):
        return ConnectFailed(f"{host} refused the connection", sent=False)
    if isinstance(error, u3.ConnectTimeoutError):
        return TimedOut(f"{host} did not accept a connection within {CONNECT_TIMEOUT:.0f} s", sent=False)
    if isinstance(error, u3.SSLError):
        # Only a certificate is surely judged before anything is sent; an end of TLS may also come after.
        reason = error.args[0] if error.args else error
        return ConnectFailed(
            f"TLS with {host} failed: {reason}", sent=not isinstance(reason, ssl.SSLCertVerificationError)
        )
    if isinstance(error, u3.TimeoutError) or any(isinstance(inner, TimeoutError) for inner in error.args):
        return TimedOut(f"{host} gave no answer within {timeout:.3g} s")
    return ConnectFailed(f"the connection to {host} broke: {type(error).__name__}")
