"""Faults below HTTP: names that do not resolve, hosts that refuse, and hosts that never accept."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from climc_py.models import connection


@contextmanager
def closed_port() -> Iterator[int]:
    """A port that is taken, and on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@contextmanager
def full_port() -> Iterator[int]:
    """A port whose queue is full: a connection to it is never made."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def arrange(timeout: float, after: int = 0, port: int | None = None) -> None:
    """Within a program's own process: how long a call may take, and where names lead.

    Args:
        timeout: Seconds for one call of ``climc``.
        after: How many connections are made well; all, without a port.
        port: Where the further ones lead; 0 where the name does not resolve any more.
    """
    connection.TIMEOUT = timeout
    if port is None:
        return
    real, asked = socket.getaddrinfo, 0

    def resolve(host: Any, wanted: Any, *args: Any, **options: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked <= after:
            return real(host, wanted, *args, **options)
        if not port:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, port, *args, **options)

    socket.getaddrinfo = resolve  # type: ignore[assignment]
