"""A call ends in its time whatever comes byte by byte, or is not taken: over sockets that do just that.

Each of these servers comes to a good end after some seconds, so that a call that waits for it is answered.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from cloudmux_py.cloudprovider.errors import TimedOut
from cloudmux_py.engine.http import Request, Session

from .tls import self_signed

TIME = 0.3
"""Seconds for a call."""

STEP = 0.05
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
HUGE = bytes(32 * 2**20)
"""More than the buffers between two programs hold."""

Serve = Callable[[socket.socket], None]


def drip(connection: socket.socket, content: bytes) -> None:
    for byte in content:
        connection.sendall(bytes([byte]))
        time.sleep(STEP)


def dripping(head: bytes, body: bytes, *, answered: int = 0) -> Serve:
    """Answers so many requests well; of the next answer, sends what begins it at once and the rest byte by byte."""

    def serve(connection: socket.socket) -> None:
        for _ in range(answered):
            connection.recv(65536)
            connection.sendall(HEAD + b"{}")
        connection.recv(65536)
        connection.sendall(head)
        drip(connection, body)

    return serve


def deaf(connection: socket.socket) -> None:
    """Takes a request after a while only."""
    time.sleep(4)
    taking(connection)


def taking(connection: socket.socket, pause: float = 0) -> None:
    """Takes a request by and by."""
    left = len(HUGE)
    while left > 0:
        left -= len(connection.recv(2**18))
        time.sleep(pause)
    connection.sendall(HEAD + b"{}")


def sluggish(connection: socket.socket) -> None:
    """Takes a piece of a request at a time, each soon enough."""
    taking(connection, STEP)


@contextmanager
def server(serve: Serve, certificate: Path | None = None) -> Iterator[str]:
    """The URL of a server; it ends with its last client."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

    def answer(plain: socket.socket) -> None:
        with suppress(OSError), secured(plain) as connection:  # the client leaves
            serve(connection)

    def secured(plain: socket.socket) -> socket.socket:
        if not certificate:
            return plain
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        return context.wrap_socket(plain, server_side=True)

    threading.Thread(target=accept, daemon=True).start()
    with listener:
        yield f"http{'s' if certificate else ''}://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture(params=["plain", "tls"])
def certificate(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path | None:
    if request.param == "plain":
        return None
    file = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return file


@pytest.mark.parametrize(
    "serve",
    [
        dripping(b"", HEAD + b"{}"),
        dripping(HEAD[:20], HEAD[20:] + b"{}"),
        dripping(b"HTTP/1.1 100 Continue\r\n\r\n", HEAD + b"{}"),
        dripping(CHUNKED, b"000000000000000000000000000000000000000000000000000002\r\n{}\r\n0\r\n\r\n"),
        dripping(CHUNKED + b"2\r\n{}\r\n", b"0\r\n" + b"a: b\r\n" * 20 + b"\r\n"),
    ],
    ids=["status line", "headers", "a status line after another", "the length of a chunk", "trailers"],
)
def test_an_answer_that_drips_anywhere(serve: Serve, certificate: Path | None) -> None:
    with server(serve, certificate) as url, pytest.raises(TimedOut, match=r"gave no answer within 0\.3 s") as caught:
        Session().send(Request("GET", url, {}), TIME)
    assert caught.value.sent


def test_an_answer_that_drips_over_a_connection_that_was_good(certificate: Path | None) -> None:
    session = Session()
    with server(dripping(b"", HEAD + b"{}", answered=2), certificate) as url:
        assert [session.send(Request("GET", url, {}), 5).body for _ in range(2)] == [b"{}"] * 2
        with pytest.raises(TimedOut) as caught:
            session.send(Request("GET", url, {}), TIME)
    assert caught.value.sent


@pytest.mark.parametrize("serve", [deaf, sluggish])
def test_a_request_that_is_not_taken(serve: Serve) -> None:
    with server(serve) as url, pytest.raises(TimedOut) as caught:
        Session().send(Request("POST", url, {}, HUGE), TIME)
    assert caught.value.sent


@pytest.mark.parametrize("serve", [dripping(b"", b"\x16\x03\x03\x40\x00" + bytes(80)), deaf], ids=["drips", "stalls"])
def test_a_handshake(serve: Serve) -> None:
    with server(serve) as url, pytest.raises(TimedOut):
        Session().send(Request("GET", url.replace("http:", "https:"), {}), TIME)


def test_a_proxy_s_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with server(dripping(b"", b"HTTP/1.1 200 Connection established\r\n\r\n" * 2)) as url:
        monkeypatch.setenv("HTTPS_PROXY", url)
        with pytest.raises(TimedOut):
            Session().send(Request("GET", "https://gateway.invalid", {}), TIME)
