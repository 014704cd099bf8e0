"""Answers that are not what was asked for, or that break on their way: cut short, stalled, reset."""

import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from typing import NoReturn

from werkzeug.wrappers import Response

from .wire import Call

OTHER_SHAPE = b'{"hello": ["world"]}'
NOT_JSON = b"<html>not what you asked for</html>"
BLANKS = b" " * 2**20
MANY = 80
FLIGHT = 0.05
"""Seconds after which what was sent has surely been read: a reset overtakes it."""


def spoil(call: Call, response: Response) -> None:
    """Change what an answer is."""
    if call.fault("charset"):
        response.headers["Content-Type"] = "application/json; charset=utf-8"
    if call.fault("content-type"):
        response.headers["Content-Type"] = "text/html"
    for kind, body in (("empty-body", b""), ("not-json", NOT_JSON), ("other-shape", OTHER_SHAPE)):
        if call.fault(kind):
            response.status_code = 200
            response.data = body


def interrupt(call: Call, response: Response, connection: socket.socket) -> None:
    """Change how an answer arrives."""
    body = response.get_data()
    if call.fault("close"):
        response.headers["Connection"] = "close"
    if call.fault("truncate"):
        response.headers["Content-Length"] = str(len(body) + 100)
        response.headers["Connection"] = "close"
    if stall := call.fault("stall-headers"):
        time.sleep(stall.seconds)
    if stall := call.fault("stall-body"):
        _stream(response, len(body), _halves(body, stall.seconds, lambda: None))
    if call.fault("reset-headers"):
        _stream(response, len(body), _halves(body, FLIGHT, lambda: reset(connection)))
    if drip := call.fault("drip"):
        _stream(response, len(body), _drip(body, drip.seconds))
    if drip := call.fault("drip-headers"):
        _drip_headers(response, connection, drip.seconds)
    if call.fault("huge-body"):
        _stream(response, len(body) + MANY * len(BLANKS), _padded(body))


def _stream(response: Response, length: int, parts: Iterator[bytes]) -> None:
    response.response = parts
    response.headers["Content-Length"] = str(length)


def _halves(body: bytes, seconds: float, between: Callable[[], None]) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    time.sleep(seconds)
    between()
    yield body[len(body) // 2 :]


def _drip(body: bytes, seconds: float) -> Iterator[bytes]:
    for byte in body:
        yield bytes([byte])
        time.sleep(seconds)


def _drip_headers(response: Response, connection: socket.socket, seconds: float) -> NoReturn:
    """Write a whole answer past the server, which sends headers in one piece, and leave it nothing to send."""
    head = f"HTTP/1.1 {response.status}\r\n{response.headers}"  # the headers end with their empty line
    for byte in head.encode("latin-1"):
        connection.sendall(bytes([byte]))
        time.sleep(seconds)
    connection.sendall(response.get_data())
    raise ConnectionAbortedError


def _padded(body: bytes) -> Iterator[bytes]:
    yield body
    for _ in range(MANY):
        yield BLANKS


def reset(connection: socket.socket) -> NoReturn:
    """Close with RST instead of FIN; the server goes on with a socket whose other end has gone."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    left, other = socket.socketpair()
    with left, other:
        os.dup2(left.fileno(), connection.fileno())  # close() would wait for the files that were made of the socket
    raise ConnectionAbortedError from None
